//! The clients of the server.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::common::sign::{P256, jwk};
use crate::common::token_server::{CALLBACK, Who, clients_file};
use crate::identity::SELF_SIGNED;

/// By the subject of its certificate.
pub(crate) const BY_SUBJECT: Who = Who::Public("billing");
/// By the DNS name of its certificate.
pub(crate) const BY_DNS: Who = Who::Public("by-dns");
/// By the key of its certificate.
pub(crate) const BY_KEY: Who = Who::Public("by-key");
/// With a secret, and with tokens that are bound to a certificate.
pub(crate) const BOUND: Who = Who::Post("bound", "bound-secret");
/// With a secret.
pub(crate) const UNBOUND: Who = Who::Post("unbound", "unbound-secret");
/// With an assertion.
pub(crate) const SIGNS: &str = "signs";
/// With an assertion, and with tokens that are bound to a certificate.
pub(crate) const SIGNS_BOUND: &str = "signs-bound";
pub(crate) const PLAIN_PUBLIC: Who = Who::Public("public");
/// A public client with tokens that are bound to a certificate.
pub(crate) const PUBLIC_BOUND: Who = Who::Public("public-bound");
/// By its certificate or by a secret.
pub(crate) const EITHER: Who = Who::Public("either");
pub(crate) const EITHER_BY_SECRET: Who = Who::Post("either", "either-secret");

fn clients() -> Value {
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let grants = [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        exchange,
    ];
    let client = |members: Value| {
        let mut client = json!({
            "redirect_uris": [CALLBACK],
            "grant_types": grants,
            "scope": "read write",
        });
        let members = members.as_object().expect("an object").clone();
        client.as_object_mut().expect("an object").extend(members);
        client
    };
    let public = ["authorization_code", "refresh_token"];
    json!([
        client(json!({
            "client_id": "billing",
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": "O=Example,CN=billing",
        })),
        client(json!({
            "client_id": "by-dns",
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_san_dns": "billing.example.com",
        })),
        client(json!({
            "client_id": "by-key",
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": { "keys": [SELF_SIGNED.jwk()] },
        })),
        client(json!({
            "client_id": "either",
            "client_secret": "either-secret",
            "token_endpoint_auth_methods": ["tls_client_auth", "client_secret_post"],
            "tls_client_auth_subject_dn": "O=Example,CN=billing",
        })),
        client(json!({
            "client_id": "bound",
            "client_secret": "bound-secret",
            "token_endpoint_auth_method": "client_secret_post",
            "tls_client_certificate_bound_access_tokens": true,
        })),
        client(json!({
            "client_id": "unbound",
            "client_secret": "unbound-secret",
            "token_endpoint_auth_method": "client_secret_post",
        })),
        client(json!({
            "client_id": "signs",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [jwk(&P256)] },
        })),
        client(json!({
            "client_id": "signs-bound",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [jwk(&P256)] },
            "tls_client_certificate_bound_access_tokens": true,
        })),
        client(json!({
            "client_id": "public",
            "token_endpoint_auth_method": "none",
            "grant_types": public,
        })),
        client(json!({
            "client_id": "public-bound",
            "token_endpoint_auth_method": "none",
            "grant_types": public,
            "tls_client_certificate_bound_access_tokens": true,
        })),
    ])
}

/// A file with them.
pub(crate) static CLIENTS: LazyLock<PathBuf> =
    LazyLock::new(|| clients_file("clients", &clients().to_string()));
