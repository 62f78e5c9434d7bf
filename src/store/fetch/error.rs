//! Errors of the fetch, for the operator.

use std::{error::Error, fmt, io, net::IpAddr, time::Duration};

use http::StatusCode;
use hyper_util::client::legacy;

use super::wanted::Subject;
use crate::error::BoxError;

/// Error returned when a [`GuardedFetch`](super::GuardedFetch) cannot be set up, or cannot
/// fetch.
///
/// It names the host of the URI. It quotes neither the response nor the query of
/// the URI, which may contain a secret.
#[derive(Debug)]
pub struct FetchError {
    /// What was to be fetched; `None` if the settings are wrong.
    subject: Option<&'static Subject>,
    host: Option<Box<str>>,
    cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    NoRoots(Option<rustls_native_certs::Error>),
    BadRoot(rustls::Error),
    Tls(rustls::Error),
    Setting(&'static str),
    Uri(&'static str),
    Resolve(io::Error),
    ResolveProxy(io::Error),
    NoAddress,
    /// Not public.
    Address(IpAddr, &'static str),
    /// Not in the networks that were set.
    Outside(IpAddr, &'static str),
    Request(legacy::Error),
    Status(StatusCode),
    Encoded,
    TooLong(usize),
    Cut(BoxError),
    Timeout(Duration),
}

impl Cause {
    /// If it was the name of the proxy that was looked up.
    pub(super) fn of_proxy(self) -> Self {
        if let Self::Resolve(error) = self {
            return Self::ResolveProxy(error);
        }
        self
    }

    /// If this host was to be asked.
    pub(super) fn at(self, host: &str, subject: &'static Subject) -> FetchError {
        FetchError {
            host: Some(host.into()),
            ..self.of(subject)
        }
    }

    /// If there is no host that may be named.
    pub(super) fn of(self, subject: &'static Subject) -> FetchError {
        FetchError {
            subject: Some(subject),
            ..self.into()
        }
    }
}

impl FetchError {
    /// Whether nothing was fetched because the URI, or an address of its host, is not allowed.
    #[cfg_attr(
        not(feature = "client-documents"),
        expect(dead_code, reason = "to a key set, every failure is the same")
    )]
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(
            self.cause,
            Cause::Uri(_) | Cause::Address(..) | Cause::Outside(..)
        )
    }
}

impl From<Cause> for FetchError {
    fn from(cause: Cause) -> Self {
        Self {
            subject: None,
            host: None,
            cause,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = self.subject {
            write!(f, "`{}` ", subject.member)?;
        }
        if let Some(host) = &self.host {
            write!(f, "at {host:?}: ")?;
        }
        let content = self.subject.map_or("document", |subject| subject.content);
        match &self.cause {
            Cause::NoRoots(_) => f.write_str(
                "there are no root certificates: install those of the system (package \
                 ca-certificates), or pass your own to `with_root_certificates` or `root_certificates`",
            ),
            Cause::BadRoot(_) => {
                f.write_str("the root certificate is not valid: pass X.509 in DER, not in PEM")
            }
            Cause::Tls(_) => f.write_str("TLS cannot be set up"),
            Cause::Setting(problem) | Cause::Uri(problem) => f.write_str(problem),
            Cause::Resolve(_) => f.write_str("the name cannot be resolved"),
            Cause::ResolveProxy(_) => f.write_str("the name of the `proxy` cannot be resolved"),
            Cause::NoAddress => f.write_str("the name has no address"),
            Cause::Address(address, kind) => write!(
                f,
                "the name has the address {address} ({kind}): all its addresses must be public; for \
                 your own networks, use `GuardedFetch::for_internal_networks`"
            ),
            Cause::Outside(address, kind) => write!(
                f,
                "the name has the address {address} ({kind}): all its addresses must be in the \
                 allowed `networks`"
            ),
            Cause::Request(error) if error.is_connect() => {
                f.write_str("no connection could be made")
            }
            Cause::Request(_) => f.write_str("the response cannot be read"),
            Cause::Status(status)
                if status.is_redirection() && *status != StatusCode::NOT_MODIFIED => write!(
                f,
                "the response has status {}: redirects are not followed, use the URI of the \
                 {content} itself",
                status.as_u16()
            ),
            Cause::Status(status) => write!(
                f,
                "the response has status {} instead of 200",
                status.as_u16()
            ),
            Cause::Encoded => write!(
                f,
                "the response has a Content-Encoding: serve the {content} without one"
            ),
            Cause::TooLong(limit) => write!(f, "the response is longer than {limit} bytes (`max_bytes`)"),
            Cause::Cut(_) => f.write_str("the response broke off before its end"),
            Cause::Timeout(timeout) => write!(f, "no complete response within {timeout:?}"),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::NoRoots(error) => error.as_ref().map(|error| error as _),
            Cause::BadRoot(error) | Cause::Tls(error) => Some(error),
            Cause::Resolve(error) | Cause::ResolveProxy(error) => Some(error),
            Cause::Request(error) => Some(error),
            Cause::Cut(error) => Some(&**error),
            Cause::Setting(_)
            | Cause::Uri(_)
            | Cause::NoAddress
            | Cause::Address(..)
            | Cause::Outside(..)
            | Cause::Status(_)
            | Cause::Encoded
            | Cause::TooLong(_)
            | Cause::Timeout(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_uri_or_an_address_that_is_not_allowed_is_refused() {
        let subject = &Subject {
            member: "client_id",
            content: "client metadata document",
        };
        let address = IpAddr::from([10, 0, 0, 1]);
        let table = [
            (Cause::Uri("must start with https://"), true),
            (Cause::Address(address, "private"), true),
            (Cause::Outside(address, "private"), true),
            (Cause::NoAddress, false),
            (Cause::Resolve(io::Error::other("no such name")), false),
            (Cause::Status(StatusCode::NOT_FOUND), false),
            (Cause::Timeout(Duration::from_secs(5)), false),
        ];
        for (cause, wanted) in table {
            let error = cause.at("client.example", subject);
            assert_eq!(error.is_refused(), wanted, "{error}");
        }
    }
}
