//! Stores that are called outside of a runtime, in one without a timer, and in one that ends.

use std::pin::pin;
use std::task::Poll;

use tokio::runtime::{Builder, Runtime};
use tower_token_endpoint::store::{ClientStore as _, ClientUnavailable};

use crate::common::{block_on, poll_once};
use crate::source::{
    Documents, Does, Found, ID, Source, failure, find, finding, head, settle, store, text,
};

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// What a future without a runtime gives at its first poll.
fn error_without_a_runtime(store: &Documents) -> String {
    let head = head();
    let found = match poll_once(pin!(store.find(ID, &head))) {
        Poll::Ready(found) => found,
        Poll::Pending => panic!("nobody will wake it"),
    };
    let error = found.expect_err("no runtime");
    assert!(error.is::<ClientUnavailable>(), "{error}");
    text(&*error)
}

#[test]
fn without_a_runtime_nothing_can_be_fetched_and_what_is_kept_is_found() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert!(error_without_a_runtime(&store).contains("runtime"));
    assert_eq!(source.fetches(), 0);
    // Other ids need none.
    let head = head();
    let found = poll_once(pin!(store.find("app", &head)));
    assert!(matches!(found, Poll::Ready(Ok(None))), "{found:?}");
    // And the failure is not remembered.
    assert_eq!(block_on(find(&*store, ID)), Found::Client);
    let found = poll_once(pin!(store.find(ID, &head)));
    assert!(matches!(found, Poll::Ready(Ok(Some(_)))), "{found:?}");
    assert_eq!(source.fetches(), 1);
}

#[test]
fn a_runtime_without_a_timer_is_an_error() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let error = runtime.block_on(failure(&*store, ID));
    assert!(error.contains("interrupted"), "{error}");
    assert_eq!(block_on(find(&*store, ID)), Found::Client);
}

#[test]
fn who_waits_outside_is_told_when_the_runtime_of_the_fetch_ends() {
    let source = Source::that(Does::Hangs);
    let store = store(&source);
    let runtime = runtime();
    runtime.block_on(async {
        finding(&store, ID);
        settle().await;
    });
    assert_eq!(source.running(), 1);
    let head = head();
    let mut waiting = pin!(store.find(ID, &head));
    assert!(poll_once(waiting.as_mut()).is_pending());
    drop(runtime);
    let Poll::Ready(found) = poll_once(waiting.as_mut()) else {
        panic!("it waits for ever");
    };
    let error = text(&*found.expect_err("no document"));
    assert!(error.contains("interrupted"), "{error}");
    source.now(Does::Document);
    assert_eq!(block_on(find(&*store, ID)), Found::Client);
}

#[test]
fn a_source_that_panics_fails_and_the_next_fetch_is_as_ever() {
    let source = Source::that(Does::Panics);
    let store = store(&source);
    block_on(async {
        let error = failure(&*store, ID).await;
        assert!(error.contains("interrupted"), "{error}");
        source.now(Does::Document);
        assert_eq!(find(&*store, ID).await, Found::Client);
    });
}
