//! The header `DPoP` (RFC 9449 §4.1). What it has is looked at once the client has authenticated, so that a
//! 401 stays the same with any proof.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::protocol::{reason::RejectionReason, rejection::Rejection};

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// What a request has as a proof.
#[derive(Clone, Copy)]
pub(crate) enum DpopHeader<'h> {
    One(&'h HeaderValue),
    Many,
}

impl<'h> DpopHeader<'h> {
    pub(crate) fn find(headers: &'h HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(DPOP).iter();
        let first = values.next()?;
        Some(match values.next() {
            None => Self::One(first),
            Some(_) => Self::Many,
        })
    }

    /// The one proof. A list in one header is as many proofs as two headers (RFC 9110 §5.3).
    pub(crate) fn proof(self) -> Result<&'h str, Rejection> {
        let Self::One(value) = self else {
            return Err(RejectionReason::RepeatedDpopHeader.into());
        };
        match value.to_str() {
            Ok(list) if list.contains(',') => Err(RejectionReason::RepeatedDpopHeader.into()),
            Ok(proof) => Ok(proof),
            Err(_) => Err(RejectionReason::MalformedDpopProof.into()),
        }
    }
}
