//! The certificate of the client in a header, as the proxy that ended its TLS connection sends it: one
//! file for each format.
//!
//! 1. The configured headers are taken out of the request, with any value.
//! 2. A header without a value is as good as none: proxies send it if there was no certificate.
//! 3. Two of that name, or over 128 KiB, are a problem. A problem is no certificate.
//! 4. The certificate is read as strictly as the format allows, so that no two readers can find two
//!    certificates in one header. Over 16 KiB of DER are a problem. Nothing else about the certificate
//!    is looked at here: it is handed on as bytes.
//! 5. Whether its chain was verified, a second header tells, or the setting.

mod alb;
mod base64;
mod envoy;
mod escaped;
mod haproxy;
mod nginx;
mod pem;
pub(crate) mod problem;
mod rfc9440;
mod take;
#[cfg(test)]
mod tests;
mod traefik;
mod verification;
