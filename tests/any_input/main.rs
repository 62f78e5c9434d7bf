//! Any input, as property tests. What holds is in `holds/`, which the fuzz targets in `fuzz/` use as
//! well. Here, the inputs are made of what the grammar is made of, so that many are nearly right.

mod assertions;
mod certificates;
mod changed;
#[path = "../common/mod.rs"]
mod common;
mod corpus;
mod dpop_proofs;
mod exchanges;
mod forms;
mod heads;
mod holds;
mod key_sets;
mod registrations;

use common::sign;
