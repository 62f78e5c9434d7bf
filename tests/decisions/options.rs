//! What the options of the layer change.

use std::sync::Arc;

use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::layer::Challenge;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::{GrantType, TokenEndpointLayer};

use crate::calls::*;
use crate::cast::*;
use crate::common::{Asked, Built, ISSUER, builder, call, form_encode, layer, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn strict_basic() {
    strict_table().hold().await;
}

pub(crate) fn strict_table() -> Table {
    let layer = builder_over(Registry::whole()).strict_basic(true);
    Table::new(layer.built(), strict_rows())
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
    let layer = builder(cast()).challenge(Challenge::OnlyForHeader).built();
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
    let layer = builder(cast())
        .error_uri("https://as.example.com/errors")
        .built();
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
    let builder = builder(cast()).grant_types([GrantType::ClientCredentials]);
    let only_cc = builder.clone().built();
    svc(CC).send(&only_cc).await.inner_request();
    let exchange = code().send(&only_cc).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);

    let both = builder.grant_type(GrantType::AuthorizationCode).built();
    svc(CC).send(&both).await.inner_request();
    code().send(&both).await.inner_request();
}

/// A server that serves no grant has no token endpoint.
#[test]
fn a_layer_without_grants_is_a_mistake() {
    let error = builder(cast()).grant_types([]).build();
    let error = error.expect_err("no grant");
    let problems: Vec<_> = error.problems().collect();
    let [problem] = problems[..] else {
        panic!("not one problem: {error}")
    };
    assert_eq!(problem.setting(), "grant_types");
    assert_eq!(problem.value(), None);
    assert_eq!(problem.wanted(), "must name at least one grant");

    // What is added to nothing is served.
    let ticket = builder(cast())
        .grant_types([])
        .extension_grant(TICKET_GRANT, &[]);
    assert!(ticket.build().is_ok());
}

#[tokio::test]
async fn an_extension_grant_is_served_once_switched_on() {
    let all = post(format!("grant_type={}", form_encode(TICKET_GRANT))).basic("all:all-secret");
    let exchange = all.send(&layer(cast())).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);

    let served = builder(cast()).extension_grant(TICKET_GRANT, &[]).built();
    let exchange = all.send(&served).await;
    let grant = exchange.token_request().grant_type();
    assert_eq!(*grant, TICKET_GRANT.parse().expect("an absolute URI"));
}

#[tokio::test]
async fn without_a_path_every_request_is_a_token_request() {
    let everywhere = TokenEndpointLayer::builder(Registry::whole(), ISSUER).built();
    for path in ["/", "/token", "/a/b/c?d"] {
        svc(CC).to(path).send(&everywhere).await.token_request();
        let exchange = call("GET", path).send(&everywhere).await;
        exchange.rejected(405, "invalid_request", MethodNotAllowed);
        let exchange = call("OPTIONS", path).send(&everywhere).await;
        exchange.inner_request();
    }
}

#[tokio::test]
async fn a_method_that_is_switched_off_is_the_same_401() {
    let by_none = || post("grant_type=refresh_token&refresh_token=a&client_id=pub");
    let cases = [
        (BASIC, basic("svc:svc-secret")),
        (BASIC, basic("either:either-secret")),
        (BASIC, basic("nobody:x")),
        (POST, body("client_id=poster&client_secret=post-secret")),
        (POST, body("client_id=svc&client_secret=wrong")),
        (NONE, by_none()),
        (NONE, body("client_id=nobody")),
        // An empty secret is none (RFC 6749 §2.3.1).
        (
            NONE,
            post("grant_type=refresh_token&refresh_token=a").basic("pub:"),
        ),
    ];
    let wrong = basic("svc:wrong").send(&over(Registry::whole())).await;
    wrong.rejected(401, "invalid_client", WrongSecret);
    for (off, call) in cases {
        let store = Asked::over(Registry::whole());
        let on = [BASIC, POST, NONE].into_iter().filter(|&it| it != off);
        let layer = builder_over(Arc::clone(&store)).auth_methods(on).built();
        let exchange = call.send(&layer).await;
        exchange.rejected(401, "invalid_client", MethodNotVerifiable);
        assert_eq!(exchange.response.headers(), wrong.response.headers());
        assert_eq!(exchange.response.body(), wrong.response.body());
        assert!(store.ids().is_empty(), "{call:?}");

        let metadata = layer.server_metadata();
        let listed = &metadata["token_endpoint_auth_methods_supported"];
        let on = [BASIC, POST, NONE].map(AuthMethod::as_str).into_iter();
        let on: Vec<_> = on.filter(|&it| it != off.as_str()).collect();
        assert_eq!(*listed, serde_json::json!(on));
    }

    // The other methods go on as before.
    let on = [
        (BASIC, svc(CC)),
        (POST, body("client_id=poster&client_secret=post-secret")),
        (NONE, by_none()),
    ];
    for (method, call) in on {
        let layer = builder_over(Registry::whole())
            .auth_methods([method])
            .built();
        let exchange = call.send(&layer).await;
        assert_eq!(exchange.token_request().method(), method);
    }
}
