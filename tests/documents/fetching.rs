//! Documents over http and https: what the other side can do, and what a request then gets.

use crate::certificates::{CA, Ca};
use crate::law::Law;
use crate::served::unavailable;
use crate::server::{Answer, HOST, Site, json, pass, response};
use crate::source::{DAY, HOUR, MINUTE, SECOND, SHORTEST, document};

fn raw(text: &str) -> Answer {
    Answer::Close(text.replace('\n', "\r\n").into_bytes())
}

#[tokio::test]
async fn a_response_that_is_not_the_document_is_as_an_outage() {
    use Law::{Down, NoClient};
    let own = Site::start().await;
    let body = document(&own.id, "");
    let typed = |head: &str| response(&format!("200 OK{head}"), &body);
    let status = |line: &str| response(&format!("{line}\r\nContent-Type: application/json"), &body);
    let trap = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    trap.set_nonblocking(true).expect("a non-blocking listener");
    let to_trap = format!(
        "http://127.0.0.1:{}/",
        trap.local_addr().expect("a port").port()
    );
    let redirect =
        |status: u16, to: &str| response(&format!("{status} Moved\r\nLocation: {to}"), "");
    let long = |length: usize| json(&format!("{body}{}", " ".repeat(length - body.len())));
    let rows = [
        // redirects
        (
            "301",
            redirect(301, "http://169.254.169.254/latest/meta-data/"),
            Down,
            "301",
        ),
        (
            "302",
            redirect(302, "http://169.254.169.254/latest/meta-data/"),
            Down,
            "302",
        ),
        ("303", redirect(303, &to_trap), Down, "303"),
        ("307", redirect(307, &to_trap), Down, "307"),
        (
            "308 to itself",
            redirect(308, &own.id),
            Down,
            "redirects are not followed",
        ),
        // other statuses
        ("201", status("201 Created"), Down, "201 instead of 200"),
        ("204", raw("HTTP/1.1 204 No Content\n\n"), Down, "204"),
        ("206", status("206 Partial Content"), Down, "206"),
        ("304", raw("HTTP/1.1 304 Not Modified\n\n"), Down, "304"),
        ("401", status("401 Unauthorized"), Down, "401"),
        ("403", status("403 Forbidden"), Down, "403"),
        ("404", status("404 Not Found"), Down, "404"),
        ("429", status("429 Too Many Requests"), Down, "429"),
        ("500", status("500 Internal Server Error"), Down, "500"),
        ("502", status("502 Bad Gateway"), Down, "502"),
        ("503", status("503 Service Unavailable"), Down, "503"),
        ("410", status("410 Gone"), NoClient, "410"),
        // media types
        (
            "HTML with 200",
            response("200 OK\r\nContent-Type: text/html", "<html>"),
            Down,
            "text/html",
        ),
        (
            "HTML that is the document",
            typed("\r\nContent-Type: text/html"),
            Down,
            "text/html",
        ),
        ("no type", typed(""), Down, "media type"),
        (
            "text/json",
            typed("\r\nContent-Type: text/json"),
            Down,
            "text/json",
        ),
        (
            "a script",
            typed("\r\nContent-Type: application/javascript"),
            Down,
            "javascript",
        ),
        // encodings
        (
            "gzip",
            typed("\r\nContent-Type: application/json\r\nContent-Encoding: gzip"),
            Down,
            "Content-Encoding",
        ),
        (
            "identity",
            typed("\r\nContent-Type: application/json\r\nContent-Encoding: identity"),
            Down,
            "Content-Encoding",
        ),
        // lengths
        ("5 KiB and one byte", long(5121), Down, "longer than 5120"),
        ("64 KiB", long(65_536), Down, "longer than 5120"),
        ("10 MB", long(10_000_000), Down, "longer than 5120"),
        (
            "10 MB without a length",
            raw(&format!(
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{}",
                " ".repeat(10_000_000)
            )),
            Down,
            "longer than 5120",
        ),
        (
            "cut",
            raw(&format!(
                "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 999\n\n{body}"
            )),
            Down,
            "broke off",
        ),
        // no HTTP
        ("nothing", raw(""), Down, "cannot be read"),
        (
            "another protocol",
            raw("SSH-2.0-x\n"),
            Down,
            "cannot be read",
        ),
        // the document, and it is not valid
        ("an array", json("[]"), NoClient, "object"),
        ("nothing at all", json(""), NoClient, "EOF"),
        (
            "HTML that says that it is JSON",
            json("<html>"),
            NoClient,
            "expected value",
        ),
        (
            "of another client",
            json(&document("https://other.example/a", "")),
            NoClient,
            "client_id",
        ),
        (
            "twice",
            json(&format!("{body}{body}")),
            NoClient,
            "trailing",
        ),
        (
            "with a secret",
            json(&document(&own.id, r#""client_secret":"s""#)),
            NoClient,
            "public",
        ),
    ];
    for (name, answer, law, wanted) in rows {
        own.judge(name, law, wanted, |site| site.server.now(answer.clone()))
            .await;
    }
    let error = trap.accept().expect_err("a redirect was followed");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_source_that_does_not_come_to_an_end_is_as_an_outage() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let counted = format!("{head}Content-Length: 5000\r\n\r\n");
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    let rows = [
        ("says nothing", Answer::Stall(Vec::new())),
        ("half a head", Answer::Stall(head.into())),
        ("a head alone", Answer::Stall(counted.clone().into())),
        ("half a body", Answer::Stall(format!("{counted}{{").into())),
        (
            "drips a head",
            Answer::Again(head.into(), b"X: y\r\n".into(), SECOND / 100),
        ),
        (
            "drips a body",
            Answer::Again(counted.into(), b" ".into(), SECOND / 100),
        ),
        (
            "drips chunks",
            Answer::Again(chunked.into(), b"1\r\n \r\n".into(), SECOND / 100),
        ),
    ];
    let site = Site::start().await;
    for (name, answer) in rows {
        site.judge(name, Law::Hangs, "within 5s", |site| {
            site.server.now(answer.clone())
        })
        .await;
    }
}

/// The limit of production, with nothing changed.
#[tokio::test]
async fn a_body_that_drips_one_byte_a_second_is_given_up_after_five_seconds() {
    let site = Site::start().await;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n";
    site.server
        .now(Answer::Again(head.into(), b" ".into(), SECOND));
    let start = std::time::Instant::now();
    let why = unavailable(&site.send().await);
    assert!(why.contains("within 5s"), "{why}");
    assert!((SECOND * 5..SECOND * 9).contains(&start.elapsed()));
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_for_the_name_is_as_an_outage() {
    let other = Ca::new("another root");
    let right = || CA.sign(HOST, 2020..2100);
    for (name, chain, wanted) in [
        (
            "another name",
            CA.sign("other.example.com", 2020..2100),
            "not valid for name",
        ),
        ("expired", CA.sign(HOST, 2020..2021), "expired"),
        (
            "an unknown root",
            other.sign(HOST, 2020..2100),
            "UnknownIssuer",
        ),
    ] {
        let site = Site::of("https", |it| it).await;
        site.server.certificate(chain);
        let why = unavailable(&site.send().await);
        assert!(why.contains(wanted), "{name}: {why}");
        site.server.certificate(right());
        site.assert_accepted(&site.send().await);
        // With a copy.
        site.server
            .certificate(Ca::new("a third root").sign(HOST, 2020..2100));
        pass(SHORTEST).await;
        let connections = site.server.connections();
        site.assert_accepted(&site.send().await);
        assert_eq!(site.server.connections(), connections + 1, "{name}");
        assert_eq!(
            site.server.heads().len(),
            1,
            "{name}: nothing was asked of a stranger"
        );
    }
}

#[tokio::test]
async fn two_hundred_requests_at_once_for_a_new_url_are_one_fetch() {
    let site = Site::start().await;
    let all = (0..200).map(|_| site.send());
    for exchange in futures_util::future::join_all(all).await {
        site.assert_accepted(&exchange);
    }
    assert_eq!(site.server.connections(), 1);
}

#[tokio::test]
async fn in_an_outage_of_an_hour_the_copy_serves_and_of_25_hours_it_is_503() {
    for (time, is_accepted) in [(HOUR, true), (DAY - MINUTE, true), (HOUR * 25, false)] {
        let site = Site::start().await;
        site.assert_accepted(&site.send().await);
        site.server.now(response("503 Service Unavailable", ""));
        pass(time).await;
        let exchange = site.send().await;
        match is_accepted {
            true => site.assert_accepted(&exchange),
            false => assert!(unavailable(&exchange).contains("503")),
        }
        site.server.now(site.document());
        pass(MINUTE).await;
        site.assert_accepted(&site.send().await);
        assert_eq!(site.server.connections(), 3);
    }
}
