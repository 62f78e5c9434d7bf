//! Requests over keep-alive connections. A connection writes bytes made beforehand and reads no more of
//! a response than it must: what the load costs is not taken from the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::Result;
use crate::requests::{FORM, TOKEN_PATH, basic, client_id, secret};
use crate::responses::Responses;

pub(crate) const CONNECTIONS: u32 = 256;
/// Registered clients, all of them busy.
pub(crate) const CLIENTS: usize = 1_000;

/// Sends requests over [`CONNECTIONS`] connections for so long: `rate` of them a second, or as
/// many as the server responds to.
pub(crate) async fn drive(
    address: SocketAddr,
    seconds: u64,
    rate: Option<u32>,
    layered: bool,
) -> Result<Responses> {
    let requests: &'static [_] = prepared(address, layered).leak();
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let interval = rate.map(|rate| Duration::from_secs(CONNECTIONS.into()) / rate);
    let mut connections = JoinSet::new();
    for n in 0..CONNECTIONS {
        let first = start + interval.unwrap_or_default() * n / CONNECTIONS;
        connections.spawn(connection(
            address, requests, n as usize, first, interval, end,
        ));
    }
    let mut responses = Responses::default();
    while let Some(connection) = connections.join_next().await {
        responses.add(connection??);
    }
    responses.spent = start.elapsed();
    Ok(responses)
}

async fn connection(
    address: SocketAddr,
    requests: &[Prepared],
    first_request: usize,
    first: Instant,
    interval: Option<Duration>,
    end: Instant,
) -> Result<Responses> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut responses = Responses::default();
    let mut buffer = Vec::with_capacity(4096);
    let mut turn = first;
    for request in requests.iter().cycle().skip(first_request) {
        if let Some(interval) = interval {
            sleep_until(turn.into()).await;
            turn += interval;
        }
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        stream.write_all(&request.bytes).await?;
        let status = response(&mut stream, &mut buffer).await?;
        responses.total += 1;
        match status {
            _ if status != request.expected => responses.unexpected += 1,
            StatusCode::OK => responses.accepted += 1,
            _ => responses.rejected += 1,
        }
        responses
            .micros
            .push(u32::try_from(sent.elapsed().as_micros())?);
    }
    Ok(responses)
}

/// Reads one response off the connection, all of it, so that the next one starts at its first byte.
pub(crate) async fn response(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<StatusCode> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection".into());
        }
        let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head])?;
        let status = text.get(9..12).ok_or("no status")?.parse()?;
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .ok_or("a response of unknown length")?
            .parse()?;
        while buffer.len() < head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err("the server closed a connection in a response".into());
            }
        }
        return Ok(status);
    }
}

/// A request as it goes over the connection, and the status it deserves.
struct Prepared {
    bytes: Vec<u8>,
    expected: StatusCode,
}

/// Of three requests one is wrong, in one of three ways.
fn prepared(address: SocketAddr, layered: bool) -> Vec<Prepared> {
    let prepared = |n: usize| {
        let id = client_id(n);
        let (id, secret, form, expected) = match n % 9 {
            0 => (id, secret(n + 1), FORM, StatusCode::UNAUTHORIZED),
            3 => (
                client_id(CLIENTS + n),
                secret(n),
                FORM,
                StatusCode::UNAUTHORIZED,
            ),
            6 => (id, secret(n), "scope=read", StatusCode::BAD_REQUEST),
            _ => (id, secret(n), FORM, StatusCode::OK),
        };
        let bytes = wire(address, &basic(&id, &secret), form);
        Prepared {
            bytes,
            expected: if layered { expected } else { StatusCode::OK },
        }
    };
    (0..CLIENTS).map(prepared).collect()
}

/// A token request as it goes over a connection.
pub(crate) fn wire(address: SocketAddr, authorization: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    let request = format!(
        "POST {TOKEN_PATH} HTTP/1.1\r\n\
         host: {address}\r\n\
         user-agent: measurement/1.0\r\n\
         accept: application/json\r\n\
         authorization: {authorization}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\
         content-length: {length}\r\n\r\n{form}"
    );
    request.into_bytes()
}
