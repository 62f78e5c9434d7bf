//! What the head of a request decides, before a byte of the body is read.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Request, header};

use super::{
    content_type,
    evidence::basic::Basic,
    presented::{self, CertificateProblem},
    query,
};
use crate::protocol::{
    presented::PresentedCertificate, reason::RejectionReason, rejection::Rejection,
    settings::Settings,
};

/// A head that is in order, with the Basic credentials in it and the certificate of the connection.
pub(crate) struct Head {
    pub(crate) basic: Option<Basic>,
    pub(crate) certificate: Option<Arc<PresentedCertificate>>,
    /// Why there is no certificate.
    pub(crate) certificate_problem: Option<Box<CertificateProblem>>,
}

impl Head {
    /// Checks the head in the order of the decisions. Marks the credentials as
    /// sensitive, so that nobody after this prints them, and takes out the headers that have a
    /// certificate, so that nobody after this believes them.
    pub(crate) fn check<B>(
        request: &mut Request<B>,
        settings: &Settings,
    ) -> Result<Self, Rejection> {
        let certificate = presented::take(request, settings);
        if *request.method() != Method::POST {
            return Err(RejectionReason::MethodNotAllowed.into());
        }
        let query = request.uri().query().map_or(Ok(()), query::check);
        let headers = Headers::read(request.headers_mut());
        match headers.content_type {
            Values::One(content_type) => content_type::check(content_type)?,
            Values::None => return Err(RejectionReason::ContentTypeNotForm.into()),
            Values::Many => return Err(RejectionReason::RepeatedContentTypeHeader.into()),
        }
        if headers.is_encoded {
            return Err(RejectionReason::ContentEncodingPresent.into());
        }
        query?;
        let basic = match headers.authorization {
            Values::None => None,
            Values::One(authorization) => Some(Basic::parse(authorization)?),
            Values::Many => return Err(RejectionReason::RepeatedAuthorizationHeader.into()),
        };
        let length = headers.content_length.and_then(announced_length);
        if length.is_some_and(|length| length > settings.body_limit as u64) {
            return Err(RejectionReason::BodyTooLarge.into());
        }
        let (certificate, certificate_problem) = match presented::read(certificate) {
            Ok(certificate) => (certificate.map(Arc::new), None),
            Err(problem) => (None, Some(Box::new(problem))),
        };
        Ok(Self {
            basic,
            certificate,
            certificate_problem,
        })
    }
}

/// The headers that decide something, found in one pass: cheaper than to look
/// each of them up.
#[derive(Default)]
struct Headers<'h> {
    content_type: Values<'h>,
    authorization: Values<'h>,
    /// By a `Content-Encoding` that changes anything.
    is_encoded: bool,
    content_length: Option<&'h HeaderValue>,
}

#[derive(Default)]
enum Values<'h> {
    #[default]
    None,
    One(&'h HeaderValue),
    Many,
}

impl<'h> Headers<'h> {
    fn read(headers: &'h mut HeaderMap) -> Self {
        let mut read = Self::default();
        for (name, value) in headers.iter_mut() {
            if *name == header::CONTENT_TYPE {
                read.content_type.add(value);
            } else if *name == header::AUTHORIZATION {
                value.set_sensitive(true);
                read.authorization.add(value);
            } else if *name == header::CONTENT_LENGTH {
                read.content_length = Some(value);
            } else if *name == header::CONTENT_ENCODING {
                read.is_encoded |= !is_identity(value);
            }
        }
        read
    }
}

impl<'h> Values<'h> {
    fn add(&mut self, value: &'h HeaderValue) {
        *self = match self {
            Self::None => Self::One(value),
            Self::One(_) | Self::Many => Self::Many,
        };
    }
}

/// Whether this `Content-Encoding` leaves the body as it is (RFC 9110 §8.4.1). Some clients name
/// it, and some send the header without a value.
fn is_identity(encoding: &HeaderValue) -> bool {
    let encoding = encoding.as_bytes().trim_ascii();
    encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity")
}

/// `None` if it is not a number: the HTTP server refuses such a request before it comes
/// here. A number that does not fit into the type is beyond every limit.
pub(super) fn announced_length(length: &HeaderValue) -> Option<u64> {
    let length = length.as_bytes();
    length.iter().try_fold(0_u64, |value, byte| match byte {
        b'0'..=b'9' => Some(
            value
                .saturating_mul(10)
                .saturating_add(u64::from(byte - b'0')),
        ),
        _ => None,
    })
}
