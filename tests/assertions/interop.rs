//! Another implementation: what `jsonwebtoken` signs is accepted, and it accepts what ours do.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, get_current_timestamp,
};
use serde_json::{Value, json};

use crate::cast::over;
use crate::common::ISSUER;
use crate::draft::*;
use crate::judge::judge_answer;
use crate::replays::Recorder;
use crate::row::{by_key, by_secret};
use crate::sign::*;

/// Every algorithm that it has, by the name that it gives it.
fn algorithms() -> impl Iterator<Item = (Algorithm, &'static Suite)> {
    let known = SUITES.iter().filter_map(|suite| {
        let algorithm = suite.alg.parse::<Algorithm>().ok()?;
        Some((algorithm, suite))
    });
    assert_eq!(known.clone().count(), 12, "all but ES512 and Ed25519");
    known
}

fn encoding_key(pair: &Pair) -> EncodingKey {
    let der = private_der(pair);
    match pair {
        Pair::Rsa(_) => EncodingKey::from_rsa_der(&der),
        Pair::Ec(..) => EncodingKey::from_ec_der(&der),
        Pair::Ed25519(_) => EncodingKey::from_ed_der(&der),
        Pair::Secret(secret) => EncodingKey::from_secret(secret),
    }
}

/// From the JWK, so that the two agree about that as well.
fn decoding_key(pair: &Pair) -> DecodingKey {
    let jwk = serde_json::from_value(jwk(pair)).expect("a JWK");
    DecodingKey::from_jwk(&jwk).expect("a key")
}

#[tokio::test]
async fn what_jsonwebtoken_signs_is_accepted() {
    for (algorithm, suite) in algorithms() {
        let claims = json!({
            "iss": suite.client,
            "sub": suite.client,
            "aud": ISSUER,
            "exp": get_current_timestamp() + 300,
            "iat": get_current_timestamp(),
            "jti": fresh(),
        });
        let key = encoding_key(suite.key);
        let text = encode(&Header::new(algorithm), &claims, &key).expect("a token");
        let outcome = match **suite.key {
            Pair::Secret(_) => by_secret(suite.client),
            Pair::Rsa(_) | Pair::Ec(..) | Pair::Ed25519(_) => by_key(suite.client),
        };
        eprintln!("{}", suite.alg);
        let (layer, call) = (over(Recorder::new()), send(&text));
        judge_answer(&call, outcome, &call.send(&layer).await, &layer).await;
    }
}

#[test]
fn jsonwebtoken_accepts_what_the_tests_sign() {
    for (algorithm, suite) in algorithms() {
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&[ISSUER]);
        validation.set_issuer(&[suite.client]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        let draft = assertion(suite.client, suite.alg, suite.key);
        let decoded = decode::<Value>(draft.text(), &decoding_key(suite.key), &validation);
        let decoded = decoded.unwrap_or_else(|error| panic!("{}: {error}", suite.alg));
        assert_eq!(decoded.claims["sub"], suite.client, "{}", suite.alg);

        let forged = draft.signed_with(suite.other_key).text();
        let decoded = decode::<Value>(forged, &decoding_key(suite.key), &validation);
        assert!(decoded.is_err(), "{}", suite.alg);
    }
}
