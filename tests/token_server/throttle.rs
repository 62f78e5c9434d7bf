//! `--throttle`: failed authentications are limited, by address.

use reqwest::header;

use crate::common::redis_server::RedisServer;
use crate::common::token_server::*;
use crate::common::{Reply, basic_value, form_encode};

const WRONG: Who = Who::Basic("demo-basic", "wrong");

/// The status of a request, with this address in the header if there is one.
async fn status(server: &Server, who: Who, address: Option<&str>) -> u16 {
    let Who::Basic(id, secret) = who else {
        panic!("only Basic is sent here");
    };
    let mut request = server.http.post(format!("{}/token", server.base));
    let basic = basic_value(format!("{}:{}", form_encode(id), form_encode(secret)));
    request = request
        .header(header::AUTHORIZATION, basic)
        .form(&[CLIENT_CREDENTIALS]);
    if let Some(address) = address {
        request = request.header("x-forwarded-for", address);
    }
    let response = request.send().await.expect("the server answers");
    let reply = Reply::read(http::Response::from(response)).await;
    if reply.status == 429 {
        reply.refused(429, "temporarily_unavailable");
        assert!(!reply.header(header::RETRY_AFTER).is_empty());
    }
    reply.status.as_u16()
}

#[tokio::test]
async fn without_the_flag_nothing_is_limited() {
    let server = start(&[]);
    for _ in 0..50 {
        assert_eq!(status(&server, WRONG, None).await, 401);
    }
}

#[tokio::test]
async fn the_default_is_five_for_a_client_and_twenty_for_an_address() {
    let server = start(&["--throttle"]);
    for _ in 0..5 {
        assert_eq!(status(&server, WRONG, None).await, 401);
    }
    assert_eq!(status(&server, WRONG, None).await, 429);
    assert_eq!(status(&server, BASIC, None).await, 429);
    // Others of the address, up to its twenty.
    for id in ["a", "b", "c"].iter().cycle().take(15) {
        assert_eq!(status(&server, URL_ID, None).await, 200);
        assert_eq!(status(&server, Who::Basic(id, "wrong"), None).await, 401);
    }
    assert_eq!(status(&server, URL_ID, None).await, 429);
    let another = Who::Basic("another", "wrong");
    assert_eq!(status(&server, another, None).await, 429);
}

#[tokio::test]
async fn one_limit_can_be_set_for_both_and_holds_at_all_endpoints() {
    for arguments in [&["--throttle", "2/3600"][..], &["--throttle=2/3600"]] {
        let server = start(arguments);
        assert_eq!(status(&server, WRONG, None).await, 401);
        let introspected = server.post("/introspect", WRONG, &[("token", "a")]).await;
        introspected.refused(401, "invalid_client");
        assert_eq!(status(&server, BASIC, None).await, 429);
        assert_eq!(status(&server, URL_ID, None).await, 429);
        let revoked = server.post("/revoke", BASIC, &[("token", "a")]).await;
        revoked.refused(429, "temporarily_unavailable");
        // The address in a header counts only if the flag says so.
        assert_eq!(status(&server, BASIC, Some("192.0.2.1")).await, 429);
    }
}

#[tokio::test]
async fn the_address_can_be_the_last_in_a_header() {
    let flags = [
        "--throttle=1/3600",
        "--client-address-header",
        "X-Forwarded-For",
    ];
    let server = start(&flags);
    for (who, address, expected) in [
        (WRONG, "192.0.2.1", 401),
        (BASIC, "192.0.2.1", 429),
        (BASIC, "198.51.100.7, 192.0.2.1:80", 429),
        (BASIC, "192.0.2.1, 198.51.100.7", 200),
    ] {
        assert_eq!(
            status(&server, who, Some(address)).await,
            expected,
            "{address}"
        );
    }
}

#[tokio::test]
async fn servers_with_one_redis_count_together() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let url = redis.url();
    let flags = [
        "--issuer=https://as.example.com",
        "--redis",
        &url,
        "--throttle=1/3600",
        "--client-address-header=x-forwarded-for",
    ];
    let servers = [start(&flags), start(&flags)];
    // On a busy machine, Redis may be silent for 100 ms: then each server counts by itself.
    for attempt in 1..50 {
        let address = format!("192.0.2.{attempt}");
        let first = status(&servers[0], WRONG, Some(&address)).await;
        let second = status(&servers[1], BASIC, Some(&address)).await;
        assert_eq!(first, 401);
        match second {
            429 => return,
            second => assert_eq!(second, 200),
        }
    }
    panic!("the two servers never counted together");
}
