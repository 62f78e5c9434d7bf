//! What holds for any input, one file for each kind. The fuzz targets in `fuzz/` use these files
//! as well.
//!
//! Each `check` takes bytes, which a file of the corpus has, and panics if something does not hold.
//! It returns whether anything was accepted.

pub(crate) mod answer;
pub(crate) mod assertion;
pub(crate) mod cast;
pub(crate) mod certificate;
pub(crate) mod certificate_header;
pub(crate) mod distinguished_name;
pub(crate) mod document;
pub(crate) mod dpop_proof;
pub(crate) mod exchange;
pub(crate) mod form;
pub(crate) mod head_and_evidence;
pub(crate) mod key_sets;
pub(crate) mod lines;
pub(crate) mod presented;
pub(crate) mod registration;
pub(crate) mod request;
