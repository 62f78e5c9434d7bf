//! Clients that are registered for a certificate, and requests that have another one or none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, header};
use rcgen::KeyPair;
use serde_json::{Value, json};
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::Result;
use crate::certificate::{jwks, of_1_kb};
use crate::classes::{Bench, Class, Sent};
use crate::requests::{FORM, ISSUER, TOKEN_PATH, client_id};

const CLASSES: [Class; 5] = [
    Class::Unknown,
    Class::Subject,
    Class::DnsName,
    Class::Key,
    Class::NoSecret,
];

/// Each request has a certificate, whose chain counts as verified.
pub(crate) fn sent() -> Result<Bench<MemoryClientStore>> {
    let der = of_1_kb("stranger", &KeyPair::generate()?)?;
    let value = format!(":{}:", STANDARD.encode(der));
    bench(HeaderName::from_static("client-cert"), value)
}

pub(crate) fn not_sent() -> Result<Bench<MemoryClientStore>> {
    bench(header::FORWARDED, "for=192.0.2.60;proto=https".into())
}

fn bench(name: HeaderName, value: String) -> Result<Bench<MemoryClientStore>> {
    let sent = |place| {
        let (header, id) = ((name.clone(), value.clone()), client_id(place));
        vec![Sent {
            header,
            form: format!("{FORM}&client_id={id}"),
        }]
    };
    let keys = jwks(&KeyPair::generate()?);
    let registered = CLASSES.into_iter().enumerate();
    let registered = registered.filter_map(|(place, class)| registration(class, place, &keys));
    let clients: Result<Vec<_>, _> = registered
        .map(|client| Client::from_json(client.to_string().as_bytes()))
        .collect();
    Ok(Bench {
        layer: TokenEndpointLayer::builder(MemoryClientStore::new(clients?)?, ISSUER)
            .path(TOKEN_PATH)
            .client_certificates(ClientCertificates::rfc9440_verified())
            .build()?,
        classes: &CLASSES,
        sent: (0..CLASSES.len()).map(sent).collect(),
    })
}

/// `None` if nobody has registered it.
fn registration(class: Class, place: usize, keys: &Value) -> Option<Value> {
    let (method, member, value) = match class {
        Class::Subject => {
            let subject = "CN=client,OU=Payments,O=Example GmbH,C=DE";
            (
                "tls_client_auth",
                "tls_client_auth_subject_dn",
                json!(subject),
            )
        }
        Class::DnsName => {
            let name = "client.example.org";
            ("tls_client_auth", "tls_client_auth_san_dns", json!(name))
        }
        Class::Key => ("self_signed_tls_client_auth", "jwks", keys.clone()),
        Class::NoSecret => (
            "client_secret_basic",
            "client_secret",
            json!("s".repeat(22)),
        ),
        Class::Unknown | Class::Wrong | Class::Method | Class::Expired => return None,
    };
    Some(json!({
        "client_id": client_id(place),
        "token_endpoint_auth_method": method,
        "grant_types": ["client_credentials"],
        "scope": "read",
        member: value,
    }))
}
