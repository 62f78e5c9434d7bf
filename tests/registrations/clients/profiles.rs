//! As profiles demand them: Open Banking and SMART on FHIR.

use serde_json::{Value, json};

use super::{SECRET, products::over};
use crate::keys::{ed25519, p384, rsa, set};
use crate::verdict::{Row, loads, refused, row, warns};

fn open_banking(members: Value) -> Value {
    over(
        json!({
            "client_id": "1bZyUfTdcIsBXVyTG1ZxFe",
            "client_id_issued_at": 1_764_000_000,
            "client_secret_expires_at": 0,
            "redirect_uris": ["https://tpp.example.com/cb"],
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code id_token"],
            "software_id": "1bZyUfTdcIsBXVyTG1ZxFe",
            "software_statement": "eyJhbGciOiJQUzI1NiJ9.e30.x",
            "scope": "openid accounts payments fundsconfirmations",
            "application_type": "web",
            "id_token_signed_response_alg": "PS256",
            "request_object_signing_alg": "PS256",
            "token_endpoint_auth_signing_alg": "PS256",
            "tls_client_certificate_bound_access_tokens": true,
            "jwks_uri": "https://keystore.example.org/0015800001ZEc3hAAD/1bZyUfTdcIsBXVyTG1ZxFe.jwks",
        }),
        members,
    )
}

fn smart(members: Value) -> Value {
    over(
        json!({
            "client_id": "growth_chart",
            "client_name": "Growth chart",
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES384",
            "grant_types": ["client_credentials"],
            "scope": "system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory system/*.read",
            "jwks": set([p384(json!({"kid": "1", "alg": "ES384", "key_ops": ["verify"], "ext": true}))]),
        }),
        members,
    )
}

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    vec![
        row("Open Banking", "private_key_jwt", open_banking(json!({})), loads()),
        row("Open Banking", "tls_client_auth", open_banking(json!({
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": "CN=00158000016i44JAAQ,2.5.4.97=PSDGB-FCA-1,O=A bank,C=GB",
        })), loads()),
        row("Open Banking", "members of Brazil and Australia", open_banking(json!({
            "authorization_signed_response_alg": "PS256", "require_pushed_authorization_requests": true,
            "organisation_id": "74e929d9", "legal_entity_id": "1", "sector_identifier_uri": null, "recipient_base_uri": "https://tpp.example.com",
        })), loads()),
        row("Open Banking", "an algorithm that no key is for", open_banking(json!({
            "jwks_uri": null, "jwks": set([ed25519(json!({"kid": "1", "use": "sig"}))]),
        })), refused([("token_endpoint_auth_signing_alg", "no key of `jwks` is for PS256")])),
        row("Open Banking", "the set of the directory instead of its URI", open_banking(json!({
            "jwks_uri": "", "jwks": set([rsa(json!({"kid": "1", "use": "sig"})), rsa(json!({"kid": "2", "use": "tls"}))]),
        })), loads()),
        row("Open Banking", "the set of the directory beside its URI", open_banking(json!({"jwks": set([rsa(json!({"kid": "1", "use": "sig"}))])})),
            refused([("jwks", "`jwks_uri` is also set")])),
        row("Open Banking", "a jwks_uri over http", open_banking(json!({"jwks_uri": "http://keystore.example.org/a.jwks"})),
            refused([("jwks_uri", "without https")])),
        row("Open Banking", "algorithms as a list", open_banking(json!({"token_endpoint_auth_signing_alg": ["PS256", "ES256"]})),
            refused([("token_endpoint_auth_signing_alg", "it is an array: write one algorithm")])),
        // SMART on FHIR
        row("SMART on FHIR", "a backend service", smart(json!({})), loads()),
        row("SMART on FHIR", "by a URI, and an empty set", smart(json!({"jwks": {"keys": []}, "jwks_uri": "https://app.example.org/.well-known/jwks.json"})), loads()),
        row("SMART on FHIR", "an app with a launch", smart(json!({
            "token_endpoint_auth_method": "client_secret_basic", "token_endpoint_auth_signing_alg": null, "client_secret": SECRET, "jwks": null,
            "scope": "launch/patient openid fhirUser patient/*.rs offline_access", "launch_url": "https://app.example.org/launch",
            "redirect_uris": ["https://app.example.org/after-auth"], "grant_types": ["authorization_code", "refresh_token"],
        })), loads()),
        row("SMART on FHIR", "HS384 registered for keys", smart(json!({"token_endpoint_auth_signing_alg": "HS384"})),
            refused([("token_endpoint_auth_signing_alg", "HS384 is for `client_secret_jwt`"), ("token_endpoint_auth_signing_alg", "no key of `jwks` is for HS384")])),
        row("SMART on FHIR", "an old key that is cut, beside the new one", smart(json!({"jwks": set([
            p384(json!({"kid": "new"})), p384(json!({"kid": "old", "y": "AQAB"})),
        ])})), warns([("jwks[1].y", "`y` has 3 bytes")])),
        row("SMART on FHIR", "grantTypes and jwksUri of JavaScript", smart(json!({"grantTypes": ["client_credentials"], "jwksUri": "https://app.example.org/jwks"})),
            warns([("grantTypes", "`grant_types`"), ("jwksUri", "`jwks_uri`")])),
    ]
}
