//! The log: each cause that people could not find is in one line, with both sides of what did not fit.

use std::net::Ipv4Addr;
use std::time::{Duration, UNIX_EPOCH};

use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::rejection::OutcomeKind;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::throttle::{MemoryThrottle, ThrottleLimit, ThrottleSource, Throttling};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};
use tracing_subscriber::filter::LevelFilter;

use crate::clients;
use crate::common::{
    Built as _, Call, Failing, ISSUER, KEYED, Key, Log, basic, body, builder, by_assertion, post,
    signed_hs256,
};

const SECRET: &str = "more than sixty-four bytes, which HS512 wants, and a secret of nobody else";

fn layer() -> TokenEndpointLayer<MemoryClientStore> {
    let client = |id: &str| Client::builder(id);
    let jwt = |id: &str| {
        let client = client(id).auth_method(AuthMethod::ClientSecretJwt);
        client.secret(ClientSecret::plain(SECRET))
    };
    let clients = [
        client("basic").secret(ClientSecret::sha256_of("s3cret")),
        client("plain").secret(ClientSecret::plain("s3cret")),
        client("expired").secret(
            ClientSecret::sha256_of("s3cret").expires_at(UNIX_EPOCH + Duration::from_secs(1)),
        ),
        client("post")
            .secret(ClientSecret::sha256_of("s3cret"))
            .auth_methods([AuthMethod::ClientSecretPost, AuthMethod::None]),
        jwt("jwt"),
        client(KEYED)
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata(
                "jwks",
                serde_json::json!({ "keys": [Key::new("published").jwk()] }),
            ),
        jwt("hs512").metadata("token_endpoint_auth_signing_alg", "HS512".into()),
    ];
    let clients = clients.map(|client| client.build().expect("a client"));
    let clients = MemoryClientStore::new(clients).expect("clients that load");
    let layer = TokenEndpointLayer::builder(clients, ISSUER).path("/token");
    layer.client_assertions(MemoryReplayStore::new()).built()
}

/// By an assertion of the client with these claims, of which each ends with a comma.
fn by(client_id: &str, claims: &str) -> Call {
    let claims = format!(r#"{{{claims}"iss":"{client_id}","sub":"{client_id}"}}"#);
    body(&by_assertion(&signed_hs256(SECRET, &claims)))
}

fn now() -> u64 {
    UNIX_EPOCH.elapsed().expect("after 1970").as_secs()
}

#[tokio::test]
async fn each_cause_is_in_one_line() {
    let layer = layer();
    let (now, issuer) = (now(), format!(r#""aud":"{ISSUER}","#));
    let time = |exp: u64| format!(r#"{issuer}"jti":"1","exp":{exp},"#);
    let rows: [(&str, Call, &[&str]); 15] = [
        (
            "white space",
            basic("basic:s3cret\n"),
            &[
                "INFO ",
                r#"reason="white_space_in_secret""#,
                r#"client_id="basic""#,
            ],
        ),
        (
            "white space, plain",
            basic("plain: s3cret"),
            &["INFO ", r#"reason="white_space_in_secret""#],
        ),
        (
            "expired",
            basic("expired:s3cret"),
            &[
                "INFO ",
                r#"reason="expired_secret""#,
                r#"client_id="expired""#,
            ],
        ),
        (
            "another method",
            basic("post:s3cret"),
            &[
                r#"method="client_secret_basic""#,
                r#"registered_methods="client_secret_post none""#,
                r#"client_id="post""#,
            ],
        ),
        (
            "a missing claim",
            by("jwt", &format!(r#"{issuer}"jti":"1","#)),
            &["INFO ", r#"reason="missing_claim""#, r#"parameter="exp""#],
        ),
        (
            "an audience",
            by(
                "jwt",
                &format!(
                    r#""aud":"https://as.example.com/","jti":"1","exp":{},"#,
                    now + 60
                ),
            ),
            &[
                "INFO ",
                r#"reason="wrong_audience""#,
                "https://as.example.com/",
                "must be",
                "'https://as.example.com'",
            ],
        ),
        (
            "another algorithm",
            by("hs512", &time(now + 60)),
            &[
                "INFO ",
                r#"reason="algorithm_not_registered""#,
                "`alg` is HS256, and the client is registered for HS512",
            ],
        ),
        (
            "expired",
            by("jwt", &time(now - 1000)),
            &[
                "INFO ",
                r#"reason="expired_assertion""#,
                &format!("`exp` is {}, the clock of the server is", now - 1000),
            ],
        ),
        (
            "a long life",
            by("jwt", &time(now + 9000)),
            &[
                "INFO ",
                r#"reason="long_lived_assertion""#,
                &format!("`exp` is {}", now + 9000),
                "at most one hour later",
            ],
        ),
        (
            "in milliseconds",
            by("jwt", &time(now * 1000)),
            &[
                r#"reason="long_lived_assertion""#,
                &format!("`exp` is {}", now * 1000),
            ],
        ),
        (
            "in the future",
            by(
                "jwt",
                &format!(r#"{}"nbf":{},"#, time(now + 600), now + 300),
            ),
            &[
                "INFO ",
                r#"reason="assertion_not_yet_valid""#,
                &format!("`nbf` is {}", now + 300),
                "earlier",
            ],
        ),
        (
            "issued in the future",
            by(
                "jwt",
                &format!(r#"{}"iat":{},"#, time(now + 600), now + 300),
            ),
            &[
                r#"reason="assertion_not_yet_valid""#,
                &format!("`iat` is {}", now + 300),
            ],
        ),
        (
            "an unknown key",
            body(&by_assertion(&Key::new("unpublished").assertion())),
            &[
                "INFO ",
                r#"reason="unknown_key""#,
                r#"client_id="keyed""#,
                r#"error="`kid` is 'unpublished' and `alg` is ES256, and the client has no such key""#,
            ],
        ),
        (
            "an assertion of a client with another method",
            body(&by_assertion(&crate::common::hs256("basic", SECRET, ""))),
            &[
                r#"reason="method_not_registered""#,
                r#"method="client_secret_jwt""#,
                r#"registered_methods="client_secret_basic""#,
            ],
        ),
        (
            "a repeated parameter",
            post("grant_type=client_credentials&scope=a&scope=b").basic("basic:s3cret"),
            &[
                "INFO ",
                r#"reason="repeated_parameter""#,
                r#"parameter="scope""#,
            ],
        ),
    ];
    for (name, call, parts) in rows {
        let log = Log::default();
        let guard = log.of_thread(LevelFilter::INFO);
        call.send(&layer).await;
        drop(guard);
        let lines = log.take();
        let [line] = &lines[..] else {
            panic!("{name}: {lines:?}");
        };
        for part in parts {
            assert!(line.contains(part), "{name}: {line} has no {part}");
        }
    }
}

/// Metrics have the same, so that whoever counts one finds the other.
#[tokio::test]
async fn the_outcome_of_an_event_is_that_of_the_metrics() {
    let limit = ThrottleLimit::new(1, Duration::from_secs(60));
    let source = ThrottleSource::from_fn(|_| Some(Ipv4Addr::LOCALHOST.into()));
    let throttling = Throttling::new(MemoryThrottle::new()).source(source);
    let strict = builder(clients())
        .throttle(throttling.per_source(limit).per_client(limit))
        .built();
    let down = TokenEndpointLayer::builder(Failing, ISSUER).built();
    for (kind, credentials, reason) in [
        (OutcomeKind::Accepted, "app:s3cret", None),
        (OutcomeKind::Rejected, "app:wrong", Some("wrong_secret")),
        (OutcomeKind::Throttled, "app:s3cret", Some("throttled")),
        (
            OutcomeKind::Unavailable,
            "app:s3cret",
            Some("store_unavailable"),
        ),
    ] {
        let log = Log::default();
        let guard = log.of_thread(LevelFilter::DEBUG);
        if kind == OutcomeKind::Unavailable {
            basic(credentials).send(&down).await;
        } else {
            basic(credentials).send(&strict).await;
        }
        drop(guard);
        let lines = log.take();
        let [line] = &lines[..] else {
            panic!("{lines:?}");
        };
        let outcome = format!(r#" outcome="{}""#, kind.as_str());
        assert!(line.contains(&outcome), "{line}");
        let reason = reason.map(|reason| format!(r#" reason="{reason}""#));
        assert!(reason.is_none_or(|it| line.contains(&it)), "{line}");
    }
}

#[tokio::test]
async fn an_id_that_nobody_has_is_there_at_debug_only() {
    let layer = layer();
    for (call, expected) in [
        (
            basic("bsic:s3cret"),
            r#"client_id="bsic" method="client_secret_basic""#.to_owned(),
        ),
        // An id that is a URL, and was not form-urlencoded, ends at its first colon.
        (
            basic("https://client.example.com/demo:s3cret"),
            r#"client_id="https" method="client_secret_basic""#.to_owned(),
        ),
        (
            basic("b\u{1b}[2J\nFORGED:s3cret"),
            r#"client_id="b\\u{1b}[2J\\nFORGED""#.to_owned(),
        ),
        (
            body(&format!("client_id={}&client_secret=s", "n".repeat(1000))),
            format!(
                r#"client_id="{}…" method="client_secret_post""#,
                "n".repeat(64)
            ),
        ),
        (
            body("client_id=bsic"),
            r#"client_id="bsic" method="none""#.to_owned(),
        ),
    ] {
        for (level, is_told) in [(LevelFilter::INFO, false), (LevelFilter::DEBUG, true)] {
            let log = Log::default();
            let guard = log.of_thread(level);
            call.send(&layer).await;
            drop(guard);
            let lines = log.take();
            let told: Vec<_> = lines
                .iter()
                .filter(|line| line.contains(&expected))
                .collect();
            assert_eq!(told.len(), usize::from(is_told), "{lines:?}");
            for line in told {
                assert!(line.starts_with("DEBUG"), "{line}");
                assert!(
                    line.contains("no client is registered with this id"),
                    "{line}"
                );
            }
            assert!(
                lines
                    .iter()
                    .any(|line| line.contains(r#"reason="unknown_client""#))
            );
        }
    }
}

/// The table of the docs names what the code logs.
/// The texts in quotes in the function that begins so.
fn texts_of<'s>(source: &'s str, function: &str) -> Vec<&'s str> {
    let (_, body) = source.split_once(function).expect("a function");
    let body = body.split("\n}\n").next().expect("an end");
    body.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_field_and_every_message_is_documented() {
    let read = |path: &str| {
        let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("a source")
    };
    let events = read("src/service/observe/events.rs");
    let docs: String = read("src/rejection.rs")
        .lines()
        .filter(|it| it.starts_with("//!"))
        .collect();
    let events = events.split("#[cfg(test)]").next().expect("the code");
    let (mut fields, mut messages) = (0, 0);
    for event in events.split("target: \"tower_token_endpoint\",").skip(1) {
        let event = event
            .split(");\n")
            .next()
            .expect("an end")
            .split("        )\n")
            .next()
            .expect("an end");
        for line in event.lines().map(str::trim) {
            if let Some((name, _)) = line
                .split_once(" = ")
                .filter(|(name, _)| !name.contains(['(', '"', ' ']))
            {
                assert!(
                    docs.contains(&format!("`{name}`")),
                    "{name} is not documented"
                );
                fields += 1;
            } else if let Some(name) = line
                .strip_suffix(',')
                .filter(|it| !it.contains([' ', '"', '(']))
            {
                assert!(
                    docs.contains(&format!("`{name}`")),
                    "{name} is not documented"
                );
                fields += 1;
            } else if line == "\"{}\"," {
                let texts = texts_of(events, "fn message_about(");
                assert_eq!(texts.len(), 3);
                for text in texts {
                    assert!(docs.contains(text), "{text} is not documented");
                }
                messages += 1;
            } else if let Some(message) = line.strip_prefix('"') {
                let beginning = message.split([':', '\\', '"']).next().expect("a text");
                assert!(docs.contains(beginning), "{beginning} is not documented");
                messages += 1;
            }
        }
    }
    assert!(
        fields > 30 && messages > 8,
        "{fields} fields, {messages} messages"
    );
}
