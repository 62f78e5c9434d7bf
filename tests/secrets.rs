//! A canary sings in every secret of these tests; nothing that can be read may repeat it.

mod common;

use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response, header, request};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_token_endpoint::{
    AuthMethod, AuthenticatedRequest, Client, ClientSecret, ClientStore, Endpoint, GrantType,
    MemoryClients, MemoryReplays, Reason, RequestBody, Secret, TokenEndpointLayer, TokenError,
    TokenRequest, TokenResponse,
};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use common::{Call, Exchange, ISSUER, block_on, by_assertion, form_encode, hs256, layer, post};

// ---- the canary and where it may not be -----------------------------------------------------

/// Part of every secret, and the same in every encoding of the form.
const CANARY: &str = "c4n4ry";
/// Secrets that change by decoding.
const RIGHT: &str = "+c4n4ryR1ght%2B";
const WRONG: &str = "+c4n4ryWr0ng%2B";
/// Long enough for HS256.
const HMAC_SECRET: &str = "c4n4ry, and more than thirty-two bytes of it";

/// Finds the canary in every form in which it could leak.
fn assert_silent(place: &str, text: &str) {
    static NEEDLES: LazyLock<Vec<String>> = LazyLock::new(needles);
    for needle in &*NEEDLES {
        assert!(!text.contains(needle), "{needle} in {place}: {text}");
    }
}

fn needles() -> Vec<String> {
    let digest: [u8; 32] = Sha256::digest(RIGHT).into();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut needles = vec![
        CANARY.to_owned(),
        hex.to_uppercase(),
        hex,
        STANDARD.encode(digest),
        format!("{:?}", &digest[..4]).replace(']', ","),
        format!("{:#?}", &digest[..4]).replace("\n]", ""),
    ];
    for word in digest.chunks_exact(8) {
        let word = word.try_into().expect("eight bytes");
        needles.push(u64::from_le_bytes(word).to_string());
        needles.push(u64::from_be_bytes(word).to_string());
    }
    for secret in [RIGHT, WRONG] {
        for secret in [secret.to_owned(), form_encode(secret)] {
            let token = STANDARD.encode(format!("basic:{secret}"));
            needles.extend([STANDARD.encode(secret), token]);
        }
    }
    needles
}

fn assert_debug_silent(place: &str, value: &dyn Debug) {
    assert_silent(place, &format!("{value:?}"));
    assert_silent(place, &format!("{value:#?}"));
}

// ---- the log --------------------------------------------------------------------------------

/// All that this process logs, from TRACE up.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Starts the log, or finds it started.
    fn start() -> &'static Self {
        static LOG: LazyLock<Log> = LazyLock::new(|| {
            let log = Log::default();
            tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .without_time()
                .with_ansi(false)
                .with_writer(log.clone())
                .init();
            log
        });
        &LOG
    }

    fn text(&self) -> String {
        let bytes = self.0.lock().expect("no panic before").clone();
        String::from_utf8(bytes).expect("a log in UTF-8")
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic before").write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

// ---- requests with a secret in them ---------------------------------------------------------

const CC: &str = "grant_type=client_credentials";

fn clients() -> Vec<Client> {
    let grants = [GrantType::ClientCredentials, GrantType::AuthorizationCode];
    let client = |id| {
        Client::builder(id)
            .secret(RIGHT)
            .grant_types(grants.clone())
    };
    let clients = [
        client("basic"),
        client("post").auth_method(AuthMethod::ClientSecretPost),
        client("either")
            .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost]),
        client("plain").secret(ClientSecret::plain(Secret::new(RIGHT))),
        client("hmac")
            .secret(ClientSecret::plain(Secret::new(HMAC_SECRET)))
            .auth_method(AuthMethod::ClientSecretJwt),
        client("expired").secret(ClientSecret::new(RIGHT).expires_at(std::time::UNIX_EPOCH)),
        client("two\nFORGED registered id"),
    ];
    clients
        .map(|client| client.build().expect("a client"))
        .into()
}

fn basic(id: &str, secret: &str) -> Call {
    post(CC).basic(format!("{id}:{secret}"))
}

fn by_post(id: &str, secret: &str) -> Call {
    post(format!("{CC}&client_id={id}&client_secret={secret}"))
}

/// Right and wrong secrets by each mechanism, decoded and raw, and requests that fail earlier.
fn calls() -> Vec<Call> {
    let mut calls = Vec::new();
    for secret in [RIGHT, WRONG] {
        let encoded = form_encode(secret);
        for id in ["basic", "post", "either", "plain", "expired", "nobody"] {
            calls.extend([
                basic(id, secret),
                basic(id, &encoded),
                by_post(id, &encoded),
            ]);
        }
        calls.extend([
            basic("", secret),
            basic("basic", &encoded).basic(format!("basic:{encoded}")),
            basic("basic", &format!("{secret}%")),
            post(CC).basic(secret),
            post(CC).basic([b"basic:\xFF", secret.as_bytes()].concat()),
            post(CC).add("authorization", format!("Basic {secret}")),
            post(CC).add("authorization", format!("Bearer {secret}")),
            post(CC).add("authorization", format!("{CANARY} {secret}")),
            post(format!("{CC}&client_secret={encoded}")),
            post(format!(
                "{CC}&client_secret={encoded}&client_secret={encoded}"
            )),
            post(format!("{CC}&client_secret={secret}%")),
            post(format!("{CC}&client_assertion={secret}")),
            post(format!(
                "{CC}&client_assertion={secret}&client_assertion_type={secret}"
            )),
            by_post("post", &encoded).set("content-type", "text/plain"),
            by_post("post", &encoded).basic(format!("post:{encoded}")),
            post(CC).to(&format!("/token?client_secret={encoded}")),
            basic("basic", &encoded).to(&format!("/token?api_key={CANARY}")),
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

fn exchanges() -> impl Iterator<Item = (Call, Exchange)> {
    let layer = layer(clients()).assertions(MemoryReplays::new());
    calls().into_iter().map(move |call| {
        let exchange = block_on(call.send(&layer));
        (call, exchange)
    })
}

#[test]
fn the_canary_is_sent_right_and_wrong() {
    let reasons = exchanges().map(|(_, exchange)| exchange.rejection().map(|why| why.reason()));
    let reasons: Vec<Option<Reason>> = reasons.collect();
    let expected = [
        None,
        Some(Reason::WrongSecret),
        Some(Reason::UnknownClient),
        Some(Reason::MethodNotRegistered),
        Some(Reason::CredentialsInQuery),
        Some(Reason::WrongSignature),
        Some(Reason::MalformedAssertion),
        Some(Reason::ReplayedAssertion),
    ];
    for reason in expected {
        assert!(reasons.contains(&reason), "{reason:?} in {reasons:?}");
    }
}

#[test]
fn no_response_repeats_a_secret() {
    for (call, exchange) in exchanges() {
        let response = &exchange.response;
        let body = String::from_utf8_lossy(response.body());
        assert_silent(&format!("the body for {call:?}"), &body);
        for (name, value) in response.headers() {
            assert_silent(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        assert_debug_silent("the response", response);
    }
}

#[test]
fn no_rejection_repeats_a_secret() {
    for (_, exchange) in exchanges() {
        if let Some(rejection) = exchange.rejection() {
            assert_debug_silent("a rejection", rejection);
            assert_silent("a rejection", &rejection.to_string());
            assert_silent("a rejection", rejection.parameter().unwrap_or_default());
        }
    }
}

#[test]
fn no_log_line_repeats_a_secret() {
    let log = Log::start();
    let decisions = exchanges().count();
    let text = log.text();
    assert!(
        text.lines().count() >= decisions,
        "a line for each decision: {text}"
    );
    assert!(text.contains("wrong_secret"), "the reason: {text}");
    assert_silent("the log", &text);
}

// ---- log lines of somebody's own ------------------------------------------------------------

#[test]
fn no_parameter_starts_a_log_line() {
    let log = Log::start();
    let forged = "a\nFORGED \r\nFORGED \u{1b}[2J\u{2028}FORGED";
    let encoded = form_encode(forged);
    let registered = form_encode("two\nFORGED registered id");
    let secret = form_encode(RIGHT);
    let ask = |body: String| post(body).basic(format!("basic:{secret}"));
    let calls = [
        basic(&registered, &secret),
        basic(&registered, "wrong"),
        basic("two\nFORGED registered id", &secret),
        by_post(&registered, &secret),
        post(format!("{CC}&client_id={registered}")),
        basic(&encoded, &secret),
        basic(forged, RIGHT),
        basic("basic", forged),
        by_post(&encoded, &encoded),
        post(format!("{CC}&client_id={encoded}")),
        post(format!(
            "{CC}&client_assertion=a&client_assertion_type={encoded}"
        )),
        ask(format!("grant_type={encoded}")),
        ask(format!("{CC}&scope={encoded}")),
        ask(format!("{CC}&state={encoded}")),
        ask(format!("{CC}&client_id={encoded}")),
        ask(format!("{CC}&{encoded}=1&{encoded}=2")),
    ];
    let layer = layer(clients());
    for call in &calls {
        block_on(call.send(&layer));
    }
    let text = log.text();
    assert!(
        text.lines().count() >= calls.len(),
        "a line for each decision: {text}"
    );
    let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
    for line in text.lines() {
        let level = line.split_whitespace().next().unwrap_or_default();
        assert!(
            levels.contains(&level),
            "a line of somebody's own: {line:?}"
        );
        assert!(
            !line.contains(char::is_control),
            "a control character: {line:?}"
        );
    }
}

// ---- Debug ----------------------------------------------------------------------------------

#[test]
fn no_debug_of_a_secret_or_client_shows_it() {
    let secret = ClientSecret::new(RIGHT);
    let digest = Sha256::digest(RIGHT).into();
    assert_debug_silent("Secret", &Secret::new(RIGHT));
    assert_debug_silent("ClientSecret", &secret);
    assert_debug_silent("ClientSecret", &ClientSecret::plain(Secret::new(RIGHT)));
    assert_debug_silent("ClientSecret", &ClientSecret::sha256(digest));
    assert_debug_silent("ClientSecret", &secret.expires_at(std::time::UNIX_EPOCH));

    let builder = || Client::builder("c").secret(RIGHT);
    assert_debug_silent("ClientBuilder", &builder());
    assert_debug_silent("Client", &builder().build());
    let refused = builder().scope("a  b").build();
    assert_debug_silent("ClientError", &refused);
    assert_silent(
        "ClientError",
        &refused.expect_err("a malformed scope").to_string(),
    );
}

#[test]
fn no_debug_of_a_store_or_layer_shows_a_secret() {
    let store = MemoryClients::new(clients()).expect("clients that load");
    let layer = TokenEndpointLayer::new(store.clone(), ISSUER)
        .assertions(MemoryReplays::new())
        .decoy_secret(ClientSecret::plain(Secret::new(RIGHT)));
    assert_debug_silent("MemoryClients", &store);
    assert_debug_silent("TokenEndpointLayer", &layer);
    assert_debug_silent("TokenEndpoint", &layer.layer(()));
    assert_silent(
        "the metadata",
        &serde_json::Value::from(layer.metadata()).to_string(),
    );
}

#[test]
fn no_debug_of_an_answer_shows_a_token() {
    let response = TokenResponse::bearer(RIGHT)
        .refresh_token(RIGHT)
        .id_token(RIGHT)
        .parameter("device_secret", RIGHT);
    assert_debug_silent("TokenResponse", &response);
    let body: Response<bytes::Bytes> = response.into();
    assert!(
        body.body()
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes())
    );

    let error = TokenError::new(tower_token_endpoint::ErrorCode::InvalidGrant);
    assert_debug_silent(
        "TokenError",
        &error.description(format!("{RIGHT:?}").replace(CANARY, "")),
    );
}

/// The inner service's view: bodies, extensions and headers as they reach it.
#[tokio::test]
async fn no_debug_of_an_accepted_request_shows_a_secret() {
    let inner = service_fn(
        |request: Request<RequestBody<Full<bytes::Bytes>>>| async move {
            assert_debug_silent("the headers", request.headers());
            assert_debug_silent("RequestBody", request.body());
            let extensions = request.extensions();
            if let Some(request) = extensions.get::<TokenRequest>() {
                assert_debug_silent("TokenRequest", request);
                assert_debug_silent("AuthenticatedRequest", request.authenticated());
                assert_debug_silent("Parameters", request.parameters());
            }
            if let Some(request) = extensions.get::<AuthenticatedRequest>() {
                assert_debug_silent("AuthenticatedRequest", request);
            }
            Ok::<_, BoxError>(Response::new(Full::<bytes::Bytes>::default()))
        },
    );
    let token = layer(clients());
    let introspection = token
        .clone()
        .endpoint(Endpoint::Introspection)
        .path("/token");
    let secret = form_encode(RIGHT);
    let form = format!("{CC}&token={CANARY}&refresh_token={CANARY}&state={CANARY}");
    let calls = [
        post(&form).basic(format!("basic:{secret}")),
        post(&form).basic(format!("basic:{RIGHT}")),
        post(format!("{form}&client_id=post&client_secret={secret}")),
    ];
    for layer in [token, introspection] {
        for call in &calls {
            let response = layer
                .layer(inner)
                .oneshot(call.request())
                .await
                .expect("an answer");
            assert!(response.status().is_success(), "{call:?}");
            assert_debug_silent("ResponseBody", response.body());
        }
    }
}

#[tokio::test]
async fn no_debug_of_a_future_shows_a_secret() {
    let inner = service_fn(|_: Request<RequestBody<Full<bytes::Bytes>>>| async {
        Ok::<_, BoxError>(Response::new(Full::<bytes::Bytes>::default()))
    });
    let layer = layer(clients());
    for call in calls() {
        let mut service = layer.layer(inner);
        let service = service.ready().await.expect("a ready service");
        let future = tower::Service::call(service, call.request());
        assert_debug_silent("ResponseFuture", &future);
        drop(future);
    }
}

// ---- loading and writing --------------------------------------------------------------------

#[test]
fn no_error_of_loading_repeats_a_secret() {
    let entry = |more: &str| format!(r#"[{{"client_id":"a","client_secret":"{RIGHT}"{more}}}]"#);
    let twice = format!(r#"{{"client_id":"a","client_secret":"{RIGHT}"}}"#);
    let documents = [
        format!("[{twice},{twice}]"),
        entry(r#","client_secret":"again""#).replace("again", RIGHT),
        entry(r#","grant_types":"client_credentials""#),
        entry(r#","grant_types":["no grant"]"#),
        entry(r#","token_endpoint_auth_method":"magic""#),
        entry(r#","scope":"a  b""#),
        entry(r#","client_secret_expires_at":"never""#),
        format!(r#"[{{"client_id":"a","client_secret":["{RIGHT}"]}}]"#),
        format!(r#"[{{"client_id":"a","client_secret":{{"{RIGHT}":1}}}}]"#),
        format!(r#"[{{"client_id":1,"client_secret":"{RIGHT}"}}]"#),
        format!(r#"[{{"client_secret":"{RIGHT}"}}]"#),
        format!(r#"[{{"client_id":"a","client_secret":"{RIGHT}"#),
        format!(r#"[{{"client_id":"a","client_secret":"{RIGHT}\x"}}]"#),
        twice,
    ];
    for document in documents {
        let error = MemoryClients::from_json(document.as_bytes()).expect_err(&document);
        assert_debug_silent("LoadError", &error);
        assert_silent("LoadError", &error.to_string());
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
        while let Some(error) = cause {
            assert_debug_silent("the cause", &error);
            assert_silent("the cause", &error.to_string());
            cause = error.source();
        }
    }
}

#[test]
fn a_client_is_written_without_its_secret() {
    let json = format!(r#"{{"client_id":"a","client_secret":"{RIGHT}","client_name":"A"}}"#);
    let client = Client::from_json(json.as_bytes()).expect("a client");
    let written = serde_json::to_string(&client).expect("JSON");
    assert!(written.contains(r#""client_name":"A""#), "{written}");
    assert!(!written.contains("client_secret\""), "{written}");
    assert_silent("the written client", &written);
    assert_debug_silent("the metadata", client.metadata());
}

// ---- the header -----------------------------------------------------------------------------

/// Notes whether the header was marked when it was asked.
#[derive(Clone, Default)]
struct Watching(Arc<Mutex<Vec<bool>>>);

impl ClientStore for Watching {
    type Error = BoxError;

    async fn find(&self, id: &str, head: &request::Parts) -> Result<Option<Arc<Client>>, BoxError> {
        let sensitive = head.headers[header::AUTHORIZATION].is_sensitive();
        self.0.lock().expect("no panic before").push(sensitive);
        assert_debug_silent("the head at the store", &head.headers);
        let client = clients()
            .into_iter()
            .find(|client| client.client_id() == id);
        Ok(client.map(Arc::new))
    }
}

#[tokio::test]
async fn authorization_is_marked_sensitive_for_the_store_and_the_inner_service() {
    let store = Watching::default();
    let layer = TokenEndpointLayer::new(store.clone(), ISSUER);
    let exchange = basic("basic", RIGHT).send(&layer).await;
    let inner = exchange.inner_request();
    assert!(inner.headers()[header::AUTHORIZATION].is_sensitive());
    let seen = std::mem::take(&mut *store.0.lock().expect("no panic before"));
    assert!(
        !seen.is_empty() && seen.iter().all(|sensitive| *sensitive),
        "{seen:?}"
    );

    basic("basic", WRONG).send(&layer).await.error();
    let seen = std::mem::take(&mut *store.0.lock().expect("no panic before"));
    assert!(
        !seen.is_empty() && seen.iter().all(|sensitive| *sensitive),
        "{seen:?}"
    );
}
