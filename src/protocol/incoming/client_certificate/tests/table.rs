//! The rows of the tables: what is in the headers, and what is read.

use http::HeaderValue;

use super::{FIRST, Read, take};
use crate::protocol::{
    incoming::client_certificate::problem::Flaw, settings::client_certificates::ClientCertificates,
};

/// A name, the values of the header with the certificate, what is read, and where it is written.
pub(super) type Row = (&'static str, Vec<String>, Expected, &'static str);

#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Nothing,
    /// The first certificate.
    Verified,
    Unverified,
    Flaw(Flaw),
}

impl Expected {
    /// `header` is the one that a flaw is in.
    pub(super) fn read(self, header: &str) -> Read {
        match self {
            Self::Nothing => Read::Nothing,
            Self::Verified => Read::Certificate(FIRST.clone(), true),
            Self::Unverified => Read::Certificate(FIRST.clone(), false),
            Self::Flaw(flaw) => Read::Problem(header.to_owned(), flaw),
        }
    }
}

pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).expect("a value")
}

/// Checks the rows of a proxy that sends one header.
pub(super) fn check(setting: &ClientCertificates, header: &'static str, rows: Vec<Row>) {
    for (name, values, expected, source) in rows {
        let headers: Vec<_> = values.iter().map(|it| (header, value(it))).collect();
        let read = Read::from(take(setting, &headers));
        assert_eq!(
            read,
            expected.read(header),
            "{header}: {name} ({source}): {values:?}"
        );
    }
}
