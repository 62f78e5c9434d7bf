//! Takes the certificate out of the headers.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    alb, envoy, haproxy, nginx,
    problem::{Flaw, HeaderProblem},
    rfc9440, traefik,
    verification::Verification,
};
use crate::protocol::{
    client_certificate::ClientCertificate,
    settings::client_certificates::{
        CLIENT_CERT_CHAIN, CertificateHeader, ClientCertificates, Format,
    },
};

/// More than a certificate of 16 KiB in PEM has if each byte is percent-encoded.
const MAX_VALUE: usize = 128 * 1024;

impl ClientCertificates {
    /// Takes the configured headers out of the request, also if they are wrong, and reads the
    /// certificate in them.
    pub(crate) fn take(
        &self,
        headers: &mut HeaderMap,
    ) -> Result<Option<ClientCertificate>, HeaderProblem> {
        self.header
            .as_ref()
            .map_or(Ok(None), |header| header.take(headers))
    }
}

impl CertificateHeader {
    fn take(&self, headers: &mut HeaderMap) -> Result<Option<ClientCertificate>, HeaderProblem> {
        let certificate = take_one(headers, &self.name);
        let verify = self.verify_header();
        let verification = verify.map_or(Ok(None), |name| take_one(headers, name));
        if matches!(self.format, Format::Rfc9440 { .. }) {
            // What it has is not needed, but the inner service must not believe it.
            headers.remove(CLIENT_CERT_CHAIN);
        }

        let of_certificate = |flaw| problem(&self.name, flaw);
        let certificate = certificate.map_err(of_certificate)?;
        let der = value(certificate.as_ref()).map(|it| self.read(it));
        let der = der.transpose().map_err(of_certificate)?;

        let of_verification = |flaw| problem(verify.unwrap_or(&self.name), flaw);
        let verification = verification.map_err(of_verification)?;
        let verification = value(verification.as_ref());
        let verification = self.verification(verification, der.is_some());
        match (der, verification.map_err(of_verification)?) {
            (None, Verification::Unknown | Verification::Nothing) => Ok(None),
            (None, Verification::Failed | Verification::Succeeded) => {
                Err(of_certificate(Flaw::OnlyVerification))
            }
            (Some(_), Verification::Nothing) => Err(of_certificate(Flaw::ContradictsVerification)),
            (Some(der), verification) => {
                let verified = verification == Verification::Succeeded;
                Ok(Some(ClientCertificate::from_der(der).verified(verified)))
            }
        }
    }

    fn read(&self, value: &[u8]) -> Result<Bytes, Flaw> {
        if value.len() > MAX_VALUE {
            return Err(Flaw::TooLong);
        }
        match self.format {
            Format::Rfc9440 { .. } => rfc9440::read(value),
            Format::Nginx { .. } => nginx::read(value),
            Format::HaProxy { .. } => haproxy::read(value),
            Format::Envoy => envoy::read(value),
            Format::AlbLeaf => alb::read_leaf(value),
            Format::AlbChain => alb::read_chain(value),
            Format::Traefik { .. } => traefik::read(value),
        }
    }

    /// What the second header says, or the setting.
    fn verification(
        &self,
        value: Option<&[u8]>,
        has_certificate: bool,
    ) -> Result<Verification, Flaw> {
        let verified = match (&self.format, value) {
            (Format::Nginx { .. }, Some(value)) => return nginx::verification(value),
            (Format::HaProxy { .. }, Some(value)) => {
                return haproxy::verification(value, has_certificate);
            }
            (Format::Nginx { .. } | Format::HaProxy { .. } | Format::AlbChain, _) => false,
            (Format::Envoy | Format::AlbLeaf, _) => true,
            (Format::Rfc9440 { verified } | Format::Traefik { verified }, _) => *verified,
        };
        Ok(if verified && has_certificate {
            Verification::Succeeded
        } else {
            Verification::Unknown
        })
    }
}

/// The only header of this name. All of them are removed.
fn take_one(headers: &mut HeaderMap, name: &HeaderName) -> Result<Option<HeaderValue>, Flaw> {
    let is_repeated = headers.get_all(name).iter().nth(1).is_some();
    let first = headers.remove(name);
    if is_repeated {
        return Err(Flaw::Repeated);
    }
    Ok(first)
}

/// The value without the spaces around it, which are not part of it (RFC 9110 §5.5). `None` if it is empty.
fn value(header: Option<&HeaderValue>) -> Option<&[u8]> {
    let value = header?.as_bytes().trim_ascii();
    Some(value).filter(|value| !value.is_empty())
}

fn problem(header: &HeaderName, flaw: Flaw) -> HeaderProblem {
    HeaderProblem {
        header: header.clone(),
        flaw,
    }
}
