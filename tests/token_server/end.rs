//! How the process ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use http_body::Frame;
use tokio::time::sleep;

use crate::common::token_server::*;
use crate::common::{CC, ChannelBody, FORM, full, http2, post};
use crate::servers::SERVERS;

#[cfg(unix)]
fn signal(server: &Server, name: &str) {
    let pid = server.process.0.id().to_string();
    let status = Command::new("kill")
        .args([name, &pid])
        .status()
        .expect("kill runs");
    assert!(status.success());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_and_sigterm_end_every_server_in_order() {
    for example in SERVERS {
        for name in ["-INT", "-TERM"] {
            let mut server = example.start();
            let other = server.http.get(format!("{}/other", server.base));
            other.send().await.expect("a response"); // leaves a connection open
            let address = server.base.trim_start_matches("http://");
            let _idle = TcpStream::connect(address).expect("it listens");
            std::thread::sleep(Duration::from_millis(200));
            signal(&server, name);
            assert_eq!(
                server.process.exit_code(Duration::from_secs(4)),
                Some(0),
                "{name} at {example:?}"
            );
        }
    }
}

/// Its body comes after the server was told to end. So does another request, which is too late.
#[cfg(unix)]
#[test]
fn request_in_flight_is_answered_after_ctrl_c_and_no_other() {
    for example in SERVERS {
        let mut server = example.start();
        let address = server.base.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).expect("it listens");
        let head = |more: &str| {
            format!(
                "POST {} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
                 Content-Type: {FORM}\r\nAuthorization: {}\r\n{more}\r\n",
                example.token,
                CC.len(),
                example.credentials(),
            )
        };
        let in_flight = head("Expect: 100-continue\r\n");
        stream.write_all(in_flight.as_bytes()).expect("it reads");
        let mut asked_for_body = [0; 25];
        stream
            .read_exact(&mut asked_for_body)
            .expect("it has read the head and wants the body");
        assert_eq!(&asked_for_body, b"HTTP/1.1 100 Continue\r\n\r\n");

        signal(&server, "-INT");
        wait_for("end of listening", || TcpStream::connect(&address).err());
        let rest = format!("{CC}{}{CC}", head(""));
        stream.write_all(rest.as_bytes()).expect("it still reads");
        let mut answer = Vec::new();
        // It may close the connection before it has read all of it.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).expect("a response in ASCII");
        let status = format!("HTTP/1.1 {}", example.status);
        assert!(answer.starts_with(&status), "{example:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{example:?}: {answer}"
        );
        let code = server.process.exit_code(Duration::from_secs(4));
        assert_eq!(code, Some(0), "{example:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn stream_of_http_2_in_flight_is_answered_after_ctrl_c_and_no_other() {
    for example in SERVERS {
        let mut server = example.start();
        let address = server.base.trim_start_matches("http://");
        let address: SocketAddr = address.parse().expect("an address");
        let mut connection = http2(address).await;
        let request = |body| {
            let call = post("").to(&format!("http://{address}{}", example.token));
            call.set("authorization", example.credentials())
                .request_with(body)
        };
        let (body, waits) = ChannelBody::new();
        let in_flight = tokio::spawn(connection.send_request(request(waits.any())));
        // Answered after it, so the stream before it has been opened.
        let other = connection.send_request(request(full(CC))).await;
        let status = other.expect("a response").status().as_u16();
        assert_eq!(status, example.status, "{example:?}");

        signal(&server, "-INT");
        wait_for("end of listening", || TcpStream::connect(address).err());
        sleep(Duration::from_millis(100)).await;
        let late = connection.send_request(request(full(CC))).await;
        assert!(late.is_err(), "{example:?}: {late:?}");
        assert!(body.send(Frame::data(CC.into())).is_ok());
        drop(body);
        let response = in_flight.await.expect("no panic").expect("a response");
        assert_eq!(response.status().as_u16(), example.status, "{example:?}");
        let code = server.process.exit_code(Duration::from_secs(4));
        assert_eq!(code, Some(0), "{example:?}");
    }
}

/// What was not accepted when the time is over is not answered.
#[cfg(unix)]
#[test]
fn body_that_does_not_end_is_given_up_after_ctrl_c() {
    for example in SERVERS {
        let mut server = example.start();
        let address = server.base.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).expect("it listens");
        let unfinished = format!(
            "POST {} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
             Content-Type: {FORM}\r\nAuthorization: {}\r\n\r\ngrant_type=",
            example.token,
            CC.len(),
            example.credentials(),
        );
        stream.write_all(unfinished.as_bytes()).expect("it reads");
        std::thread::sleep(Duration::from_millis(200));
        signal(&server, "-INT");
        let code = server.process.exit_code(Duration::from_secs(15));
        assert_eq!(code, Some(0), "{example:?}");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(String::from_utf8_lossy(&answer), "", "{example:?}");
    }
}

#[cfg(unix)]
#[test]
fn stalled_request_does_not_keep_it_from_ending() {
    let mut server = start(&[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).expect("it listens");
    stream
        .write_all(b"POST /token HTTP/1.1\r\nHost: x\r\n")
        .expect("it reads");
    std::thread::sleep(Duration::from_millis(200));
    signal(&server, "-INT");
    assert_eq!(server.process.exit_code(Duration::from_secs(15)), Some(0));
}
