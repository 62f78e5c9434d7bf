//! Registrations.

mod encodings;
mod frameworks;
mod products;
mod profiles;
mod services;

pub(crate) use self::encodings::encodings;
use crate::verdict::Row;

pub(crate) fn rows() -> Vec<Row> {
    [
        products::rows(),
        services::rows(),
        frameworks::rows(),
        profiles::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The secret of the clients here.
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw-canary";
