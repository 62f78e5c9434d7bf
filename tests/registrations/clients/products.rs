//! As products that somebody runs write them: Keycloak, Hydra, Connect2id, Ping.

use serde_json::{Value, json};

use super::SECRET;
use crate::keys::{other_rsa, rsa, set};
use crate::verdict::{Row, loads, refused, row, warns};

/// What Keycloak answers to a registration, with these members besides.
fn keycloak(members: Value) -> Value {
    over(
        json!({
            "redirect_uris": ["https://app.example.org/cb"],
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code", "none"],
            "client_id": "d9f6e6a3-2f3c-4d28-8ac6-0d7f20b3d2a9",
            "client_secret": SECRET,
            "client_name": "app",
            "scope": "address phone offline_access microprofile-jwt",
            "subject_type": "public",
            "request_uris": [],
            "tls_client_certificate_bound_access_tokens": false,
            "dpop_bound_access_tokens": false,
            "client_id_issued_at": 1_764_000_000,
            "client_secret_expires_at": 0,
            "registration_client_uri": "https://kc.example.org/realms/r/clients-registrations/openid-connect/d9f6",
            "registration_access_token": "eyJhbGciOiJIUzUxMiJ9.e30.x",
            "backchannel_logout_session_required": false,
            "require_pushed_authorization_requests": false,
            "frontchannel_logout_session_required": false,
        }),
        members,
    )
}

/// A client of Hydra as it exports it.
fn hydra(members: Value) -> Value {
    over(
        json!({
            "client_id": "0f8c4b3e-1f6e-4b0a-8a53-7b2c3d4e5f60",
            "client_name": "",
            "client_secret": SECRET,
            "redirect_uris": null,
            "grant_types": ["client_credentials"],
            "response_types": ["code"],
            "scope": "offline_access offline openid",
            "audience": [],
            "owner": "",
            "policy_uri": "",
            "allowed_cors_origins": [],
            "tos_uri": "",
            "client_uri": "",
            "logo_uri": "",
            "contacts": null,
            "client_secret_expires_at": 0,
            "subject_type": "public",
            "jwks": {},
            "token_endpoint_auth_method": "client_secret_basic",
            "userinfo_signed_response_alg": "none",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "metadata": {},
            "registration_access_token": "ory_at_x",
            "registration_client_uri": "https://hydra.example.org/oauth2/register/0f8c",
            "skip_consent": false,
            "skip_logout_consent": null,
            "authorization_code_grant_access_token_lifespan": null,
            "client_credentials_grant_access_token_lifespan": "1h0m0s",
        }),
        members,
    )
}

/// What the Connect2id server answers to a registration.
fn connect2id(members: Value) -> Value {
    over(
        json!({
            "client_id": "ug3fe3bmcmqgc",
            "client_id_issued_at": 1_764_000_000,
            "client_secret": SECRET,
            "client_secret_expires_at": 0,
            "registration_client_uri": "https://c2id.example.org/clients/ug3fe3bmcmqgc",
            "registration_access_token": "x",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["https://client.example.org/callback"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": "openid email",
            "application_type": "web",
            "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
            "require_auth_time": false,
            "tls_client_certificate_bound_access_tokens": false,
            "data": {"org_id": "1"},
        }),
        members,
    )
}

/// A client of PingFederate by dynamic registration.
fn ping(members: Value) -> Value {
    over(
        json!({
            "client_id": "dcr_client_1",
            "client_secret": SECRET,
            "client_name": "DCR client",
            "redirect_uris": ["https://client.example.org/cb"],
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "urn:pingidentity.com:oauth2:grant_type:validate_bearer"],
            "response_types": ["code"],
            "scope": "read",
        }),
        members,
    )
}

pub(super) fn over(mut document: Value, members: Value) -> Value {
    let own = document.as_object_mut().expect("an object");
    own.extend(members.as_object().expect("an object").clone());
    document
}

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    let all_grants = json!([
        "authorization_code", "implicit", "refresh_token", "password", "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba",
        "urn:ietf:params:oauth:grant-type:uma-ticket", "urn:ietf:params:oauth:grant-type:token-exchange",
    ]);
    vec![
        row("Keycloak", "the answer to a registration", keycloak(json!({})), loads()),
        row("Keycloak", "every grant", keycloak(json!({"grant_types": all_grants})), loads()),
        row("Keycloak", "a public client", keycloak(json!({"token_endpoint_auth_method": "none", "client_secret": null})), loads()),
        row("Keycloak", "keys by a URI", keycloak(json!({
            "token_endpoint_auth_method": "private_key_jwt", "client_secret": null,
            "jwks_uri": "https://app.example.org/jwks", "jwks": {"keys": []},
        })), loads()),
        row("Keycloak", "a wildcard", keycloak(json!({"redirect_uris": ["https://app.example.org/*", "+"]})),
            refused([("redirect_uris", "entry 1, \"+\": it has no scheme")])),
        row("Keycloak", "relative paths", keycloak(json!({"redirect_uris": ["/app/*", "*"]})),
            refused([("redirect_uris", "entry 0"), ("redirect_uris", "entry 1")])),
        row("Keycloak", "a masked secret", keycloak(json!({"client_secret": "**********"})),
            refused([("client_secret", "mask")])),
        row("Keycloak", "a secret from a vault", keycloak(json!({"client_secret": "${vault.app}"})),
            refused([("client_secret", "placeholder")])),
        row("Keycloak", "an entry of a realm export", json!({
            "id": "1", "clientId": "app", "name": "", "enabled": true, "clientAuthenticatorType": "client-secret",
            "secret": SECRET, "redirectUris": ["https://app.example.org/*"], "webOrigins": ["+"],
            "standardFlowEnabled": true, "publicClient": false, "protocol": "openid-connect",
            "attributes": {"post.logout.redirect.uris": "+"},
        }), refused([("client_id", "is it \"clientId\"?"), ("client_secret", "is it \"secret\"?")])),
        row("Keycloak", "an export in which the first two were renamed", json!({
            "client_id": "app", "client_secret": SECRET, "redirectUris": ["https://app.example.org/cb"],
            "webOrigins": [], "protocol": "openid-connect",
        }), warns([("redirectUris", "`redirect_uris`")])),
        // Hydra
        row("Hydra", "an export", hydra(json!({})), loads()),
        row("Hydra", "an empty scope", hydra(json!({"scope": ""})), loads()),
        row("Hydra", "a hash of its database", hydra(json!({"client_secret": "$pbkdf2-sha256$i=25000,l=32$FVt6DlMWVXQvB3uJ$d4B1c2"})),
            refused([("client_secret", "`ClientSecret::hashed`")])),
        row("Hydra", "a bcrypt hash of an old version", hydra(json!({"client_secret": "$2a$08$lrzk1ZuXNzq9UUJxqJ8C9eU0kcwGh1nmiCDgv2hBXYsmZ0YlcbdaK"})),
            refused([("client_secret", "$2a$")])),
        row("Hydra", "keys and an empty jwks_uri", hydra(json!({
            "token_endpoint_auth_method": "private_key_jwt", "client_secret": "",
            "jwks": set([rsa(json!({"kid": "1", "use": "sig", "alg": "RS256"}))]), "jwks_uri": "",
        })), loads()),
        row("Hydra", "keys and a jwks_uri", hydra(json!({
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": set([rsa(json!({"kid": "1", "use": "sig", "alg": "RS256"}))]), "jwks_uri": "https://client.example.org/jwks",
        })), refused([("jwks", "keep one of the two")])),
        row("Hydra", "no method where a secret is kept elsewhere", hydra(json!({"token_endpoint_auth_method": "", "client_secret": null})),
            refused([("client_secret", "it is missing or empty, and `client_secret_basic` needs it")])),
        // Connect2id
        row("Connect2id", "the answer to a registration", connect2id(json!({})), loads()),
        row("Connect2id", "client_secret_jwt", connect2id(json!({
            "token_endpoint_auth_method": "client_secret_jwt", "client_secret": "YSB0ZXN0IHNlY3JldCBvZiBhdCBsZWFzdCAzMiBieXRlcw",
            "token_endpoint_auth_signing_alg": "HS256",
        })), loads()),
        row("Connect2id", "client_secret_jwt with a short secret", connect2id(json!({
            "token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS512",
        })), refused([("client_secret", "HS512 needs 64 bytes")])),
        row("Connect2id", "members in two languages", connect2id(json!({"client_name#de": "Kunde", "client_name#fr": "Client", "redirect_uris#de": []})), loads()),
        row("Connect2id", "null for what is not set", connect2id(json!({"logo_uri": null, "jwks": null, "jwks_uri": null, "token_endpoint_auth_signing_alg": null})), loads()),
        row("Connect2id", "self_signed_tls_client_auth without keys", connect2id(json!({"token_endpoint_auth_method": "self_signed_tls_client_auth", "client_secret": null})),
            refused([("jwks", "`self_signed_tls_client_auth` needs keys")])),
        // Ping
        row("Ping", "dynamic registration of PingFederate", ping(json!({})), loads()),
        row("Ping", "private_key_jwt with a rotation", ping(json!({
            "token_endpoint_auth_method": "private_key_jwt", "client_secret": null,
            "jwks": set([rsa(json!({"kid": "old", "use": "sig"})), other_rsa(json!({"kid": "new", "use": "sig"}))]),
        })), loads()),
        row("Ping", "a client of the administrative API", json!({
            "clientId": "ac_client", "enabled": true, "redirectUris": ["https://client.example.org/cb"],
            "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], "name": "A client",
            "clientAuth": {"type": "SECRET", "secret": "", "encryptedSecret": "OBF:JWE:x"},
        }), refused([("client_id", "is it \"clientId\"?"), ("client_secret", "`client_secret_basic` needs it")])),
        row("Ping", "the names of PingOne for methods", ping(json!({"token_endpoint_auth_method": "CLIENT_SECRET_BASIC"})),
            refused([("token_endpoint_auth_method", "use one of client_secret_basic")])),
        row("Ping", "the names of PingOne for grants", ping(json!({"grant_types": ["AUTHORIZATION_CODE", "REFRESH_TOKEN", "TOKEN_EXCHANGE"]})),
            warns([("grant_types", "`authorization_code`"), ("grant_types", "`refresh_token`"), ("grant_types", "token-exchange`")])),
        row("Ping", "a scope as an array", ping(json!({"scope": ["read", "write"]})), refused([("scope", "write one string")])),
        row("Ping", "everything wrong at once", ping(json!({
            "client_secret": ["x"], "redirect_uris": "https://client.example.org/cb", "scope": "a  b",
            "token_endpoint_auth_method": "basic", "grant_types": "code", "client_secret_expires_at": "never",
        })), refused([
            ("client_secret", "it is an array"), ("token_endpoint_auth_method", "unknown authentication method"),
            ("client_secret_expires_at", "it is a string"), ("grant_types", "it is a string"), ("redirect_uris", "it is a string"),
            ("scope", "one space between each two"),
        ])),
    ]
}
