//! `--tls-cert`, `--tls-key`, `--client-ca`, `--client-certificate-header` and `--mtls-base`: where the
//! certificates of clients come from, and where clients with certificates connect (RFC 8705).

use std::path::PathBuf;

use tower_token_endpoint::client::certificates::ClientCertificates;

use crate::tls::{Files, Tls, Wrong};

pub(crate) const TLS_CERT: &str = "--tls-cert";
pub(crate) const TLS_KEY: &str = "--tls-key";
pub(crate) const CLIENT_CA: &str = "--client-ca";
pub(crate) const CERTIFICATE_HEADER: &str = "--client-certificate-header";
pub(crate) const MTLS_BASE: &str = "--mtls-base";

/// What the flags say.
#[derive(Default)]
pub(crate) struct Certificates {
    files: Option<Files>,
    header: Option<ClientCertificates>,
    pub(crate) base: Option<String>,
}

/// The values of the flags.
#[derive(Default)]
pub(crate) struct Flags {
    pub(crate) tls_cert: Option<String>,
    pub(crate) tls_key: Option<String>,
    pub(crate) client_ca: Option<String>,
    pub(crate) header: Option<String>,
    pub(crate) mtls_base: Option<String>,
}

impl Flags {
    pub(crate) fn read(self) -> Result<Certificates, String> {
        let needs = |flag, other| Err(format!("{flag} needs {other}, see --help"));
        let files = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some(Files {
                certificate: PathBuf::from(certificate),
                key: PathBuf::from(key),
                client_authorities: self.client_ca.map(PathBuf::from),
            }),
            (Some(_), None) => return needs(TLS_CERT, TLS_KEY),
            (None, Some(_)) => return needs(TLS_KEY, TLS_CERT),
            (None, None) if self.client_ca.is_some() => return needs(CLIENT_CA, TLS_CERT),
            (None, None) => None,
        };
        if self.mtls_base.is_some() && files.is_none() && self.header.is_none() {
            return needs(MTLS_BASE, &format!("{TLS_CERT} or {CERTIFICATE_HEADER}"));
        }
        Ok(Certificates {
            files,
            header: self.header.as_deref().map(header).transpose()?,
            base: self.mtls_base,
        })
    }
}

impl Certificates {
    pub(crate) fn scheme(&self) -> &'static str {
        match self.files {
            Some(_) => "https",
            None => "http",
        }
    }

    /// `None` if no certificate can come.
    pub(crate) fn setting(&self) -> Option<ClientCertificates> {
        let of_connection = self
            .files
            .as_ref()
            .map(|_| ClientCertificates::from_acceptor());
        // With a header, the certificate of the connection comes first as well.
        self.header.clone().or(of_connection)
    }

    /// `None` if the server does not end TLS connections.
    pub(crate) fn tls(&self) -> Result<Option<Tls>, String> {
        let Some(files) = &self.files else {
            return Ok(None);
        };
        Tls::from_files(files).map(Some).map_err(|wrong| {
            let (flag, file, problem) = match wrong {
                Wrong::Certificate(problem) => (TLS_CERT, Some(&files.certificate), problem),
                Wrong::Key(problem) => (TLS_KEY, Some(&files.key), problem),
                Wrong::ClientAuthorities(problem) => {
                    (CLIENT_CA, files.client_authorities.as_ref(), problem)
                }
            };
            let file = file.map(PathBuf::as_path).unwrap_or_else(|| "".as_ref());
            format!("{flag} {file:?}: {problem}")
        })
    }
}

fn header(kind: &str) -> Result<ClientCertificates, String> {
    Ok(match kind {
        "rfc9440" => ClientCertificates::rfc9440(),
        "rfc9440-verified" => ClientCertificates::rfc9440_verified(),
        "nginx" => ClientCertificates::nginx(),
        "haproxy" => ClientCertificates::haproxy(),
        "envoy" => ClientCertificates::envoy(),
        "alb" => ClientCertificates::aws_alb(),
        "alb-passthrough" => ClientCertificates::aws_alb_passthrough(),
        "traefik" => ClientCertificates::traefik(),
        "traefik-verified" => ClientCertificates::traefik_verified(),
        _ => {
            return Err(format!(
                "{CERTIFICATE_HEADER} {kind:?}: must be rfc9440, rfc9440-verified, nginx, haproxy, envoy, alb, \
                 alb-passthrough, traefik or traefik-verified"
            ));
        }
    })
}
