//! Requests over one connection to a server on another thread.

use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tower::{Layer as _, service_fn};
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::store::ClientStore;

use crate::classes::{Bench, Sent};
use crate::in_process::WARM_UP;
use crate::requests::{TOKEN_PATH, issued};
use crate::statistics::Times;
use crate::{Result, log_of_thread};

pub(crate) fn measure<C: ClientStore>(
    bench: &Bench<C>,
    requests: usize,
    is_logged: bool,
) -> Result<Times> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let layer = bench.layer.clone();
    let server = thread::spawn(move || serve_one(listener, layer, is_logged));
    let times = drive(address, bench, requests);
    // The connection has ended, and with it the server.
    server.join().map_err(|_| "the server panicked")??;
    times
}

/// Serves one connection to its end.
fn serve_one<C: ClientStore>(
    listener: TcpListener,
    layer: TokenEndpointLayer<C>,
    is_logged: bool,
) -> Result<()> {
    let (stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let _log = log_of_thread(is_logged);
    runtime.block_on(async {
        let stream = TokioIo::new(tokio::net::TcpStream::from_std(stream)?);
        let inner = service_fn(async |_: Request<_>| Ok::<_, Infallible>(issued()));
        let service = TowerToHyperService::new(layer.layer(inner));
        Ok(http1::Builder::new()
            .serve_connection(stream, service)
            .await?)
    })
}

fn drive<C>(address: SocketAddr, bench: &Bench<C>, requests: usize) -> Result<Times> {
    let classes = bench.classes;
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let wire = |sent: &Sent| {
        let ((name, value), form) = (&sent.header, &sent.form);
        let length = form.len();
        let request = format!(
            "POST {TOKEN_PATH} HTTP/1.1\r\nhost: {address}\r\nuser-agent: measurement/1.0\r\n\
             accept: application/json\r\n{name}: {value}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        );
        request.into_bytes()
    };
    let wires: Vec<Vec<_>> = bench
        .sent
        .iter()
        .map(|it| it.iter().map(wire).collect())
        .collect();
    let mut order = bench.order();
    let mut times = vec![Vec::with_capacity(requests * 2); classes.len()];
    let mut buffer = [0; 4096];
    // All responses are as long as the first.
    let mut length = None;
    for turn in 0..WARM_UP + requests * classes.len() {
        let (class, nth) = order.next();
        let request = &wires[class][nth];
        let start = Instant::now();
        stream.write_all(request)?;
        let mut read = stream.read(&mut buffer)?;
        while read < length.unwrap_or_default() {
            read += stream.read(&mut buffer[read..])?;
        }
        let taken = start.elapsed();
        if !buffer.starts_with(b"HTTP/1.1 401") || read != *length.get_or_insert(read) {
            let response = String::from_utf8_lossy(&buffer[..read]);
            return Err(format!("{:?}: {response}", classes[class]).into());
        }
        if turn >= WARM_UP {
            times[class].push(u32::try_from(taken.as_nanos())?);
        }
    }
    Ok(times)
}
