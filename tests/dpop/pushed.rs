//! The key that a code will be bound to, at the endpoint of pushed authorization requests (RFC 9449
//! §10.1).

use http::Request;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::request::PushedAuthorizationRequest;

use crate::cast::*;
use crate::common::{Call, basic};
use crate::draft::{Draft, quoted};
use crate::judge::*;
use crate::proof::*;
use crate::replays::Recorder;
use crate::sign::*;

#[tokio::test]
async fn keys_of_a_pushed_request() {
    table().hold().await;
}

fn pushed(parameters: &str) -> Call {
    let body = format!("response_type=code&{parameters}");
    basic("app:secret").to("/par").with_body(body)
}

fn for_par() -> Draft {
    proof().claim("htu", quoted(PAR_URL))
}

fn both(jkt: &str) -> Call {
    pushed(&format!("dpop_jkt={jkt}")).add("dpop", for_par().text())
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    let jkt = |jkt: &'static str| move || pushed(&format!("dpop_jkt={jkt}"));
    const LEN_43: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    Table::new(pushed_layer, vec![
        row("neither",                          "RFC 9449 §10",   || pushed(""), Unbound),
        row("dpop_jkt alone",                   "RFC 9449 §10",   jkt(LEN_43), Unbound),
        row("a proof alone",                    "RFC 9449 §10.1", || pushed("").add("dpop", for_par().text()), Bound(&P256)),
        row("both, of one key",                 "RFC 9449 §10.1", || both(&thumbprint(&P256)), Bound(&P256)),
        row("both, of two keys",                "RFC 9449 §10.1", || both(&thumbprint(&OTHER_P256)), InvalidBound(WrongDpopThumbprint)),
        row("dpop_jkt without a value",         "RFC 6749 §3.1",  jkt(""), Unbound),
        row("dpop_jkt of 42 characters",        "decisions",      || pushed(&format!("dpop_jkt={}", &LEN_43[1..])), Invalid(MalformedDpopThumbprint)),
        row("dpop_jkt of 44 characters",        "decisions",      || pushed(&format!("dpop_jkt={LEN_43}A")), Invalid(MalformedDpopThumbprint)),
        row("dpop_jkt with padding",            "decisions",      || pushed(&format!("dpop_jkt={}%3D", &LEN_43[1..])), Invalid(MalformedDpopThumbprint)),
        row("dpop_jkt in base64",               "decisions",      || pushed(&format!("dpop_jkt={}", LEN_43.replace('-', "%2B"))), Invalid(MalformedDpopThumbprint)),
        row("dpop_jkt in the query alone",      "decisions",      || pushed("").to("/par?dpop_jkt=x"), Invalid(ParameterInQuery)),
        row("dpop_jkt twice",                   "RFC 6749 §3.1",  || pushed(&format!("dpop_jkt={LEN_43}&dpop_jkt={LEN_43}")), Invalid(RepeatedParameter)),
        row("a proof for the token endpoint",   "RFC 9449 §4.3",  || pushed("").add("dpop", proof().text()), Refused(WrongDpopUri)),
        row("a bad proof",                      "RFC 9449 §10.1", || pushed("").add("dpop", "x"), Refused(MalformedDpopProof)),
    ])
}

#[tokio::test]
async fn a_pushed_request_names_the_key_of_its_proof_or_its_dpop_jkt() {
    let layer = pushed_layer(Recorder::new());
    let named = thumbprint(&OTHER_P256);
    for (call, expected) in [
        (pushed(""), None),
        (pushed(&format!("dpop_jkt={named}")), Some(named)),
        (
            pushed("").add("dpop", for_par().text()),
            Some(thumbprint(&P256)),
        ),
    ] {
        let exchange = call.send(&layer).await;
        let request: &Request<_> = exchange.inner_request();
        let request: Option<&PushedAuthorizationRequest> = request.extensions().get();
        let jkt = request.expect("a pushed request").dpop_jkt();
        assert_eq!(jkt, expected.as_deref());
    }
}

#[tokio::test]
async fn discovery_of_the_pushed_endpoint_lists_the_algorithms() {
    let metadata = pushed_layer(Recorder::new()).server_metadata();
    assert!(metadata["dpop_signing_alg_values_supported"].is_array());
}
