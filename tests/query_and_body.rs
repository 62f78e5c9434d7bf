//! A request whose parameters are in the query and in the body, through nginx, the layer and hyper,
//! to an upstream that merges both: what was checked is what the upstream reads.

#[path = "common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};
use tower::{BoxError, Layer, service_fn};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::{TokenEndpointLayer, TokenRequest};

use crate::common::nginx;
use crate::common::{
    Broken, Built, FORM, ISSUER, Reply, basic_value, clients, form_encode, http1, pairs, serve,
};

/// Every value of every parameter.
type Read = BTreeMap<String, Vec<String>>;

/// As most frameworks do it: a parameter is read without a look at where it was.
///
/// `query_first` has the values of the query first, as Java's `getParameter` does it. `body_wins` has
/// only the values of the body for a name that it has, as PHP's `$_REQUEST` does it. `query_wins` is
/// the other way round.
async fn merge(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, BoxError> {
    let query = request.uri().query().unwrap_or("").to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let (query, body) = (read(query.as_bytes()), read(&body));
    let mut query_first = query.clone();
    for (name, values) in &body {
        let merged = query_first.entry(name.clone()).or_default();
        merged.extend(values.iter().cloned());
    }
    let over = |under: &Read, over: &Read| {
        let mut merged = under.clone();
        merged.extend(over.clone());
        merged
    };
    let merged = json!([query_first, over(&query, &body), over(&body, &query)]);
    Ok(Response::new(Full::from(merged.to_string())))
}

/// What no layer had a look at. A parameter without a value is omitted (RFC 6749 §3.2).
fn read(encoded: &[u8]) -> Read {
    let mut read = Read::new();
    for (name, value) in form_urlencoded::parse(encoded).into_owned() {
        if !value.is_empty() {
            read.entry(name).or_default().push(value);
        }
    }
    read
}

/// The inner service of the layer: hands the request on, and says what the layer checked and what the
/// upstream reads.
async fn hand_on(
    upstream: SocketAddr,
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let checked = request.extensions().get::<TokenRequest>();
    let checked = checked.ok_or("no layer in front")?.parameters();
    let mut values = Read::new();
    for (name, value) in pairs(checked) {
        values.entry(name).or_default().push(value);
    }
    let response = http1(upstream).await.send_request(request).await?;
    let merged = response.into_body().collect().await?.to_bytes();
    let merged: Value = serde_json::from_slice(&merged)?;
    let told = json!({ "checked": values, "merged": merged });
    Ok(Response::new(Full::from(told.to_string())))
}

/// What a client sends: the query, and the body.
#[derive(Clone)]
struct Mixture {
    query: Vec<(&'static str, &'static str)>,
    body: Vec<(&'static str, &'static str)>,
    is_encoded: bool,
}

impl Mixture {
    fn encode(&self, pairs: &[(&str, &str)], is_encoded: bool) -> String {
        let name = |name: &str| match is_encoded {
            true => name.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            false => form_encode(name),
        };
        let pairs = pairs
            .iter()
            .map(|(n, v)| format!("{}={}", name(n), form_encode(v)));
        pairs.collect::<Vec<_>>().join("&")
    }

    fn request(&self) -> Request<Full<Bytes>> {
        let query = self.encode(&self.query, self.is_encoded);
        let body = self.encode(&self.body, false);
        Request::post(format!("/token?{query}"))
            .header(header::HOST, "as.example.com")
            .header(header::CONTENT_TYPE, FORM)
            .header(header::AUTHORIZATION, basic_value("app:s3cret"))
            .body(Full::from(body))
            .expect("a request")
    }
}

impl std::fmt::Display for Mixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let query = self.encode(&self.query, self.is_encoded);
        write!(f, "?{query} {}", self.encode(&self.body, false))
    }
}

/// Every parameter of a request and one that nobody knows, each left out, right, wrong or empty in the
/// query and in the body; and pairs of them.
fn mixtures() -> Vec<Mixture> {
    let values: [(&str, &[&str]); 8] = [
        ("grant_type", &["client_credentials", "password", ""]),
        ("scope", &["read", "admin", ""]),
        ("client_id", &["app", "spa", ""]),
        ("client_secret", &["s3cret", ""]),
        ("client_assertion_type", &["x", ""]),
        ("code", &["a", "b"]),
        ("resource", &["urn:a", "urn:b"]),
        ("tenant", &["a", "b", ""]),
    ];
    let mut placed = Vec::new();
    for (name, values) in values {
        let options = || std::iter::once(None).chain(values.iter().copied().map(Some));
        for query in options() {
            for body in options() {
                placed.push((name, query.map(|it| (name, it)), body.map(|it| (name, it))));
            }
        }
    }
    let mut mixtures = Vec::new();
    for (n, one) in placed.iter().enumerate() {
        for other in &placed[n..] {
            let mut body: Vec<_> = [one.2, other.2].into_iter().flatten().collect();
            if ![one.0, other.0].contains(&"grant_type") {
                body.push(("grant_type", "client_credentials"));
            }
            mixtures.push(Mixture {
                query: [one.1, other.1].into_iter().flatten().collect(),
                body,
                is_encoded: mixtures.len() % 2 == 1,
            });
        }
    }
    mixtures
}

/// What the layer decides by, which must not reach the upstream from the query alone.
const DECIDED_BY: [&str; 5] = [
    "grant_type",
    "scope",
    "client_id",
    "client_secret",
    "client_assertion",
];

/// Whether every merge of an accepted request is what was checked, but for names that only the query
/// has and that the layer does not decide by.
fn is_what_was_checked(mixture: &Mixture, told: &Value) -> bool {
    let read = |value: &Value| -> Read {
        serde_json::from_value(value.clone()).expect("names and their values")
    };
    let checked = read(&told["checked"]);
    let merges = told["merged"].as_array().expect("three merges");
    merges.len() == 3
        && merges.iter().map(read).all(|merged| {
            let is_unchanged = checked.iter().all(|it| merged.get(it.0) == Some(it.1));
            let mut more = merged.keys().filter(|name| !checked.contains_key(*name));
            let is_other = |name: &String| {
                let is_in_body = mixture.body.iter().any(|it| it.0 == *name);
                !is_in_body && !DECIDED_BY.contains(&&**name)
            };
            is_unchanged && more.all(is_other)
        })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_checked_is_what_an_upstream_that_merges_both_reads() {
    let upstream = serve(service_fn(merge)).await;
    let layer = TokenEndpointLayer::builder(clients(), ISSUER)
        .path("/token")
        .built();
    let server = serve(layer.layer(service_fn(move |request| hand_on(upstream, request)))).await;
    let Some(proxy) = nginx::in_front_of(server) else {
        return;
    };
    let mut broken = Broken::default();
    let (mut accepted, mut refused) = (0, 0);
    let mut client = http1(proxy.address(0)).await;
    for mixture in mixtures() {
        client.ready().await.expect("a connection that is kept");
        let response = client.send_request(mixture.request()).await;
        let reply = Reply::read(response.expect("an answer")).await;
        match reply.status.as_u16() {
            200 if is_what_was_checked(&mixture, reply.json()) => accepted += 1,
            400 => refused += 1,
            _ => {
                eprintln!("{reply:?}");
                broken.add(mixture);
            }
        }
    }
    broken.assert_none();
    assert!(accepted > 200, "{accepted} of {refused} are accepted");
    assert!(refused > 2000, "{refused} of {accepted} are refused");
}
