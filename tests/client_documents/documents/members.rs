//! Redirection URIs, grants, the scope, and members that nobody knows.

use super::{Field, Grants, Holds, NONE, Row, row, with};

#[rustfmt::skip]
pub(super) fn rows() -> Vec<Row> {
    const CODE: &[&str] = &["authorization_code"];
    let uris = |uris: &str| with(format!(r#""redirect_uris":{uris}"#));
    let grants = |grants: &str| with(format!(r#""grant_types":{grants}"#));
    let scope = |scope: &str| with(format!(r#""scope":{scope}"#));
    vec![
        // Redirection URIs.
        row("redirect_uris", uris(r#"["https://app.example/cb","com.example.app:/cb"]"#), Holds(|client| {
            client.redirect_uris() == ["https://app.example/cb", "com.example.app:/cb"]
                && client.allows_redirect_uri("https://app.example/cb")
                && client.allows_redirect_uri("com.example.app:/cb")
                && !client.allows_redirect_uri("https://app.example/cb/")
                && !client.allows_redirect_uri("https://app.example:443/cb")
                && !client.allows_redirect_uri("https://app.example/cb?x")
        }), "CIMD §4.5"),
        row("redirect_uris of this machine", uris(r#"["http://[::1]/cb","http://127.0.0.1:3000/cb"]"#), Holds(|client| {
            client.allows_redirect_uri("http://[::1]:51004/cb")
                && client.allows_redirect_uri("http://127.0.0.1:51004/cb")
                && !client.allows_redirect_uri("http://localhost:51004/cb")
                && !client.allows_redirect_uri("https://127.0.0.1:3000/cb")
        }), "RFC 8252 §7.3"),
        row("no redirect_uris", with(r#""client_name":"A""#), Holds(|client| {
            client.redirect_uris().is_empty() && !client.allows_redirect_uri("https://app.example/cb") && !client.allows_redirect_uri("")
        }), "CIMD §4.5"),
        row("redirect_uris empty", uris("[]"), Holds(|client| client.redirect_uris().is_empty()), "CIMD §4.5"),
        row("redirect_uris null", uris("null"), Holds(|client| client.redirect_uris().is_empty()), "CIMD §4.5"),
        row("a redirect_uri at another host", uris(r#"["https://other.example/cb"]"#), NONE, "CIMD §6.1"),
        row("a redirect_uri with a query", uris(r#"["https://app.example/cb?a=b"]"#), NONE, "RFC 6749 §3.1.2"),
        row("a redirect_uri of javascript", uris(r#"["javascript:alert(1)"]"#), Field("redirect_uris"), "RFC 7591 §5"),
        row("a redirect_uri of javascript in capitals", uris(r#"["JavaScript:alert(1)"]"#), Field("redirect_uris"), "RFC 7591 §5"),
        row("a redirect_uri of data", uris(r#"["data:text/html,x"]"#), Field("redirect_uris"), "RFC 7591 §5"),
        row("a redirect_uri of javascript after a good one", uris(r#"["https://app.example/cb","javascript:alert(1)"]"#), Field("redirect_uris"), "RFC 7591 §5"),
        row("a redirect_uri with a fragment", uris(r#"["https://app.example/cb#x"]"#), Field("redirect_uris"), "RFC 6749 §3.1.2"),
        row("a redirect_uri with an empty fragment", uris(r#"["https://app.example/cb#"]"#), Field("redirect_uris"), "RFC 6749 §3.1.2"),
        row("a redirect_uri that is relative", uris(r#"["/cb"]"#), Field("redirect_uris"), "RFC 6749 §3.1.2"),
        row("a redirect_uri that is empty", uris(r#"[""]"#), Field("redirect_uris"), "RFC 6749 §3.1.2"),
        row("a redirect_uri that is a number", uris("[1]"), Field("redirect_uris"), "RFC 7591 §2"),
        row("redirect_uris a text", uris(r#""https://app.example/cb""#), Field("redirect_uris"), "RFC 7591 §2"),
        row("redirect_uris an object", uris(r#"{"0":"https://app.example/cb"}"#), Field("redirect_uris"), "RFC 7591 §2"),
        // Grants.
        row("no grant_types", with(r#""response_types":["code"]"#), Grants(CODE), "RFC 7591 §2"),
        row("grant_types null", grants("null"), Grants(CODE), "RFC 7591 §2"),
        row("one grant", grants(r#"["authorization_code"]"#), Grants(CODE), "RFC 7591 §2"),
        row("two grants", grants(r#"["authorization_code","refresh_token"]"#), Grants(&["authorization_code", "refresh_token"]), "RFC 7591 §2"),
        row("a grant that nobody serves", grants(r#"["authorization_code","urn:example:grant"]"#), Grants(&["authorization_code", "urn:example:grant"]), "decisions"),
        row("a grant that is no URI", grants(r#"["interaction_code","authorization_code"]"#), Grants(&["interaction_code", "authorization_code"]), "decisions"),
        row("grant_types a text", grants(r#""authorization_code""#), Field("grant_types"), "RFC 7591 §2"),
        row("grant_types of a number", grants("[1]"), Field("grant_types"), "RFC 7591 §2"),
        // The scope.
        row("no scope", with(r#""client_uri":"https://app.example""#), Holds(|client| client.scope().is_none()), "RFC 7591 §2"),
        row("a scope", scope(r#""read write""#), Holds(|client| client.scope().is_some_and(|it| it.to_string() == "read write")), "RFC 7591 §2"),
        row("a scope with two spaces", scope(r#""read  write""#), Field("scope"), "RFC 6749 §3.3"),
        row("a scope with a quote", scope(r#""re\"ad""#), Field("scope"), "RFC 6749 §3.3"),
        row("a scope with a letter outside ASCII", scope(r#""läse""#), Field("scope"), "RFC 6749 §3.3"),
        row("a scope that is a list", scope(r#"["read"]"#), Field("scope"), "RFC 7591 §2"),
        row("a scope that is a number", scope("1"), Field("scope"), "RFC 7591 §2"),
        // The rest.
        row("unknown members", with(r#""x":1,"y":[true,null],"client_id_expires_at":0"#), NONE, "CIMD §4.1"),
        row("an unknown object", with(r#""https://app.example/settings":{"a":{"b":[{}]}}"#), NONE, "CIMD §4.1"),
        row("members for the page of consent", with(r#""client_name":"A","client_name#de":"Ä","logo_uri":"https://app.example/logo.png","client_uri":"https://app.example","tos_uri":"https://app.example/tos","policy_uri":"https://app.example/policy","contacts":["a@app.example"]"#), Holds(|client| {
            client.metadata()["client_name"] == "A" && client.metadata()["logo_uri"] == "https://app.example/logo.png"
        }), "CIMD §6.4"),
        row("a document of Solid", with(r#""@context":["https://www.w3.org/ns/solid/oidc-context.jsonld"],"redirect_uris":["https://app.example/cb"]"#), NONE, "CIMD §6.1"),
    ]
}
