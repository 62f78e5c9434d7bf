//! The certificates of the tests.

use std::sync::LazyLock;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, SanType, date_time_ymd, string,
};
use serde_json::Value;
use tower_token_endpoint::client::certificates::ClientCertificate;

use crate::common::certificate::{base64, p256_jwk, x5t_s256};

/// A certificate, and the key in it, which is one of P-256.
pub(crate) struct Issued {
    pub(crate) der: Vec<u8>,
    key: KeyPair,
}

pub(crate) type Certificate = LazyLock<Issued>;

/// With each kind of name.
pub(crate) static GOOD: Certificate = LazyLock::new(|| issued("app", 2000, 3000));
/// Of another client.
pub(crate) static OTHER: Certificate = LazyLock::new(|| issued("other", 2000, 3000));
/// As good, but for its time.
pub(crate) static EXPIRED: Certificate = LazyLock::new(|| issued("app", 2000, 2020));
pub(crate) static FUTURE: Certificate = LazyLock::new(|| issued("app", 2900, 3000));
/// Another one with the key of the first.
pub(crate) static RENEWED: Certificate = LazyLock::new(|| {
    let key = KeyPair::try_from(GOOD.key.serialize_der()).expect("a key");
    with_key("renewed", 2000, 2020, key)
});

/// With the names that the layer compares if a client has none of their kind, and an empty subject.
pub(crate) static DECOYS: Certificate = LazyLock::new(|| {
    let key = KeyPair::generate().expect("a key");
    let mut params = lasting(2000, 3000);
    params.subject_alt_names = vec![
        SanType::DnsName(ascii("decoy".into())),
        SanType::URI(ascii("decoy:decoy".into())),
        SanType::IpAddress([0, 0, 0, 0].into()),
        SanType::Rfc822Name(ascii("decoy@decoy".into())),
    ];
    signed(&params, key)
});

fn issued(name: &str, from: i32, until: i32) -> Issued {
    let key = KeyPair::generate().expect("a key");
    with_key(name, from, until, key)
}

fn with_key(name: &str, from: i32, until: i32, key: KeyPair) -> Issued {
    let mut params = lasting(from, until);
    for (kind, value) in [
        (DnType::CountryName, "DE"),
        (DnType::OrganizationName, "Example, \"Inc.\""),
        (DnType::CommonName, name),
    ] {
        params.distinguished_name.push(kind, value);
    }
    params.subject_alt_names = vec![
        SanType::DnsName(ascii(format!("{name}.example.org"))),
        SanType::URI(ascii(format!("spiffe://example.org/{name}"))),
        SanType::IpAddress(match name {
            "app" => [192, 0, 2, 1].into(),
            _ => [192, 0, 2, 2].into(),
        }),
        SanType::Rfc822Name(ascii(format!("{name}@example.org"))),
    ];
    signed(&params, key)
}

/// Without any name.
fn lasting(from: i32, until: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

fn ascii(text: String) -> string::Ia5String {
    text.try_into().expect("ASCII")
}

fn signed(params: &CertificateParams, key: KeyPair) -> Issued {
    let certificate = params.self_signed(&key).expect("a certificate");
    Issued {
        der: certificate.der().to_vec(),
        key,
    }
}

impl Issued {
    /// As an acceptor that verifies the chain tells it.
    pub(crate) fn verified(&self) -> ClientCertificate {
        self.unverified().verified(true)
    }

    pub(crate) fn unverified(&self) -> ClientCertificate {
        ClientCertificate::from_der(self.der.clone())
    }

    pub(crate) fn base64(&self) -> String {
        base64(&self.der)
    }

    pub(crate) fn thumbprint(&self) -> String {
        x5t_s256(&self.der)
    }

    pub(crate) fn jwk(&self) -> Value {
        p256_jwk(self.key.public_key_raw())
    }

    pub(crate) fn jwk_with<const N: usize>(&self, members: [(&str, Value); N]) -> Value {
        let mut jwk = self.jwk();
        for (name, value) in members {
            jwk[name] = value;
        }
        jwk
    }
}

/// As the one of `GOOD` is registered.
pub(crate) const SUBJECT: &str = r#"CN=app,O=Example\, \"Inc.\",C=DE"#;
