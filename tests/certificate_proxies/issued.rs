//! Certificates, and the files that proxies and clients need.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;

use crate::common::certificate::{base64, p256_jwk, x5t_s256};
use crate::common::pem;

/// A certificate, its key, and the file for curl with both.
pub(crate) struct Issued {
    pub(crate) der: Vec<u8>,
    key: KeyPair,
    pub(crate) file: PathBuf,
}

/// What a proxy needs, in PEM.
pub(crate) struct Files {
    pub(crate) authority: String,
    /// Of another site.
    pub(crate) other_authority: String,
    /// With its key.
    pub(crate) server: String,
}

/// All certificates of a test. The folder is gone when this is dropped.
pub(crate) struct Pki {
    pub(crate) files: Files,
    /// Signed by the authority.
    pub(crate) app: Issued,
    /// Signed as well, of another client.
    pub(crate) other: Issued,
    /// Signed by nobody, with the name of `app`.
    pub(crate) own: Issued,
    /// Signed by the authority of another site, with the name of `app`.
    pub(crate) of_other_site: Issued,
    folder: PathBuf,
}

impl Pki {
    pub(crate) fn new(name: &str) -> Self {
        let folder = format!("certificates-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir(&folder).expect("a folder");
        let (authority, ca) = authority("authority");
        let (other_authority, other_ca) = self::authority("other-authority");
        let issue = |file: &str, name: &str, ca: Option<&Issuer<'_, KeyPair>>| {
            let (params, key) = (named(name), KeyPair::generate().expect("a key"));
            let certificate = match ca {
                Some(ca) => params.signed_by(&key, ca),
                None => params.self_signed(&key),
            };
            let der = certificate.expect("a certificate").der().to_vec();
            let file = folder.join(file);
            std::fs::write(&file, with_key(&der, &key)).expect("a file");
            Issued { der, key, file }
        };
        let server = issue("server.pem", "localhost", None);
        let files = Files {
            authority,
            other_authority,
            server: with_key(&server.der, &server.key),
        };
        Self {
            files,
            app: issue("app.pem", "app", Some(&ca)),
            other: issue("other.pem", "other", Some(&ca)),
            own: issue("own.pem", "app", None),
            of_other_site: issue("of_other_site.pem", "app", Some(&other_ca)),
            folder: folder.clone(),
        }
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Its certificate in PEM, and what it signs with.
fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let text = pem("CERTIFICATE", certificate.der());
    (text, Issuer::new(params, key))
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([format!("{name}.example.org")]).expect("a name");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn with_key(der: &[u8], key: &KeyPair) -> String {
    let key = pem("PRIVATE KEY", &key.serialize_der());
    format!("{}{key}", pem("CERTIFICATE", der))
}

impl Issued {
    pub(crate) fn base64(&self) -> String {
        base64(&self.der)
    }

    /// Percent-encoded, as nginx does it.
    pub(crate) fn escaped_pem(&self) -> String {
        let encode = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        pem("CERTIFICATE", &self.der).bytes().map(encode).collect()
    }

    pub(crate) fn thumbprint(&self) -> String {
        x5t_s256(&self.der)
    }

    pub(crate) fn jwk(&self) -> Value {
        p256_jwk(self.key.public_key_raw())
    }
}
