//! The requests of the scenarios, made while the clock runs, one after the other.

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use super::{Case, FEW};
use crate::assertions::{posted, with_secret};
use crate::requests::{OTHER_PATH, TOKEN_PATH, basic, client_id, request, secret};

/// Makes the next request. Of one type, so that no contender has the making of its requests
/// compiled into it in another way than the rest.
pub(super) type Input = Box<dyn FnMut() -> Request<Full<Bytes>>>;

/// Requests of [`FEW`] clients, all of them registered.
pub(super) fn of(case: Case) -> Input {
    match case {
        Case::Accepted => plain(TOKEN_PATH, valid(FEW, FEW)),
        Case::Post => {
            let mut forms = in_turn(FEW, FEW, with_secret);
            Box::new(move || posted(forms()))
        }
        Case::WrongSecret => plain(TOKEN_PATH, wrong(FEW, FEW)),
        Case::OtherPath => plain(OTHER_PATH, valid(FEW, FEW)),
    }
}

/// Requests with a body as hyper's is: not boxed.
pub(super) fn plain(
    path: &'static str,
    mut authorization: impl FnMut() -> &'static str + 'static,
) -> Input {
    Box::new(move || request(path, authorization()))
}

/// Requests with axum's body.
pub(super) fn axum(mut input: Input) -> impl FnMut() -> Request<Body> {
    move || input().map(Body::new)
}

/// The credentials of `busy` out of `registered` clients, one after the other.
pub(super) fn valid(busy: usize, registered: usize) -> impl FnMut() -> &'static str {
    in_turn(busy, registered, |n| basic(&client_id(n), &secret(n)))
}

/// The ids of `busy` out of `registered` clients, each with the secret of another.
pub(super) fn wrong(busy: usize, registered: usize) -> impl FnMut() -> &'static str {
    in_turn(busy, registered, |n| basic(&client_id(n), &secret(n + 1)))
}

/// The credentials of clients that are not registered.
pub(super) fn unknown() -> impl FnMut() -> &'static str {
    in_turn(FEW, FEW, |n| basic(&client_id(FEW + n), &secret(n)))
}

/// The credentials of `busy` out of `registered` clients, in an order in which no cache foresees the
/// next client. The values themselves come one after the other: what
/// a request says is in the cache of a server that has just read it. They live as long as the
/// program, so that to hand one out costs nothing.
fn in_turn(
    busy: usize,
    registered: usize,
    credentials: fn(usize) -> String,
) -> impl FnMut() -> &'static str {
    // A prime that divides no power of ten: each client comes once before any comes again.
    const STRIDE: usize = 61_813;
    let order = (0..busy).map(|turn| turn * STRIDE % busy * (registered / busy));
    let values: Vec<_> = order.map(credentials).collect();
    let mut values = values.leak().iter().cycle();
    move || values.next().expect("a cycle has no end")
}
