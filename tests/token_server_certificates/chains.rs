//! Chains of certificates, and what the log says of those that are not verified.

use crate::clients::*;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

/// A stranger chooses the chain, and how long it takes to verify it.
#[tokio::test]
async fn chain_is_verified_up_to_four_certificates() {
    let server = start_https(&[]);
    let first = CA.intermediate("first");
    let second = first.intermediate("second");
    let third = second.intermediate("third");
    let fourth = third.intermediate("fourth");
    let by = |authority: &Authority| authority.sign(named("billing"));
    let identities = [&first, &third, &fourth].map(by);
    let [by_first, by_third, by_fourth] = &identities;
    for (what, by, chain, is_verified) in [
        ("one intermediate", by_first, vec![&first], true),
        ("the intermediate is missing", by_first, vec![], false),
        ("another intermediate", by_first, vec![&second], false),
        ("the root as well", by_first, vec![&first, &CA], true),
        (
            "in another order",
            by_third,
            vec![&first, &third, &second],
            true,
        ),
        (
            "five certificates",
            by_fourth,
            vec![&fourth, &third, &second, &first],
            false,
        ),
        ("ten times the same", by_first, vec![&first; 10], false),
    ] {
        let chain = [&by.der]
            .into_iter()
            .chain(chain.into_iter().map(|it| &it.der));
        let config = config_of_chain(chain.cloned().collect(), by);
        let request = post("/token", BY_SUBJECT, &[CLIENT_CREDENTIALS]);
        let reply = server.request(config, request).await;
        let reply = reply.expect("the server answers");
        match is_verified {
            true => drop(reply.granted()),
            false => reply.refused(401, "invalid_client"),
        }
        // Whoever compares the two lines finds the cause.
        let thumbprint = by.thumbprint();
        let expected = if is_verified { 0 } else { 2 };
        wait_for(what, || {
            let log = server.output();
            let lines = log.lines().filter(|it| it.contains(&thumbprint)).count();
            (lines >= expected).then_some(())
        });
    }
    let log = server.output();
    for cause in [
        "UnknownIssuer",
        "its chain has 5 certificates",
        "its chain has 11 certificates",
    ] {
        assert!(log.contains(cause), "{cause}: {log}");
    }
}

/// rustls reads it before the key of a client is looked at.
#[tokio::test]
async fn certificate_that_ends_its_handshake_is_in_the_log() {
    let server = start_https(&[]);
    // `INTEGER 2` of the version becomes 0, which is version 1.
    let mut der = SELF_SIGNED.der.to_vec();
    let version = der.windows(5).position(|it| it == [0xa0, 3, 2, 1, 2]);
    der[version.expect("version 3") + 4] = 0;
    let config = config_of_chain(vec![der.into()], &SELF_SIGNED);
    let request = post("/token", BY_KEY, &[CLIENT_CREDENTIALS]);
    let sent = server.request(config, request).await;
    assert!(sent.is_err(), "{sent:?}");
    wait_for("log line about it", || {
        let log = server.output();
        log.lines()
            .any(|it| it.contains("ends its handshake") && it.contains("UnsupportedCertVersion"))
            .then_some(())
    });
}
