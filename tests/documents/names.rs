//! Names of hosts, and the addresses that are connected to.

use tower_token_endpoint::rejection::RejectionReason;

use crate::law::Law;
use crate::served::{layer, public, refused};
use crate::server::{HOST, Names, Site, pass, strict};
use crate::source::{SHORTEST, around, registered};

#[tokio::test]
async fn a_name_that_does_not_resolve_is_as_an_outage() {
    let site = Site::start().await;
    site.judge("no such name", Law::Down, "cannot be resolved", |site| {
        site.names.now("")
    })
    .await;
}

#[tokio::test]
async fn a_server_that_nobody_runs_is_as_an_outage() {
    let site = Site::start().await;
    // Nobody listens there.
    let nobody = |site: &Site| site.names.now("127.0.0.2");
    site.judge("nobody", Law::Down, "no connection", nobody)
        .await;
}

#[tokio::test]
async fn a_name_that_moves_to_an_address_that_is_not_public_is_401_and_not_connected_to() {
    let site = Site::start().await;
    for addresses in [
        "169.254.169.254",
        "10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "fd00::1",
        "fe80::1",
        "0.0.0.0",
        "127.0.0.1 10.0.0.1",
        "8.8.8.8 127.0.0.1 192.168.0.1",
    ] {
        let before = site.server.connections();
        site.judge(addresses, Law::NoClient, "must be public", |site| {
            site.names.now(addresses)
        })
        .await;
        // Only those of the document itself.
        assert_eq!(site.server.connections() - before, 2, "{addresses}");
    }
}

/// A second look-up could get another answer than the one that was checked.
#[tokio::test]
async fn a_name_is_looked_up_once_for_each_fetch() {
    let site = Site::start().await;
    for fetches in 1..4 {
        site.assert_accepted(&site.send().await);
        site.assert_accepted(&site.send().await);
        assert_eq!(site.names.asked(), vec![HOST; fetches]);
        assert_eq!(site.server.connections(), fetches);
        pass(SHORTEST).await;
    }
}

/// With the settings of production, loopback is not public.
#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_401_and_not_connected_to() {
    let trap = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    trap.set_nonblocking(true).expect("a non-blocking listener");
    let port = trap.local_addr().expect("an address").port();
    let names = Names::all_are("127.0.0.1");
    let store = around(registered()).fetch(strict(&names)).build();
    let layer = layer(store.expect("settings that agree"));
    for (number, addresses) in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "64:ff9b::127.0.0.1",
        "8.8.8.8 127.0.0.1",
        "127.0.0.1 8.8.8.8",
    ]
    .into_iter()
    .enumerate()
    {
        names.now(addresses);
        let id = format!("https://{HOST}:{port}/{number}");
        for _ in 0..2 {
            let why = refused(&public(&id).send(&layer).await);
            assert!(why.contains("must be public"), "{addresses}: {why}");
        }
        assert_eq!(names.asked().len(), number + 1, "it is remembered");
    }
    // By http, it is the id of no document.
    let plain = format!("http://{HOST}:{port}/client.json");
    let reason = RejectionReason::UnknownClient;
    public(&plain)
        .send(&layer)
        .await
        .rejected(401, "invalid_client", reason);
    let error = trap.accept().expect_err("somebody connected");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}
