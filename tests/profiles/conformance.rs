//! The cases of the OpenID conformance plan for FAPI 2.0 with client credentials, as far as they are
//! requests to the token endpoint. What it wants of proofs is in `proofs.rs`.

use tower_token_endpoint::layer::Profile;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{ISSUER, post};
use crate::draft::*;
use crate::row::*;
use crate::rules::signed;
use crate::sign::*;

#[tokio::test]
async fn conformance_of_assertions() {
    hold(table()).await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Vec<Row> {
    const WRONG_AUDIENCE: Outcome = unauthorized(WrongAudience);
    let happy = |alg: &'static str, key: &'static Key| move || {
        let call = assertion("app", alg, key).claim("iat", at(0)).claim("nbf", at(0)).call();
        call.add("dpop", proof_by(alg, key).text())
    };
    let aud = |aud: &'static str| move || signed(|it| it.aud(aud));
    let audiences = |json: &'static str| move || signed(|it| it.claim("aud", json.replace("ISSUER", ISSUER)));
    let without = |claim: &'static str| move || signed(|it| it.without_claim(claim));
    let with_client_id = |id: &str| {
        let assertion = assertion("app", "ES256", &P256).text();
        send_with(&assertion, &format!("{CC}&client_id={id}")).add("dpop", proof().text())
    };
    vec![
        fapi("happy flow by PS256",               "FAPI 2.0 §5.4.1",   happy("PS256", &RSA), Accepted),
        fapi("happy flow by ES256",               "FAPI 2.0 §5.4.1",   happy("ES256", &P256), Accepted),
        fapi("happy flow by EdDSA",               "FAPI 2.0 §5.4.1",   happy("EdDSA", &ED25519), Accepted),
        fapi("holder of key required",            "FAPI 2.0 §5.3.2.1", || assertion("app", "ES256", &P256).call(), invalid(DpopProofRequired)),
        fapi("no client authentication",          "FAPI 2.0 §5.3.2.1", || post(format!("{CC}&client_id=app")).add("dpop", proof().text()), unauthorized(MethodNotVerifiable)),
        fapi("client id of the client",           "RFC 7521 §4.2",     move || with_client_id("app"), Accepted),
        fapi("client id of another client",       "RFC 7521 §4.2",     move || with_client_id("other"), invalid(ClientIdMismatch)),
        fapi("assertion by the key of another",   "RFC 7523 §3",       || signed(|it| it.signed_with(&OTHER_P256)), unauthorized(WrongSignature)),
        fapi("assertion of another client",       "RFC 7523 §3",       || signed(|it| it.claim("iss", r#""other""#).claim("sub", r#""other""#)), unauthorized(WrongSignature)),
        fapi("assertion without sub",             "RFC 7523 §3",       without("sub"), unauthorized(MissingClaim)),
        fapi("assertion without iss",             "RFC 7523 §3",       without("iss"), unauthorized(MissingClaim)),
        fapi("assertion without aud",             "RFC 7523 §3",       without("aud"), unauthorized(MissingClaim)),
        fapi("assertion without exp",             "RFC 7523 §3",       without("exp"), unauthorized(MissingClaim)),
        fapi("assertion without jti",             "OpenID Connect Core §9", without("jti"), unauthorized(MissingClaim)),
        fapi("sub and iss that differ",           "OpenID Connect Core §9", || signed(|it| it.claim("sub", r#""other""#)), unauthorized(IssuerNotSubject)),
        fapi("aud is the issuer",                 "FAPI 2.0 §5.3.2.1", aud(ISSUER), Accepted),
        fapi("aud is the token endpoint",         "FAPI 2.0 §5.3.2.1", aud(TOKEN_URL), WRONG_AUDIENCE),
        fapi("aud is the endpoint of PAR",        "FAPI 2.0 §5.3.2.1", aud(PAR_URL), WRONG_AUDIENCE),
        fapi("aud is another issuer",             "FAPI 2.0 §5.3.2.1", aud("https://other1.example.com"), WRONG_AUDIENCE),
        fapi("aud is the issuer and a slash",     "FAPI 2.0 §5.3.2.1", aud("https://as.example.com/"), WRONG_AUDIENCE),
        fapi("aud is an array of the issuer",     "FAPI 2.0 §5.3.2.1", audiences(r#"["ISSUER"]"#), WRONG_AUDIENCE),
        fapi("aud is an array with the issuer",   "FAPI 2.0 §5.3.2.1", audiences(r#"["ISSUER","https://other1.example.com"]"#), WRONG_AUDIENCE),
        fapi("aud is an empty array",             "FAPI 2.0 §5.3.2.1", audiences("[]"), WRONG_AUDIENCE),
        fapi("exp five minutes ago",              "RFC 7523 §3",       || signed(|it| it.claim("exp", at(-300))), unauthorized(ExpiredAssertion)),
        fapi("nbf five minutes ahead",            "RFC 7523 §3",       || signed(|it| it.claim("nbf", at(300)).claim("exp", at(600))), unauthorized(AssertionNotYetValid)),
        fapi("iat 10 seconds ahead",              "FAPI 2.0 §5.3.2.1", || signed(|it| it.claim("iat", at(10))), Accepted),
        fapi("iat 10 seconds ago",                "FAPI 2.0 §5.3.2.1", || signed(|it| it.claim("iat", at(-10))), Accepted),
        fapi("assertion by RS256",                "FAPI 2.0 §5.4.1",   || assertion("app", "RS256", &RSA).call().add("dpop", proof().text()), unauthorized(UnsupportedAlgorithm)),
        fapi("assertion by HS256",                "FAPI 2.0 §5.4.1",   || assertion("hmac", "HS256", &SECRET).call().add("dpop", proof().text()), unauthorized(UnsupportedAlgorithm)),
        fapi("assertion with alg none",           "FAPI 2.0 §5.4.1",   || signed(|it| it.header("alg", r#""none""#)), unauthorized(UnsupportedAlgorithm)),
        fapi("another type of assertion",         "RFC 7523 §2.2",     || post(format!("{CC}&client_assertion=a.b.c&client_assertion_type=x")), unauthorized(UnknownAssertionType)),
    ]
}

/// The same assertion, with a proof of its own each time.
#[tokio::test]
async fn an_assertion_is_accepted_once() {
    let layer = layer(Some(Profile::Fapi2));
    let assertion = assertion("app", "ES256", &P256).text();
    let call = || send(&assertion).add("dpop", proof().text());
    call().send(&layer).await.inner_request();
    let again = call().send(&layer).await;
    again.rejected(401, "invalid_client", ReplayedAssertion);
}

/// A request that is refused for its proof has used up nothing.
#[tokio::test]
async fn an_assertion_is_not_used_up_by_a_refused_proof() {
    let layer = layer(Some(Profile::Fapi2));
    let assertion = assertion("app", "ES256", &P256).text();
    let call = send(&assertion);
    let without = call.send(&layer).await;
    without.rejected(400, "invalid_request", DpopProofRequired);
    let old = call
        .clone()
        .add("dpop", proof().claim("iat", at(-3600)).text());
    let old = old.send(&layer).await;
    old.rejected(400, "invalid_dpop_proof", ExpiredDpopProof);
    let good = call.add("dpop", proof().text()).send(&layer).await;
    good.inner_request();
}
