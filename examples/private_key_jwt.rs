//! A client that has a key and no secret (RFC 7523): it makes a key pair,
//! registers the public half, signs an assertion and gets a token for it, once.
//!
//! ```text
//! cargo run --example private_key_jwt
//! ```

use std::{
    convert::Infallible,
    error::Error,
    time::{Duration, SystemTime},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::{ServiceBuilder, ServiceExt};
use tower_token_endpoint::{
    AuthMethod, Client, ErrorCode, GrantType, MemoryClients, MemoryReplays, Rejection, RequestBody,
    TokenEndpointLayer, TokenError, TokenRequest, TokenResponse,
};

const ISSUER: &str = "https://as.example.com";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The client keeps the private key, and registers the public one.
    let key_pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let jwk = public_jwk(&key_pair);
    println!("registered: {jwk}");

    // The server knows nothing that could be stolen from it.
    let client = Client::builder("demo")
        .auth_method(AuthMethod::PrivateKeyJwt)
        .metadata("jwks", json!({ "keys": [jwk] }))
        .grant_types([GrantType::ClientCredentials])
        .build()?;
    let layer = TokenEndpointLayer::new(MemoryClients::new([client])?, ISSUER)
        .assertions(MemoryReplays::new()); // several machines share a `RedisReplays`
    let service = ServiceBuilder::new().layer(layer).service_fn(issue);

    // The second time, the assertion may come from anybody who has seen it.
    let assertion = sign(&key_pair)?;
    println!("assertion: {assertion}");
    for time in ["first", "second"] {
        let response = service.clone().oneshot(token_request(&assertion)?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        println!("{time}: {} {}", head.status, String::from_utf8_lossy(&body));
        // What the client is not told.
        if let Some(rejection) = head.extensions.get::<Rejection>() {
            println!("for the log: {}", rejection.as_str());
        }
    }
    Ok(())
}

/// RFC 7518 §6.2.1. The two coordinates follow a byte that says so.
fn public_jwk(key_pair: &EcdsaKeyPair) -> Value {
    let (x, y) = key_pair.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    json!({ "kty": "EC", "crv": "P-256", "kid": "2026-01", "x": x, "y": y })
}

/// RFC 7523 §3: by whom, for whom, until when, and a number that is used once.
fn sign(key_pair: &EcdsaKeyPair) -> Result<String, Box<dyn Error>> {
    let expires = SystemTime::now() + Duration::from_secs(60);
    let header = json!({ "alg": "ES256", "kid": "2026-01" });
    let claims = json!({
        "iss": "demo",
        "sub": "demo",
        "aud": ISSUER,
        "jti": URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        "exp": expires.duration_since(SystemTime::UNIX_EPOCH)?.as_secs(),
    });
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = key_pair.sign(&SystemRandom::new(), signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// RFC 7523 §2.2. The assertion says who the client is.
fn token_request(assertion: &str) -> http::Result<Request<Full<Bytes>>> {
    let form = format!(
        "grant_type=client_credentials\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion={assertion}"
    );
    Request::post("https://as.example.com/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(form))
}

/// Sees requests of authenticated clients only; its one task is the token.
async fn issue(
    request: Request<RequestBody<Full<Bytes>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Some(request) = request.extensions().get::<TokenRequest>() else {
        return Ok(TokenError::from(ErrorCode::ServerError).into_http());
    };
    let token = format!("a-token-for-{}", request.client().client_id()); // yours is random, or signed
    Ok(TokenResponse::bearer(token).into_http())
}
