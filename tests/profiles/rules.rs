//! Each rule of the profiles, and the same request without a profile.

use std::error::Error as _;

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::layer::Profile;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Call, ISSUER, basic, body, form_encode, post};
use crate::draft::*;
use crate::row::*;
use crate::sign::*;

const FOR_ALL: [Outcome; 3] = [Accepted; 3];

/// With a proof, which FAPI 2.0 requires.
fn bound(call: Call) -> Call {
    call.add("dpop", proof().text())
}

/// An assertion of the client that has a key of each kind, and a proof.
pub(crate) fn signed(change: impl Fn(Draft) -> Draft) -> Call {
    bound(change(assertion("app", "ES256", &P256)).call())
}

fn by(client: &str, alg: &str, key: &'static Key) -> Call {
    bound(assertion(client, alg, key).call())
}

#[tokio::test]
async fn methods_of_a_profile() {
    hold(methods()).await;
}

#[rustfmt::skip]
pub(crate) fn methods() -> Vec<Row> {
    const OFF: Outcome = unauthorized(MethodNotVerifiable);
    const NO_FAPI: [Outcome; 3] = [Accepted, Accepted, OFF];
    let code = "grant_type=authorization_code&code=a&code_verifier=b&client_id=public";
    let undecoded = || bound(basic("plus:a+b"));
    vec![
        row("private_key_jwt",                    "FAPI 2.0 §5.3.2.1", || by("app", "ES256", &P256), FOR_ALL),
        row("a public client",                    "FAPI 2.0 §5.3.2.1", move || bound(post(code)), NO_FAPI),
        row("client_secret_basic",                "FAPI 2.0 §5.3.2.1", || bound(basic("svc:secret")), NO_FAPI),
        row("client_secret_post",                 "FAPI 2.0 §5.3.2.1", || bound(body("client_id=poster&client_secret=secret")), NO_FAPI),
        row("client_secret_jwt",                  "FAPI 2.0 §5.3.2.1", || by("hmac", "HS256", &SECRET), [Accepted, Accepted, unauthorized(UnsupportedAlgorithm)]),
        row("nobody",                             "RFC 6749 §5.2",     || bound(post(CC)), [unauthorized(NoCredentials); 3]),
        row("a wrong secret",                     "RFC 6749 §5.2",     || bound(basic("svc:wrong")), [unauthorized(WrongSecret), unauthorized(WrongSecret), OFF]),
        row("Basic that is form-urlencoded",      "OAuth 2.1 §2.4.1",  || bound(basic("plus:a%2Bb")), NO_FAPI),
        row("Basic that is not form-urlencoded",  "OAuth 2.1 §2.4.1",  undecoded, [Accepted, unauthorized(WrongSecret), OFF]),
        row("Basic that does not decode",         "OAuth 2.1 §2.4.1",  || bound(basic("plus:%")), [unauthorized(WrongSecret), invalid(BasicNotFormEncoded), invalid(BasicNotFormEncoded)]),
        row("a public client at revocation",      "FAPI 2.0 §5.3.2.1", || post("token=a&client_id=public").to("/revoke"), NO_FAPI).at(Endpoint::Revocation),
        row("Basic at introspection",             "FAPI 2.0 §5.3.2.1", || post("token=a").basic("svc:secret").to("/introspect"), NO_FAPI).at(Endpoint::Introspection),
        row("Basic, not encoded, at revocation",  "OAuth 2.1 §2.4.1",  || post("token=a").basic("plus:a+b").to("/revoke"), [Accepted, unauthorized(WrongSecret), OFF]).at(Endpoint::Revocation),
    ]
}

#[tokio::test]
async fn audiences_of_a_profile() {
    hold(audiences()).await;
}

#[rustfmt::skip]
pub(crate) fn audiences() -> Vec<Row> {
    const WRONG: Outcome = unauthorized(WrongAudience);
    let aud = |aud: &'static str| move || signed(|it| it.aud(aud));
    let lenient = |aud: &'static str| move || bound(assertion("lenient", "ES256", &P256).aud(aud).call());
    let tenant = |aud: &'static str| move || bound(assertion("tenant", "ES256", &P256).aud(aud).call());
    vec![
        row("the issuer",                         "RFC 10070 §4",      aud(ISSUER), FOR_ALL),
        row("the issuer in an array",             "FAPI 2.0 §5.3.2.1", || signed(|it| it.claim("aud", format!(r#"["{ISSUER}"]"#))), [Accepted, Accepted, WRONG]),
        row("the token endpoint",                 "RFC 10070 §4",      aud(TOKEN_URL), [WRONG; 3]),
        row("a client's exception",               "RFC 10070 §4",      lenient(TOKEN_URL), [Accepted, WRONG, WRONG]),
        row("the issuer, by that client",         "RFC 10070 §4",      lenient(ISSUER), FOR_ALL),
        row("another issuer",                     "RFC 10070 §4",      aud("https://other.example.com"), [WRONG; 3]),
        row("the issuer, for a tenant",           "RFC 10070 §4",      tenant(ISSUER), [WRONG; 3]),
    ]
}

#[tokio::test]
async fn the_log_tells_that_the_exception_of_a_client_has_no_effect() {
    for profile in [Profile::OAuth21, Profile::Fapi2] {
        let draft = assertion("lenient", "ES256", &P256).aud(TOKEN_URL);
        let exchange = draft.call().send(&layer(Some(profile))).await;
        let source = exchange
            .rejection()
            .and_then(|rejection| rejection.source());
        let expected = "`profile` is set, so the URL of an endpoint is not accepted";
        let shown = source.expect("a cause").to_string();
        assert!(shown.ends_with(expected), "{shown}");
    }
}

#[tokio::test]
async fn algorithms_of_a_profile() {
    hold(algorithms()).await;
}

#[rustfmt::skip]
pub(crate) fn algorithms() -> Vec<Row> {
    const NO_ASSERTION: [Outcome; 3] = [Accepted, Accepted, unauthorized(UnsupportedAlgorithm)];
    const NO_PROOF: [Outcome; 3] = [Accepted, Accepted, bad_proof(UnsupportedDpopAlgorithm)];
    let fapi = "FAPI 2.0 §5.4.1";
    let mut rows = Vec::new();
    for (alg, key, is_fapi) in [
        ("PS256", &RSA, true),
        ("PS384", &RSA, false),
        ("PS512", &RSA, false),
        ("RS256", &RSA, false),
        ("ES256", &P256, true),
        ("ES384", &P384, false),
        ("Ed25519", &ED25519, true),
        ("EdDSA", &ED25519, true),
    ] {
        let expected = |otherwise| if is_fapi { FOR_ALL } else { otherwise };
        let proven = move || assertion("app", "ES256", &P256).call().add("dpop", proof_by(alg, key).text());
        rows.push(row(&format!("an assertion by {alg}"), fapi, move || by("app", alg, key), expected(NO_ASSERTION)));
        rows.push(row(&format!("a proof by {alg}"), fapi, proven, expected(NO_PROOF)));
    }
    rows.push(row("the registered algorithm", fapi, || by("ps256", "PS256", &RSA), FOR_ALL));
    rows
}

#[tokio::test]
async fn times_of_a_profile() {
    hold(times()).await;
}

/// Each at least five seconds from its edge: the rows take time.
#[rustfmt::skip]
pub(crate) fn times() -> Vec<Row> {
    let fapi = "FAPI 2.0 §5.3.2.1";
    let claim = |claim: &'static str, seconds: i64| move || signed(|it| it.claim(claim, at(seconds)));
    let proven = |claim: &'static str, seconds: i64| move || {
        assertion("app", "ES256", &P256).call().add("dpop", proof().claim(claim, at(seconds)).text())
    };
    vec![
        row("iat of an assertion 10 seconds ahead",  fapi, claim("iat", 10), FOR_ALL),
        row("nbf of an assertion 10 seconds ahead",  fapi, claim("nbf", 10), FOR_ALL),
        row("iat of an assertion 65 seconds ahead",  fapi, claim("iat", 65), [unauthorized(AssertionNotYetValid); 3]),
        row("nbf of an assertion 65 seconds ahead",  fapi, claim("nbf", 65), [unauthorized(AssertionNotYetValid); 3]),
        row("iat of a proof 10 seconds ahead",       fapi, proven("iat", 10), FOR_ALL),
        row("nbf of a proof 10 seconds ahead",       fapi, proven("nbf", 10), FOR_ALL),
        row("iat of a proof 65 seconds ahead",       fapi, proven("iat", 65), [bad_proof(DpopProofNotYetValid); 3]),
        row("nbf of a proof 65 seconds ahead",       fapi, proven("nbf", 65), [bad_proof(DpopProofNotYetValid); 3]),
    ]
}

#[tokio::test]
async fn requests_of_a_profile() {
    hold(requests()).await;
}

#[rustfmt::skip]
pub(crate) fn requests() -> Vec<Row> {
    const NO_CHALLENGE: [Outcome; 3] = [Accepted, invalid(MissingParameter), invalid(MissingParameter)];
    const NO_S256: [Outcome; 3] = [Accepted, invalid(CodeChallengeMethodNotS256), invalid(CodeChallengeMethodNotS256)];
    const NO_GRANT: Outcome = Outcome::Refused(400, "unsupported_grant_type", UnsupportedGrantType);
    let send_with = |parameters: &str| send_with(&assertion("app", "ES256", &P256).text(), parameters);
    let push = move |parameters: &'static str| move || send_with(&format!("response_type=code&{parameters}")).to("/par");
    let pushed = |name, section, parameters, expected| row(name, section, push(parameters), expected).at(Endpoint::PushedAuthorization);
    let at_par = || proof().claim("htu", quoted(PAR_URL)).text();
    let password = format!("grant_type=password&username=a&{}=b", form_encode("password"));
    vec![
        row("no proof",                           "FAPI 2.0 §5.3.2.1", || assertion("app", "ES256", &P256).call(), [Accepted, Accepted, invalid(DpopProofRequired)]),
        row("no proof, and a wrong signature",    "FAPI 2.0 §5.3.2.1", || assertion("app", "ES256", &OTHER_P256).call(), [unauthorized(WrongSignature); 3]),
        row("the grant password",                 "OAuth 2.1 §10",     move || bound(send_with(&password)), [Accepted, NO_GRANT, NO_GRANT]),
        row("no proof at revocation",             "RFC 9449 §5",       move || send_with("token=a").to("/revoke"), FOR_ALL).at(Endpoint::Revocation),
        pushed("a challenge by S256",             "OAuth 2.1 §4.1.1",  "code_challenge=a&code_challenge_method=S256", FOR_ALL),
        pushed("no challenge",                    "FAPI 2.0 §5.3.2.2", "", NO_CHALLENGE),
        pushed("the method plain",                "FAPI 2.0 §5.3.2.2", "code_challenge=a&code_challenge_method=plain", NO_S256),
        pushed("no method",                       "OAuth 2.1 §4.1.1",  "code_challenge=a", NO_S256),
        row("a pushed request with a proof",      "RFC 9449 §10.1",    move || push("code_challenge=a&code_challenge_method=S256")().add("dpop", at_par()), FOR_ALL).at(Endpoint::PushedAuthorization),
        row("a pushed request by Basic",          "FAPI 2.0 §5.3.2.1", || post("response_type=code&code_challenge=a&code_challenge_method=S256").basic("svc:secret").to("/par"), [Accepted, Accepted, unauthorized(MethodNotVerifiable)]).at(Endpoint::PushedAuthorization),
    ]
}
