//! What reaches the upstream server of the proxy, and what does not.

use std::net::SocketAddr;
use std::time::UNIX_EPOCH;

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::Full;

use crate::common::{Broken, CC, FORM, Reply, call, http1, http2};
use crate::rows::{Arrives, Row, accepted, app, other_paths, passed_on, refused_by_the_layer};
use crate::setup::{Arrived, PROOF, address, proxy, upstream};

const PASSED: [&str; 8] = [
    "--pass",
    "/authorize",
    "--pass",
    "/assets/",
    "--pass",
    "/userinfo",
    "--pass",
    "/revoke",
];

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str().expect("ASCII"));
    assert_eq!(values.next(), None, "{name} twice");
    first
}

/// What holds for each request that arrives.
fn assert_arrived(request: &Request<Bytes>, row: &Row) {
    let headers = request.headers();
    assert_eq!(one(headers, "host"), Some("as.example.com"));
    assert_eq!(one(headers, "x-forwarded-host"), Some("as.example.com"));
    assert_eq!(one(headers, "x-forwarded-proto"), Some("https"));
    assert_eq!(one(headers, "x-forwarded-for"), Some("127.0.0.1"));
    for (name, value) in &row.with {
        assert_eq!(one(headers, name), Some(*value), "{name}");
    }
    for name in &row.without {
        assert_eq!(headers.get(*name), None, "{name}");
    }
    let proof = [PROOF, "forged", "twice"];
    let names = ["x-proxy-proof", "x-verified-client", "x-verified-method"];
    match &row.arrives {
        Arrives::Nothing => panic!("{request:?} arrived"),
        Arrives::Checked(path, form, client, method) => {
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.uri(), path);
            assert_eq!(str::from_utf8(request.body()), Ok(&**form));
            assert_eq!(one(headers, "content-type"), Some(FORM));
            assert_eq!(
                names.map(|it| one(headers, it)),
                [Some(PROOF), Some(*client), Some(*method)]
            );
            assert_eq!(headers.get("authorization"), None);
            assert!(
                !format!("{request:?}").contains("canary-secret"),
                "{request:?}"
            );
        }
        Arrives::Passed(path) => {
            assert_eq!(*request.method(), row.call.method);
            assert_eq!(request.uri(), path);
            assert_eq!(*request.body(), row.call.body);
            assert_eq!(names.map(|it| one(headers, it)), [None; 3]);
            let values = headers.values().map(|it| it.to_str().expect("ASCII"));
            assert!(
                values.into_iter().all(|it| !proof.contains(&it)),
                "{headers:?}"
            );
        }
    }
}

async fn assert_row(proxy: SocketAddr, arrived: &Arrived, row: &Row) {
    let mut request = row.call.request();
    request
        .headers_mut()
        .entry("host")
        .or_insert("evil.example".parse().expect("a value"));
    let response = http1(proxy).await.send_request(request).await;
    let reply = Reply::read(response.expect("a response")).await;
    assert_eq!(reply.status.as_u16(), row.status, "{reply:?}");
    let arrived = arrived.take();
    if matches!(row.arrives, Arrives::Nothing) {
        assert_eq!(arrived.len(), 0, "{arrived:?}");
        reply.text("error");
        return;
    }
    assert_eq!(reply.text("from"), "upstream");
    assert_eq!(arrived.len(), 1, "requests");
    assert_arrived(&arrived[0], row);
}

#[tokio::test]
async fn only_what_was_checked_reaches_the_upstream_server() {
    let (address_of_upstream, arrived) = upstream().await;
    let server = proxy("rows", address_of_upstream, &PASSED);
    let mut broken = Broken::default();
    for rows in [
        accepted(),
        refused_by_the_layer(),
        other_paths(),
        passed_on(),
    ] {
        for row in rows {
            let (proxy, arrived) = (address(&server), arrived.clone());
            let name = row.to_string();
            let judged = tokio::spawn(async move { assert_row(proxy, &arrived, &row).await });
            if judged.await.is_err() {
                broken.add(name);
            }
        }
    }
    broken.assert_none();
    let output = server.output();
    assert!(!output.contains("canary"), "{output}");
}

#[tokio::test]
async fn cookies_of_http_2_arrive_as_one_header() {
    let (upstream, arrived) = upstream().await;
    let server = proxy("cookies", upstream, &PASSED);
    let call = call("GET", "").to("http://evil.example/authorize");
    let call = call
        .add("cookie", "a=1")
        .add("cookie", "b=2")
        .add("cookie", "c=3");
    let mut connection = http2::<Full<Bytes>>(address(&server)).await;
    let response = connection.send_request(call.request()).await;
    assert_eq!(response.expect("a response").status(), StatusCode::OK);
    let arrived = arrived.take();
    assert_eq!(one(arrived[0].headers(), "cookie"), Some("a=1; b=2; c=3"));
    assert_eq!(one(arrived[0].headers(), "host"), Some("as.example.com"));
}

#[tokio::test]
async fn a_signature_is_over_time_path_client_method_and_form() {
    let (upstream, arrived) = upstream().await;
    let server = proxy("signed", upstream, &["--sign", "--header", "x-signature"]);
    let call = app(CC).add("x-signature", "forged").request();
    let response = http1(address(&server)).await.send_request(call).await;
    assert_eq!(response.expect("a response").status(), StatusCode::OK);
    let arrived = arrived.take();
    let proof = one(arrived[0].headers(), "x-signature").expect("a signature");
    let (time, signature) = proof.split_once(",v1=").expect("two parts");
    let time = time.strip_prefix("t=").expect("the time");
    let signed = format!("{time}\n/token\napp\nclient_secret_basic\nclient_id=app&{CC}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, PROOF.as_bytes());
    let expected = hmac::sign(&key, signed.as_bytes());
    let expected: String = expected
        .as_ref()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    assert_eq!(signature, expected);
    let now = UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let time: u64 = time.parse().expect("seconds");
    assert!(time.abs_diff(now) < 30, "{time} is not {now}");
    assert!(!format!("{arrived:?}").contains(PROOF));
}
