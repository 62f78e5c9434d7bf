//! What the options of the layer change.

use tower_token_endpoint::Reason::*;
use tower_token_endpoint::{Challenge, GrantType, TokenEndpointLayer};

use crate::calls::*;
use crate::cast::*;
use crate::common::{ISSUER, call, form_encode, layer, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn strict_basic() {
    strict_table().hold().await;
}

pub(crate) fn strict_table() -> Table {
    let layer = over(Registry::whole()).strict_basic(true);
    Table::new(layer, strict_rows())
}

#[rustfmt::skip]
fn strict_rows() -> Vec<Row> {
    let by = |client| accepted(client, BASIC, GRANT);
    vec![
        row("nothing to decode",                     "RFC 6749 §2.3.1",   basic("svc:svc-secret"), by("svc")),
        row("encoded",                               "RFC 6749 §2.3.1",   basic("a%2Bb:s%2Bt"), by("a+b")),
        row("as it is, and another when decoded",    "RFC 6749 §2.3.1",   basic("a+b:s+t"), invalid_client(UnknownClient)),
        row("a secret, another when decoded",        "RFC 6749 §2.3.1",   basic("pct:p%41q"), invalid_client(WrongSecret)),
        row("the decoded reading's client",          "RFC 6749 §2.3.1",   basic("x+y:space"), by("x y")),
        row("the raw reading's client",              "RFC 6749 §2.3.1",   basic("x+y:plus"), invalid_client(WrongSecret)),
        row("client_id of the raw reading",          "RFC 6749 §3.2.1",   body("client_id=x%2By").basic("x+y:other"), invalid_request(ClientIdMismatch)),
        row("a secret that does not decode",         "RFC 6749 §2.3.1",   basic("hundred:100%"), invalid_request(BasicNotFormEncoded)),
        row("an id that does not decode",            "RFC 6749 §2.3.1",   basic("%zz:zz"), invalid_request(BasicNotFormEncoded)),
        row("an escape that is not UTF-8",           "RFC 6749 §2.3.1",   basic("svc:%FF"), rejected(400, "invalid_request", None)),
        row("Unicode as it is, changed by nothing",  "RFC 7617 §2.1",     basic("ключ:пароль€𝄞"), by("ключ")),
        row("an empty secret",                       "RFC 6749 §2.3.1",   basic("pub:"), unauthorized_client(PublicClientCredentials)),
        row("post knows one reading anyway",         "RFC 6749 §2.3.1",   body("client_id=poster&client_secret=post-secret"), accepted("poster", POST, GRANT)),
    ]
}

#[tokio::test]
async fn challenge_only_for_the_header_answers_the_others_with_400() {
    let layer = layer(cast()).challenge(Challenge::OnlyForHeader);
    let by_header = [
        (basic("svc:wrong"), WrongSecret),
        (basic("nobody:x"), UnknownClient),
        (basic("svc:"), MethodNotRegistered),
        (authorization("Bearer x"), UnsupportedScheme),
    ];
    for (call, reason) in by_header {
        call.send(&layer)
            .await
            .rejected(401, "invalid_client", reason);
    }
    let by_body = [
        (body("client_id=poster&client_secret=x"), WrongSecret),
        (body("client_id=nobody&client_secret=x"), UnknownClient),
        (body("client_id=svc"), MethodNotRegistered),
        (
            body(&form([JWT, ASSERTION, "client_id=keyed"])),
            MethodNotVerifiable,
        ),
        (post(CC), NoCredentials),
    ];
    for (call, reason) in by_body {
        call.send(&layer)
            .await
            .rejected(400, "invalid_client", reason);
    }
}

#[tokio::test]
async fn error_uri_stands_in_every_error_once_configured() {
    let plain = layer(cast());
    let layer = plain.clone().error_uri("https://as.example.com/errors");
    let calls = [
        call("GET", "/token"),
        svc("%"),
        basic("svc:x"),
        svc(""),
        svc("grant_type=a"),
    ];
    for call in calls {
        assert_eq!(call.send(&plain).await.error().uri, None);
        let uri = call.send(&layer).await.error().uri;
        assert_eq!(uri.as_deref(), Some("https://as.example.com/errors"));
    }
}

#[tokio::test]
async fn grant_types_replaces_what_is_served_and_grant_type_adds() {
    let code = || svc("grant_type=authorization_code&code=a");
    let only_cc = layer(cast()).grant_types([GrantType::ClientCredentials]);
    svc(CC).send(&only_cc).await.inner_request();
    let exchange = code().send(&only_cc).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);

    let both = only_cc.grant_type(GrantType::AuthorizationCode);
    svc(CC).send(&both).await.inner_request();
    code().send(&both).await.inner_request();

    let none = layer(cast()).grant_types([]);
    let exchange = svc(CC).send(&none).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);
}

#[tokio::test]
async fn an_extension_grant_is_served_once_switched_on() {
    let all = post(format!("grant_type={}", form_encode(TICKET_GRANT))).basic("all:all-secret");
    let exchange = all.send(&layer(cast())).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);

    let served = layer(cast()).extension_grant(TICKET_GRANT, &[]);
    let exchange = all.send(&served).await;
    let grant = exchange.token_request().grant_type();
    assert_eq!(*grant, TICKET_GRANT.parse().expect("an absolute URI"));
}

#[tokio::test]
async fn without_a_path_every_request_is_a_token_request() {
    let everywhere = TokenEndpointLayer::new(Registry::whole(), ISSUER);
    for path in ["/", "/token", "/a/b/c?d"] {
        svc(CC).to(path).send(&everywhere).await.token_request();
        let exchange = call("GET", path).send(&everywhere).await;
        exchange.rejected(405, "invalid_request", MethodNotAllowed);
        let exchange = call("OPTIONS", path).send(&everywhere).await;
        exchange.inner_request();
    }
}
