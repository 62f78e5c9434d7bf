//! Clients that authenticate by certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use rcgen::KeyPair;
use serde_json::json;
use tower::Layer as _;
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::{Client, MemoryClientStore};

use super::prepare::builder;
use super::{Certified, FEW};
use crate::assertions::posted;
use crate::certificate::{jwks, of_1_kb};
use crate::prepared::{Inner, Prepared, serve};
use crate::requests::{FORM, client_id};

/// As many clients as elsewhere, all of them with the same certificate.
pub(super) fn prepare(by: Certified) -> Prepared {
    let key = KeyPair::generate().expect("a key that the library makes");
    let der = of_1_kb("client", &key).expect("a certificate");
    let (method, member, value) = match by {
        Certified::Subject | Certified::Later | Certified::Header => {
            let subject = "CN=client,OU=Payments,O=Example GmbH,C=DE";
            (
                "tls_client_auth",
                "tls_client_auth_subject_dn",
                json!(subject),
            )
        }
        Certified::Key => ("self_signed_tls_client_auth", "jwks", jwks(&key)),
    };
    let client = |n| {
        let client = json!({
            "client_id": client_id(n),
            "token_endpoint_auth_method": method,
            "grant_types": ["client_credentials"],
            "scope": "read write profile",
            member: value,
        });
        Client::from_json(client.to_string().as_bytes()).expect("a valid client")
    };
    let clients = MemoryClientStore::new((0..FEW).map(client)).expect("no id twice");
    let certificates = match by {
        Certified::Subject | Certified::Key | Certified::Later => {
            ClientCertificates::from_acceptor()
        }
        Certified::Header => ClientCertificates::rfc9440_verified(),
    };
    let layer = builder(clients).client_certificates(certificates).build();
    let layer = layer.expect("settings that agree");

    // A server has it in the buffer that it read the request into, and copies nothing.
    let header = format!(":{}:", STANDARD.encode(&der));
    let header = HeaderValue::from_str(&header).expect("base64");
    let der = Bytes::from(der);
    let of_connection = ClientCertificate::from_der(der.clone()).verified(true);
    let forms: Vec<_> = (0..FEW)
        .map(|n| format!("{FORM}&client_id={}", client_id(n)))
        .collect();
    let mut forms = forms.leak().iter().cycle();
    let input = move || {
        let form = forms.next().expect("a cycle has no end");
        let mut request = posted(form.as_str());
        match by {
            Certified::Subject | Certified::Key => {
                let certificate = ClientCertificate::from_der(der.clone()).verified(true);
                request.extensions_mut().insert(certificate);
            }
            Certified::Later => {
                request.extensions_mut().insert(of_connection.clone());
            }
            Certified::Header => {
                request.headers_mut().insert("client-cert", header.clone());
            }
        }
        request
    };
    Prepared::new(input, serve(layer.layer(Inner), StatusCode::OK))
}
