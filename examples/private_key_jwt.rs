//! A client that has a key and no secret (RFC 7523). It makes a key pair, registers
//! the public key, signs an assertion, and gets a token for it once.
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
    ErrorCode, GrantType, MemoryClientStore, TokenEndpointLayer, TokenError, TokenRequest,
    TokenResponse,
    body::RequestBody,
    client::{AuthMethod, Client},
    rejection::Rejection,
    replay::MemoryReplayStore,
};

const ISSUER: &str = "https://as.example.com";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The client keeps the private key, and registers the public one.
    let key_pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let jwk = public_jwk(&key_pair);
    println!("registered: {jwk}");

    // The server keeps no secret that could be stolen from it.
    let client = Client::builder("demo")
        .auth_method(AuthMethod::PrivateKeyJwt)
        .metadata("jwks", json!({ "keys": [jwk] }))
        .grant_types([GrantType::ClientCredentials])
        .build()?;
    let layer = TokenEndpointLayer::builder(MemoryClientStore::new([client])?, ISSUER)
        .client_assertions(MemoryReplayStore::new()) // several machines share a `RedisReplayStore`
        .build()?;
    let service = ServiceBuilder::new().layer(layer).service_fn(issue);

    // The second request could come from anybody who has seen the assertion.
    let assertion = sign(&key_pair)?;
    println!("assertion: {assertion}");
    for time in ["first", "second"] {
        let response = service.clone().oneshot(token_request(&assertion)?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        println!("{time}: {} {}", head.status, String::from_utf8_lossy(&body));
        // The client is not told why it was refused.
        if let Some(rejection) = head.extensions.get::<Rejection>() {
            println!("for the log: {}", rejection.as_str());
        }
    }
    Ok(())
}

/// RFC 7518 §6.2.1. The first byte is the format; the two coordinates follow it.
fn public_jwk(key_pair: &EcdsaKeyPair) -> Value {
    let (x, y) = key_pair.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    json!({ "kty": "EC", "crv": "P-256", "kid": "2026-01", "x": x, "y": y })
}

/// RFC 7523 §3: who signed it, who it is for, until when it is valid, and an identifier
/// that is used once.
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

/// RFC 7523 §2.2. There is no `client_id`: the assertion says who the client is.
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

/// Gets only requests of authenticated clients. It has one thing left to do: issue a
/// token.
async fn issue(
    request: Request<RequestBody<Full<Bytes>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Some(request) = request.extensions().get::<TokenRequest>() else {
        return Ok(TokenError::from(ErrorCode::ServerError).into_http());
    };
    let token = format!("a-token-for-{}", request.client().client_id()); // yours is random, or signed
    Ok(TokenResponse::bearer(token).into_http())
}
