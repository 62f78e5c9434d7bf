//! Polls of a request that a user decides on elsewhere, with a clock: RFC 8628 §3.5, and OpenID
//! Connect CIBA Core §11.

use std::time::{Duration, SystemTime};

use tower_token_endpoint::ErrorCode;
use tower_token_endpoint::ErrorCode::{AuthorizationPending, ExpiredToken, InvalidGrant, SlowDown};

use crate::expiring::Expiring;
use crate::polled::{self, Approval, Polled};

const LIFETIME: u64 = 600;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A request that is made at 0 s and ends at 600 s. It can be polled every 5 s.
fn request(approval: Approval) -> (Expiring<Polled>, String) {
    let polled = Polled::new(
        Some("read".into()),
        approval,
        Duration::from_secs(5),
        at(LIFETIME),
    );
    let lifetime = Duration::from_secs(LIFETIME) + polled::KEPT;
    let mut requests = Expiring::new(lifetime, 2);
    let code = polled::add(&mut requests, polled, at(0)).expect("there is room");
    (requests, code)
}

/// What each poll gets. `Ok` is the scope.
fn polls(approval: Approval, rows: &[(u64, Result<&str, ErrorCode>)]) {
    let (mut requests, code) = request(approval);
    for (nth, (seconds, expected)) in rows.iter().enumerate() {
        let answer = polled::poll(&mut requests, &code, at(*seconds));
        let answer = answer.map_err(|error| error.code());
        let answer = answer
            .as_ref()
            .map(|scope| scope.as_deref().unwrap_or_default());
        assert_eq!(
            answer,
            expected.as_ref().map(|scope| *scope),
            "poll {nth} of {rows:?}"
        );
    }
}

#[test]
fn each_slow_down_adds_5_s_to_the_interval() {
    polls(
        Approval::Missing,
        &[
            (0, Err(AuthorizationPending)),
            (5, Err(AuthorizationPending)),
            (9, Err(SlowDown)),
            // Now it is 10 s after the last poll, which was too soon.
            (15, Err(SlowDown)),
            (29, Err(SlowDown)),
            (49, Err(AuthorizationPending)),
            (68, Err(SlowDown)),
            (93, Err(AuthorizationPending)),
        ],
    );
}

#[test]
fn clock_that_goes_back_is_no_panic() {
    polls(
        Approval::Missing,
        &[
            (100, Err(AuthorizationPending)),
            (50, Err(SlowDown)),
            (60, Err(AuthorizationPending)),
        ],
    );
}

#[test]
fn request_expires_and_is_known_for_a_minute_more() {
    polls(
        Approval::Missing,
        &[
            (599, Err(AuthorizationPending)),
            (600, Err(ExpiredToken)),
            (601, Err(ExpiredToken)),
            (659, Err(ExpiredToken)),
            (660, Err(InvalidGrant)),
        ],
    );
    // Also if the user has approved.
    polls(
        Approval::Given,
        &[(600, Err(ExpiredToken)), (660, Err(InvalidGrant))],
    );
}

#[test]
fn approved_request_gives_its_scope_once() {
    polls(
        Approval::Given,
        &[
            (599, Ok("read")),
            (599, Err(InvalidGrant)),
            (600, Err(InvalidGrant)),
        ],
    );
}

#[test]
fn user_approves_after_one_poll_that_is_not_too_soon() {
    polls(
        Approval::After(1),
        &[
            (0, Err(AuthorizationPending)),
            (4, Err(SlowDown)),
            (14, Ok("read")),
            (30, Err(InvalidGrant)),
        ],
    );
}

#[test]
fn user_approves_what_has_not_expired_and_then_nobody_waits() {
    let (mut requests, code) = request(Approval::Missing);
    assert!(!polled::approve(&mut requests, "unknown", at(0)));
    let pending = polled::poll(&mut requests, &code, at(599));
    assert_eq!(
        pending.map_err(|error| error.code()),
        Err(AuthorizationPending)
    );
    assert!(polled::approve(&mut requests, &code, at(599)));
    assert!(polled::poll(&mut requests, &code, at(599)).is_ok());

    let (mut requests, code) = request(Approval::Missing);
    assert!(!polled::approve(&mut requests, &code, at(600)));
    let expired = polled::poll(&mut requests, &code, at(600));
    assert_eq!(expired.map_err(|error| error.code()), Err(ExpiredToken));
}
