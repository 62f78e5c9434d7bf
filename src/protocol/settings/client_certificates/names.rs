//! The names of the headers.

use http::{HeaderName, header};

use super::{CertificateHeader, ClientCertificates, Format};

impl ClientCertificates {
    /// Sets the names of the two headers: the one with the certificate, and the one with the result of its verification.
    ///
    /// **Default: `X-SSL-Client-Cert` and `X-SSL-Client-Verify`.** Only for [`nginx`](Self::nginx) and
    /// [`haproxy`](Self::haproxy), where you choose the names. For another format, with the same name twice, or with
    /// a name that the layer needs for something else, `build` returns a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// ```
    /// use http::HeaderName;
    /// use tower_token_endpoint::client::certificates::ClientCertificates;
    ///
    /// // As the nginx ingress of Kubernetes names them.
    /// let certificates = ClientCertificates::nginx().header_names(
    ///     HeaderName::from_static("ssl-client-cert"),
    ///     HeaderName::from_static("ssl-client-verify"),
    /// );
    /// ```
    pub fn header_names(mut self, certificate: HeaderName, verify: HeaderName) -> Self {
        match &mut self.header {
            Some(CertificateHeader {
                format: Format::Nginx { verify: own } | Format::HaProxy { verify: own },
                name,
            }) => {
                *own = verify;
                *name = certificate;
            }
            Some(_) | None => self.misnamed = true,
        }
        self
    }

    /// What is wrong with the names, for the error of `build`.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.misnamed {
            return Some("only the headers of nginx and HAProxy have names that can be set");
        }
        let header = self.header.as_ref()?;
        let verify = header.verify_header();
        if verify == Some(&header.name) {
            return Some("the certificate and the result of its verification need two headers");
        }
        let names = [Some(&header.name), verify];
        let is_needed = names
            .into_iter()
            .flatten()
            .any(|name| NEEDED.contains(name));
        is_needed.then_some("a request needs this header for something else")
    }
}

/// The headers that would be missing if they were taken out of the request.
const NEEDED: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    HeaderName::from_static("dpop"),
    header::HOST,
    HeaderName::from_static("traceparent"),
    header::TRANSFER_ENCODING,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &'static str) -> HeaderName {
        HeaderName::from_static(name)
    }

    #[test]
    fn only_the_names_of_nginx_and_haproxy_can_be_set() {
        for (it, can_be_set) in [
            (ClientCertificates::from_acceptor(), false),
            (ClientCertificates::rfc9440(), false),
            (ClientCertificates::rfc9440_verified(), false),
            (ClientCertificates::nginx(), true),
            (ClientCertificates::haproxy(), true),
            (ClientCertificates::envoy(), false),
            (ClientCertificates::aws_alb(), false),
            (ClientCertificates::aws_alb_passthrough(), false),
            (ClientCertificates::traefik(), false),
            (ClientCertificates::traefik_verified(), false),
        ] {
            assert_eq!(it.problem(), None, "{it:?}");
            let it = it.header_names(name("ssl-client-cert"), name("ssl-client-verify"));
            assert_eq!(it.problem().is_none(), can_be_set, "{it:?}");
        }
    }

    #[test]
    fn a_name_that_is_needed_or_there_twice_is_a_problem() {
        for (certificate, verify, is_fine) in [
            ("x-cert", "x-verify", true),
            ("x-cert", "x-cert", false),
            ("authorization", "x-verify", false),
            ("x-cert", "content-type", false),
            ("dpop", "x-verify", false),
        ] {
            let it = ClientCertificates::nginx().header_names(name(certificate), name(verify));
            assert_eq!(it.problem().is_none(), is_fine, "{it:?}");
        }
    }
}
