//! Which requests count, and for whom.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::layer::{Challenge, Endpoint};

use crate::common::{
    Broken, Built, CC, Call, basic, body, by_assertion, call, form_encode, hs256, post, rests_on,
};
use crate::setup::*;

/// A request, its status, and the clients for whom it counts. Each also counts for its source.
struct Row {
    name: &'static str,
    section: &'static str,
    /// What is set besides the limits.
    set: fn(Builder) -> Builder,
    call: Call,
    status: u16,
    counts: Counts,
}

#[derive(Clone, Copy)]
enum Counts {
    For(&'static [&'static str]),
    /// It has credentials, but they name nobody.
    ForSource,
    Not,
}
use Counts::*;

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.section)
    }
}

fn row(name: &'static str, section: &'static str, call: Call, status: u16, counts: Counts) -> Row {
    let set = |builder| builder;
    Row {
        name,
        section,
        set,
        call,
        status,
        counts,
    }
}

impl Row {
    fn with(self, set: fn(Builder) -> Builder) -> Self {
        Self { set, ..self }
    }
}

fn jwt(client_id: &str, secret: &str) -> Call {
    body(&by_assertion(&hs256(client_id, secret, "")))
}

/// Not signed at all (RFC 8725 §3.1).
fn unsigned(sub: &str) -> String {
    let parts = [r#"{"alg":"none"}"#.into(), format!(r#"{{"sub":"{sub}"}}"#)];
    let [header, claims] = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
    by_assertion(&format!("{header}.{claims}."))
}

#[tokio::test]
async fn failed_authentications_count_for_source_and_client() {
    let mut broken = Broken::default();
    let rows = rows();
    assert!(rows.len() > 50);
    for row in rows {
        assert!(rests_on(row.section, &["RFC", "CIBA Core "]), "{row}");
        if let Err(what) = judge(&row).await {
            eprintln!("{what}");
            broken.add(row);
        }
    }
    broken.assert_none();
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let right = || basic(format!("svc:{SECRET}"));
    let with = |parameters: &str| right().with_body(parameters);
    vec![
        // 401 of a client that is named
        row("a wrong secret",                 "RFC 6749 §2.3.1", basic("svc:x"), 401, For(&["svc"])),
        row("a wrong secret in the body",     "RFC 6749 §2.3.1", body("client_id=svc&client_secret=x"), 401, For(&["svc"])),
        row("an unknown client",              "RFC 6749 §5.2",   basic("nobody:x"), 401, For(&["nobody"])),
        row("an unknown client in the body",  "RFC 6749 §5.2",   body("client_id=nobody&client_secret=x"), 401, For(&["nobody"])),
        row("client_id alone",                "decisions",       body("client_id=svc"), 401, For(&["svc"])),
        row("client_id alone, of nobody",     "decisions",       body("client_id=nobody"), 401, For(&["nobody"])),
        row("an empty secret",                "RFC 6749 §2.3.1", basic("svc:"), 401, For(&["svc"])),
        row("another method than registered", "RFC 7591 §2",     basic(format!("poster:{SECRET}")), 401, For(&["poster"])),
        row("a secret of a public client",    "RFC 7591 §2",     basic("public:x"), 401, For(&["public"])),
        row("a method that is off",           "decisions",       basic("svc:x"), 401, For(&["svc"])).with(|b| b.auth_methods([AuthMethod::ClientSecretPost])),
        row("a method that is off, with the right secret", "decisions", right(), 401, For(&["svc"])).with(|b| b.auth_methods([AuthMethod::ClientSecretPost])),
        row("an assertion, which are off",    "decisions",       jwt("signer", SECRET), 401, For(&["signer"])).with(|b| b.auth_methods([AuthMethod::ClientSecretBasic])),
        row("an encoded id names both readings", "RFC 6749 §2.3.1", basic("s%76c:x"), 401, For(&["svc", "s%76c"])),
        row("an id with a plus names both readings", "RFC 6749 §2.3.1", basic("a+b:x"), 401, For(&["a b", "a+b"])),
        row("both readings of nobody",        "RFC 6749 §2.3.1", basic("no+one:x"), 401, For(&["no one", "no+one"])),
        row("an encoded secret",              "RFC 6749 §2.3.1", basic("svc:%78"), 401, For(&["svc"])),
        row("an assertion with a wrong HMAC", "RFC 7523 §3",     jwt("signer", "another secret of thirty-two bytes"), 401, For(&["signer"])),
        row("an assertion of nobody",         "RFC 7523 §3",     jwt("nobody", SECRET), 401, For(&["nobody"])),
        row("an assertion of a client with another method", "RFC 7591 §2", jwt("svc", SECRET), 401, For(&["svc"])),
        row("an expired assertion",           "RFC 7523 §3",     body(&by_assertion(&hs256("signer", SECRET, r#""nbf":99999999999,"#))), 401, For(&["signer"])),
        row("what is no JWT, with client_id", "RFC 7521 §4.2",   body(&format!("client_id=svc&{}", by_assertion("a.b.c"))), 401, For(&["svc"])),
        row("an unsigned assertion, with client_id", "RFC 8725 §3.1", body(&format!("client_id=svc&{}", unsigned("svc"))), 401, For(&["svc"])),
        row("an unknown type of assertion, with client_id", "RFC 7521 §4.2", body("client_id=svc&client_assertion=a&client_assertion_type=b"), 401, For(&["svc"])),
        row("what is no JWT",                 "RFC 7521 §4.2",   body(&by_assertion("a.b.c")), 401, ForSource),
        row("an unsigned assertion",          "RFC 8725 §3.1",   body(&unsigned("svc")), 401, ForSource),
        row("an unknown type of assertion",   "RFC 7521 §4.2",   body("client_assertion=a&client_assertion_type=b"), 401, ForSource),
        row("a wrong secret without a challenge", "RFC 6749 §5.2", body("client_id=svc&client_secret=x"), 400, For(&["svc"])).with(|b| b.challenge(Challenge::OnlyForHeader)),
        row("no grant_type and a wrong secret", "RFC 6749 §5.2", post("").basic("svc:x"), 401, For(&["svc"])),
        row("a wrong secret at introspection", "RFC 7662 §2.1",  basic("svc:x").with_body("token=a"), 401, For(&["svc"])).with(|b| b.endpoint(Endpoint::Introspection)),
        row("a public client at backchannel authentication", "CIBA Core §7.1", post("scope=a&login_hint=a&client_id=public"), 401, For(&["public"])).with(|b| b.endpoint(Endpoint::BackchannelAuthentication)),
        row("a public client at introspection", "RFC 7662 §2.1", post("token=a&client_id=public"), 401, For(&["public"])).with(|b| b.endpoint(Endpoint::Introspection)),
        row("a wrong secret at revocation",   "RFC 7009 §2.1",   basic("svc:x").with_body("token=a"), 401, For(&["svc"])).with(|b| b.endpoint(Endpoint::Revocation)),
        // accepted, or refused after the client authenticated
        row("device authorization, not registered", "RFC 6749 §5.2", post("client_id=public"), 400, Not).with(|b| b.endpoint(Endpoint::DeviceAuthorization)),
        row("a right secret",                 "RFC 6749 §2.3.1", right(), 200, Not),
        row("a right secret in the body",     "RFC 6749 §2.3.1", body(&format!("client_id=svc&client_secret={SECRET}")), 200, Not),
        row("the right one of two readings",  "RFC 6749 §2.3.1", basic(format!("a+b:{SECRET}")), 200, Not),
        row("a right assertion",              "RFC 7523 §3",     jwt("signer", SECRET), 200, Not),
        row("a public client",                "RFC 6749 §3.2.1", post("token=a&client_id=public"), 200, Not).with(|b| b.endpoint(Endpoint::Revocation)),
        row("a public client without the grant", "RFC 6749 §4.4", body("client_id=public"), 400, Not),
        row("a right secret, a wrong scope",  "RFC 6749 §5.2",   with(&format!("{CC}&scope=a")), 400, Not),
        row("a right secret, a wrong grant",  "RFC 6749 §5.2",   with("grant_type=password"), 400, Not),
        row("a right secret, no grant",       "RFC 6749 §5.2",   with(""), 400, Not),
        row("a right secret, client_id of the other reading", "RFC 6749 §2.3.1", basic(format!("a+b:{SECRET}")).with_body(format!("{CC}&client_id=a%2Bb")), 400, Not),
        // no credentials, or none that the layer reads
        row("nothing",                        "RFC 6749 §5.2",   post(CC), 401, Not),
        row("a bearer token",                 "RFC 6749 §5.2",   post(CC).add("authorization", "Bearer a"), 401, Not),
        row("Digest",                         "RFC 6749 §5.2",   post(CC).add("authorization", "Digest username=\"svc\""), 401, Not),
        // 400 and the like, with a wrong secret where there is one
        row("Basic that is not base64",       "RFC 7617 §2",     post(CC).add("authorization", "Basic !"), 400, Not),
        row("Basic without a colon",          "RFC 7617 §2",     basic("svc"), 400, Not),
        row("Basic without an id",            "RFC 7617 §2",     basic(":x"), 400, Not),
        row("strict Basic that does not decode", "RFC 6749 §2.3.1", basic("svc:%"), 400, Not).with(|b| b.strict_basic(true)),
        row("two mechanisms",                 "RFC 6749 §2.3",   basic("svc:x").with_body("client_secret=x"), 400, Not),
        row("client_secret without client_id", "RFC 6749 §2.3.1", body("client_secret=x"), 400, Not),
        row("an assertion without its type",  "RFC 7521 §4.2",   body("client_id=svc&client_assertion=a"), 400, Not),
        row("another client_id in the body",  "RFC 6749 §2.3.1", basic("svc:x").with_body(format!("{CC}&client_id=other")), 400, Not),
        row("a repeated parameter",           "RFC 6749 §3.2",   basic("svc:x").with_body("scope=a&scope=b"), 400, Not),
        row("a secret in the query",          "RFC 6749 §2.3.1", basic("svc:x").to("/token?client_secret=x"), 400, Not),
        row("another Content-Type",           "RFC 6749 §4.1.3", basic("svc:x").set("content-type", "application/json"), 400, Not),
        row("a body that is too large",       "RFC 9110 §15.5.14", basic("svc:x").with_body(vec![b'a'; 70_000]), 413, Not),
        row("GET",                            "RFC 6749 §3.2",   basic("svc:x").method("GET"), 405, Not),
        row("another path",                   "decisions",       call("POST", "/other").basic("svc:x"), 200, Not),
    ]
}

/// Whether a wrong secret of this client is refused by the throttle.
async fn is_full(layer: &Layer, client_id: &str) -> bool {
    // In the body, where the id has one reading. `token` is for the endpoints that need it.
    let client_id = form_encode(client_id);
    let call = body(&format!(
        "token=a&client_id={client_id}&client_secret=wrong"
    ));
    is_throttled(&send_from(layer, HERE, &call).await)
}

async fn judge(row: &Row) -> Result<(), String> {
    let expect = |what: &str, got: bool, wanted: bool| match got == wanted {
        true => Ok(()),
        false => Err(format!("{what}: {got}")),
    };
    // One failure fills the source.
    let layer = (row.set)(limited(1, 9)).built();
    let first = send_from(&layer, HERE, &row.call).await;
    if status(&first) != row.status {
        return Err(format!("{first:?}"));
    }
    let counts = !matches!(row.counts, Not);
    expect(
        "it counts for its source",
        is_full(&layer, "anybody").await,
        counts,
    )?;

    // One failure fills a client.
    let layer = (row.set)(limited(99, 1)).built();
    send_from(&layer, HERE, &row.call).await;
    let named = match row.counts {
        For(named) => named,
        ForSource | Not => &[],
    };
    for client_id in [
        "svc", "other", "a b", "a+b", "s%76c", "no one", "no+one", "nobody", "poster", "signer",
        "public",
    ] {
        let full = is_full(&layer, client_id).await;
        expect(client_id, full, named.contains(&client_id))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_replayed_assertion_counts() {
    let layer = limited(9, 1).built();
    let call = jwt("signer", SECRET);
    assert_eq!(status(&send_from(&layer, HERE, &call).await), 200);
    assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
    assert!(is_throttled(&send_from(&layer, HERE, &call).await));
}

#[tokio::test]
async fn one_client_is_one_however_it_is_sent() {
    let spellings = [
        basic("svc:x"),
        basic("%73vc:x"),
        basic("%73%76%63:x"),
        body("client_id=svc&client_secret=x"),
        body("client_id=%73vc&client_secret=x"),
        body("client_id=svc"),
        jwt("svc", SECRET),
    ];
    for first in &spellings {
        for second in &spellings {
            let layer = limited(9, 1).built();
            assert_eq!(status(&send_from(&layer, HERE, first).await), 401);
            let refused = send_from(&layer, HERE, second).await;
            assert!(is_throttled(&refused), "{first:?}, {second:?}");
        }
    }
}

#[tokio::test]
async fn one_client_is_one_at_every_endpoint() {
    let token = limited(9, 1).built();
    let of = |endpoint, path| {
        token
            .for_endpoint(endpoint, path)
            .expect("settings that agree")
    };
    let layers = [
        (token.clone(), basic("svc:x")),
        (
            of(Endpoint::Introspection, "/introspect"),
            basic("svc:x").to("/introspect"),
        ),
        (
            of(Endpoint::Revocation, "/revoke"),
            basic("svc:x").to("/revoke"),
        ),
        // RFC 9126 §2.3
        (
            of(Endpoint::PushedAuthorization, "/par"),
            basic("svc:x").to("/par"),
        ),
        (
            of(Endpoint::DeviceAuthorization, "/device"),
            basic("svc:x").to("/device"),
        ),
        (
            of(Endpoint::BackchannelAuthentication, "/backchannel"),
            basic("svc:x").to("/backchannel"),
        ),
    ];
    for (at, (layer, call)) in layers.iter().enumerate() {
        let exchange = send_from(layer, HERE, call).await;
        assert_eq!(is_throttled(&exchange), at > 0, "{exchange:?}");
    }
}

#[tokio::test]
async fn one_request_counts_once_however_many_readings_it_has() {
    for (call, ids) in [
        (basic("svc:%78%79"), ["svc", "svc"]),
        (basic("a+b:x"), ["a b", "a+b"]),
    ] {
        let layer = limited(3, 2).built();
        // Each takes one slot of the source, and one of each id.
        assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
        assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
        for id in ids {
            assert!(is_full(&layer, id).await, "{id}");
        }
        let third = send_from(&layer, HERE, &basic("other:x")).await;
        assert_eq!(status(&third), 401);
        assert!(is_throttled(
            &send_from(&layer, HERE, &basic("nobody:x")).await
        ));
    }
}
