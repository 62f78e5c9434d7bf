//! What an answer says, and what it must not.

use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::cast;
use crate::common::{Built, builder, call, form_encode, layer, post};
use crate::row::{BASIC, NONE, POST};

#[tokio::test]
async fn a_rejection_names_the_client_only_where_registered() {
    let cases = [
        (basic("svc:wrong"), Some("svc")),
        (svc("grant_type=magic"), Some("svc")),
        (body("client_id=svc"), Some("svc")),
        (basic("nobody:x"), None),
        (body("client_id=nobody"), None),
        (post(CC), None),
        (call("GET", "/token"), None),
    ];
    for (call, expected) in cases {
        let exchange = call.send(&layer(cast())).await;
        let client = exchange.error().rejection.client();
        assert_eq!(
            client.map(|client| client.client_id()),
            expected,
            "{call:?}"
        );
    }
}

/// An operator sees at once whether the client or the server has to change.
#[tokio::test]
async fn a_refused_method_is_told_with_those_that_are_registered() {
    use AuthMethod::{ClientSecretJwt, PrivateKeyJwt, TlsClientAuth};
    let cases = [
        (
            basic("poster:post-secret"),
            MethodNotRegistered,
            BASIC,
            &[POST][..],
        ),
        (
            body("client_id=either"),
            MethodNotRegistered,
            NONE,
            &[BASIC, POST],
        ),
        (basic("pub:x"), MethodNotRegistered, BASIC, &[NONE]),
        (
            body("client_id=mtls"),
            MethodNotVerifiable,
            NONE,
            &[TlsClientAuth],
        ),
        (
            basic("mtls:x"),
            MethodNotVerifiable,
            BASIC,
            &[TlsClientAuth],
        ),
        (
            body("client_id=keyed"),
            MethodNotVerifiable,
            NONE,
            &[PrivateKeyJwt],
        ),
        (
            body("client_id=hmac&client_secret=x"),
            MethodNotVerifiable,
            POST,
            &[ClientSecretJwt],
        ),
        (
            body("client_id=mtls-or-basic"),
            MethodNotRegistered,
            NONE,
            &[BASIC, TlsClientAuth],
        ),
    ];
    let layer = layer(cast());
    let unknown = basic("nobody:x").send(&layer).await;
    for (call, reason, used, registered) in cases {
        let exchange = call.send(&layer).await;
        let error = exchange.rejected(401, "invalid_client", reason);
        let rejection = error.rejection;
        assert_eq!(rejection.method(), Some(used), "{call:?}");
        let methods: Vec<_> = rejection.registered_methods().collect();
        assert_eq!(methods, registered, "{call:?}");
        assert_eq!(exchange.response.headers(), unknown.response.headers());
        assert_eq!(exchange.response.body(), unknown.response.body());
    }
    // Which methods there are does not matter to another refusal.
    for call in [
        basic("svc:wrong"),
        basic("nobody:x"),
        svc("grant_type=magic"),
    ] {
        let exchange = call.send(&layer).await;
        let methods = exchange.error().rejection.registered_methods();
        assert_eq!(methods.count(), 0, "{call:?}");
    }
}

#[tokio::test]
async fn a_method_that_the_layer_leaves_out_is_not_verified_whoever_is_registered_for_it() {
    let only_basic = builder(cast()).auth_methods([BASIC]).built();
    let cases = [
        (basic("poster:post-secret"), MethodNotVerifiable),
        (basic("pub:x"), MethodNotVerifiable),
        (basic("either:wrong"), WrongSecret),
        (basic("nobody:x"), UnknownClient),
    ];
    for (call, reason) in cases {
        let exchange = call.send(&only_basic).await;
        exchange.rejected(401, "invalid_client", reason);
    }
}

#[tokio::test]
async fn a_name_from_the_request_is_repeated_only_if_short_and_printable() {
    let longest = "n".repeat(64);
    let repeated = ["x", "a b", "~!#$[]", &longest];
    let left_out = [
        &*"n".repeat(65),
        "say\"so",
        "back\\slash",
        "naïve",
        "tab\tbed",
        "line\nbreak",
        "\u{7F}",
    ];
    for (names, expected) in [(&repeated[..], true), (&left_out[..], false)] {
        for name in names {
            let parameter = form_encode(name);
            let body = format!("{CC}&{parameter}=1");
            let call = svc(body).to(&format!("/token?{parameter}=2"));
            let exchange = call.send(&layer(cast())).await;
            let error = exchange.rejected(400, "invalid_request", RepeatedParameter);
            assert_eq!(error.description.contains(name), expected, "{error:?}");
        }
    }
}

#[tokio::test]
async fn no_answer_repeats_a_value_from_the_request() {
    let calls = [
        call("CANARY", "/token"),
        svc(CC).set("content-type", "text/canary"),
        svc(CC).set(
            "content-type",
            "application/x-www-form-urlencoded; charset=canary",
        ),
        svc(CC).set("content-encoding", "canary"),
        authorization("canary x"),
        basic("canary:canary"),
        body("client_id=canary&client_secret=canary"),
        body("client_id=canary"),
        body("client_id=canary").basic("svc:svc-secret"),
        body("client_assertion_type=canary&client_assertion=canary"),
        body("client_secret=canary"),
        svc("grant_type=canary"),
        svc("grant_type=client_credentials&scope=canary"),
        svc("grant_type=client_credentials&scope=%22canary"),
        svc("grant_type=client_credentials&code=canary&code=canary"),
        svc("grant_type=client_credentials&state=canary").to("/token?state=canary"),
        svc("").to("/token?grant_type=canary"),
        svc(CC).to("/token?client_id=canary"),
        svc("grant_type=client_credentials&state=canary%"),
    ];
    for call in calls {
        let exchange = call.send(&layer(cast())).await;
        exchange.error();
        let answer = format!(
            "{:?} {:?}",
            exchange.response.headers(),
            exchange.response.body()
        );
        assert!(
            !answer.to_ascii_lowercase().contains("canary"),
            "{call:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn what_may_repeat_is_handed_on_whole_and_in_order() {
    let body = format!("{CC}&resource=urn%3Ab&audience=y&resource=urn%3Aa&resource=&audience=x");
    let exchange = svc(body).send(&layer(cast())).await;
    let request = exchange.token_request();
    assert!(request.resource().eq(["urn:b", "urn:a"]));
    assert!(request.audience().eq(["y", "x"]));
    assert!(
        request
            .parameters()
            .get_all("resource")
            .eq(["urn:b", "urn:a"])
    );
}

#[tokio::test]
async fn credentials_are_not_among_the_parameters() {
    let exchange = body("client_id=poster&client_secret=post-secret")
        .send(&layer(cast()))
        .await;
    let request = exchange.token_request();
    assert_eq!(request.parameter("client_secret"), None);
    assert_eq!(request.parameter("client_id"), Some("poster"));
}
