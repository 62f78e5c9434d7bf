//! Certificate authorities, and certificates with their keys.

use std::path::PathBuf;
use std::sync::LazyLock;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PublicKeyData as _,
    date_time_ymd,
};
use serde_json::Value;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::common::certificate::{base64, p256_jwk, x5t_s256};
use crate::common::pem;
use crate::common::token_server::file;

pub(crate) struct Authority {
    pub(crate) der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) key: PrivatePkcs8KeyDer<'static>,
    /// The public key, as a point that is not compressed.
    point: Vec<u8>,
}

pub(crate) static CA: LazyLock<Authority> = LazyLock::new(|| Authority::new("a root"));
pub(crate) static OTHER_CA: LazyLock<Authority> = LazyLock::new(|| Authority::new("another root"));
pub(crate) static SERVER: LazyLock<Identity> = LazyLock::new(|| CA.sign(server()));
/// For the client `billing`.
pub(crate) static BILLING: LazyLock<Identity> = LazyLock::new(|| CA.sign(named("billing")));
pub(crate) static SELF_SIGNED: LazyLock<Identity> = LazyLock::new(|| self_signed(named("self")));
/// Signed by the authority, for no client.
pub(crate) static OTHER: LazyLock<Identity> = LazyLock::new(|| CA.sign(named("other")));

/// For a common name, and a DNS name after it.
pub(crate) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([format!("{name}.example.com")]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, name);
    let organisation = DnType::OrganizationName;
    params.distinguished_name.push(organisation, "Example");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    params
}

pub(crate) fn expired(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.not_after = date_time_ymd(2021, 1, 1);
    params
}

fn server() -> CertificateParams {
    CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("names")
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let der = params.self_signed(&key).expect("a certificate").into();
        let issuer = Issuer::new(params, key);
        Self { der, issuer }
    }

    /// An authority that this one has signed.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let der = params.signed_by(&key, &self.issuer);
        let der = der.expect("a certificate").into();
        let issuer = Issuer::new(params, key);
        Self { der, issuer }
    }

    pub(crate) fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&key, &self.issuer);
        Identity::new(signed.expect("a certificate").into(), &key)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        file(name, &pem("CERTIFICATE", &self.der))
    }
}

pub(crate) fn self_signed(params: CertificateParams) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let signed = params.self_signed(&key);
    Identity::new(signed.expect("a certificate").into(), &key)
}

impl Identity {
    fn new(der: CertificateDer<'static>, key: &KeyPair) -> Self {
        Self {
            der,
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
            point: key.der_bytes().to_vec(),
        }
    }

    pub(crate) fn thumbprint(&self) -> String {
        x5t_s256(&self.der)
    }

    pub(crate) fn jwk(&self) -> Value {
        p256_jwk(&self.point)
    }

    pub(crate) fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    pub(crate) fn base64(&self) -> String {
        base64(&self.der)
    }

    /// The certificate and the key.
    pub(crate) fn files(&self, name: &str) -> [PathBuf; 2] {
        let key = pem("PRIVATE KEY", self.key.secret_pkcs8_der());
        [
            file(&format!("{name}.pem"), &self.pem()),
            file(&format!("{name}.key"), &key),
        ]
    }
}
