//! The audience: for whom an assertion is.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Call, ISSUER};
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;
use crate::sign::*;

#[tokio::test]
async fn audiences() {
    table().hold().await;
}

#[tokio::test]
async fn audiences_where_the_issuer_must_be_a_string() {
    strict_table().hold().await;
}

#[tokio::test]
async fn audiences_where_endpoints_are_accepted() {
    lenient_table().hold().await;
}

#[tokio::test]
async fn audiences_where_the_endpoint_is_elsewhere() {
    elsewhere_table().hold().await;
}

#[tokio::test]
async fn audiences_where_introspection_is_elsewhere() {
    elsewhere_introspection_table().hold().await;
}

#[tokio::test]
async fn audiences_where_revocation_is_elsewhere() {
    elsewhere_revocation_table().hold().await;
}

#[tokio::test]
async fn audiences_at_introspection() {
    introspection_table().hold().await;
}

#[tokio::test]
async fn audiences_at_introspection_by_default() {
    default_introspection_table().hold().await;
}

#[tokio::test]
async fn audiences_at_revocation() {
    revocation_table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, rows())
}

pub(crate) fn strict_table() -> Table {
    Table::new(strict_layer, strict_rows())
}

pub(crate) fn lenient_table() -> Table {
    Table::new(lenient_layer, lenient_rows())
}

pub(crate) fn elsewhere_table() -> Table {
    let at = |draft: Draft| draft.call();
    Table::new(elsewhere_layer, elsewhere_rows(at, "/token", "/introspect"))
}

pub(crate) fn elsewhere_introspection_table() -> Table {
    let rows = elsewhere_rows(introspect, "/introspect", "/revoke");
    Table::new(elsewhere_introspection_layer, rows)
}

pub(crate) fn elsewhere_revocation_table() -> Table {
    let rows = elsewhere_rows(revoke, "/revoke", "/introspect");
    Table::new(elsewhere_revocation_layer, rows)
}

pub(crate) fn introspection_table() -> Table {
    let audiences = [
        ("the issuer", ISSUER, true),
        ("the token endpoint", TOKEN_URL, true),
        ("its own URL", INTROSPECTION_URL, true),
        ("revocation's URL", REVOCATION_URL, false),
    ];
    let rows = endpoint_rows(introspect, audiences);
    Table::new(introspection_layer, rows)
}

pub(crate) fn default_introspection_table() -> Table {
    let audiences = [
        ("the issuer", ISSUER, true),
        ("the token endpoint", TOKEN_URL, false),
        ("its own URL", INTROSPECTION_URL, false),
        ("revocation's URL", REVOCATION_URL, false),
    ];
    let rows = endpoint_rows(introspect, audiences);
    Table::new(default_introspection_layer, rows)
}

pub(crate) fn revocation_table() -> Table {
    let audiences = [
        ("the issuer", ISSUER, true),
        ("the token endpoint", TOKEN_URL, true),
        ("its own URL", REVOCATION_URL, true),
        ("introspection's URL", INTROSPECTION_URL, false),
    ];
    Table::new(revocation_layer, endpoint_rows(revoke, audiences))
}

fn introspect(draft: Draft) -> Call {
    send_with(&draft.text(), "token=t").to("/introspect")
}

fn revoke(draft: Draft) -> Call {
    send_with(&draft.text(), "token=t").to("/revoke")
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let accepted = || by_key("p256");
    let wrong = || refused(WrongAudience);
    let malformed = || refused(MalformedAssertion);
    let to = |audience: &'static str| move || es256().aud(audience).call();
    let with = |json: &'static str| move || es256().claim("aud", json).call();
    let tenant = || assertion("tenant", "ES256", &P256);
    let lenient = || assertion("lenient", "ES256", &P256);
    let lenient_tenant = || assertion("lenient-tenant", "ES256", &P256);
    vec![
        row("the issuer",                             "RFC 10070 (RFC 7523 §3)", to(ISSUER), accepted()),
        row("the issuer in escapes",                  "RFC 7519 §7.3",    with(r#""https:\/\/as.example.com""#), accepted()),
        row("the issuer in an array",                 "RFC 7519 §4.1.3",  with(r#"["https://as.example.com"]"#), accepted()),
        row("the URL of the token endpoint",          "RFC 10070 (RFC 7523 §3)", to(TOKEN_URL), wrong()),
        row("that URL in an array",                   "RFC 7519 §4.1.3",  with(r#"["https://as.example.com/token"]"#), wrong()),
        row("issuer and token endpoint",              "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com","https://as.example.com/token"]"#), wrong()),
        row("the issuer twice",                       "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com","https://as.example.com"]"#), wrong()),
        row("the issuer and another server",          "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com","https://other.example.com"]"#), wrong()),
        row("another server and the issuer",          "RFC 10070 (RFC 7523 §3)", with(r#"["https://other.example.com","https://as.example.com"]"#), wrong()),
        row("the issuer and nothing",                 "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com",""]"#), wrong()),
        row("an empty array",                         "RFC 10070 (RFC 7523 §3)", with("[]"), wrong()),
        row("an array of nothing",                    "RFC 10070 (RFC 7523 §3)", with(r#"[""]"#), wrong()),
        row("nothing",                                "RFC 10070 (RFC 7523 §3)", with(r#""""#), wrong()),
        row("a hundred servers",                      "RFC 10070 (RFC 7523 §3)", || es256().claim("aud", serde_json::json!(vec![ISSUER; 100]).to_string()).call(), wrong()),
        row("another server",                         "RFC 10070 (RFC 7523 §3)", to("https://other.example.com"), wrong()),
        row("another server, whose name starts so",   "RFC 10070 (RFC 7523 §3)", to("https://as.example.com.evil.example"), wrong()),
        row("the beginning of the issuer",            "RFC 10070 (RFC 7523 §3)", to("https://as.example"), wrong()),
        row("a slash more",                           "RFC 10070 (RFC 7523 §3)", to("https://as.example.com/"), wrong()),
        row("a slash more after the endpoint",        "RFC 10070 (RFC 7523 §3)", to("https://as.example.com/token/"), wrong()),
        row("another case of the host",               "RFC 10070 (RFC 7523 §3)", to("https://AS.example.com"), wrong()),
        row("another case of the scheme",             "RFC 10070 (RFC 7523 §3)", to("HTTPS://as.example.com"), wrong()),
        row("another case of the path",               "RFC 10070 (RFC 7523 §3)", to("https://as.example.com/Token"), wrong()),
        row("the port besides",                       "RFC 10070 (RFC 7523 §3)", to("https://as.example.com:443"), wrong()),
        row("http",                                   "RFC 10070 (RFC 7523 §3)", to("http://as.example.com"), wrong()),
        row("the host alone",                         "RFC 10070 (RFC 7523 §3)", to("as.example.com"), wrong()),
        row("the path alone",                         "RFC 10070 (RFC 7523 §3)", to("/token"), wrong()),
        row("a space before",                         "RFC 10070 (RFC 7523 §3)", to(" https://as.example.com"), wrong()),
        row("a query",                                "RFC 10070 (RFC 7523 §3)", to("https://as.example.com/token?x=1"), wrong()),
        row("a fragment",                             "RFC 10070 (RFC 7523 §3)", to("https://as.example.com#x"), wrong()),
        row("a path escaped",                         "RFC 10070 (RFC 7523 §3)", to("https://as.example.com/%74oken"), wrong()),
        row("the URL of introspection",               "RFC 10070 (RFC 7523 §3)", to(INTROSPECTION_URL), wrong()),
        row("the URL of revocation",                  "RFC 10070 (RFC 7523 §3)", to(REVOCATION_URL), wrong()),
        row("the client itself",                      "RFC 10070 (RFC 7523 §3)", to("p256"), wrong()),
        row("a number in the array",                  "RFC 7519 §4.1.3",  with("[1]"), malformed()),
        row("a number beside the issuer",             "RFC 7519 §4.1.3",  with(r#"["https://as.example.com",1]"#), malformed()),
        row("null in the array",                      "RFC 7519 §4.1.3",  with("[null]"), malformed()),
        row("an array in the array",                  "RFC 7519 §4.1.3",  with(r#"[["https://as.example.com"]]"#), malformed()),
        row("a number",                               "RFC 7519 §4.1.3",  with("1"), malformed()),
        row("true",                                   "RFC 7519 §4.1.3",  with("true"), malformed()),
        row("an object",                              "RFC 7519 §4.1.3",  with(r#"{"0":"https://as.example.com"}"#), malformed()),
        row("the issuer, of the type of RFC 10070",   "RFC 10070 (RFC 7523 §3)", || typed(es256()).call(), accepted()),
        row("that type, the issuer in an array",      "RFC 10070 (RFC 7523 §3)", || typed(es256()).claim("aud", r#"["https://as.example.com"]"#).call(), accepted()),
        // a client with the exception
        row("the exception: the issuer",              "RFC 10070 (RFC 7523 §3)", move || lenient().call(), by_key("lenient")),
        row("the exception: the token endpoint",      "RFC 7523 §3",      move || lenient().aud(TOKEN_URL).call(), by_key("lenient")),
        row("the exception: that URL in an array",    "RFC 7519 §4.1.3",  move || lenient().claim("aud", r#"["https://as.example.com/token"]"#).call(), by_key("lenient")),
        row("the exception: of the type of RFC 10070", "RFC 10070 (RFC 7523 §3)", move || typed(lenient()).aud(TOKEN_URL).call(), wrong()),
        row("the exception: issuer and token endpoint", "RFC 10070 (RFC 7523 §3)", move || lenient().claim("aud", r#"["https://as.example.com","https://as.example.com/token"]"#).call(), wrong()),
        row("the exception: a slash more",            "RFC 7523 §3",      move || lenient().aud("https://as.example.com/token/").call(), wrong()),
        row("the exception: another endpoint",        "RFC 7523 §3",      move || lenient().aud(REVOCATION_URL).call(), wrong()),
        row("the exception: a tenant's /token",       "RFC 7523 §3",      move || lenient_tenant().aud("https://tenant.example.com/token").call(), by_key("lenient-tenant")),
        row("the exception: a tenant's issuer",       "RFC 10070 (RFC 7523 §3)", move || lenient_tenant().aud(TENANT).call(), by_key("lenient-tenant")),
        row("the exception: a URL that tenants share", "RFC 7523 §3",     move || lenient_tenant().aud(TOKEN_URL).call(), wrong()),
        // a client of a tenant
        row("the tenant's issuer",                    "RFC 10070 (RFC 7523 §3)", move || tenant().aud(TENANT).call(), by_key("tenant")),
        row("the token endpoint, for a tenant",       "RFC 10070 (RFC 7523 §3)", move || tenant().aud(TOKEN_URL).call(), wrong()),
        row("the layer's issuer, for a tenant",       "RFC 10070 (RFC 7523 §3)", move || tenant().aud(ISSUER).call(), wrong()),
        row("the tenant's issuer and /token",         "RFC 10070 (RFC 7523 §3)", move || tenant().aud("https://tenant.example.com/token").call(), wrong()),
        row("another tenant's issuer and /token",     "RFC 10070 (RFC 7523 §3)", move || tenant().aud("https://tenants.example.com/token").call(), wrong()),
        row("a tenant's /token, for another client",  "RFC 10070 (RFC 7523 §3)", to("https://tenant.example.com/token"), wrong()),
        row("a tenant's issuer and a slash",          "RFC 10070 (RFC 7523 §3)", move || tenant().aud("https://tenant.example.com/").call(), wrong()),
        row("a tenant's issuer, for another client",  "RFC 10070 (RFC 7523 §3)", to(TENANT), wrong()),
    ]
}

#[rustfmt::skip]
fn strict_rows() -> Vec<Row> {
    let wrong = || refused(WrongAudience);
    let tenant = || assertion("tenant", "ES256", &P256);
    let lenient = || assertion("lenient", "ES256", &P256);
    vec![
        row("the issuer",                             "FAPI 2.0 §5.3.2.1", || es256().call(), by_key("p256")),
        row("the issuer, of the type of RFC 10070",   "FAPI 2.0 §5.3.2.1", || typed(es256()).call(), by_key("p256")),
        row("the issuer in an array",                 "FAPI 2.0 §5.3.2.1", || es256().claim("aud", r#"["https://as.example.com"]"#).call(), wrong()),
        row("the issuer twice",                       "FAPI 2.0 §5.3.2.1", || es256().claim("aud", r#"["https://as.example.com","https://as.example.com"]"#).call(), wrong()),
        row("the token endpoint",                     "FAPI 2.0 §5.3.2.1", || es256().aud(TOKEN_URL).call(), wrong()),
        row("issuer and token endpoint",              "FAPI 2.0 §5.3.2.1", || es256().claim("aud", r#"["https://as.example.com","https://as.example.com/token"]"#).call(), wrong()),
        row("the tenant's issuer",                    "FAPI 2.0 §5.3.2.1", move || tenant().aud(TENANT).call(), by_key("tenant")),
        row("the tenant's issuer in an array",        "FAPI 2.0 §5.3.2.1", move || tenant().claim("aud", r#"["https://tenant.example.com"]"#).call(), wrong()),
        row("the token endpoint, for a tenant",       "FAPI 2.0 §5.3.2.1", move || tenant().aud(TOKEN_URL).call(), wrong()),
        row("the layer's issuer, for a tenant",       "FAPI 2.0 §5.3.2.1", move || tenant().aud(ISSUER).call(), wrong()),
        row("a client's exception: the token endpoint", "FAPI 2.0 §5.3.2.1", move || lenient().aud(TOKEN_URL).call(), wrong()),
        row("a client's exception: the issuer",       "FAPI 2.0 §5.3.2.1", move || lenient().call(), by_key("lenient")),
    ]
}

#[rustfmt::skip]
fn lenient_rows() -> Vec<Row> {
    let accepted = || by_key("p256");
    let wrong = || refused(WrongAudience);
    let to = |audience: &'static str| move || es256().aud(audience).call();
    let with = |json: &'static str| move || es256().claim("aud", json).call();
    let tenant = || assertion("tenant", "ES256", &P256);
    vec![
        row("the issuer",                             "RFC 10070 (RFC 7523 §3)", to(ISSUER), accepted()),
        row("the issuer in an array",                 "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com"]"#), accepted()),
        row("the URL of the token endpoint",          "RFC 7523 §3",      to(TOKEN_URL), accepted()),
        row("that URL in an array",                   "RFC 7519 §4.1.3",  with(r#"["https://as.example.com/token"]"#), accepted()),
        row("that URL by HMAC",                       "RFC 7523 §3",      || hs256().aud(TOKEN_URL).call(), by_secret("hmac")),
        row("that URL, with typ JWT",                 "RFC 7519 §5.1",    || es256().header("typ", quoted("JWT")).aud(TOKEN_URL).call(), accepted()),
        row("that URL, of the type of RFC 10070",     "RFC 10070 (RFC 7523 §3)", || typed(es256()).aud(TOKEN_URL).call(), wrong()),
        row("that type in capitals",                  "RFC 7515 §4.1.9",  || es256().header("typ", quoted("Client-Authentication+JWT")).aud(TOKEN_URL).call(), wrong()),
        row("that type as a media type",              "RFC 7515 §4.1.9",  || es256().header("typ", quoted("application/client-authentication+jwt")).aud(TOKEN_URL).call(), wrong()),
        row("that URL in an array, of that type",     "RFC 10070 (RFC 7523 §3)", || typed(es256()).claim("aud", r#"["https://as.example.com/token"]"#).call(), wrong()),
        row("the issuer, of that type",               "RFC 10070 (RFC 7523 §3)", || typed(es256()).call(), accepted()),
        row("issuer and token endpoint",              "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com","https://as.example.com/token"]"#), wrong()),
        row("token endpoint and issuer",              "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com/token","https://as.example.com"]"#), wrong()),
        row("the token endpoint twice",               "RFC 10070 (RFC 7523 §3)", with(r#"["https://as.example.com/token","https://as.example.com/token"]"#), wrong()),
        row("a slash more",                           "RFC 7523 §3",      to("https://as.example.com/token/"), wrong()),
        row("another case",                           "RFC 7523 §3",      to("https://as.example.com/TOKEN"), wrong()),
        row("a query",                                "RFC 7523 §3",      to("https://as.example.com/token?x=1"), wrong()),
        row("a path escaped",                         "RFC 7523 §3",      to("https://as.example.com/%74oken"), wrong()),
        row("the path alone",                         "RFC 7523 §3",      to("/token"), wrong()),
        row("another server's token endpoint",        "RFC 7523 §3",      to("https://other.example.com/token"), wrong()),
        row("the URL of introspection",               "RFC 7523 §3",      to(INTROSPECTION_URL), wrong()),
        row("the tenant's issuer and /token",         "RFC 7523 §3",      move || tenant().aud("https://tenant.example.com/token").call(), by_key("tenant")),
        row("the token endpoint, for a tenant",       "RFC 7523 §3",      move || tenant().aud(TOKEN_URL).call(), wrong()),
        row("another tenant's issuer and /token",     "RFC 7523 §3",      move || tenant().aud("https://tenants.example.com/token").call(), wrong()),
        row("a tenant's /token, for another client",  "RFC 7523 §3",      to("https://tenant.example.com/token"), wrong()),
    ]
}

/// Where the public URLs are not the issuer followed by the paths: of the endpoint in use and of
/// another one.
#[rustfmt::skip]
fn elsewhere_rows(at: fn(Draft) -> Call, own: &'static str, other: &'static str) -> Vec<Row> {
    let wrong = || refused(WrongAudience);
    let same = || assertion("own-issuer", "ES256", &P256);
    let url = |path: &str| format!("{ELSEWHERE}{path}");
    vec![
        row("the issuer",                             "RFC 10070 (RFC 7523 §3)", move || at(es256()), by_key("p256")),
        row("the public URL of the token endpoint",   "RFC 7523 §3",      move || at(es256().aud(&url("/token"))), by_key("p256")),
        row("the public URL of this endpoint",        "RFC 7523 §3",      move || at(es256().aud(&url(own))), by_key("p256")),
        row("the public URL of another endpoint",     "RFC 7523 §3",      move || at(es256().aud(&url(other))), wrong()),
        row("issuer and path, which is not its URL",  "RFC 7523 §3",      move || at(es256().aud(&format!("{ISSUER}{own}"))), wrong()),
        // a client whose own issuer is the layer's
        row("its own issuer, the same",               "RFC 10070 (RFC 7523 §3)", move || at(same()), by_key("own-issuer")),
        row("the same, the token endpoint",           "RFC 7523 §3",      move || at(same().aud(&url("/token"))), by_key("own-issuer")),
        row("the same, this endpoint",                "RFC 7523 §3",      move || at(same().aud(&url(own))), by_key("own-issuer")),
        row("the same, another endpoint",             "RFC 7523 §3",      move || at(same().aud(&url(other))), wrong()),
        row("the same, issuer and path",              "RFC 7523 §3",      move || at(same().aud(&format!("{ISSUER}{own}"))), wrong()),
    ]
}

/// What holds at an endpoint that is not the token endpoint.
fn endpoint_rows(
    at: fn(Draft) -> Call,
    audiences: [(&'static str, &'static str, bool); 4],
) -> Vec<Row> {
    audiences
        .into_iter()
        .map(|(name, audience, does)| {
            let outcome = if does {
                by_key("p256")
            } else {
                refused(WrongAudience)
            };
            let draft = move || es256().aud(audience);
            row(name, "RFC 7523 §3", move || at(draft()), outcome)
        })
        .collect()
}

/// Of the type that RFC 10070 gives to client assertions.
fn typed(draft: Draft) -> Draft {
    draft.header("typ", quoted("client-authentication+jwt"))
}
