//! Servers and clients of hyper, over connections of this machine.

use std::net::SocketAddr;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::{BoxError, Service};

/// A listener on a port that the kernel picks.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    (listener, address)
}

/// Serves by bare hyper, on a port of its own.
pub(crate) async fn serve<S, R>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<BoxError>,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("a connected socket");
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                let io = TokioIo::new(stream);
                // The server has not failed if a client goes away in the middle.
                let _ = builder.serve_connection(io, service).await;
            });
        }
    });
    address
}

pub(crate) async fn http1<B>(address: SocketAddr) -> conn::http1::SendRequest<B>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let connected = conn::http1::handshake(connect(address).await).await;
    let (sender, connection) = connected.expect("HTTP/1.1");
    tokio::spawn(connection);
    sender
}

pub(crate) async fn http2<B>(address: SocketAddr) -> conn::http2::SendRequest<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let io = connect(address).await;
    let connected = conn::http2::handshake(TokioExecutor::new(), io).await;
    let (sender, connection) = connected.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

async fn connect(address: SocketAddr) -> TokioIo<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("a server");
    stream.set_nodelay(true).expect("a connected socket");
    TokioIo::new(stream)
}
