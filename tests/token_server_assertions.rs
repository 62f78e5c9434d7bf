//! The reference server as a process, and clients that prove themselves by assertions (RFC 7523):
//! on one server and on two that share a Redis, which ends and comes back.

#[path = "common/redis_server.rs"]
mod redis_server;
#[path = "common/token_server.rs"]
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::{Json, Router, routing::get};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use redis_server::RedisServer;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use server::*;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ISSUER: &str = "https://as.example.com";
const ENDPOINTS: [&str; 3] = ["/token", "/introspect", "/revoke"];

// ---- the clients ----

/// Who signs, and how.
struct Signer {
    id: &'static str,
    header: Header,
    key: EncodingKey,
}

impl Signer {
    fn new(id: &'static str, algorithm: Algorithm, key: EncodingKey) -> Self {
        let header = Header::new(algorithm);
        Self { id, header, key }
    }

    /// The demo client whose key the server prints.
    fn demo_private_key() -> Self {
        let key = "MC4CAQAwBQYDK2VwBCIEIGGMeBkI/rmHlI1bJUh9IbUNvpZlCPzj2uZEZexfnNJL";
        let key = STANDARD.decode(key).expect("base64");
        let key = EncodingKey::from_ed_der(&key);
        Self::new("demo-private-key-jwt", Algorithm::EdDSA, key)
    }

    fn demo_client_secret() -> Self {
        let secret = "demo-client-secret-jwt-secret-of-32-bytes-or-more";
        let key = EncodingKey::from_secret(secret.as_bytes());
        Self::new("demo-client-secret-jwt", Algorithm::HS256, key)
    }

    /// An assertion that was never there before.
    fn assertion(&self, audience: &str) -> String {
        static JTI: AtomicUsize = AtomicUsize::new(0);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let claims = json!({
            "iss": self.id,
            "sub": self.id,
            "aud": audience,
            "jti": format!("jti-{}", JTI.fetch_add(1, Ordering::Relaxed)),
            "iat": now.as_secs(),
            "exp": now.as_secs() + 300,
        });
        jsonwebtoken::encode(&self.header, &claims, &self.key).expect("it signs")
    }
}

/// A key pair with a `kid`, and the public half as a JWK.
fn key_pair(id: &'static str, kid: &str) -> (Signer, Value) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key pair");
    let private = pair.to_pkcs8v1().expect("PKCS #8");
    let key = EncodingKey::from_ec_der(private.as_ref());
    let mut signer = Signer::new(id, Algorithm::ES256, key);
    signer.header.kid = Some(kid.to_owned());
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y });
    (signer, jwk)
}

impl Server {
    async fn assert(&self, path: &str, assertion: &str, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        form.push(("client_assertion_type", TYPE));
        form.push(("client_assertion", assertion));
        self.send(path, None, &form).await
    }

    async fn token_for(&self, assertion: &str) -> Answer {
        self.assert("/token", assertion, &[CLIENT_CREDENTIALS])
            .await
    }

    /// With what each endpoint wants besides.
    async fn authenticate(&self, path: &str, assertion: &str) -> Answer {
        let form = match path {
            "/token" => CLIENT_CREDENTIALS,
            _ => ("token", "a-token"),
        };
        self.assert(path, assertion, &[form]).await
    }
}

fn demo_signers() -> [Signer; 2] {
    [Signer::demo_private_key(), Signer::demo_client_secret()]
}

// ---- one server ----

#[tokio::test]
async fn discovery_lists_the_methods_and_algorithms_of_every_endpoint() {
    let server = start(&[]);
    let document = server.discovery().await;
    let algorithms = json!([
        "ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384",
        "RS512", "HS256", "HS384", "HS512",
    ]);
    for endpoint in ["token", "introspection", "revocation"] {
        let member = |name: &str| &document[format!("{endpoint}_endpoint_auth_{name}_supported")];
        assert_eq!(*member("signing_alg_values"), algorithms, "{endpoint}");
        let methods = member("methods").as_array().expect("an array");
        for method in ["private_key_jwt", "client_secret_jwt"] {
            assert!(methods.contains(&json!(method)), "{method} at {endpoint}");
        }
    }
}

#[tokio::test]
async fn either_method_does_at_every_endpoint_and_for_every_grant() {
    let server = start(&[]);
    for signer in demo_signers() {
        let sign = || signer.assertion(&server.base);
        let answer = server.token_for(&sign()).await.granted();
        assert_eq!(answer.text("scope"), "read write");

        let code = server.code(Who::Public(signer.id), CALLBACK, "read").await;
        let exchange = exchange(&code);
        let answer = server.assert("/token", &sign(), &exchange).await.granted();
        let (access, refresh) = pair(&answer);
        let refresh = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &*refresh),
        ];
        server.assert("/token", &sign(), &refresh).await.granted();

        let token = [("token", &*access), ("client_id", signer.id)];
        let found = server
            .assert("/introspect", &sign(), &token)
            .await
            .granted();
        assert_eq!(found.body["active"], true);
        assert_eq!(found.text("client_id"), signer.id);
        server.assert("/revoke", &sign(), &token).await.granted();
        let found = server
            .assert("/introspect", &sign(), &token)
            .await
            .granted();
        assert_eq!(found.body, json!({ "active": false }));
    }
}

#[tokio::test]
async fn audience_is_the_issuer_the_token_endpoint_or_the_endpoint_in_use() {
    let server = start(&["--issuer", ISSUER]);
    let signer = Signer::demo_private_key();
    for path in ENDPOINTS {
        for (audience, expected) in [
            (ISSUER.to_owned(), StatusCode::OK),
            (format!("{ISSUER}/token"), StatusCode::OK),
            (format!("{ISSUER}{path}"), StatusCode::OK),
            (server.base.clone(), StatusCode::UNAUTHORIZED),
            (format!("{ISSUER}/"), StatusCode::UNAUTHORIZED),
        ] {
            let answer = server
                .authenticate(path, &signer.assertion(&audience))
                .await;
            assert_eq!(answer.status, expected, "{audience} at {path}");
        }
    }
}

#[tokio::test]
async fn assertion_that_was_used_is_refused_at_every_endpoint() {
    let server = start(&[]);
    for signer in demo_signers() {
        for first in ENDPOINTS {
            for then in ENDPOINTS {
                let assertion = signer.assertion(&server.base);
                server.authenticate(first, &assertion).await.granted();
                let replayed = server.authenticate(then, &assertion).await;
                replayed.refused(401, "invalid_client");
                assert!(replayed.headers.contains_key(header::WWW_AUTHENTICATE));
            }
        }
    }
}

#[tokio::test]
async fn assertions_are_never_printed() {
    let server = start_logging("trace", &[]);
    let signer = Signer::demo_private_key();
    let used = signer.assertion(&server.base);
    server.token_for(&used).await.granted();
    server.token_for(&used).await.refused(401, "invalid_client");
    let stranger = signer.assertion("https://other.example.com");
    server
        .token_for(&stranger)
        .await
        .refused(401, "invalid_client");

    let output = wait_for("log line", || {
        Some(server.output()).filter(|out| out.contains("wrong_audience"))
    });
    assert!(output.contains("replayed_assertion"), "{output}");
    for assertion in [used, stranger] {
        for part in assertion.split('.') {
            assert!(!output.contains(part));
        }
    }
}

/// How many of the answers had which status.
type Statuses = BTreeMap<u16, usize>;

/// Sends one assertion by 200 tasks at once, to the servers in turn.
async fn by_200_tasks_at_once(servers: &[Arc<Server>], assertion: &str) -> Statuses {
    const TASKS: usize = 200;
    let barrier = Arc::new(Barrier::new(TASKS));
    let mut tasks = JoinSet::new();
    for server in servers.iter().cycle().take(TASKS) {
        let (server, barrier) = (Arc::clone(server), Arc::clone(&barrier));
        let assertion = assertion.to_owned();
        tasks.spawn(async move {
            barrier.wait().await;
            server.token_for(&assertion).await.status.as_u16()
        });
    }
    let mut statuses = Statuses::new();
    for status in tasks.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn assertion_sent_by_200_tasks_at_once_gets_one_token() {
    let servers = [Arc::new(start(&[]))];
    for signer in demo_signers() {
        for round in 0..3 {
            let assertion = signer.assertion(&servers[0].base);
            let statuses = by_200_tasks_at_once(&servers, &assertion).await;
            let expected = Statuses::from([(200, 1), (401, 199)]);
            assert_eq!(statuses, expected, "{}, round {round}", signer.id);
        }
    }
}

// ---- two servers that share a Redis ----

/// Both are the same server to their clients: they have one issuer.
fn two_servers(redis: &RedisServer) -> [Arc<Server>; 2] {
    let url = redis.url();
    let server = || Arc::new(start(&["--issuer", ISSUER, "--redis", &url]));
    [server(), server()]
}

/// What a server answers that knows, and what it answers where Redis was too slow for it.
#[track_caller]
fn at_most_one_token(statuses: &Statuses) -> usize {
    let of = |status| statuses.get(&status).copied().unwrap_or_default();
    let all: usize = statuses.values().sum();
    assert_eq!(of(200) + of(401) + of(503), all, "{statuses:?}");
    assert!(of(200) <= 1, "{statuses:?}");
    of(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn assertion_sent_by_200_tasks_at_once_to_two_servers_gets_one_token() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let servers = two_servers(&redis);
    let signer = Signer::demo_private_key();
    let mut undisturbed = 0;
    for _ in 0..30 {
        let statuses = by_200_tasks_at_once(&servers, &signer.assertion(ISSUER)).await;
        let granted = at_most_one_token(&statuses);
        if !statuses.contains_key(&503) {
            assert_eq!(granted, 1, "{statuses:?}");
            undisturbed += 1;
            if undisturbed == 3 {
                return;
            }
        }
    }
    panic!("Redis was too slow in nearly every round");
}

#[tokio::test]
async fn what_one_server_took_the_other_refuses() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let servers = two_servers(&redis);
    for signer in demo_signers() {
        for (first, then) in [(0, 1), (1, 0)] {
            let assertion = taken(&servers[first], &signer).await;
            refused_in_the_end(&servers[then], &assertion).await;
        }
    }
}

/// An assertion that got a token.
async fn taken(server: &Server, signer: &Signer) -> String {
    let start = Instant::now();
    while start.elapsed() < FOREVER {
        let assertion = signer.assertion(ISSUER);
        let answer = server.token_for(&assertion).await;
        if answer.status == StatusCode::OK {
            return assertion;
        }
        // Whether it was remembered is left open: never the same one again.
        answer.refused(503, "temporarily_unavailable");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no token within {FOREVER:?}");
}

/// Until then Redis may be too slow, which is no answer.
async fn refused_in_the_end(server: &Server, assertion: &str) {
    let start = Instant::now();
    while start.elapsed() < FOREVER {
        let answer = server.token_for(assertion).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            return answer.refused(401, "invalid_client");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no answer within {FOREVER:?}");
}

/// What ends sooner on any machine.
const FOREVER: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_killed_in_the_middle_is_503_without_a_replay_and_recovery_needs_no_restart() {
    // What it has acknowledged, it has on disk.
    let options = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut redis) = RedisServer::start(&options) else {
        return;
    };
    let servers = two_servers(&redis);
    let signer = Signer::demo_private_key();
    let mut used = vec![
        taken(&servers[0], &signer).await,
        taken(&servers[1], &signer).await,
    ];

    // Each assertion goes to both servers twice, before, while and after Redis is killed.
    let killed = Arc::new(AtomicUsize::new(0));
    let sending = tokio::spawn({
        let (servers, killed) = (servers.clone(), Arc::clone(&killed));
        let assertions: Vec<_> = (0..10_000).map(|_| signer.assertion(ISSUER)).collect();
        async move {
            let (mut granted, mut after) = (Vec::new(), 0);
            for assertion in assertions {
                let was_killed = killed.load(Ordering::SeqCst) == 1;
                let statuses = by_four_at_once(&servers, &assertion).await;
                if at_most_one_token(&statuses) == 1 {
                    assert!(!was_killed, "a token without Redis");
                    granted.push(assertion);
                }
                after += usize::from(was_killed);
                if after == 20 {
                    return granted;
                }
            }
            panic!("Redis was never killed");
        }
    });
    used.push(taken(&servers[0], &signer).await);
    redis.kill();
    killed.store(1, Ordering::SeqCst);
    used.extend(sending.await.expect("at most one token each"));

    for server in &servers {
        for path in ENDPOINTS {
            let new = signer.assertion(ISSUER);
            for assertion in [&new, &used[0], &used[1]] {
                let answer = server.authenticate(path, assertion).await;
                answer.refused(503, "temporarily_unavailable");
                assert!(answer.headers.contains_key(header::RETRY_AFTER));
            }
        }
        // Who has no assertion does not need Redis.
        server.token(BASIC, &[CLIENT_CREDENTIALS]).await.granted();
    }

    redis.restart();
    for server in &servers {
        taken(server, &signer).await;
    }
    for assertion in &used {
        for server in &servers {
            refused_in_the_end(server, assertion).await;
        }
    }
}

async fn by_four_at_once(servers: &[Arc<Server>; 2], assertion: &str) -> Statuses {
    let [first, second] = servers;
    let answers = tokio::join!(
        first.token_for(assertion),
        second.token_for(assertion),
        second.token_for(assertion),
        first.token_for(assertion),
    );
    let mut statuses = Statuses::new();
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        *statuses.entry(answer.status.as_u16()).or_default() += 1;
    }
    statuses
}

// ---- keys by URI ----

/// Serves key sets on loopback, and counts how often it is asked.
struct Source {
    uri: String,
    keys: Arc<Mutex<Vec<Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Source {
    async fn start(keys: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let keys = Arc::new(Mutex::new(keys));
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = {
            let (keys, asked) = (Arc::clone(&keys), Arc::clone(&asked));
            async move || {
                asked.fetch_add(1, Ordering::SeqCst);
                let keys = keys.lock().expect("no panic before");
                Json(json!({ "keys": *keys }))
            }
        };
        let app = Router::new().route("/jwks.json", get(answer));
        tokio::spawn(async { axum::serve(listener, app).await });
        Self {
            uri: format!("http://{address}/jwks.json"),
            keys,
            asked,
        }
    }

    fn clients(&self, name: &str, id: &str) -> PathBuf {
        let client = json!([{
            "client_id": id,
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": self.uri,
            "grant_types": ["client_credentials"],
        }]);
        clients_file(name, &client.to_string())
    }
}

/// A server of these clients that trusts the certificate in `roots` alone.
fn start_trusting(roots: &Path, clients: &Path, more: &[&str]) -> Server {
    let mut command = command(&["--clients", &clients.to_string_lossy()]);
    command
        .args(more)
        .env("SSL_CERT_FILE", roots)
        .env_remove("SSL_CERT_DIR")
        .env("RUST_LOG", "info");
    spawn(command)
}

/// Any root certificate, so that the test does not depend on those of the system.
static ROOTS: LazyLock<PathBuf> = LazyLock::new(|| {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let certificate = STANDARD.encode(certified.expect("a certificate").cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    file("roots.pem", &pem)
});

const LOCAL: &str = "--dangerously-allow-local-jwks-uri";

#[tokio::test]
async fn keys_rotate_at_their_jwks_uri_without_a_restart() {
    let (old, old_jwk) = key_pair("rotating", "old");
    let (new, new_jwk) = key_pair("rotating", "new");
    let source = Source::start(vec![old_jwk]).await;
    let server = start_trusting(&ROOTS, &source.clients("rotating", "rotating"), &[LOCAL]);
    let asked = || source.asked.load(Ordering::SeqCst);

    assert_eq!(asked(), 0, "nothing is fetched before it is needed");
    for _ in 0..3 {
        server
            .token_for(&old.assertion(&server.base))
            .await
            .granted();
    }
    assert_eq!(asked(), 1, "what was fetched is kept");

    *source.keys.lock().expect("no panic before") = vec![new_jwk];
    for _ in 0..3 {
        server
            .token_for(&new.assertion(&server.base))
            .await
            .granted();
    }
    assert_eq!(asked(), 2, "a `kid` that is not known is asked for");
    let answer = server.token_for(&old.assertion(&server.base)).await;
    answer.refused(401, "invalid_client");
}

#[tokio::test]
async fn local_jwks_uri_is_not_asked_without_the_flag() {
    let (signer, jwk) = key_pair("local", "key");
    let source = Source::start(vec![jwk]).await;
    let server = start_trusting(&ROOTS, &source.clients("local", "local"), &[]);
    let answer = server.token_for(&signer.assertion(&server.base)).await;
    answer.refused(503, "temporarily_unavailable");
    assert_eq!(source.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_root_certificates_it_serves_all_but_clients_with_a_jwks_uri() {
    let (signer, jwk) = key_pair("local", "key");
    let source = Source::start(vec![jwk]).await;
    let nowhere = Path::new("/nonexistent/roots.pem");
    let clients = source.clients("without_roots", "local");
    let server = start_trusting(nowhere, &clients, &[LOCAL]);
    let stderr = wait_for("warning", || {
        let stderr = server.stderr.lock().expect("no panic before").clone();
        stderr.ends_with('\n').then_some(stderr)
    });
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in ["WARN", "jwks_uri", "root certificates"] {
        assert!(stderr.contains(part), "{stderr}");
    }
    let answer = server.token_for(&signer.assertion(&server.base)).await;
    answer.refused(401, "invalid_client");
    assert_eq!(source.asked.load(Ordering::SeqCst), 0);

    let mut command = command(&[]);
    command
        .env("SSL_CERT_FILE", nowhere)
        .env_remove("SSL_CERT_DIR");
    let demo = spawn(command);
    for signer in demo_signers() {
        demo.token_for(&signer.assertion(&demo.base))
            .await
            .granted();
    }
}
