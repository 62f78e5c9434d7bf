//! Clients, and requests with a secret in them.

use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, GrantType};

use crate::canary::{CANARY, HMAC_SECRET, RIGHT, WRONG};
use crate::common::{
    Built, CC, Call, Exchange, basic, block_on, body, builder, by_assertion, form_encode, hs256,
    post,
};

pub(crate) fn clients() -> Vec<Client> {
    let grants = [
        GrantType::ClientCredentials,
        GrantType::AuthorizationCode,
        GrantType::DeviceCode,
        GrantType::Ciba,
    ];
    let client = |id| {
        Client::builder(id)
            .secret(ClientSecret::sha256_of(RIGHT))
            .grant_types(grants.clone())
    };
    let clients = [
        client("basic"),
        client("post").auth_method(AuthMethod::ClientSecretPost),
        client("either")
            .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost]),
        client("plain").secret(ClientSecret::plain(RIGHT)),
        client("hmac")
            .secret(ClientSecret::plain(HMAC_SECRET))
            .auth_method(AuthMethod::ClientSecretJwt),
        client("expired").secret(ClientSecret::sha256_of(RIGHT).expires_at(std::time::UNIX_EPOCH)),
        client("two\nFORGED registered id"),
    ];
    clients
        .map(|client| client.build().expect("a client"))
        .into()
}

/// Credentials as they are, without any encoding.
pub(crate) fn by_basic(id: &str, secret: &str) -> Call {
    basic(format!("{id}:{secret}"))
}

pub(crate) fn by_post(id: &str, secret: &str) -> Call {
    body(&format!("client_id={id}&client_secret={secret}"))
}

/// Right and wrong secrets by each mechanism, decoded and raw, and requests that fail earlier.
pub(crate) fn calls() -> Vec<Call> {
    let mut calls = Vec::new();
    for secret in [RIGHT, WRONG] {
        let encoded = form_encode(secret);
        for id in ["basic", "post", "either", "plain", "expired", "nobody"] {
            calls.extend([
                by_basic(id, secret),
                by_basic(id, &encoded),
                by_post(id, &encoded),
            ]);
        }
        calls.extend([
            by_basic("", secret),
            by_basic("basic", &encoded).basic(format!("basic:{encoded}")),
            by_basic("basic", &format!("{secret}%")),
            basic(secret),
            basic([b"basic:\xFF", secret.as_bytes()].concat()),
            post(CC).add("authorization", format!("Basic {secret}")),
            post(CC).add("authorization", format!("Bearer {secret}")),
            post(CC).add("authorization", format!("{CANARY} {secret}")),
            body(&format!("client_secret={encoded}")),
            body(&format!("client_secret={encoded}&client_secret={encoded}")),
            body(&format!("client_secret={secret}%")),
            body(&format!("client_assertion={secret}")),
            body(&format!(
                "client_assertion={secret}&client_assertion_type={secret}"
            )),
            by_post("post", &encoded).set("content-type", "text/plain"),
            by_post("post", &encoded).basic(format!("post:{encoded}")),
            post(CC).to(&format!("/token?client_secret={encoded}")),
            by_basic("basic", &encoded).to(&format!("/token?api_key={CANARY}")),
            post(format!(
                "grant_type=authorization_code&code={CANARY}&code_verifier={CANARY}"
            ))
            .basic(format!("basic:{encoded}")),
            post(format!("grant_type={CANARY}&state={CANARY}")).basic(format!("basic:{encoded}")),
        ]);
    }
    let assertions = [
        hs256("hmac", HMAC_SECRET, ""),
        hs256("hmac", HMAC_SECRET, r#""x":"c4n4ry","#),
        hs256("hmac", "c4n4ry, and another secret that is long enough", ""),
        hs256("hmac", HMAC_SECRET, r#""jti":"c4n4ry","#),
        hs256("nobody", HMAC_SECRET, ""),
        hs256("c4n4ry", HMAC_SECRET, ""),
        format!("{CANARY}.{CANARY}.{CANARY}"),
        hs256("hmac", HMAC_SECRET, "") + CANARY,
    ];
    calls.extend(assertions.map(|assertion| post(format!("{CC}&{}", by_assertion(&assertion)))));
    calls
}

pub(crate) fn exchanges() -> impl Iterator<Item = (Call, Exchange)> {
    let layer = builder(clients())
        .client_assertions(MemoryReplayStore::new())
        .built();
    calls().into_iter().map(move |call| {
        let exchange = block_on(call.send(&layer));
        (call, exchange)
    })
}
