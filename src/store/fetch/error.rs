//! What went wrong, for the operator.

use std::{error::Error, fmt, io, net::IpAddr, time::Duration};

use http::StatusCode;
use hyper_util::client::legacy;

use crate::error::BoxError;

/// Why [`JwksHttp`](super::JwksHttp) could not be set up, or did not fetch a
/// key set.
///
/// It names the host of the `jwks_uri`, and quotes nothing of what was fetched,
/// nor a path or query, which may hold a secret.
#[derive(Debug)]
pub struct JwksHttpError {
    host: Option<Box<str>>,
    cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    NoRoots(Option<rustls_native_certs::Error>),
    BadRoot(rustls::Error),
    Tls(rustls::Error),
    Uri(&'static str),
    Resolve(io::Error),
    NoAddress,
    Address(IpAddr, &'static str),
    Request(legacy::Error),
    Status(StatusCode),
    Encoded,
    TooLong(usize),
    Cut(BoxError),
    Timeout(Duration),
}

impl Cause {
    pub(super) fn at(self, host: &str) -> JwksHttpError {
        JwksHttpError {
            host: Some(host.into()),
            cause: self,
        }
    }
}

impl From<Cause> for JwksHttpError {
    fn from(cause: Cause) -> Self {
        Self { host: None, cause }
    }
}

impl fmt::Display for JwksHttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = &self.host {
            write!(f, "`jwks_uri` at {host:?}: ")?;
        }
        match &self.cause {
            Cause::NoRoots(_) => f.write_str(
                "no root certificates: install those of the system (package ca-certificates), or \
                 name your own by `JwksHttp::with_root_certificates`",
            ),
            Cause::BadRoot(_) => {
                f.write_str("the root certificate cannot be read: give X.509 in DER, not in PEM")
            }
            Cause::Tls(_) => f.write_str("TLS cannot be set up"),
            Cause::Uri(problem) => f.write_str(problem),
            Cause::Resolve(_) => f.write_str("the name cannot be resolved"),
            Cause::NoAddress => f.write_str("the name has no address"),
            Cause::Address(address, kind) => write!(
                f,
                "the name has the address {address} ({kind}): all its addresses must be public"
            ),
            Cause::Request(error) if error.is_connect() => f.write_str("no connection"),
            Cause::Request(_) => f.write_str("no answer that can be read"),
            Cause::Status(status) if status.is_redirection() => write!(
                f,
                "the answer is {}: redirects are not followed, register the URI where the keys are",
                status.as_u16()
            ),
            Cause::Status(status) => write!(f, "the answer is {} in place of 200", status.as_u16()),
            Cause::Encoded => {
                f.write_str("the answer has a Content-Encoding: serve the set as it is")
            }
            Cause::TooLong(limit) => write!(f, "the answer is longer than {limit} bytes"),
            Cause::Cut(_) => f.write_str("the answer broke off"),
            Cause::Timeout(timeout) => write!(f, "no whole answer within {timeout:?}"),
        }
    }
}

impl Error for JwksHttpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::NoRoots(error) => error.as_ref().map(|error| error as _),
            Cause::BadRoot(error) | Cause::Tls(error) => Some(error),
            Cause::Resolve(error) => Some(error),
            Cause::Request(error) => Some(error),
            Cause::Cut(error) => Some(&**error),
            Cause::Uri(_)
            | Cause::NoAddress
            | Cause::Address(..)
            | Cause::Status(_)
            | Cause::Encoded
            | Cause::TooLong(_)
            | Cause::Timeout(_) => None,
        }
    }
}
