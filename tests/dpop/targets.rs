//! The URL of a proof: which spellings are that of the endpoint. `src/protocol/htu.rs` has more of them.

use std::sync::Arc;

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Built, basic};
use crate::draft::quoted;
use crate::judge::*;
use crate::proof::*;
use crate::replays::Recorder;
use crate::sign::*;

#[tokio::test]
async fn urls_of_a_proof() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    let url = |url: &'static str| move || with(&proof().claim("htu", quoted(url)));
    let of_tenant = |url: &'static str| move || {
        basic("tenant:secret").add("dpop", proof().claim("htu", quoted(url)).text())
    };
    let wrong = Refused(WrongDpopUri);
    Table::new(default_layer, vec![
        row("the URL",                          "RFC 9449 §4.3", url(TOKEN_URL), Bound(&P256)),
        row("scheme and host in upper case",    "RFC 3986 §6.2.2.1", url("HTTPS://AS.EXAMPLE.COM/token"), Bound(&P256)),
        row("the default port",                 "RFC 3986 §6.2.3", url("https://as.example.com:443/token"), Bound(&P256)),
        row("an escape that need not be",       "RFC 3986 §6.2.2.2", url("https://as.example.com/%74oken"), Bound(&P256)),
        row("dot segments",                     "RFC 3986 §6.2.2.3", url("https://as.example.com/a/./../token"), Bound(&P256)),
        row("dot segments in escapes",          "RFC 3986 §6.2.2.3", url("https://as.example.com/a/%2e%2E/token"), Bound(&P256)),
        row("a query",                          "RFC 9449 §4.3", url("https://as.example.com/token?a=b"), Bound(&P256)),
        row("a fragment",                       "RFC 9449 §4.3", url("https://as.example.com/token#a"), Bound(&P256)),
        row("http",                             "RFC 9449 §4.3", url("http://as.example.com/token"), wrong),
        row("another host",                     "RFC 9449 §4.3", url("https://other.example.com/token"), wrong),
        row("another port",                     "RFC 9449 §4.3", url("https://as.example.com:8443/token"), wrong),
        row("another path",                     "RFC 9449 §4.3", url("https://as.example.com/introspect"), wrong),
        row("the path in another case",         "RFC 3986 §6.2.2.1", url("https://as.example.com/Token"), wrong),
        row("a slash at the end",               "RFC 9449 §4.3", url("https://as.example.com/token/"), wrong),
        row("two slashes",                      "RFC 9449 §4.3", url("https://as.example.com//token"), wrong),
        row("no path",                          "RFC 9449 §4.3", url("https://as.example.com"), wrong),
        row("the path alone",                   "RFC 9449 §4.2", url("/token"), wrong),
        row("nothing",                          "RFC 9449 §4.2", url(""), wrong),
        row("a user",                           "decisions",     url("https://as.example.com@evil.example/token"), wrong),
        row("a user of the host",               "decisions",     url("https://user@as.example.com/token"), wrong),
        row("a dot at the end of the host",     "decisions",     url("https://as.example.com./token"), wrong),
        row("white space at the end",           "decisions",     url("https://as.example.com/token "), wrong),
        row("not ASCII",                        "decisions",     url("https://as.example.com/tokén"), wrong),
        row("a slash in escapes",               "RFC 3986 §6.2.2.2", url("https://as.example.com%2Ftoken"), wrong),
        row("a client of the layer's issuer at the URL of a tenant", "decisions", url("https://tenant.example.com/a/token"), wrong),
        row("a client of a tenant at its URL",  "decisions",     of_tenant("https://tenant.example.com/a/token"), Bound(&P256)),
        row("a client of a tenant at the URL of the layer", "decisions", of_tenant(TOKEN_URL), wrong),
        row("the Host header does not count",   "RFC 9449 §4.3", || with(&proof().claim("htu", quoted("https://evil.example/token"))).set("host", "evil.example").set("x-forwarded-host", "evil.example"), wrong),
        row("nor does it make a URL wrong",     "RFC 9449 §4.3", || with(&proof()).set("host", "internal:3000").set("x-forwarded-proto", "http"), Bound(&P256)),
        row("the query of the request does not count", "RFC 9449 §4.3", || with(&proof()).to("/token?tenant=a"), Bound(&P256)),
    ])
}

#[tokio::test]
async fn the_public_url_of_the_endpoint_is_compared() {
    const PUBLIC: &str = "https://login.example.com/oauth2/token?v=2";
    let layer = builder_over(Recorder::new())
        .endpoint_url(PUBLIC)
        .dpop(Dpop::new())
        .built();
    for (url, expected) in [
        (PUBLIC, Bound(&P256)),
        ("https://login.example.com/oauth2/token", Bound(&P256)),
        (TOKEN_URL, Refused(WrongDpopUri)),
    ] {
        let call = with(&proof().claim("htu", quoted(url)));
        judge_answer(expected, &call.send(&layer).await);
    }
}

#[tokio::test]
async fn the_log_has_both_urls_and_nothing_secret_of_them() {
    let layer = default_layer(Recorder::new());
    let url = "https://user:secret@other.example/token?secret#secret";
    let call = with(&proof().claim("htu", quoted(url)));
    let exchange = call.send(&layer).await;
    let source = std::error::Error::source(exchange.rejection().expect("a rejection"));
    assert_eq!(
        source.expect("a cause").to_string(),
        "`htu` is \"…@other.example/token\" and must be https://as.example.com/token"
    );
}

/// Not even looked at, whatever it is: no token is issued there (RFC 9449 §5).
#[tokio::test]
async fn other_endpoints_ignore_the_header() {
    let recorder = Recorder::new();
    let token = over(Arc::clone(&recorder), with_nonces().required(true));
    for (endpoint, path, body) in [
        (Endpoint::Introspection, "/introspect", "token=a"),
        (Endpoint::Revocation, "/revoke", "token=a"),
        (
            Endpoint::DeviceAuthorization,
            "/device_authorization",
            "scope=a",
        ),
        (
            Endpoint::BackchannelAuthentication,
            "/backchannel_authentication",
            "scope=openid&login_hint=a",
        ),
    ] {
        let layer = token
            .for_endpoint(endpoint, path)
            .expect("settings that agree");
        let call = basic("all:secret").to(path).with_body(body);
        for call in [
            call.clone(),
            call.clone().add("dpop", "x"),
            call.add("dpop", ""),
        ] {
            judge_answer(Unbound, &call.send(&layer).await);
        }
        let metadata = layer.server_metadata();
        assert!(
            !metadata.contains_key("dpop_signing_alg_values_supported"),
            "{path}"
        );
    }
    assert_eq!(recorder.asked(), []);
}
