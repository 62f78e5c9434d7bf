//! Key sets.

mod clouds;
mod libraries;
mod servers;
mod tools;

use crate::verdict::Row;

pub(crate) fn rows() -> Vec<Row> {
    [
        servers::rows(),
        clouds::rows(),
        tools::rows(),
        libraries::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
