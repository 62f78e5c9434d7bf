//! Who must send a proof (RFC 9449 §5 and §5.2).

use tower_token_endpoint::Client;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{basic, post};
use crate::judge::*;
use crate::proof::*;
use crate::replays::Recorder;
use crate::sign::*;

#[tokio::test]
async fn required_proofs() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    Table::new(required_layer, vec![
        row("no proof",                         "RFC 9449 §5",   || basic("app:secret"), Invalid(DpopProofRequired)),
        row("a proof",                          "RFC 9449 §5",   || with(&proof()), Bound(&P256)),
        row("a bad proof",                      "RFC 9449 §5",   || with_header("x"), Refused(MalformedDpopProof)),
        row("an empty header",                  "RFC 9449 §5",   || with_header(""), Refused(MalformedDpopProof)),
        row("a public client without a proof",  "RFC 9449 §5",   || post("grant_type=authorization_code&code=a&code_verifier=b&client_id=public"), Invalid(DpopProofRequired)),
        row("a public client with a proof",     "RFC 9449 §5",   || post("grant_type=authorization_code&code=a&code_verifier=b&client_id=public").add("dpop", proof().text()), Bound(&P256)),
        row("a wrong secret without a proof",   "decisions",     || basic("app:wrong"), Unauthorized(WrongSecret)),
    ])
}

#[tokio::test]
async fn a_client_with_bound_tokens_must_send_a_proof() {
    for layer in [default_layer as fn(_) -> Layer, without_dpop] {
        let layer = layer(Recorder::new());
        let call = basic("bound:secret");
        judge_answer(Invalid(DpopProofRequired), &call.send(&layer).await);
    }
    let layer = default_layer(Recorder::new());
    let call = basic("bound:secret").add("dpop", proof().text());
    judge_answer(Bound(&P256), &call.send(&layer).await);
}

/// A layer that accepts no proofs cannot bind the token, and must not issue one that is not bound.
#[tokio::test]
async fn without_dpop_a_client_with_bound_tokens_gets_none() {
    let layer = without_dpop(Recorder::new());
    let call = basic("bound:secret").add("dpop", proof().text());
    judge_answer(Invalid(DpopProofRequired), &call.send(&layer).await);
    // For other clients, the header is ignored.
    judge_answer(Unbound, &with(&proof()).send(&layer).await);
    judge_answer(Unbound, &with_header("x").send(&layer).await);
}

#[test]
fn bound_tokens_are_client_metadata() {
    let json = br#"{"client_id": "a", "client_secret": "s", "dpop_bound_access_tokens": true}"#;
    let client = Client::from_json(json).expect("a client");
    assert!(client.dpop_bound_access_tokens());
    let written = serde_json::to_value(&client).expect("metadata");
    assert_eq!(written["dpop_bound_access_tokens"], true);
    for json in [
        r#"{"client_id": "a", "client_secret": "s", "dpop_bound_access_tokens": false}"#,
        r#"{"client_id": "a", "client_secret": "s", "dpop_bound_access_tokens": null}"#,
        r#"{"client_id": "a", "client_secret": "s"}"#,
    ] {
        let client = Client::from_json(json.as_bytes()).expect("a client");
        assert!(!client.dpop_bound_access_tokens(), "{json}");
        let written = serde_json::to_value(&client).expect("metadata");
        assert_eq!(written.get("dpop_bound_access_tokens"), None);
    }
    let json = br#"{"client_id": "a", "client_secret": "s", "dpop_bound_access_tokens": "true"}"#;
    let error = Client::from_json(json).expect_err("a string");
    assert_eq!(error.field(), Some("dpop_bound_access_tokens"));
}
