//! Documents that cannot be fetched, and those that are not valid.

use axum::http::{StatusCode, header};
use serde_json::json;
use tokio::net::TcpSocket;

use crate::common::Reply;
use crate::common::token_server::*;
use crate::site::{Site, authorize, page, start_local};

/// A token request that a valid document would get an `invalid_grant` for.
async fn token(server: &Server, client: Who) -> Reply {
    server.redeem(client, "a-code").await
}

async fn is_later(server: &Server, client: Who) {
    let response = authorize(server, client.id(), CALLBACK).await;
    let after = response.headers().get(header::RETRY_AFTER).cloned();
    let after = after.expect("Retry-After");
    let seconds = after.to_str().expect("ASCII").parse::<u64>();
    assert!(seconds.is_ok_and(|it| it > 0), "{after:?}");
    let text = page(response, 503).await;
    assert!(text.contains("cannot be fetched at the moment"), "{text}");
}

/// A URL is fetched twice at once and then every 15 s, so each client asks twice.
#[tokio::test]
async fn unreachable_document_is_503_until_it_is_reachable() {
    let socket = TcpSocket::new_v4().expect("a socket");
    let any = "127.0.0.1:0".parse().expect("an address");
    socket.bind(any).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    let (site, server) = (Site::at(&format!("http://{address}")), start_local(&[]));
    let [at_authorize, at_token] =
        ["/authorize.json", "/token.json"].map(|path| site.publish(path, json!({})));

    is_later(&server, at_authorize).await;
    let answer = token(&server, at_token).await;
    answer.refused(503, "temporarily_unavailable");
    assert!(answer.headers.contains_key(header::RETRY_AFTER));

    site.serve(socket.listen(16).expect("a listener"));
    let response = authorize(&server, at_authorize.id(), CALLBACK).await;
    assert_eq!(response.status(), 303);
    let answer = token(&server, at_token).await;
    answer.refused(400, "invalid_grant");
}

#[tokio::test]
async fn what_may_be_an_outage_is_503() {
    let (site, server) = (Site::start().await, start_local(&[]));
    for status in [
        StatusCode::NOT_FOUND,
        StatusCode::FOUND,
        StatusCode::FORBIDDEN,
        StatusCode::BAD_GATEWAY,
    ] {
        let path = format!("/{}.json", status.as_u16());
        site.put(&path, status, "{}");
        let client = Who::Public(site.url(&path).leak());
        is_later(&server, client).await;
        let answer = token(&server, client).await;
        answer.refused(503, "temporarily_unavailable");
    }
    // The operator is told why, and the client is not.
    let log = server.output();
    assert!(log.contains("the response has status 403"), "{log}");
}

#[tokio::test]
async fn invalid_document_is_a_page_that_says_what_is_wrong_and_401() {
    let (site, server) = (Site::start().await, start_local(&[]));
    for (path, members, says) in [
        (
            "/other.json",
            json!({ "client_id": "https://other.example.com/a" }),
            vec!["client_id", "'https://other.example.com/a'"],
        ),
        (
            "/secret.json",
            json!({ "client_secret": "canary" }),
            vec!["client_secret", "a document is public"],
        ),
        (
            "/basic.json",
            json!({ "token_endpoint_auth_method": "client_secret_basic" }),
            vec!["token_endpoint_auth_method", "client_secret_basic"],
        ),
        (
            "/two.json",
            json!({ "client_secret": "canary", "token_endpoint_auth_method": 1 }),
            vec!["client_secret", "\nfield `token_endpoint_auth_method`"],
        ),
        (
            "/relative.json",
            json!({ "redirect_uris": ["/relative"] }),
            vec!["redirect_uris"],
        ),
        (
            "/long.json",
            json!({ "client_id": format!("https://a.example/{}", "a".repeat(4000)) }),
            vec!["client_id"],
        ),
        (
            "/markup.json",
            json!({ "client_id": "<script>alert(1)</script>\r\nx" }),
            vec!["client_id"],
        ),
    ] {
        let client = site.publish(path, members);
        let response = authorize(&server, client.id(), CALLBACK).await;
        let nosniff = response.headers().get(header::X_CONTENT_TYPE_OPTIONS);
        assert_eq!(nosniff.expect("a header"), "nosniff");
        let text = page(response, 400).await;
        assert!(!text.contains("canary") && text.len() < 8000, "{text}");
        assert!(!text.contains('\r'), "{text}");
        for part in says {
            assert!(text.contains(part), "{path} does not say {part:?}: {text}");
        }
        token(&server, client).await.refused(401, "invalid_client");
        assert_eq!(site.asked(path), 1, "the invalidity is remembered");
    }
    let query = format!("{}?key=canary", site.url("/other.json"));
    let text = page(authorize(&server, &query, CALLBACK).await, 400).await;
    assert!(!text.contains("canary"), "{text}");
    let not_json = Who::Public(site.url("/not.json").leak());
    site.put("/not.json", StatusCode::OK, "[");
    page(authorize(&server, not_json.id(), CALLBACK).await, 400).await;
    assert!(!server.output().contains("canary"));
}

#[tokio::test]
async fn document_that_is_gone_is_a_page_that_says_so_and_401() {
    let (site, server) = (Site::start().await, start_local(&[]));
    site.put("/gone.json", StatusCode::GONE, "");
    let client = Who::Public(site.url("/gone.json").leak());
    let text = page(authorize(&server, client.id(), CALLBACK).await, 400).await;
    assert!(text.contains("410"), "{text}");
    token(&server, client).await.refused(401, "invalid_client");
}
