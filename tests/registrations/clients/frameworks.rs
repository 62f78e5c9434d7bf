//! As frameworks and libraries write them: .NET, Spring, clients of MCP, and files by hand.

use serde_json::{Value, json};

use super::{SECRET, products::over};
use crate::verdict::{Row, loads, refused, row, warns};

/// What Duende IdentityServer answers to a registration.
fn duende(members: Value) -> Value {
    over(
        json!({
            "client_id": "0A1B2C",
            "client_secret": SECRET,
            "client_secret_expires_at": 0,
            "client_name": "A client",
            "grant_types": ["client_credentials"],
            "redirect_uris": [],
            "scope": "api1 api2",
            "require_signed_request_object": false,
            "default_max_age": null,
            "coordinate_lifetime_with_user_session": null,
        }),
        members,
    )
}

/// A row of the table `oauth2_registered_client` of Spring, as an object.
fn spring(members: Value) -> Value {
    over(
        json!({
            "id": "1",
            "client_id": "messaging-client",
            "client_id_issued_at": "2026-01-01 00:00:00",
            "client_secret": SECRET,
            "client_secret_expires_at": null,
            "client_name": "messaging-client",
            "token_endpoint_auth_methods": ["client_secret_basic", "client_secret_post"],
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": ["http://127.0.0.1:8080/authorized"],
            "post_logout_redirect_uris": ["http://127.0.0.1:8080/logged-out"],
            "scope": "openid profile message.read message.write",
            "client_settings": {"settings.client.require-proof-key": true},
        }),
        members,
    )
}

/// What a client of MCP registers, with what a server adds.
fn mcp(members: Value) -> Value {
    over(
        json!({
            "client_id": "mcp-1",
            "client_id_issued_at": 1_764_000_000,
            "client_name": "An MCP client",
            "client_uri": "https://client.example.org",
            "redirect_uris": ["http://localhost:33418/callback", "http://127.0.0.1:33418/callback", "https://client.example.org/api/mcp/auth_callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }),
        members,
    )
}

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    vec![
        // .NET
        row(".NET", "the answer of Duende", duende(json!({})), loads()),
        row(".NET", "grants of IdentityServer", duende(json!({"grant_types": ["hybrid", "delegation", "client_credentials"]})), loads()),
        row(".NET", "AuthorizationCode, as the constants are called", duende(json!({"grant_types": ["AuthorizationCode"]})),
            warns([("grant_types", "`authorization_code`")])),
        row(".NET", "the configuration of Duende", json!({
            "Enabled": true, "ClientId": "mvc", "ClientName": "MVC", "ClientSecrets": [{"Value": "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols="}],
            "AllowedGrantTypes": ["client_credentials"], "AllowedScopes": ["api1"],
        }), refused([("client_id", "is it \"ClientId\"?"), ("client_secret", "is it \"ClientSecrets\"?")])),
        row(".NET", "an application of OpenIddict", json!({
            "ClientId": "console", "ClientSecret": SECRET, "ClientType": "confidential",
            "Permissions": ["ept:token", "gt:client_credentials", "scp:api"],
        }), refused([("client_id", "is it \"ClientId\"?"), ("client_secret", "is it \"ClientSecret\"?")])),
        row(".NET", "AllowedScopes that were not renamed", duende(json!({"scope": null, "AllowedScopes": ["api1"], "RedirectUris": ["https://a.example/cb"]})),
            warns([("AllowedScopes", "`scope`"), ("RedirectUris", "`redirect_uris`")])),
        row(".NET", "DateTimeOffset.MaxValue", duende(json!({"client_secret_expires_at": 253_402_300_799_u64})), loads()),
        row(".NET", "long.MaxValue", duende(json!({"client_secret_expires_at": i64::MAX})), loads()),
        // Spring
        row("Spring", "a row with two methods", spring(json!({})), loads()),
        row("Spring", "a bcrypt hash", spring(json!({"client_secret": "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG"})),
            refused([("client_secret", "`ClientSecret::hashed`")])),
        row("Spring", "noop", spring(json!({"client_secret": format!("{{noop}}{SECRET}")})), refused([("client_secret", "remove it")])),
        row("Spring", "client_secret_basic as an old version called it", spring(json!({"token_endpoint_auth_methods": ["basic", "post"]})),
            refused([("token_endpoint_auth_methods", "\"basic\""), ("token_endpoint_auth_methods", "\"post\"")])),
        row("Spring", "a method that is not among the methods", spring(json!({"token_endpoint_auth_method": "none"})),
            refused([("token_endpoint_auth_methods", "`none` of `token_endpoint_auth_method` is missing")])),
        row("Spring", "methods as text with commas", spring(json!({"token_endpoint_auth_methods": "client_secret_basic,client_secret_post"})),
            refused([("token_endpoint_auth_methods", "it is a string")])),
        row("Spring", "Instant as a float", spring(json!({"client_secret_expires_at": 1_893_456_000.123_456})), loads()),
        // MCP
        row("MCP", "a public client", mcp(json!({})), loads()),
        row("MCP", "an empty scope", mcp(json!({"scope": ""})), loads()),
        row("MCP", "the grants left out, and empty texts", mcp(json!({"grant_types": [], "client_uri": "", "logo_uri": "", "contacts": [], "scope": null})), loads()),
        row("MCP", "a confidential client by body", mcp(json!({"token_endpoint_auth_method": "client_secret_post", "client_secret": SECRET, "client_secret_expires_at": 1_893_456_000})), loads()),
        row("MCP", "Date.now() of JavaScript", mcp(json!({"token_endpoint_auth_method": "client_secret_post", "client_secret": SECRET, "client_secret_expires_at": 1_796_083_200_123_u64})),
            refused([("client_secret_expires_at", "milliseconds")])),
        row("MCP", "a script as redirection", mcp(json!({"redirect_uris": ["javascript:alert(1)", "JavaScript://x/%0aalert(1)", "data:text/html,x"]})),
            refused([("redirect_uris", "entry 0"), ("redirect_uris", "entry 1"), ("redirect_uris", "entry 2")])),
        row("MCP", "custom schemes of editors", mcp(json!({"redirect_uris": ["cursor://anysphere.cursor-retrieval/oauth/callback", "vscode://vscode.example/auth"]})), loads()),
        // by hand
        row("by hand", "redirect_uri", json!({"client_id": "a", "client_secret": SECRET, "redirect_uri": "https://a.example/cb"}),
            warns([("redirect_uri", "`redirect_uris`")])),
        row("by hand", "client_secrets_expire_at", json!({"client_id": "a", "client_secret": SECRET, "client_secrets_expire_at": 1_893_456_000}),
            warns([("client_secrets_expire_at", "`client_secret_expires_at`")])),
        row("by hand", "Scope", json!({"client_id": "a", "client_secret": SECRET, "Scope": "read"}), warns([("Scope", "`scope`")])),
        row("by hand", "scope with commas", json!({"client_id": "a", "client_secret": SECRET, "scope": "read,write"}), loads()),
        row("by hand", "the smallest client", json!({"client_id": "a", "client_secret": "s"}), loads()),
        row("Dex", "a static client", json!({"id": "example-app", "redirectURIs": ["http://127.0.0.1:5555/callback"], "name": "Example", "secret": SECRET}),
            refused([("client_id", "every client needs an id"), ("client_secret", "is it \"secret\"?")])),
    ]
}
