//! DPoP under FAPI 2.0: what the conformance plan calls its negative tests, at the token endpoint.

use http::Method;
use serde_json::json;
use tower_token_endpoint::layer::Profile;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::request::AuthenticatedRequest;

use crate::cast::*;
use crate::common::Call;
use crate::common::proof::thumbprint;
use crate::draft::*;
use crate::row::*;
use crate::sign::*;

fn authenticated() -> Call {
    assertion("app", "ES256", &P256).call()
}

fn with_header(value: &str) -> Call {
    authenticated().add("dpop", value)
}

fn with(proof: Draft) -> Call {
    with_header(&proof.text())
}

#[tokio::test]
async fn conformance_of_proofs() {
    hold(table()).await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Vec<Row> {
    let claim = |name: &'static str, json: &'static str| move || with(proof().claim(name, json));
    let time = |name: &'static str, seconds: i64| move || with(proof().claim(name, at(seconds)));
    let without = |name: &'static str| move || with(proof().without_claim(name));
    let jwk_and = |name: &'static str| move || with(proof().header("jwk", jwk_with(&P256, [(name, json!("AA"))]).to_string()));
    let malformed = bad_proof(MalformedDpopProof);
    vec![
        fapi("a proof",                           "RFC 9449 §4.3",     || with(proof()), Accepted),
        fapi("a proof by the key of the client",  "RFC 9449 §4.3",     || with(proof_by("ES256", &P256)), Accepted),
        fapi("a proof by another key",            "RFC 9449 §4.3",     || with(proof_by("ES256", &OTHER_P256)), Accepted),
        fapi("a proof with nbf and exp",          "RFC 7519 §4.1",     || with(proof().claim("nbf", at(0)).claim("exp", at(60))), Accepted),
        fapi("a proof with iat 10 seconds ago",   "FAPI 2.0 §5.3.2.1", time("iat", -10), Accepted),
        fapi("a proof with iat 10 seconds ahead", "FAPI 2.0 §5.3.2.1", time("iat", 10), Accepted),
        fapi("iat an hour ago",                   "RFC 9449 §11.1",    time("iat", -3600), bad_proof(ExpiredDpopProof)),
        fapi("iat an hour ahead",                 "RFC 9449 §11.1",    time("iat", 3600), bad_proof(DpopProofNotYetValid)),
        fapi("exp an hour ago",                   "RFC 7519 §4.1.4",   time("exp", -3600), bad_proof(ExpiredDpopProof)),
        fapi("nbf an hour ahead",                 "RFC 7519 §4.1.5",   time("nbf", 3600), bad_proof(DpopProofNotYetValid)),
        fapi("no header",                         "FAPI 2.0 §5.3.2.1", authenticated, invalid(DpopProofRequired)),
        fapi("an empty header",                   "RFC 9449 §4.1",     || with_header(""), malformed),
        fapi("no JWT",                            "RFC 9449 §4.3",     || with_header("abc"), malformed),
        fapi("two headers",                       "RFC 9449 §4.3",     || with(proof()).add("dpop", proof().text()), bad_proof(RepeatedDpopHeader)),
        fapi("no jti",                            "RFC 9449 §4.2",     without("jti"), bad_proof(MissingDpopClaim)),
        fapi("no htm",                            "RFC 9449 §4.2",     without("htm"), bad_proof(MissingDpopClaim)),
        fapi("no htu",                            "RFC 9449 §4.2",     without("htu"), bad_proof(MissingDpopClaim)),
        fapi("no iat",                            "RFC 9449 §4.2",     without("iat"), bad_proof(MissingDpopClaim)),
        fapi("htm GET",                           "RFC 9449 §4.3",     claim("htm", r#""GET""#), bad_proof(WrongDpopMethod)),
        fapi("htm PUT",                           "RFC 9449 §4.3",     claim("htm", r#""PUT""#), bad_proof(WrongDpopMethod)),
        fapi("htu of another host",               "RFC 9449 §4.3",     claim("htu", r#""https://other.example.com/token""#), bad_proof(WrongDpopUri)),
        fapi("htu of another path",               "RFC 9449 §4.3",     claim("htu", r#""https://as.example.com/par""#), bad_proof(WrongDpopUri)),
        fapi("htu with query and fragment",       "RFC 9449 §4.3",     claim("htu", r#""https://as.example.com/token?a=b#c""#), Accepted),
        fapi("no typ",                            "RFC 9449 §4.2",     || with(proof().without_header("typ")), bad_proof(WrongDpopType)),
        fapi("typ JWT",                           "RFC 9449 §4.2",     || with(proof().header("typ", r#""JWT""#)), bad_proof(WrongDpopType)),
        fapi("alg none",                          "RFC 9449 §4.2",     || with(proof().header("alg", r#""none""#)), bad_proof(UnsupportedDpopAlgorithm)),
        fapi("alg HS256",                         "RFC 9449 §4.2",     || with(proof_by("HS256", &SECRET)), bad_proof(UnsupportedDpopAlgorithm)),
        fapi("alg RS256",                         "FAPI 2.0 §5.4.1",   || with(proof_by("RS256", &RSA)), bad_proof(UnsupportedDpopAlgorithm)),
        fapi("alg of another key",                "RFC 9449 §4.3",     || with(proof().header("alg", r#""PS256""#)), bad_proof(InvalidDpopKey)),
        fapi("no jwk",                            "RFC 9449 §4.2",     || with(proof().without_header("jwk")), bad_proof(InvalidDpopKey)),
        fapi("jwk with a private key",            "RFC 9449 §4.2",     jwk_and("d"), bad_proof(InvalidDpopKey)),
        fapi("jwk with a symmetric key",          "RFC 9449 §4.2",     jwk_and("k"), bad_proof(InvalidDpopKey)),
        fapi("jwk of another key",                "RFC 9449 §4.3",     || with(proof().header("jwk", jwk(&OTHER_P256).to_string())), bad_proof(WrongDpopSignature)),
        fapi("a signature that was changed",      "RFC 9449 §4.3",     || with_header(&proof().sign().signature(|it| flip(it, 9)).text()), bad_proof(WrongDpopSignature)),
        fapi("claims that were changed",          "RFC 9449 §4.3",     || with_header(&proof().sign().with_claims_of(&proof().sign()).text()), bad_proof(WrongDpopSignature)),
    ]
}

#[tokio::test]
async fn a_proof_is_accepted_once() {
    let layer = layer(Some(Profile::Fapi2));
    let proof = proof().text();
    with_header(&proof).send(&layer).await.inner_request();
    let again = with_header(&proof).send(&layer).await;
    again.rejected(400, "invalid_dpop_proof", ReplayedDpopProof);
}

#[tokio::test]
async fn the_inner_service_is_told_the_key_of_the_proof() {
    let layer = layer(Some(Profile::Fapi2));
    for key in [&P256, &OTHER_P256] {
        let exchange = with(proof_by("ES256", key)).send(&layer).await;
        assert_eq!(exchange.inner_request().method(), Method::POST);
        let extensions = exchange.inner_request().extensions();
        let request = AuthenticatedRequest::from_extensions(extensions).expect("a request");
        assert_eq!(request.client().client_id(), "app");
        assert_eq!(request.dpop_thumbprint(), Some(&*thumbprint(key)));
    }
}
