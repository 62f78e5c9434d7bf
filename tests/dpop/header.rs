//! The header `DPoP`, and the header of the proof in it.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Call, basic};
use crate::draft::{Draft, quoted};
use crate::judge::*;
use crate::proof::*;
use crate::sign::*;

#[tokio::test]
async fn headers() {
    headers_table().hold().await;
}

#[tokio::test]
async fn headers_of_a_proof() {
    table().hold().await;
}

#[tokio::test]
async fn every_algorithm() {
    algorithms_table().hold().await;
}

#[tokio::test]
async fn algorithms_of_the_layer() {
    es256_table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn headers_table() -> Table {
    let text = |change: fn(String) -> String| move || with_header(change(proof().text()));
    Table::new(default_layer, vec![
        row("a proof",                          "RFC 9449 §4.1", || with(&proof()), Bound(&P256)),
        row("no proof",                         "RFC 9449 §5",   || basic("app:secret"), Unbound),
        row("two headers",                      "RFC 9449 §4.3", || with(&proof()).add("dpop", proof().text()), Refused(RepeatedDpopHeader)),
        row("the same proof twice",             "RFC 9449 §4.3", || { let text = proof().text(); with_header(&text).add("dpop", text) }, Refused(RepeatedDpopHeader)),
        row("a proof and an empty header",      "RFC 9449 §4.3", || with(&proof()).add("dpop", ""), Refused(RepeatedDpopHeader)),
        row("a list of two",                    "RFC 9110 §5.3", || with_header(format!("{}, {}", proof().text(), proof().text())), Refused(RepeatedDpopHeader)),
        row("a comma at the end",               "RFC 9110 §5.3", text(|it| it + ","), Refused(RepeatedDpopHeader)),
        row("an empty header",                  "RFC 9449 §4.1", || with_header(""), Refused(MalformedDpopProof)),
        row("spaces around",                    "RFC 9110 §5.5", text(|it| format!(" {it} ")), Refused(MalformedDpopProof)),
        row("a word in front",                  "RFC 9449 §4.1", text(|it| format!("DPoP {it}")), Refused(MalformedDpopProof)),
        row("not ASCII",                        "RFC 9449 §4.1", text(|it| format!("{it}é")), Refused(MalformedDpopProof)),
        row("not base64url",                    "RFC 7515 §2",   text(|it| it.replace('.', ".+")), Refused(MalformedDpopProof)),
        row("padding",                          "RFC 7515 §2",   text(|it| it + "=="), Refused(MalformedDpopProof)),
        row("two parts",                        "RFC 7515 §7.1", text(|it| it.rsplit_once('.').map(|it| it.0.to_owned()).unwrap_or_default()), Refused(MalformedDpopProof)),
        row("four parts",                       "RFC 7515 §7.1", text(|it| it + ".AA"), Refused(MalformedDpopProof)),
        row("one part",                         "RFC 7515 §7.1", || with_header("a"), Refused(MalformedDpopProof)),
        row("dots alone",                       "RFC 7515 §7.1", || with_header(".."), Refused(MalformedDpopProof)),
        row("JSON",                             "RFC 9449 §4.3", || with_header("{}"), Refused(MalformedDpopProof)),
        row("of 8,192 bytes",                   "decisions",     || sized(8192), Bound(&P256)),
        row("of 8,193 bytes",                   "decisions",     || sized(8193), Refused(MalformedDpopProof)),
        row("of 60,000 bytes",                  "decisions",     || sized(60_000), Refused(MalformedDpopProof)),
    ])
}

/// A proof of this many bytes: a member that nobody knows takes up the rest.
fn sized(bytes: usize) -> Call {
    let sized = |filling: usize, jti: usize| {
        let proof = proof().header("x", quoted(&"x".repeat(filling)));
        proof.jti(&"j".repeat(jti)).text()
    };
    // Three bytes of text are four of base64url, in the header as in the claims.
    let about = (bytes - sized(0, 1).len()) / 4 * 3;
    let fillings = about.saturating_sub(4)..about + 4;
    let mut texts = fillings.flat_map(|filling| (1..4).map(move |jti| sized(filling, jti)));
    let text = texts.find(|it| it.len() == bytes);
    with_header(text.unwrap_or_else(|| panic!("no filling makes {bytes} bytes")))
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    let header = |name: &'static str, json: &'static str| move || with(&proof().header(name, json));
    let jwk_and = |name: &'static str, json: &'static str| {
        let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
        move || with(&proof().header("jwk", jwk_with(&P256, [(name, value.clone())]).to_string()))
    };
    let jwk_of = |key: &'static Key| move || with(&proof().header("jwk", jwk(key).to_string()));
    let without = |name: &'static str| move || with(&proof().without_header(name));
    let text = |change: fn(String) -> String| move || with(&proof().map_header(change));
    Table::new(default_layer, vec![
        // typ
        row("typ in another case",              "RFC 7515 §4.1.9", header("typ", r#""DPoP+JWT""#), Bound(&P256)),
        row("typ with application/",            "RFC 7515 §4.1.9", header("typ", r#""application/dpop+jwt""#), Bound(&P256)),
        row("typ with APPLICATION/",            "RFC 7515 §4.1.9", header("typ", r#""APPLICATION/dpop+jwt""#), Bound(&P256)),
        row("no typ",                           "RFC 9449 §4.2", without("typ"), Refused(WrongDpopType)),
        row("typ JWT",                          "RFC 9449 §4.2", header("typ", r#""JWT""#), Refused(WrongDpopType)),
        row("typ at+jwt",                       "RFC 8725 §3.11", header("typ", r#""at+jwt""#), Refused(WrongDpopType)),
        row("typ of a client assertion",        "RFC 8725 §3.11", header("typ", r#""client-authentication+jwt""#), Refused(WrongDpopType)),
        row("typ dpop",                         "RFC 9449 §4.2", header("typ", r#""dpop""#), Refused(WrongDpopType)),
        row("typ with a space",                 "RFC 9449 §4.2", header("typ", r#""dpop+jwt ""#), Refused(WrongDpopType)),
        row("an empty typ",                     "RFC 9449 §4.2", header("typ", r#""""#), Refused(WrongDpopType)),
        row("typ that is a number",             "RFC 9449 §4.2", header("typ", "1"), Refused(MalformedDpopProof)),
        row("typ null",                         "RFC 9449 §4.2", header("typ", "null"), Refused(MalformedDpopProof)),
        // alg
        row("no alg",                           "RFC 9449 §4.2", without("alg"), Refused(UnsupportedDpopAlgorithm)),
        row("alg none",                         "RFC 9449 §4.2", header("alg", r#""none""#), Refused(UnsupportedDpopAlgorithm)),
        row("alg None",                         "RFC 9449 §4.2", header("alg", r#""None""#), Refused(UnsupportedDpopAlgorithm)),
        row("alg HS256",                        "RFC 9449 §4.2", header("alg", r#""HS256""#), Refused(UnsupportedDpopAlgorithm)),
        row("alg in lower case",                "RFC 7515 §4.1.1", header("alg", r#""es256""#), Refused(UnsupportedDpopAlgorithm)),
        row("alg that nobody knows",            "RFC 9449 §4.2", header("alg", r#""ES256K""#), Refused(UnsupportedDpopAlgorithm)),
        row("alg of another curve",             "RFC 7518 §3.4", header("alg", r#""ES384""#), Refused(InvalidDpopKey)),
        row("alg of another kind of key",       "RFC 7518 §3.1", header("alg", r#""RS256""#), Refused(InvalidDpopKey)),
        row("alg that is a list",               "RFC 7515 §4.1.1", header("alg", r#"["ES256"]"#), Refused(MalformedDpopProof)),
        // crit
        row("crit of nothing",                  "RFC 7515 §4.1.11", header("crit", "[]"), Refused(UnsupportedDpopAlgorithm)),
        row("crit of an extension",             "RFC 7515 §4.1.11", header("crit", r#"["exp"]"#), Refused(UnsupportedDpopAlgorithm)),
        row("crit null",                        "RFC 7515 §4.1.11", header("crit", "null"), Refused(UnsupportedDpopAlgorithm)),
        row("b64",                              "RFC 7797 §7",   header("b64", "true"), Refused(UnsupportedDpopAlgorithm)),
        // jwk
        row("no jwk",                           "RFC 9449 §4.2", without("jwk"), Refused(InvalidDpopKey)),
        row("jwk null",                         "RFC 9449 §4.2", header("jwk", "null"), Refused(MalformedDpopProof)),
        row("jwk that is a string",             "RFC 9449 §4.2", header("jwk", r#""{}""#), Refused(MalformedDpopProof)),
        row("jwk that is empty",                "RFC 9449 §4.2", header("jwk", "{}"), Refused(InvalidDpopKey)),
        row("jwk with d",                       "RFC 9449 §4.2", jwk_and("d", r#""AA""#), Refused(InvalidDpopKey)),
        row("jwk with an empty d",              "RFC 9449 §4.2", jwk_and("d", r#""""#), Refused(InvalidDpopKey)),
        row("jwk with d null",                  "RFC 9449 §4.2", jwk_and("d", "null"), Refused(InvalidDpopKey)),
        row("jwk with dp",                      "RFC 9449 §4.2", jwk_and("dp", r#""AA""#), Refused(InvalidDpopKey)),
        row("jwk with oth",                     "RFC 9449 §4.2", jwk_and("oth", "[]"), Refused(InvalidDpopKey)),
        row("jwk with k",                       "RFC 9449 §4.2", jwk_and("k", r#""AA""#), Refused(InvalidDpopKey)),
        row("jwk of a secret",                  "RFC 9449 §4.2", jwk_of(&SECRET), Refused(InvalidDpopKey)),
        row("jwk of another key",               "RFC 9449 §4.3", jwk_of(&OTHER_P256), Refused(WrongDpopSignature)),
        row("jwk of another kind",              "RFC 9449 §4.3", jwk_of(&RSA), Refused(InvalidDpopKey)),
        row("jwk of another curve",             "RFC 9449 §4.3", jwk_of(&P384), Refused(InvalidDpopKey)),
        row("jwk with its alg",                 "RFC 7517 §4.4", jwk_and("alg", r#""ES256""#), Bound(&P256)),
        row("jwk with another alg",             "RFC 7517 §4.4", jwk_and("alg", r#""ES384""#), Refused(InvalidDpopKey)),
        row("jwk with use, key_ops and ext",    "RFC 7517 §4",   || with(&proof().header("jwk", jwk_with(&P256, [("use", "sig".into()), ("key_ops", serde_json::json!(["verify"])), ("ext", true.into())]).to_string())), Bound(&P256)),
        row("jwk with kid and x5c",             "RFC 7638 §3.2", || with(&proof().header("jwk", jwk_with(&P256, [("kid", "1".into()), ("x5c", serde_json::json!(["AA"]))]).to_string())), Bound(&P256)),
        row("jwk without kty",                  "RFC 7517 §4.1", || with(&proof().header("jwk", changed_jwk("kty", None))), Refused(InvalidDpopKey)),
        row("jwk without crv",                  "RFC 7518 §6.2.1", || with(&proof().header("jwk", changed_jwk("crv", None))), Refused(InvalidDpopKey)),
        row("jwk without y",                    "RFC 7518 §6.2.1", || with(&proof().header("jwk", changed_jwk("y", None))), Refused(InvalidDpopKey)),
        row("x of fewer bytes",                 "RFC 7518 §6.2.1.2", || with(&proof().header("jwk", changed_jwk("x", Some("AAAA")))), Refused(InvalidDpopKey)),
        row("x that is not base64url",          "RFC 7518 §6.2.1.2", || with(&proof().header("jwk", changed_jwk("x", Some("+/==")))), Refused(InvalidDpopKey)),
        row("x that is a number",               "RFC 7518 §6.2.1.2", || with(&proof().header("jwk", r#"{"kty":"EC","x":1}"#)), Refused(MalformedDpopProof)),
        row("a point off its curve",            "RFC 7518 §6.2.1", || with(&proof().header("jwk", changed_jwk("y", Some(&base64url([1; 32]))))), Refused(InvalidDpopKey)),
        row("a point of small order",           "decisions",     || with(&proof_by("Ed25519", &ED25519).header("jwk", format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url([0; 32])))), Refused(InvalidDpopKey)),
        row("X25519",                           "RFC 8037 §2",   || with(&proof_by("Ed25519", &ED25519).header("jwk", jwk(&ED25519).to_string().replace("Ed25519", "X25519"))), Refused(InvalidDpopKey)),
        row("RSA with an exponent of 1",        "decisions",     || with(&proof_by("RS256", &RSA).header("jwk", jwk(&RSA).to_string().replace("AQAB", "AQ"))), Refused(InvalidDpopKey)),
        row("RSA of 1,024 bits",                "RFC 7518 §3.3", || with(&proof_by("RS256", &RSA).header("jwk", format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, base64url([0xc5; 128])))), Refused(InvalidDpopKey)),
        row("RSA with a zero in front",         "RFC 7518 §2",   || with(&proof_by("RS256", &RSA).header("jwk", zero_in_front())), Refused(InvalidDpopKey)),
        // others
        row("kid, jku, x5u and x5c besides",    "RFC 7515 §4.1", || with(&proof().header("kid", r#""1""#).header("jku", r#""https://evil.example""#).header("x5u", "1").header("x5c", "[1]")), Bound(&P256)),
        row("nothing but braces",               "RFC 9449 §4.2", || with(&proof().header_text("{}")), Refused(WrongDpopType)),
        row("an array",                         "RFC 7515 §4",   || with(&proof().header_text("[]")), Refused(MalformedDpopProof)),
        row("no JSON",                          "RFC 7515 §4",   || with(&proof().header_text("typ")), Refused(MalformedDpopProof)),
        row("no UTF-8",                         "RFC 7515 §4",   || with(&proof().header_text(*b"{\"typ\":\"\xff\"}")), Refused(MalformedDpopProof)),
        row("text behind",                      "RFC 7515 §4",   text(|it| it + "x"), Refused(MalformedDpopProof)),
        row("alg twice",                        "RFC 7515 §4",   || with(&proof().more_header("alg", r#""ES256""#)), Refused(MalformedDpopProof)),
        row("jwk twice",                        "RFC 7515 §4",   || with(&proof().more_header("jwk", jwk(&P256).to_string())), Refused(MalformedDpopProof)),
        row("x in jwk twice",                   "RFC 7517 §4",   || with(&proof().map_header(|it| it.replacen("\"x\":", "\"x\":\"AA\",\"x\":", 1))), Refused(MalformedDpopProof)),
        row("15 arrays, one in the other",      "decisions",     || with(&proof().header("x", "[".repeat(15) + &"]".repeat(15))), Bound(&P256)),
        row("16 arrays, one in the other",      "decisions",     || with(&proof().header("x", "[".repeat(16) + &"]".repeat(16))), Refused(MalformedDpopProof)),
        row("1,000 arrays in jwk",              "decisions",     || with(&proof().map_header(|it| it.replacen("\"kty\"", &format!("\"z\":{}{},\"kty\"", "[".repeat(1000), "]".repeat(1000)), 1))), Refused(MalformedDpopProof)),
        row("brackets in a string",             "decisions",     || with(&proof().header("x", quoted(&"[".repeat(100)))), Bound(&P256)),
        row("65 members",                       "decisions",     || with(&(0..63).fold(proof(), |proof, at| proof.header(&format!("x{at}"), "1"))), Refused(MalformedDpopProof)),
    ])
}

/// The key of a proof with one member changed or left out.
fn changed_jwk(name: &str, value: Option<&str>) -> String {
    let mut jwk = jwk(&P256);
    match value {
        Some(value) => jwk[name] = value.into(),
        None => drop(jwk.as_object_mut().expect("an object").remove(name)),
    }
    jwk.to_string()
}

fn zero_in_front() -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut jwk = jwk(&RSA);
    let n = URL_SAFE_NO_PAD
        .decode(jwk["n"].as_str().expect("a text"))
        .expect("base64url");
    jwk["n"] = base64url([&[0], &*n].concat()).into();
    jwk.to_string()
}

pub(crate) fn algorithms_table() -> Table {
    let mut rows = Vec::new();
    for suite in &SUITES {
        let by = move |key: &'static Key| {
            let alg = quoted(suite.alg);
            let proof: Draft = proof_by(suite.alg, key).header("alg", alg);
            proof
        };
        let is_symmetric = suite.alg.starts_with("HS");
        let accepted = match is_symmetric {
            true => Refused(UnsupportedDpopAlgorithm),
            false => Bound(suite.key),
        };
        rows.push(row(
            suite.alg,
            "RFC 9449 §4.2",
            move || with(&by(suite.key)),
            accepted,
        ));
        if is_symmetric {
            continue;
        }
        let other = format!("{} by another key", suite.alg);
        let signed_by_other = move || with(&by(suite.key).signed_with(suite.other_key));
        rows.push(row(
            other,
            "RFC 9449 §4.3",
            signed_by_other,
            Refused(WrongDpopSignature),
        ));
        let flipped = move || {
            let token = by(suite.key).sign().signature(|bytes| {
                let mut bytes = bytes.to_vec();
                bytes[7] ^= 1;
                bytes
            });
            with_header(token.text())
        };
        let name = format!("{} with a bit changed", suite.alg);
        rows.push(row(
            name,
            "RFC 7515 §5.2",
            flipped,
            Refused(WrongDpopSignature),
        ));
        let none = move || {
            let mut token = by(suite.key).sign();
            token.signature.clear();
            with_header(token.text())
        };
        let name = format!("{} without a signature", suite.alg);
        rows.push(row(
            name,
            "RFC 7515 §5.2",
            none,
            Refused(WrongDpopSignature),
        ));
        let swapped = move || {
            let token = by(suite.key).sign();
            with_header(token.with_claims_of(&by(suite.key).sign()).text())
        };
        let name = format!("{} over other claims", suite.alg);
        rows.push(row(
            name,
            "RFC 7515 §5.2",
            swapped,
            Refused(WrongDpopSignature),
        ));
    }
    Table::new(default_layer, rows)
}

#[rustfmt::skip]
pub(crate) fn es256_table() -> Table {
    Table::new(es256_layer, vec![
        row("the algorithm of the layer",  "RFC 9449 §5.1", || with(&proof()), Bound(&P256)),
        row("another algorithm",           "RFC 9449 §5.1", || with(&proof_by("ES384", &P384)), Refused(UnsupportedDpopAlgorithm)),
        row("EdDSA",                       "RFC 9449 §5.1", || with(&proof_by("EdDSA", &ED25519)), Refused(UnsupportedDpopAlgorithm)),
    ])
}
