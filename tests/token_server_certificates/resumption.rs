//! Sessions that are resumed: their handshakes have no certificate, and no signature of its key.

use std::sync::Arc;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::HandshakeKind;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::clients::*;
use crate::common::Reply;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

#[tokio::test]
async fn resumed_session_has_the_certificate_that_it_began_with() {
    let server = start_https(&[]);
    for version in [&TLS12, &TLS13] {
        let config = config(Some((&BILLING, &BILLING)), &[version]);
        let connector = TlsConnector::from(Arc::new(config));
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let stream = TcpStream::connect(server.address()).await;
            let name = ServerName::try_from("localhost").expect("a name");
            let stream = connector.connect(name, stream.expect("it listens")).await;
            let stream = stream.expect("a handshake");
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(kind));
            let connected = http1::handshake(TokioIo::new(stream)).await;
            let (mut sender, connection) = connected.expect("HTTP/1.1");
            tokio::spawn(connection);
            for (who, is_accepted) in [(BY_SUBJECT, true), (BY_KEY, false)] {
                let request = post("/token", who, &[CLIENT_CREDENTIALS]);
                let response = sender.send_request(request).await;
                let reply = Reply::read(response.expect("the server answers")).await;
                assert_eq!(reply.status == 200, is_accepted, "{kind:?}: {reply:?}");
            }
        }
    }
}
