//! The inner service is asked whether it is ready before it is called, and when.

use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{BoxError, Layer, Service, ServiceExt};
use tower_token_endpoint::MemoryClientStore;
use tower_token_endpoint::layer::TokenEndpoint;

use crate::common::{AnyBody, CC_READ, ChannelBody, poll_once};
use crate::setup::{
    InnerRequest, RIGHT, accepted, layer, other_path, stalled, token_request, wrong_method,
    wrong_secret,
};

/// A service that may be called once each time it was ready, which none of its clones is.
struct Watched {
    id: usize,
    is_ready: bool,
    log: Arc<Mutex<Log>>,
}

/// What happened to a service and its clones, which are numbered.
#[derive(Default)]
struct Log {
    clones: usize,
    asked: Vec<usize>,
    called: Vec<usize>,
    /// What is answered to the next questions. Then: ready.
    answers: VecDeque<Answer>,
}

enum Answer {
    Ready,
    Later,
    Broken,
}

impl Clone for Watched {
    fn clone(&self) -> Self {
        let mut log = self.log.lock().expect("no panic");
        log.clones += 1;
        Self {
            id: log.clones,
            is_ready: false,
            log: Arc::clone(&self.log),
        }
    }
}

impl Service<InnerRequest> for Watched {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Ready<Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let mut log = self.log.lock().expect("no panic");
        log.asked.push(self.id);
        match log.answers.pop_front() {
            Some(Answer::Later) => return Poll::Pending,
            Some(Answer::Broken) => {
                return Poll::Ready(Err(io::Error::other("inner broke").into()));
            }
            Some(Answer::Ready) | None => {}
        }
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: InnerRequest) -> Self::Future {
        assert!(self.is_ready, "clone {} was not ready", self.id);
        self.is_ready = false;
        self.log.lock().expect("no panic").called.push(self.id);
        ready(Ok(Response::default()))
    }
}

fn watched() -> (TokenEndpoint<Watched, MemoryClientStore>, Arc<Mutex<Log>>) {
    let log = Arc::<Mutex<Log>>::default();
    let inner = Watched {
        id: 0,
        is_ready: false,
        log: Arc::clone(&log),
    };
    (layer().layer(inner), log)
}

/// Clones, questions and calls.
type Counts = (usize, usize, usize);

/// Those since the last look.
fn take(log: &Mutex<Log>) -> Counts {
    let mut log = log.lock().expect("no panic");
    let seen = (log.clones, log.asked.len(), log.called.len());
    *log = Log::default();
    seen
}

#[tokio::test]
async fn what_each_request_costs_in_clones_questions_and_calls() {
    type Row = (&'static str, fn() -> Request<AnyBody>, Counts);
    let rows: [Row; 4] = [
        ("another path", other_path, (0, 1, 1)),
        ("accepted", accepted, (2, 2, 1)),
        ("refused by its head", wrong_method, (1, 1, 0)),
        ("refused later", wrong_secret, (2, 1, 0)),
    ];
    let (mut service, log) = watched();
    for (name, request, expected) in rows.into_iter().cycle().take(12) {
        let response = service.ready().await.expect("ready").call(request());
        response.await.expect("an answer");
        assert_eq!(take(&log), expected, "{name}");
    }
}

#[tokio::test]
async fn another_path_goes_to_the_service_that_was_ready() {
    let (mut service, log) = watched();
    let response = service.ready().await.expect("ready").call(other_path());
    response.await.expect("an answer");
    assert_eq!(log.lock().expect("no panic").called, [0]);
}

#[tokio::test]
async fn an_accepted_request_goes_to_a_clone_that_was_asked_for_it() {
    let (mut service, log) = watched();
    let response = service.ready().await.expect("ready").call(accepted());
    response.await.expect("an answer");
    let log = log.lock().expect("no panic");
    let [first, second] = log.asked[..] else {
        panic!("asked {:?}", log.asked);
    };
    assert_eq!(first, 0);
    assert_ne!(second, 0);
    assert_eq!(log.called, [second]);
}

#[tokio::test]
async fn nobody_is_asked_before_the_whole_body_is_there() {
    let (mut service, log) = watched();
    let mut stalled = Box::pin(service.ready().await.expect("ready").call(stalled()));
    for _ in 0..3 {
        assert!(poll_once(stalled.as_mut()).is_pending());
    }
    assert_eq!(log.lock().expect("no panic").asked, [0]);

    let (sender, body) = ChannelBody::new();
    let request = token_request(RIGHT, body.any());
    let mut slow = Box::pin(service.ready().await.expect("ready").call(request));
    take(&log);
    assert!(poll_once(slow.as_mut()).is_pending());
    assert!(sender.send(http_body::Frame::data(CC_READ.into())).is_ok());
    assert!(poll_once(slow.as_mut()).is_pending());
    assert_eq!(take(&log), (0, 0, 0));
    drop(sender);
    assert!(poll_once(slow.as_mut()).is_ready());
    assert_eq!(take(&log), (0, 1, 1));
}

#[tokio::test]
async fn an_accepted_request_waits_until_the_service_is_ready() {
    let (mut service, log) = watched();
    log.lock().expect("no panic").answers = [Answer::Ready, Answer::Later, Answer::Later].into();
    let mut future = Box::pin(service.ready().await.expect("ready").call(accepted()));
    for _ in 0..2 {
        assert!(poll_once(future.as_mut()).is_pending());
        assert_eq!(log.lock().expect("no panic").called, [0; 0]);
    }
    let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
        panic!("it is ready");
    };
    assert_eq!(response.status(), 200);
    // Once by the caller, and until it was ready.
    assert_eq!(take(&log), (2, 4, 1));
}

#[tokio::test]
async fn a_service_that_fails_to_be_ready_fails_the_request_with_its_error() {
    let (mut service, log) = watched();
    log.lock().expect("no panic").answers = [Answer::Ready, Answer::Broken].into();
    let response = service.ready().await.expect("ready").call(accepted());
    let error = response.await.map(drop).expect_err("the inner error");
    let error = error.downcast::<io::Error>().expect("the same type");
    assert_eq!(error.to_string(), "inner broke");
    assert_eq!(take(&log), (2, 2, 0));
}
