//! Proofs of requests for protected resources (RFC 9449 §7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, Method};
use tower_token_endpoint::dpop::{Dpop, DpopNonces, ResourceRequest};
use tower_token_endpoint::rejection::Rejection;
use tower_token_endpoint::rejection::RejectionReason::{self, *};
use tower_token_endpoint::replay::{ReplayKey, ReplayPurpose};

use crate::draft::{Draft, at, quoted};
use crate::proof::{proof, thumbprint};
use crate::sign::*;

const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const URL: &str = "https://resource.example.org/protectedresource";
/// Of [`TOKEN`]: RFC 9449 §7.1.
const ATH: &str = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

fn headers(proofs: &[&str]) -> HeaderMap {
    let value = |proof: &&str| HeaderValue::from_str(proof).expect("a header value");
    proofs
        .iter()
        .map(|proof| ("dpop".parse().expect("a name"), value(proof)))
        .collect()
}

fn request(jkt: &str) -> ResourceRequest<'_> {
    ResourceRequest {
        method: &Method::GET,
        url: URL,
        access_token: TOKEN,
        jkt,
    }
}

fn resource_proof() -> Draft {
    proof()
        .claim("htm", quoted("GET"))
        .claim("htu", quoted(URL))
        .claim("ath", quoted(ATH))
}

/// `None` if it is accepted.
fn refused(dpop: &Dpop, proofs: &[&str]) -> Option<RejectionReason> {
    let jkt = thumbprint(&P256);
    let request = request(&jkt);
    let verified = dpop.verify(&headers(proofs), &request, SystemTime::now());
    verified.err().map(|rejection| rejection.reason())
}

/// RFC 9449 §7.1.
#[test]
fn the_request_of_rfc_9449_is_accepted() {
    const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let now = UNIX_EPOCH + Duration::from_secs(1_562_262_618);
    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let request = request(jkt);
    let proof = Dpop::new()
        .verify(&headers(&[PROOF]), &request, now)
        .expect("accepted");
    assert_eq!(proof.until(), now + Duration::from_secs(180));
    let key = proof.replay_key("https://as.example.com", "a");
    assert_eq!(key.purpose(), ReplayPurpose::DpopProof);
    // The key and the `jti` count, not who sends it.
    let of_another = ReplayKey::new(ReplayPurpose::DpopProof, key.issuer(), "b", key.value());
    assert_eq!(key.digest(), of_another.digest());
}

#[test]
fn what_is_not_for_this_request_is_refused() {
    let text = |proof: Draft| proof.text();
    let good = text(resource_proof());
    for (proofs, expected) in [
        (&[&*good][..], None),
        (&[], Some(DpopProofRequired)),
        (&[&*good, &*good], Some(RepeatedDpopHeader)),
        (&["x"], Some(MalformedDpopProof)),
        (
            &[&text(resource_proof().without_claim("ath"))],
            Some(WrongDpopToken),
        ),
        (
            &[&text(resource_proof().claim("ath", quoted("")))],
            Some(WrongDpopToken),
        ),
        (
            &[&text(resource_proof().claim("ath", quoted(TOKEN)))],
            Some(WrongDpopToken),
        ),
        (
            &[&text(
                resource_proof().claim("ath", quoted(&format!("{ATH}="))),
            )],
            Some(WrongDpopToken),
        ),
        (
            &[&text(resource_proof().claim("htm", quoted("POST")))],
            Some(WrongDpopMethod),
        ),
        (
            &[&text(
                resource_proof().claim("htu", quoted("https://resource.example.org/")),
            )],
            Some(WrongDpopUri),
        ),
        (
            &[&text(resource_proof().claim(
                "htu",
                quoted("https://RESOURCE.example.org:443/protectedresource?a=b"),
            ))],
            None,
        ),
        (
            &[&text(resource_proof().claim("iat", at(-130)))],
            Some(ExpiredDpopProof),
        ),
        (
            &[&text(resource_proof().claim("iat", at(70)))],
            Some(DpopProofNotYetValid),
        ),
        (
            &[&text(resource_proof().signed_with(&OTHER_P256))],
            Some(WrongDpopSignature),
        ),
        (
            &[&text(
                resource_proof()
                    .signed_with(&OTHER_P256)
                    .header("jwk", jwk(&OTHER_P256).to_string()),
            )],
            Some(WrongDpopKey),
        ),
    ] {
        assert_eq!(refused(&Dpop::new(), proofs), expected, "{proofs:?}");
    }
}

#[test]
fn a_nonce_is_required_if_there_are_nonces() {
    let dpop = Dpop::new().nonces(DpopNonces::random());
    let jkt = thumbprint(&P256);
    let request = request(&jkt);
    let text = resource_proof().text();
    let challenged: Rejection = dpop
        .verify(&headers(&[&text]), &request, SystemTime::now())
        .expect_err("no nonce");
    assert_eq!(challenged.code().as_str(), "use_dpop_nonce");
    let nonce = challenged
        .dpop_nonce()
        .expect("a nonce")
        .to_str()
        .expect("ASCII");
    let text = resource_proof().claim("nonce", quoted(nonce)).text();
    let proof = dpop.verify(&headers(&[&text]), &request, SystemTime::now());
    assert_eq!(proof.expect("accepted").next_nonce(), None);
    let later = SystemTime::now() + Duration::from_secs(61);
    let proof = dpop.verify(&headers(&[&text]), &request, later);
    assert!(proof.expect("accepted").next_nonce().is_some());
}

#[test]
fn debug_of_a_request_leaves_out_the_token() {
    let shown = format!("{:?}", request("jkt"));
    assert!(!shown.contains(TOKEN), "{shown}");
}
