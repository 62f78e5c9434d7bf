//! How the process ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::common::token_server::*;
use crate::common::{CC, FORM, basic_value};
use crate::connections::{SERVERS, start_example};

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
            let mut server = start_example(example);
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

#[cfg(unix)]
#[test]
fn request_in_flight_is_answered_after_ctrl_c() {
    let mut server = start(&[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).expect("it listens");
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
         Content-Type: {FORM}\r\n\
         Authorization: {}\r\nExpect: 100-continue\r\n\r\n",
        CC.len(),
        basic_value("demo-basic:demo-basic-secret"),
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    let mut asked_for_body = [0; 25];
    stream
        .read_exact(&mut asked_for_body)
        .expect("it has read the head and wants the body");
    assert_eq!(&asked_for_body, b"HTTP/1.1 100 Continue\r\n\r\n");

    signal(&server, "-INT");
    wait_for("end of listening", || TcpStream::connect(&address).err());
    stream.write_all(CC.as_bytes()).expect("it still reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("it answers and closes");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.process.exit_code(Duration::from_secs(4)), Some(0));
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
