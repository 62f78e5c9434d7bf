//! Properties: whatever is done to an assertion, it is not accepted, and the answer tells nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cast::over;
use crate::common::{Call, FORM, block_on, call, post};
use crate::draft::*;
use crate::judge::Layer;
use crate::replays::Recorder;
use crate::sign::*;

/// What is done to the bytes of a text.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Cut(Index),
    Drop(Index),
    Insert(Index, Vec<u8>),
    Replace(Index, u8),
    Swap(Index, Index),
    Repeat(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let text = prop_oneof![
        vec(any::<u8>(), 1..4),
        "[A-Za-z0-9_.=+/ -]{1,4}".prop_map(String::into_bytes),
    ];
    let letter = prop_oneof![any::<u8>(), b'-'..=b'z', Just(b'.'), Just(b'=')];
    prop_oneof![
        (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        any::<Index>().prop_map(Mutation::Cut),
        any::<Index>().prop_map(Mutation::Drop),
        (any::<Index>(), text).prop_map(|(at, text)| Mutation::Insert(at, text)),
        (any::<Index>(), letter).prop_map(|(at, letter)| Mutation::Replace(at, letter)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, other)| Mutation::Swap(at, other)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
    ]
}

fn mutate(text: &mut Vec<u8>, mutation: &Mutation) {
    if text.is_empty() {
        return;
    }
    let length = text.len();
    match mutation {
        Mutation::Flip(at, bit) => text[at.index(length)] ^= 1 << bit,
        Mutation::Cut(at) => text.truncate(at.index(length)),
        Mutation::Drop(at) => drop(text.remove(at.index(length))),
        Mutation::Insert(at, more) => {
            let at = at.index(length + 1);
            text.splice(at..at, more.iter().copied());
        }
        Mutation::Replace(at, letter) => text[at.index(length)] = *letter,
        Mutation::Swap(at, other) => text.swap(at.index(length), other.index(length)),
        Mutation::Repeat(from, to) => {
            let (from, to) = (from.index(length), to.index(length));
            text.extend_from_within(from.min(to)..from.max(to));
        }
    }
}

fn layer() -> Layer {
    over(Recorder::new())
}

/// As [`send`], for bytes that need not be UTF-8.
fn send_bytes(assertion: &[u8]) -> Call {
    let encoded: String = form_urlencoded::byte_serialize(assertion).collect();
    let sound = send("");
    let form = str::from_utf8(&sound.body).expect("a form");
    post(format!("{form}{encoded}"))
}

/// Neither accepted nor a failure: a 400, or the 401 that all get.
fn assert_refused(call: &Call) {
    block_on(async {
        let layer = layer();
        let exchange = call.send(&layer).await;
        let error = exchange.error();
        if error.status == StatusCode::BAD_REQUEST {
            assert_eq!(error.code, "invalid_request");
            return;
        }
        assert_eq!(
            (error.status, &*error.code),
            (StatusCode::UNAUTHORIZED, "invalid_client")
        );
        let unknown = post(CC).basic("nobody:secret").send(&layer).await;
        assert_eq!(exchange.response.headers(), unknown.response.headers());
        assert_eq!(exchange.response.body(), unknown.response.body());
    });
}

fn suite() -> impl Strategy<Value = &'static Suite> {
    (0..SUITES.len()).prop_map(|at| &SUITES[at])
}

fn parts_of(text: &str) -> Vec<Vec<u8>> {
    let decode = |part| URL_SAFE_NO_PAD.decode(part).expect("base64url");
    text.split('.').map(decode).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_mutated_assertion_is_refused(suite in suite(), mutations in vec(mutation(), 1..4)) {
        let text = assertion(suite.client, suite.alg, suite.key).text().into_bytes();
        let mut mutated = text.clone();
        for mutation in &mutations {
            mutate(&mut mutated, mutation);
        }
        prop_assume!(mutated != text);
        assert_refused(&send_bytes(&mutated));
    }

    /// Within a part, before it is encoded: the encoding is sound, the signature is not.
    #[test]
    fn a_mutated_part_is_refused(suite in suite(), part in 0..3usize, mutation in mutation()) {
        let text = assertion(suite.client, suite.alg, suite.key).text();
        let mut parts = parts_of(&text);
        let before = parts[part].clone();
        mutate(&mut parts[part], &mutation);
        prop_assume!(parts[part] != before);
        let parts: Vec<_> = parts.iter().map(base64url).collect();
        assert_refused(&send(&parts.join(".")));
    }

    /// The whole body of the request.
    #[test]
    fn a_mutated_form_is_answered(mutations in vec(mutation(), 1..4)) {
        let text = es256().text();
        let mut body = send(&text).body.to_vec();
        for mutation in &mutations {
            mutate(&mut body, mutation);
        }
        let call = post(&body);
        block_on(async {
            let layer = layer();
            let exchange = call.send(&layer).await;
            match exchange.rejection() {
                None => drop(exchange.inner_request()),
                Some(_) => {
                    let status = exchange.error().status.as_u16();
                    assert!(matches!(status, 400 | 401), "{status}");
                }
            }
        });
    }

    /// Signed by the client, but with other text in it.
    #[test]
    fn any_signed_header_and_claims_are_answered(
        header in json_like(r#"{"alg":"ES256"}"#),
        claims in json_like(r#"{"iss":"p256","sub":"p256","aud":"x","exp":1,"jti":"1"}"#),
    ) {
        let text = es256().header_text(header).claims_text(claims).text();
        // Neither `aud` nor `exp` is sound to begin with.
        assert_refused(&send(&text));
    }

    #[test]
    fn any_text_is_answered(text in prop_oneof![
        "[A-Za-z0-9_.-]{0,200}",
        "(ey[A-Za-z0-9_-]{0,40}\\.){0,5}",
        ".{0,100}",
    ]) {
        assert_refused(&send(&text));
    }

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..300)) {
        assert_refused(&send_bytes(&bytes));
    }
}

/// This text with something done to it, or any.
fn json_like(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let mutated = vec(mutation(), 0..3).prop_map(move |mutations| {
        let mut text = text.as_bytes().to_vec();
        for mutation in &mutations {
            mutate(&mut text, mutation);
        }
        text
    });
    let token = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("null"),
        Just("1"),
        Just("-1e5"),
        Just("\"alg\""),
        Just("\"ES256\""),
        Just("\"exp\""),
        Just("\"\\ud800\""),
        Just("true"),
        Just(" "),
        Just("\"x\""),
    ];
    let tokens = vec(token, 0..30).prop_map(|tokens| tokens.concat().into_bytes());
    prop_oneof![4 => mutated, 2 => tokens, 1 => vec(any::<u8>(), 0..60)]
}

#[test]
fn every_cut_of_an_assertion_is_refused() {
    for suite in SUITES.iter().filter(|suite| suite.length <= 96) {
        let text = assertion(suite.client, suite.alg, suite.key).text();
        for length in 0..text.len() {
            assert_refused(&send(&text[..length]));
        }
    }
}

/// Those of RSA are flipped only if no request is made for each.
#[test]
fn every_flipped_bit_of_a_short_signature_is_refused() {
    for suite in SUITES.iter().filter(|suite| suite.length <= 132) {
        let token = assertion(suite.client, suite.alg, suite.key).sign();
        for bit in 0..suite.length * 8 {
            let flipped = token.clone().signature(|it| flip(it, bit));
            assert_refused(&flipped.call());
        }
    }
}

/// The head is not a part of it, but is sent with it.
#[test]
fn an_assertion_without_a_body_type_is_refused() {
    let sound = es256().call();
    for content_type in ["", "text/plain", "multipart/form-data", "application/jwt"] {
        let call = call("POST", "/token").set("content-type", content_type);
        let body = sound.body.clone();
        assert_refused(&Call { body, ..call });
    }
    block_on(async {
        let sound = sound.set("content-type", FORM);
        sound.send(&layer()).await.inner_request();
    });
}
