//! What decides if several things are wrong: authentication, then the proof, then grant and scope.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{basic, post};
use crate::judge::*;
use crate::proof::*;
use crate::sign::*;

#[tokio::test]
async fn order_of_the_checks() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    let bad = || with_header("x");
    Table::new(default_layer, vec![
        row("a wrong secret and a bad proof",   "decisions", || basic("app:wrong").add("dpop", "x"), Unauthorized(WrongSecret)),
        row("an unknown client and a bad proof", "decisions", || basic("nobody:secret").add("dpop", "x"), Unauthorized(UnknownClient)),
        row("a wrong secret and two proofs",    "decisions", || basic("app:wrong").add("dpop", "x").add("dpop", "y"), Unauthorized(WrongSecret)),
        row("a wrong secret and a good proof",  "decisions", || basic("app:wrong").add("dpop", proof().text()), Unauthorized(WrongSecret)),
        row("no credentials and a good proof",  "RFC 9449 §5", || post("grant_type=client_credentials").add("dpop", proof().text()), Unauthorized(NoCredentials)),
        row("a bad proof and an unknown grant", "decisions", move || bad().with_body("grant_type=urn:x:y"), Refused(MalformedDpopProof)),
        row("a bad proof and no grant",         "decisions", move || bad().with_body(""), Refused(MalformedDpopProof)),
        row("a bad proof and a wrong scope",    "decisions", move || bad().with_body("grant_type=client_credentials&scope=write"), Refused(MalformedDpopProof)),
        row("a malformed form and a bad proof", "decisions", move || bad().with_body("%zz"), Invalid(BadPercentEncoding)),
        row("a public client at a good proof",  "RFC 9449 §5", || post("grant_type=authorization_code&code=a&code_verifier=b&client_id=public").add("dpop", proof_by("EdDSA", &ED25519).text()), Bound(&ED25519)),
    ])
}
