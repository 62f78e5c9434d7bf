//! From a failed request to its cause, as a stranger to the server walks: one look-up in the log by the
//! `trace_id` of the response, and one page, whose address is in the response as well.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::layer::TraceIds;
use tower_token_endpoint::rejection::Rejection;
use tower_token_endpoint::rejection::pages::ErrorPages;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, ErrorCode, GrantType, TokenError};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Built as _, Call, Log, basic, body, builder, by_assertion, call, hs256, post};
use crate::{Layer, exchange, json};

const PAGES: &str = "https://as.example.com/errors";
const HMAC: &str = "more than thirty-two bytes for the hash";

fn layer() -> Layer {
    let client = |id: &str, method| Client::builder(id).auth_method(method);
    let digest = || ClientSecret::sha256_of("s3cret");
    let clients = [
        client("app", AuthMethod::ClientSecretBasic)
            .secret(digest())
            .grant_types([GrantType::ClientCredentials])
            .scope("read"),
        client("post", AuthMethod::ClientSecretPost).secret(digest()),
        client("old", AuthMethod::ClientSecretBasic)
            .secret(digest().expires_at(std::time::UNIX_EPOCH)),
        client("spa", AuthMethod::None).grant_types([GrantType::ClientCredentials]),
        client("jwt", AuthMethod::ClientSecretJwt).secret(ClientSecret::plain(HMAC)),
    ];
    builder(clients.map(|client| client.build().expect("a client")))
        .client_assertions(MemoryReplayStore::new())
        .trace_ids(TraceIds::new())
        .error_uri_base(PAGES)
        .built()
}

/// Requests that fail, each for another cause.
fn failures() -> Vec<Call> {
    let right = || basic("app:s3cret");
    let asserted = |assertion: &str| body(&by_assertion(assertion));
    vec![
        call("GET", "/token"),
        right().set("content-type", "application/json"),
        post("grant_type=client_credentials")
            .to("/token?client_secret=s")
            .basic("app:s3cret"),
        basic("app").set("authorization", "Bearer abc"),
        basic("app"),
        right().with_body("grant_type=%zz"),
        right().with_body("scope=a&scope=b"),
        body("client_id=app&client_secret=s").basic("app:s3cret"),
        body("client_secret=s3cret"),
        post("grant_type=client_credentials"),
        basic("nobody:s3cret"),
        basic("app:wrong"),
        basic("app:s3cret\n"),
        basic("old:s3cret"),
        basic("post:s3cret"),
        asserted("abc"),
        asserted(&hs256(
            "jwt",
            "another secret of more than thirty-two bytes",
            "",
        )),
        asserted(&hs256("jwt", HMAC, r#""aud":"https://other.example.com","#).replace('=', "")),
        right().with_body(""),
        right().with_body("grant_type=magic"),
        right().with_body("grant_type=authorization_code&code=a"),
        body("client_id=spa"),
        right().with_body("grant_type=client_credentials&scope=admin"),
        right().with_body("grant_type=client_credentials&scope=%22"),
    ]
}

/// What the page at this address says of the causes of its code.
async fn causes(uri: &str) -> Vec<String> {
    let path = uri
        .strip_prefix("https://as.example.com")
        .expect("of this server");
    let request = Request::get(path)
        .header("accept", "application/json")
        .body(Bytes::new());
    let pages = ErrorPages::new("https://as.example.com");
    let response: Response<_> = pages
        .oneshot(request.expect("a request"))
        .await
        .expect("a page");
    assert_eq!(response.status(), 200, "{uri}");
    let page = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    let page: Value = serde_json::from_slice(&page).expect("JSON");
    let causes = page["causes"].as_array().expect("causes").iter();
    causes
        .map(|cause| {
            for member in ["meaning", "tell", "client", "operator"] {
                assert!(
                    cause[member].as_str().is_some_and(|text| text.len() > 10),
                    "{cause}"
                );
            }
            cause["reason"].as_str().expect("a reason").to_owned()
        })
        .collect()
}

#[tokio::test]
async fn each_failure_leads_to_its_cause_in_one_look_up_and_one_page() {
    let layer = layer();
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::INFO);
    let mut responses = Vec::new();
    for call in failures() {
        let inner = TokenError::new(ErrorCode::ServerError);
        responses.push(exchange(&layer, &call, inner).await.0);
    }
    drop(guard);
    let log = log.take();
    let mut reasons = Vec::new();
    for response in responses {
        let body = json(&response);
        let id = body["trace_id"].as_str().expect("an id");
        let lines: Vec<_> = log.iter().filter(|line| line.contains(id)).collect();
        let [line] = &lines[..] else {
            panic!("{id}: {lines:?}");
        };
        let (_, reason) = line.split_once(r#" reason=""#).expect("a reason");
        let reason = reason.split('"').next().expect("its end").to_owned();
        let rejection: &Rejection = response.extensions().get().expect("a rejection");
        assert_eq!(reason, rejection.as_str());
        let causes = causes(body["error_uri"].as_str().expect("a page")).await;
        assert!(causes.contains(&reason), "{reason} is not among {causes:?}");
        // The response itself tells a stranger the code, and not the cause of a 401.
        if response.status() == 401 {
            let text = String::from_utf8_lossy(response.body()).replace(id, "");
            assert!(!text.contains(&reason), "{text}");
            assert!(causes.len() > 20, "{causes:?}");
        }
        reasons.push(reason);
    }
    reasons.sort();
    reasons.dedup();
    assert!(reasons.len() >= 20, "{} causes: {reasons:?}", reasons.len());
}
