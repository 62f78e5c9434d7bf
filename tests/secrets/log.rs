//! The log.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, Endpoint, MemoryClientStore, TokenEndpointLayer};
use tracing_subscriber::filter::LevelFilter;

use crate::canary::{RIGHT, assert_silent};
use crate::common::{Built, CC, ISSUER, Log, block_on, body, builder, form_encode, layer, post};
use crate::requests::{by_basic, by_post, clients, exchanges};

/// All that this process logs, from TRACE up.
fn log() -> &'static Log {
    static LOG: LazyLock<Log> = LazyLock::new(|| {
        let log = Log::default();
        log.of_process(LevelFilter::TRACE);
        log
    });
    &LOG
}

/// What is logged, but for the ids that nobody has. Somebody may send a secret as its id, and it is
/// logged at DEBUG.
fn told(log: &Log) -> String {
    let text = log.text();
    let is_of_id = |line: &&str| line.contains("no client is registered with this id");
    let (of_ids, others): (Vec<_>, Vec<_>) = text.lines().partition(is_of_id);
    for line in of_ids {
        assert!(line.starts_with("DEBUG "), "{line}");
    }
    others.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn no_log_line_repeats_a_secret() {
    let log = log();
    let decisions = exchanges().count();
    let text = told(log);
    assert!(
        text.lines().count() >= decisions,
        "a line for each decision: {text}"
    );
    assert!(text.contains("wrong_secret"), "the reason: {text}");
    assert_silent("the log", &text);
}

#[test]
fn what_is_probably_a_mistake_in_a_client_is_logged_when_a_layer_is_made() {
    let log = log();
    let json = format!(
        r#"[{{"client_id":"warned\nFORGED","client_secret":"{RIGHT}","scopes":"{RIGHT}",
             "clientSecret":"{RIGHT}","Scope\nFORGED":"x","grant_types":["Code\nFORGED"]}}]"#
    );
    let clients = MemoryClientStore::from_json(json.as_bytes()).expect("it loads");
    assert_eq!(clients.warnings().len(), 2, "{:?}", clients.warnings());
    let builder = TokenEndpointLayer::builder(Arc::new(clients), ISSUER);
    let layer = builder.path("/token").built();
    let before = told(log);
    for line in ["field `scopes`", "field `clientSecret`"] {
        let mut lines = before.lines().filter(|it| it.contains("warned\\nFORGED"));
        let told = lines
            .find(|it| it.contains(line))
            .unwrap_or_else(|| panic!("{before}"));
        assert!(told.starts_with(" WARN tower_token_endpoint: "), "{told}");
    }
    assert_silent("the log", &before);
    // A layer for another endpoint shares the store, and says nothing again.
    drop(layer.for_endpoint(Endpoint::Revocation, "/revoke"));
    let count = |text: &str| text.matches("field `scopes`").count();
    assert_eq!(count(&log.text()), count(&before));
}

#[test]
fn no_parameter_starts_a_log_line() {
    let log = log();
    let forged = "a\nFORGED \r\nFORGED \u{1b}[2J\u{2028}FORGED";
    let encoded = form_encode(forged);
    let registered = form_encode("two\nFORGED registered id");
    let secret = form_encode(RIGHT);
    let ask = |body: String| post(body).basic(format!("basic:{secret}"));
    let calls = [
        by_basic(&registered, &secret),
        by_basic(&registered, "wrong"),
        by_basic("two\nFORGED registered id", &secret),
        by_post(&registered, &secret),
        body(&format!("client_id={registered}")),
        by_basic(&encoded, &secret),
        by_basic(forged, RIGHT),
        by_basic("basic", forged),
        by_post(&encoded, &encoded),
        body(&format!("client_id={encoded}")),
        body(&format!(
            "client_assertion=a&client_assertion_type={encoded}"
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

#[test]
fn a_refused_method_is_one_line_with_those_that_are_registered() {
    let log = log();
    let client = Client::builder("logged-methods")
        .auth_methods([
            AuthMethod::TlsClientAuth,
            AuthMethod::SelfSignedTlsClientAuth,
        ])
        .metadata("jwks_uri", "https://client.example.com/jwks".into())
        .metadata("tls_client_auth_subject_dn", "CN=client".into())
        .build();
    let layer = layer([client.expect("a client")]);
    block_on(body("client_id=logged-methods").send(&layer));
    let text = log.text();
    let line = text.lines().find(|line| line.contains("logged-methods"));
    let line = line.expect("a line about the client");
    for part in [
        r#"reason="method_not_verifiable""#,
        r#"method="none""#,
        r#"registered_methods="tls_client_auth self_signed_tls_client_auth""#,
    ] {
        assert!(line.contains(part), "{line} has no {part}");
    }
}

/// A field that is there for some of them only would take its time for these only.
#[test]
fn the_event_of_every_refusal_of_a_secret_has_the_same_fields() {
    let log = log();
    let client = |id, secret, method| {
        let client = Client::builder(id).secret(secret).auth_method(method);
        let client = client.metadata("tls_client_auth_subject_dn", "CN=client".into());
        client.build().expect("a client")
    };
    let secret = || ClientSecret::sha256_of(RIGHT);
    let expired = secret().expires_at(UNIX_EPOCH + Duration::from_secs(1));
    let clients = [
        client("basic", secret(), AuthMethod::ClientSecretBasic),
        client("post", secret(), AuthMethod::ClientSecretPost),
        client("expired", expired, AuthMethod::ClientSecretBasic),
        client("tls", secret(), AuthMethod::TlsClientAuth),
    ];
    let layer = builder(clients).path("/same-fields").built();
    for credentials in [
        "nobody:wrong",
        "basic:wrong",
        "post:wrong",
        "expired:wrong",
        "tls:wrong",
    ] {
        block_on(post(CC).basic(credentials).to("/same-fields").send(&layer));
    }
    let right = form_encode(RIGHT);
    for id in ["nobody", "post", "expired", "tls"] {
        let call = post(CC).basic(format!("{id}:{right}"));
        block_on(call.to("/same-fields").send(&layer));
    }
    let text = log.text();
    let lines = text.lines().filter(|line| line.contains("/same-fields"));
    let fields = lines.map(|line| {
        let words = line.split_whitespace();
        let names = words.filter_map(|word| word.split_once('=').map(|it| it.0));
        names.collect::<Vec<_>>()
    });
    let fields: Vec<_> = fields.collect();
    assert_eq!(fields.len(), 9, "{text}");
    assert!(fields[0].contains(&"client_id"), "{fields:?}");
    assert!(fields[0].contains(&"registered_methods"), "{fields:?}");
    for other in &fields {
        assert_eq!(*other, fields[0]);
    }
    assert!(text.contains(r#"client_id="""#), "nobody has no id: {text}");
    // They are of about the same length as well, whatever the reason is.
    for line in text.lines().filter(|line| line.contains("/same-fields")) {
        let names_method = !line.contains(r#"registered_methods="""#);
        assert_eq!(names_method, !line.contains(r#"client_id="""#), "{line}");
    }
}
