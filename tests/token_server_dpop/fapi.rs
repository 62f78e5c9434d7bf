//! `--profile fapi2`: the cases of the OpenID conformance plan for FAPI 2.0 with client credentials.
//! "FAPI 2.0" is its Security Profile.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::draft::{Draft, assertion, at, quoted};
use crate::common::proof::proof_for;
use crate::common::sign::*;
use crate::common::token_server::*;
use crate::common::{JWT_BEARER, Reply, rests_on};
use crate::keyed::{ath, resource_proof, token_proof};

/// A server with two clients that sign, the second one with a key of its own.
fn fapi() -> Server {
    let client = |id: &str, keys: &[&Pair]| {
        let keys: Vec<_> = keys.iter().map(|key| jwk(key)).collect();
        json!({
            "client_id": id, "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": keys},
            "grant_types": ["client_credentials", "authorization_code"], "scope": "read",
            "redirect_uris": [CALLBACK],
        })
    };
    let clients = [
        client("app", &[&P256, &RSA, &ED25519]),
        client("other", &[&OTHER_P256]),
    ];
    let path = clients_file("fapi", &json!(clients).to_string());
    start(&["--profile", "fapi2", "--clients", &path.to_string_lossy()])
}

/// A sound assertion of the first client.
fn signed(server: &Server) -> Draft {
    assertion("app", "ES256", &P256).aud(&server.base)
}

async fn send(
    server: &Server,
    path: &str,
    assertion: &Draft,
    proof: Option<&Draft>,
    form: &[(&str, &str)],
) -> Reply {
    let (assertion, proof) = (assertion.text(), proof.map(Draft::text));
    let form = [
        form,
        &[
            ("client_assertion", &*assertion),
            ("client_assertion_type", JWT_BEARER),
        ],
    ]
    .concat();
    let header = proof.as_deref().map(|proof| ("dpop", proof));
    server.send_with(path, None, &form, header.as_slice()).await
}

async fn token(server: &Server, assertion: &Draft, proof: Option<&Draft>) -> Reply {
    send(server, "/token", assertion, proof, &[CLIENT_CREDENTIALS]).await
}

#[tokio::test]
async fn happy_flow_with_every_algorithm() {
    let server = fapi();
    for (alg, key) in [("PS256", &RSA), ("ES256", &P256), ("EdDSA", &ED25519)] {
        let assertion = assertion("app", alg, key).aud(&server.base);
        let proof = proof_for(alg, key, "POST", &format!("{}/token", server.base));
        let granted = token(&server, &assertion, Some(&proof)).await.granted();
        assert_eq!(granted.text("token_type"), "DPoP");
        let access = granted.text("access_token");
        let url = format!("{}/resource", server.base);
        let proof = proof_for(alg, key, "GET", &url).claim("ath", ath(access));
        let found = server.get_with(access, &proof).await.granted();
        assert_eq!(found.text("client_id"), "app");
        let found = [("token", access)];
        let signed = signed(&server);
        let found = send(&server, "/introspect", &signed, None, &found).await;
        assert!(found.granted().json()["cnf"]["jkt"].is_string());
    }
}

#[tokio::test]
async fn assertions_that_fapi_refuses() {
    let server = fapi();
    let base = &server.base;
    let sound = || signed(&server);
    let array = |json: Value| sound().claim("aud", json.to_string());
    let client = "invalid_client";
    #[rustfmt::skip]
    let cases = [
        ("FAPI 2.0 §5.3.2.1: aud is the token endpoint",  sound().aud(&format!("{base}/token")), client),
        ("FAPI 2.0 §5.3.2.1: aud is an array",            array(json!([base])), client),
        ("FAPI 2.0 §5.3.2.1: aud is two",                 array(json!([base, "https://other1.example.com"])), client),
        ("FAPI 2.0 §5.3.2.1: aud is another issuer",      sound().aud("https://other1.example.com"), client),
        ("RFC 7523 §3: no sub",                           sound().without_claim("sub"), client),
        ("RFC 7523 §3: no aud",                           sound().without_claim("aud"), client),
        ("RFC 7523 §3: exp five minutes past",            sound().claim("exp", at(-300)), client),
        ("RFC 7523 §3: the key of another client",        sound().signed_with(&OTHER_P256), client),
        ("FAPI 2.0 §5.3.2.1: iat 65 seconds ahead",       sound().claim("iat", at(65)), client),
        ("FAPI 2.0 §5.4.1: by RS256",                     assertion("app", "RS256", &RSA).aud(base), client),
        ("FAPI 2.0 §5.4.1: alg none",                     sound().header("alg", quoted("none")), client),
    ];
    for (row, assertion, error) in cases {
        println!("{row}");
        assert!(rests_on(row, &["RFC ", "FAPI 2.0 "]), "{row}");
        let proof = token_proof(&server, &P256);
        let reply = token(&server, &assertion, Some(&proof)).await;
        reply.refused(401, error);
    }
    for (claim, seconds) in [("iat", -10), ("iat", 10), ("nbf", 10)] {
        let assertion = sound().claim(claim, at(seconds));
        let proof = token_proof(&server, &P256);
        token(&server, &assertion, Some(&proof)).await.granted();
    }
    // RFC 7521 §4.2: the client id of another client.
    let form = [CLIENT_CREDENTIALS, ("client_id", "other")];
    let proof = token_proof(&server, &P256);
    let reply = send(&server, "/token", &sound(), Some(&proof), &form).await;
    reply.refused(400, "invalid_request");
    // FAPI 2.0 §5.3.2.1: holder of key required.
    let reply = token(&server, &sound(), None).await;
    reply.refused(400, "invalid_request");
}

/// What is wrong with a proof, for the token endpoint and for the resource alike.
type Change = fn(Draft) -> Draft;

#[rustfmt::skip]
const UNSOUND: [(&str, Change); 18] = [
    ("RFC 9449 §4.3: without jti",              |it| it.without_claim("jti")),
    ("RFC 9449 §4.3: without htm",              |it| it.without_claim("htm")),
    ("RFC 9449 §4.3: without htu",              |it| it.without_claim("htu")),
    ("RFC 9449 §4.3: without iat",              |it| it.without_claim("iat")),
    ("RFC 9449 §4.3: another method",           |it| it.claim("htm", quoted("PUT"))),
    ("RFC 9449 §4.3: another URL",              |it| it.claim("htu", quoted("https://other.example.com/token"))),
    ("RFC 9449 §4.3: an hour old",              |it| it.claim("iat", at(-3600))),
    ("FAPI 2.0 §5.3.2.1: 65 seconds ahead",     |it| it.claim("iat", at(65))),
    ("RFC 7519 §4.1.4: exp an hour ago",        |it| it.claim("exp", at(-3600))),
    ("RFC 7519 §4.1.5: nbf an hour ahead",      |it| it.claim("nbf", at(3600))),
    ("RFC 9449 §4.2: no typ",                   |it| it.without_header("typ")),
    ("RFC 9449 §4.2: typ JWT",                  |it| it.header("typ", quoted("JWT"))),
    ("RFC 9449 §4.2: alg none",                 |it| it.header("alg", quoted("none"))),
    ("RFC 9449 §4.2: no jwk",                   |it| it.without_header("jwk")),
    ("RFC 9449 §4.2: a private key",            |it| it.header("jwk", jwk_with(&P256, [("d", json!("AA"))]).to_string())),
    ("RFC 9449 §4.3: the signature of another", |it| it.signed_with(&OTHER_P256)),
    ("RFC 9449 §4.2: a symmetric key",          |it| it.header("alg", quoted("HS256")).header("jwk", jwk(&SECRET).to_string()).signed_as("HS256").signed_with(&SECRET)),
    ("FAPI 2.0 §5.4.1: by RS256",               |it| it.header("alg", quoted("RS256")).header("jwk", jwk(&RSA).to_string()).signed_as("RS256").signed_with(&RSA)),
];

/// What is right with it.
const SOUND: [(&str, Change); 4] = [
    ("nbf and exp", |it| {
        it.claim("nbf", at(0)).claim("exp", at(60))
    }),
    ("iat 10 seconds ago", |it| it.claim("iat", at(-10))),
    ("iat 10 seconds ahead", |it| it.claim("iat", at(10))),
    ("other claims", |it| it.claim("x", "{}")),
];

#[tokio::test]
async fn proofs_that_fapi_refuses() {
    let server = fapi();
    let by_p256 = || token_proof(&server, &P256);
    let granted = token(&server, &signed(&server), Some(&by_p256())).await;
    let granted = granted.granted();
    let access = granted.text("access_token");
    let for_resource = || resource_proof(&server, &P256, access);
    for (row, change) in UNSOUND {
        println!("{row}");
        assert!(rests_on(row, &["RFC ", "FAPI 2.0 "]), "{row}");
        let reply = token(&server, &signed(&server), Some(&change(by_p256()))).await;
        reply.refused(400, "invalid_dpop_proof");
        let reply = server.get_with(access, &change(for_resource())).await;
        reply.refused(401, "invalid_dpop_proof");
    }
    for (row, change) in SOUND {
        println!("{row}");
        let reply = token(&server, &signed(&server), Some(&change(by_p256()))).await;
        reply.granted();
        let reply = server.get_with(access, &change(for_resource())).await;
        reply.granted();
    }
    // RFC 9449 §11.1: once.
    let proof = by_p256().jti("once");
    token(&server, &signed(&server), Some(&proof))
        .await
        .granted();
    let again = token(&server, &signed(&server), Some(&proof)).await;
    again.refused(400, "invalid_dpop_proof");
    // RFC 9449 §7: the token alone, the key of another, and the proof of another token.
    let bearer = server.get_by(access, None).await;
    bearer.refused(401, "invalid_token");
    let another = server.get_by(access, Some(&OTHER_P256)).await;
    another.refused(401, "invalid_token");
    let other_token = for_resource().claim("ath", ath("another"));
    let other_token = server.get_with(access, &other_token).await;
    other_token.refused(401, "invalid_dpop_proof");
    let authorization = format!("DPoP {access}");
    let headers = [("authorization", &*authorization)];
    let none = server.resource(Method::GET, &headers).await;
    none.refused(401, "invalid_dpop_proof");
}

/// FAPI 2.0 §5.3.2.2.
#[tokio::test]
async fn only_pushed_requests_with_pkce_get_a_code() {
    let server = fapi();
    let query = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let (_, refused) = location(&server.authorize(&query).await);
    assert_eq!(value(&refused, "error"), Some("invalid_request"));
    let plain = [&query[..4], &[("code_challenge_method", "plain")]].concat();
    for form in [&query[..3], &query[..4], &plain] {
        let reply = send(&server, "/par", &signed(&server), None, form).await;
        reply.refused(400, "invalid_request");
    }
    let pushed = send(&server, "/par", &signed(&server), None, &query).await;
    assert_eq!(pushed.status, StatusCode::CREATED);
    let query = [
        ("client_id", "app"),
        ("request_uri", pushed.text("request_uri")),
    ];
    let (_, granted) = location(&server.authorize(&query).await);
    let code = value(&granted, "code").expect("a code");
    let form = exchange(code);
    let unbound = send(&server, "/token", &signed(&server), None, &form).await;
    unbound.refused(400, "invalid_request");
    let proof = token_proof(&server, &P256);
    let bound = send(&server, "/token", &signed(&server), Some(&proof), &form).await;
    assert_eq!(bound.granted().text("token_type"), "DPoP");
}

#[tokio::test]
async fn discovery_lists_what_fapi_accepts() {
    let document = fapi().discovery().await;
    let algorithms = json!(["ES256", "Ed25519", "EdDSA", "PS256"]);
    for endpoint in ["token", "introspection", "revocation"] {
        let member = |name: &str| &document[format!("{endpoint}_endpoint_auth_{name}_supported")];
        assert_eq!(*member("methods"), json!(["private_key_jwt"]));
        assert_eq!(*member("signing_alg_values"), algorithms);
    }
    assert_eq!(document["dpop_signing_alg_values_supported"], algorithms);
    assert_eq!(
        document["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(document["require_pushed_authorization_requests"], true);
}

/// The demo clients with a secret are left out, and the one that signs is there.
#[tokio::test]
async fn demo_clients_that_fapi_does_not_accept_are_left_out() {
    let server = start(&["--profile", "fapi2"]);
    for who in [BASIC, POST, PUBLIC] {
        let reply = server
            .token_by(who, &[CLIENT_CREDENTIALS], Some(&P256))
            .await;
        reply.refused(401, "invalid_client");
    }
}

/// OAuth 2.1 §2.4.1 and §10: it has one reading of Basic, and accepts all methods.
#[tokio::test]
async fn oauth21_reads_basic_as_form_urlencoded_only() {
    let server = start(&["--profile", "oauth21"]);
    let (Who::Basic(id, secret) | Who::RawBasic(id, secret)) = UNICODE else {
        unreachable!("it has a secret");
    };
    let raw = Who::RawBasic(id, secret);
    for who in [BASIC, POST, UNICODE] {
        server.token(who, &[CLIENT_CREDENTIALS]).await.granted();
    }
    // It does not decode.
    let refused = server.token(raw, &[CLIENT_CREDENTIALS]).await;
    refused.refused(400, "invalid_request");
    start(&[]).token(raw, &[CLIENT_CREDENTIALS]).await.granted();
    let (access, _) = server.grant_by(PUBLIC, None).await;
    server.get_by(&access, None).await.granted();
}
