//! What an answer says, and what it must not.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::cast;
use crate::common::{call, form_encode, layer, post};

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
            let body = format!("{CC}&{parameter}=1&{parameter}=2");
            let exchange = svc(body).send(&layer(cast())).await;
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
        svc("grant_type=client_credentials&state=canary&state=canary"),
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
