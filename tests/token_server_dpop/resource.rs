//! `/resource`, a protected resource that takes bearer tokens (RFC 6750) and bound ones (RFC 9449 §7).

use http::{HeaderMap, Method, header};
use serde_json::json;

use crate::common::draft::{Draft, at, quoted};
use crate::common::proof::proof_for;
use crate::common::sign::{ED25519, Key, OTHER_P256, P256, RSA, SECRET, jwk_with};
use crate::common::token_server::*;
use crate::common::{Reply, rests_on};
use crate::keyed::{ath, resource_proof};

const ALGS: &str = "ES256 ES384 ES512 Ed25519 EdDSA PS256 PS384 PS512 RS256 RS384 RS512";

/// The challenges, in one line as a client sees them that joins the headers.
fn challenges(headers: &HeaderMap) -> String {
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    let challenges: Vec<_> = challenges
        .map(|challenge| challenge.to_str().expect("ASCII"))
        .collect();
    challenges.join(", ")
}

/// 401 with this error in the challenge of the scheme, and in the body.
#[track_caller]
fn assert_challenged(reply: &Reply, scheme: &str, error: &str) {
    reply.refused(401, error);
    let description = reply.text("error_description");
    let start = format!(r#"{scheme} error="{error}", error_description="{description}", "#);
    let challenges = challenges(&reply.headers);
    assert!(challenges.starts_with(&start), "{challenges}");
    let algs = format!(r#"algs="{ALGS}""#);
    assert!(challenges.ends_with(&algs), "{challenges}");
}

async fn token_of(server: &Server, key: Option<&'static Key>) -> String {
    let granted = server.token_by(BASIC, &[CLIENT_CREDENTIALS], key).await;
    granted.granted().text("access_token").to_owned()
}

#[tokio::test]
async fn tokens_of_either_kind_get_the_resource_by_either_method() {
    let server = start(&[]);
    let (bearer, _) = server.grant_by(PUBLIC, None).await;
    let (bound, _) = server.grant_by(PUBLIC, Some(&P256)).await;
    let url = format!("{}/resource", server.base);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        for method in [Method::GET, Method::POST] {
            let authorization = format!("{scheme} {bearer}");
            let headers = [("authorization", &*authorization)];
            let found = server.resource(method, &headers).await.granted();
            let expected =
                json!({"client_id": "demo-public", "scope": "read", "token_type": "Bearer"});
            assert_eq!(*found.json(), expected);
            assert_eq!(found.header(header::CACHE_CONTROL), "no-store");
        }
    }
    for scheme in ["DPoP", "dpop", "DPOP"] {
        for method in ["GET", "POST"] {
            let proof = resource_proof(&server, &P256, &bound).claim("htm", quoted(method));
            let authorization = format!("{scheme} {bound}");
            let headers = [("authorization", &*authorization), ("dpop", &proof.text())];
            let method = method.parse().expect("a method");
            let found = server.resource(method, &headers).await.granted();
            let expected =
                json!({"client_id": "demo-public", "scope": "read", "token_type": "DPoP"});
            assert_eq!(*found.json(), expected);
        }
    }
    // RFC 9449 §4.3: the comparison ignores query and fragment.
    let proof = resource_proof(&server, &P256, &bound).claim("htu", quoted(&format!("{url}?a#b")));
    server.get_with(&bound, &proof).await.granted();
}

#[tokio::test]
async fn token_is_found_among_those_of_many_clients() {
    let server = start(&[]);
    for who in [BASIC, POST, UNICODE] {
        for key in [Some(&P256), None] {
            let (access, refresh) = server.grant_by(who, key).await;
            let found = server.get_by(&access, key).await.granted();
            assert_eq!(found.text("client_id"), who.id());
            // A refresh token is none for a resource.
            let refused = server.get_by(&refresh, key).await;
            refused.refused(401, "invalid_token");
            let revoked = server.post("/revoke", who, &[("token", &access)]).await;
            revoked.granted();
            let refused = server.get_by(&access, key).await;
            refused.refused(401, "invalid_token");
        }
    }
}

/// RFC 6750 §3.1: "the resource server SHOULD NOT include an error code".
#[tokio::test]
async fn without_a_token_there_are_both_challenges_and_no_error_code() {
    let server = start(&[]);
    let basic = crate::common::basic_value("demo-basic:demo-basic-secret");
    let proof = resource_proof(&server, &P256, "t").text();
    for headers in [
        &[][..],
        &[("dpop", &*proof)],
        &[("authorization", &*basic)],
        &[("authorization", "Bearer")],
        &[("authorization", "")],
        &[("authorization", "Bearer\tt")],
        &[("authorization", "DPoPt t")],
        &[("authorization", "Bearer é")],
    ] {
        for method in [Method::GET, Method::POST] {
            let reply = server.resource(method, headers).await;
            assert_eq!(reply.status, 401, "{headers:?}");
            assert_eq!(*reply.json(), json!({}));
            let expected = format!(r#"Bearer realm="resource", DPoP algs="{ALGS}""#);
            assert_eq!(challenges(&reply.headers), expected, "{headers:?}");
        }
    }
}

/// RFC 6750 §2 and RFC 9449 §7.2.
#[tokio::test]
async fn two_tokens_are_invalid_request() {
    let server = start(&[]);
    let token = token_of(&server, None).await;
    let [bearer, bound] = ["Bearer", "DPoP"].map(|scheme| format!("{scheme} {token}"));
    for second in [&bearer, &bound] {
        let headers = [("authorization", &*bearer), ("authorization", second)];
        let reply = server.resource(Method::GET, &headers).await;
        reply.refused(400, "invalid_request");
        let challenges = challenges(&reply.headers);
        let start = r#"Bearer error="invalid_request", "#;
        assert!(challenges.starts_with(start), "{challenges}");
        assert!(challenges.contains(", DPoP algs="), "{challenges}");
    }
}

#[tokio::test]
async fn token_that_is_not_good_for_its_scheme_is_invalid_token() {
    let server = start(&[]);
    let bearer = token_of(&server, None).await;
    let bound = token_of(&server, Some(&P256)).await;
    let other_end = format!("{}x", &bound[..42]);
    let (longer, twice) = (format!("{bound}x"), format!("{bearer}, {bearer}"));
    #[rustfmt::skip]
    let cases = [
        ("RFC 9449 §7.2: a bound token without its key",    &*bound,          None,              "DPoP"),
        ("RFC 9449 §7.1: a token without a key, by DPoP",   &bearer,          Some(&P256),       "DPoP"),
        ("RFC 9449 §7.1: a bound token and another key",    &bound,           Some(&OTHER_P256), "DPoP"),
        ("RFC 6750 §3.1: no token of this server",          "x",              None,              "Bearer"),
        ("RFC 6750 §3.1: no token of this server, by DPoP", "x",              Some(&P256),       "DPoP"),
        ("RFC 6750 §3.1: nearly a token",                   &other_end,       Some(&P256),       "DPoP"),
        ("RFC 6750 §3.1: a token and more",                 &longer,          Some(&P256),       "DPoP"),
        ("RFC 6750 §3.1: two tokens",                       &twice,           None,              "Bearer"),
        ("RFC 6750 §3.1: half a token",                     &bearer[..20],    None,              "Bearer"),
    ];
    for (row, token, sent_by, scheme) in cases {
        println!("{row}");
        assert!(rests_on(row, &["RFC "]), "{row}");
        let reply = server.get_by(token, sent_by).await;
        assert_challenged(&reply, scheme, "invalid_token");
    }
    server.get_by(&bound, Some(&P256)).await.granted();
    server.get_by(&bearer, None).await.granted();
}

/// RFC 9449 §7.1. The number of a row is that of the check.
#[tokio::test]
async fn proof_that_is_not_sound_is_invalid_dpop_proof() {
    let server = start(&[]);
    let token = token_of(&server, Some(&P256)).await;
    let sound = || resource_proof(&server, &P256, &token);
    let url = format!("{}/resource", server.base);
    let other_ath = resource_proof(&server, &P256, "another token");
    let hmac = proof_for("HS256", &SECRET, "GET", &url);
    let public_and_private = jwk_with(&P256, [("d", json!("x"))]);
    let cases: Vec<(&str, Draft)> = vec![
        (
            "RFC 9449 §4.3 (3): without jti",
            sound().without_claim("jti"),
        ),
        (
            "RFC 9449 §4.3 (3): without htm",
            sound().without_claim("htm"),
        ),
        (
            "RFC 9449 §4.3 (3): without htu",
            sound().without_claim("htu"),
        ),
        (
            "RFC 9449 §4.3 (3): without iat",
            sound().without_claim("iat"),
        ),
        (
            "RFC 9449 §4.3 (4): another typ",
            sound().header("typ", quoted("JWT")),
        ),
        ("RFC 9449 §4.3 (4): no typ", sound().without_header("typ")),
        (
            "RFC 9449 §4.3 (5): alg none",
            sound().header("alg", quoted("none")),
        ),
        ("RFC 9449 §4.3 (5): a symmetric alg", hmac),
        (
            "RFC 9449 §4.3 (6): the signature of another key",
            sound().signed_with(&OTHER_P256),
        ),
        (
            "RFC 9449 §4.3 (7): a private key",
            sound().header("jwk", public_and_private.to_string()),
        ),
        ("RFC 9449 §4.3 (7): no key", sound().without_header("jwk")),
        (
            "RFC 9449 §4.3 (8): another method",
            sound().claim("htm", quoted("POST")),
        ),
        (
            "RFC 9449 §4.3 (8): the method in lower case",
            sound().claim("htm", quoted("get")),
        ),
        (
            "RFC 9449 §4.3 (9): the token endpoint",
            sound().claim("htu", quoted(&format!("{}/token", server.base))),
        ),
        (
            "RFC 9449 §4.3 (9): the root",
            sound().claim("htu", quoted(&server.base)),
        ),
        (
            "RFC 9449 §4.3 (9): a path below",
            sound().claim("htu", quoted(&format!("{url}/x"))),
        ),
        (
            "RFC 9449 §4.3 (9): another scheme",
            sound().claim("htu", quoted(&url.replace("http", "https"))),
        ),
        (
            "RFC 9449 §4.3 (11): too old",
            sound().claim("iat", at(-130)),
        ),
        ("RFC 9449 §4.3 (11): ahead", sound().claim("iat", at(70))),
        (
            "RFC 9449 §4.3 (11): exp five minutes past",
            sound().claim("exp", at(-300)),
        ),
        (
            "RFC 9449 §4.3 (11): nbf ahead",
            sound().claim("nbf", at(300)),
        ),
        ("RFC 9449 §4.3 (12): no ath", sound().without_claim("ath")),
        ("RFC 9449 §4.3 (12): ath of another token", other_ath),
        (
            "RFC 9449 §4.3 (12): ath empty",
            sound().claim("ath", quoted("")),
        ),
        (
            "RFC 9449 §4.3 (12): ath with padding",
            sound().claim(
                "ath",
                quoted(&format!("{}=", ath(&token).trim_matches('"'))),
            ),
        ),
        (
            "RFC 7515 §4.1.11: crit",
            sound().header("crit", r#"["exp"]"#),
        ),
    ];
    for (row, proof) in cases {
        println!("{row}");
        assert!(rests_on(row, &["RFC "]), "{row}");
        let reply = server.get_with(&token, &proof).await;
        assert_challenged(&reply, "DPoP", "invalid_dpop_proof");
    }
    // 1: there is one header, and it is a JWS (2).
    let authorization = format!("DPoP {token}");
    let authorization = ("authorization", &*authorization);
    let [one, two] = [sound().text(), sound().text()];
    for proofs in [
        &[][..],
        &[("dpop", "")],
        &[("dpop", "a.b.c")],
        &[("dpop", &*one), ("dpop", &*two)],
        &[("dpop", &*format!("{one}, {two}"))],
    ] {
        let headers = [&[authorization], proofs].concat();
        let reply = server.resource(Method::GET, &headers).await;
        assert_challenged(&reply, "DPoP", "invalid_dpop_proof");
    }
    // None of these was used up.
    for proof in [one, two] {
        let headers = [authorization, ("dpop", &*proof)];
        server.resource(Method::GET, &headers).await.granted();
        let again = server.resource(Method::GET, &headers).await;
        assert_challenged(&again, "DPoP", "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn proof_may_be_a_little_old_and_by_any_listed_algorithm() {
    let server = start(&[]);
    let token = token_of(&server, Some(&P256)).await;
    for seconds in ["iat", "nbf"]
        .into_iter()
        .flat_map(|it| [(it, -10), (it, 10)])
    {
        let proof = resource_proof(&server, &P256, &token).claim(seconds.0, at(seconds.1));
        server.get_with(&token, &proof).await.granted();
    }
    let url = format!("{}/resource", server.base);
    for (alg, key) in [("PS256", &RSA), ("Ed25519", &ED25519)] {
        let proof = proof_for(alg, key, "POST", &format!("{}/token", server.base));
        let granted = server
            .token_with(BASIC, &[CLIENT_CREDENTIALS], &proof)
            .await;
        let granted = granted.granted();
        let token = granted.text("access_token");
        let proof = proof_for(alg, key, "GET", &url).claim("ath", ath(token));
        server.get_with(token, &proof).await.granted();
    }
}

/// RFC 9449 §4.3: the URL is that of the issuer, not the one that the request happened to go to.
#[tokio::test]
async fn resource_is_below_the_issuer() {
    let issuer = "https://as.example.com/tenant/";
    let server = start(&["--issuer", issuer]);
    let send = async |path: &str, proof: Draft, headers: &[(&str, &str)]| {
        let url = format!("{}{path}", server.base);
        let mut request = server.http.post(url).form(&[CLIENT_CREDENTIALS]);
        request = request.header("dpop", proof.text());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.expect("the server answers")).await
    };
    let basic = crate::common::basic_value("demo-basic:demo-basic-secret");
    let proof = |url: &str| proof_for("ES256", &P256, "POST", url);
    let sound = proof("https://as.example.com/tenant/token");
    let headers = [("authorization", &*basic)];
    let granted = send("/tenant/token", sound, &headers).await.granted();
    let token = granted.text("access_token");
    let authorization = format!("DPoP {token}");
    let headers = [
        ("authorization", &*authorization),
        ("x-forwarded-host", "other.example"),
    ];
    for (url, status) in [
        ("https://as.example.com/tenant/resource", 200),
        ("https://AS.example.com:443/tenant/resource?a", 200),
        ("https://as.example.com/resource", 401),
        ("https://other.example/tenant/resource", 401),
        (&format!("{}/tenant/resource", server.base), 401),
    ] {
        let proof = proof(url).claim("ath", ath(token));
        let reply = send("/tenant/resource", proof, &headers).await;
        assert_eq!(reply.status, status, "{url}");
    }
}
