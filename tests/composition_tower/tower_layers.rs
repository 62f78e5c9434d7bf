//! tower's own layers: concurrency limit, load shed, buffer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::buffer::Buffer;
use tower::limit::ConcurrencyLimit;
use tower::load_shed::LoadShed;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_test::mock;
use tower_token_endpoint::TokenEndpointLayer;

use crate::common::{
    AnyBody, Built, CC_READ, Hanging, ISSUER, Reply, Slow, ask, clients, poll_once,
};
use crate::setup::{
    HANG, InnerRequest, accepted, echo, hang, layer, next_call, other_path, stalled, wrong_method,
    wrong_secret,
};

fn one_at_a_time<S>(inner: S) -> (ConcurrencyLimit<S>, Arc<Semaphore>) {
    let permits = Arc::new(Semaphore::new(1));
    let limited = ConcurrencyLimit::with_semaphore(inner, Arc::clone(&permits));
    (limited, permits)
}

#[tokio::test]
async fn the_reserved_permit_is_released_before_the_response_is_polled() {
    let rows = [
        ("at once", wrong_method as fn() -> Request<AnyBody>),
        ("decided", wrong_secret),
    ];
    for (row, request) in rows {
        let (inner, permits) = one_at_a_time(service_fn(echo));
        let mut service = layer().layer(inner);
        service.ready().await.expect("ready");
        assert_eq!(permits.available_permits(), 0, "{row}: not reserved");
        // Both the future and the response are still there when the permit is looked at.
        let mut future = Box::pin(service.call(request()));
        assert_eq!(permits.available_permits(), 1, "{row}: kept");
        let response = future.as_mut().await.expect("an answer");
        assert_eq!(permits.available_permits(), 1, "{row}");
        assert!(response.status().is_client_error(), "{row}");
        drop((future, response));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_no_permit() {
    let (inner, permits) = one_at_a_time(service_fn(echo));
    let mut service = TokenEndpointLayer::builder(Hanging, ISSUER)
        .built()
        .layer(inner);
    let mut future = Box::pin(service.ready().await.expect("ready").call(accepted()));
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(permits.available_permits(), 1);
    let response = future.as_mut().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test]
async fn passed_and_accepted_requests_hold_their_permit_until_they_are_answered() {
    for request in [accepted, other_path] {
        let (inner, handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
        let mut handle = handle;
        let (inner, permits) = one_at_a_time(inner);
        let mut service = layer().layer(inner);
        let answer = tokio::spawn(service.ready().await.expect("ready").call(request()));
        let (_inner, reply) = next_call(&mut handle).await;
        assert_eq!(permits.available_permits(), 0);
        assert!(poll_once(pin!(service.clone().ready())).is_pending());
        reply.send_response(Response::default());
        answer.await.expect("no panic").expect("an answer");
        assert_eq!(permits.available_permits(), 1);
    }
}

#[tokio::test]
async fn dropped_future_releases_its_permit_on_every_path() {
    let rows = [
        (
            "reading the body",
            stalled as fn() -> Request<AnyBody>,
            true,
        ),
        ("rejected at once", wrong_method, false),
        ("rejected when decided", wrong_secret, false),
        ("accepted", accepted, true),
        ("passed through", other_path, true),
    ];
    for (row, request, waits) in rows {
        let (inner, permits) = one_at_a_time(service_fn(hang));
        let mut service = layer().layer(inner);

        let unpolled = service.ready().await.expect("ready").call(request());
        drop(unpolled);
        assert_eq!(permits.available_permits(), 1, "{row}, never polled");

        let mut polled = Box::pin(service.ready().await.expect("ready").call(request()));
        assert_eq!(poll_once(polled.as_mut()).is_pending(), waits, "{row}");
        drop(polled);
        assert_eq!(permits.available_permits(), 1, "{row}, polled");
    }
}

#[tokio::test(start_paused = true)]
async fn future_dropped_while_the_store_is_asked_never_reaches_the_inner_service() {
    let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
    let (inner, permits) = one_at_a_time(inner);
    let store = Slow(Duration::from_secs(1), clients());
    let mut service = TokenEndpointLayer::builder(store, ISSUER)
        .built()
        .layer(inner);
    let mut future = Box::pin(service.ready().await.expect("ready").call(accepted()));
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(permits.available_permits(), 1);
    drop(future);
    assert_eq!(permits.available_permits(), 1);
    sleep(Duration::from_secs(5)).await;
    assert!(handle.poll_request().is_pending());
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_of_one_inside_never_deadlocks() {
    let (inner, permits) = one_at_a_time(service_fn(echo));
    let service = layer().layer(inner);
    let requests = [accepted, wrong_method, wrong_secret, other_path, accepted];
    let tasks: Vec<_> = requests
        .iter()
        .cycle()
        .take(50)
        .map(|request| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        let answer = timeout(HANG, task).await.expect("a permit for everyone");
        statuses.push(
            answer
                .expect("no panic")
                .expect("an answer")
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [200, 405, 401, 200, 200].repeat(10));
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test]
async fn load_shed_inside_sheds_what_is_accepted_and_not_what_is_rejected() {
    let (inner, _permits) = one_at_a_time(service_fn(async |request: InnerRequest| match request
        .uri()
        .path()
    {
        "/token" => echo(request).await,
        _ => hang(request).await,
    }));
    let mut service = layer().layer(LoadShed::new(inner));
    for _ in 0..3 {
        let answer = service.ready().await.expect("ready").call(accepted()).await;
        assert_eq!(Reply::read(answer.expect("not shed")).await.body, CC_READ);
    }

    let mut busy = Box::pin(service.ready().await.expect("ready").call(other_path()));
    assert!(poll_once(busy.as_mut()).is_pending());
    for request in [accepted, other_path] {
        let answer = service.ready().await.expect("ready").call(request()).await;
        let error = answer.map(drop).expect_err("one permit is taken");
        assert!(error.is::<tower::load_shed::error::Overloaded>(), "{error}");
    }
    let answer = service
        .ready()
        .await
        .expect("ready")
        .call(wrong_secret())
        .await;
    Reply::read(answer.expect("not shed"))
        .await
        .assert_unauthenticated();

    drop(busy);
    let answer = service.ready().await.expect("ready").call(accepted()).await;
    assert_eq!(Reply::read(answer.expect("not shed")).await.body, CC_READ);
}

#[tokio::test]
async fn load_shed_outside_sheds_while_the_inner_service_is_busy() {
    let (inner, _permits) = one_at_a_time(service_fn(hang));
    let mut service = LoadShed::new(layer().layer(inner));
    let mut busy = Box::pin(service.ready().await.expect("ready").call(accepted()));
    assert!(poll_once(busy.as_mut()).is_pending());
    let answer = service.ready().await.expect("ready").call(accepted()).await;
    let error = answer.map(drop).expect_err("one permit is taken");
    assert!(error.is::<tower::load_shed::error::Overloaded>(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn buffer_inside_gets_its_slot_back_from_every_rejection() {
    let inner = Buffer::new(service_fn(echo), 1);
    let service = layer().layer(inner);
    let mut kept = Vec::new();
    for request in [wrong_method, wrong_secret].iter().cycle().take(10) {
        let mut service = service.clone();
        let ready = timeout(HANG, service.ready()).await.expect("a free slot");
        let mut future = Box::pin(ready.expect("a live buffer").call(request()));
        let response = future.as_mut().await.expect("an answer");
        assert!(response.status().is_client_error());
        kept.push((future, response));
    }
    for request in [accepted, other_path, accepted] {
        let answer = timeout(HANG, ask(&service, request())).await;
        assert_eq!(answer.expect("a free slot").status, StatusCode::OK);
    }
}

#[tokio::test(start_paused = true)]
async fn stalled_bodies_hold_no_permit_and_no_slot() {
    let (limited, permits) = one_at_a_time(service_fn(echo));
    let buffered = Buffer::new(limited, 1);
    let service = layer().layer(buffered);
    let mut stalled_bodies = Vec::new();
    for _ in 0..100 {
        let mut service = service.clone();
        let ready = timeout(HANG, service.ready()).await.expect("a free slot");
        let mut future = Box::pin(ready.expect("a live buffer").call(stalled()));
        assert!(poll_once(future.as_mut()).is_pending());
        stalled_bodies.push(future);
    }
    assert_eq!(permits.available_permits(), 1);
    for request in [accepted, other_path, wrong_secret] {
        let answer = timeout(HANG, ask(&service, request())).await;
        assert_ne!(answer.expect("a free slot").status, 503);
    }
    // And each of them is still answered.
    for future in stalled_bodies {
        let response = future.await.expect("an answer");
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn an_accepted_request_waits_for_its_permit_beyond_the_deadline() {
    let (inner, permits) = one_at_a_time(service_fn(echo));
    let service = layer().layer(inner);
    let held = Arc::clone(&permits).acquire_owned().await;
    // Ready in the moment in which somebody else is not.
    let mut ready = service.clone();
    drop(held);
    ready.ready().await.expect("ready");
    let mut future = Box::pin(ready.call(accepted()));
    let held = Arc::clone(&permits).acquire_owned().await;
    assert!(poll_once(future.as_mut()).is_pending());
    sleep(Duration::from_secs(60)).await;
    assert!(poll_once(future.as_mut()).is_pending());
    drop(held);
    let response = timeout(HANG, future).await.expect("a permit");
    assert_eq!(response.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn buffer_outside_serves_requests_of_many_clones() {
    let service = Buffer::new(layer().layer(service_fn(echo)), 4);
    let tasks: Vec<_> = [accepted, wrong_secret, other_path, wrong_method]
        .iter()
        .cycle()
        .take(40)
        .map(|request| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(
            task.await
                .expect("no panic")
                .expect("an answer")
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [200, 401, 200, 405].repeat(10));
}

#[tokio::test]
async fn boxed_services_of_tower_take_the_layered_service() {
    let service = layer().layer(service_fn(echo));
    let boxed = tower::util::BoxCloneSyncService::new(service.clone());
    ask(&boxed, wrong_secret()).await.assert_unauthenticated();
    let boxed = ServiceExt::<Request<AnyBody>>::boxed(service);
    let answer = boxed.oneshot(accepted()).await.expect("an answer");
    assert_eq!(Reply::read(answer).await.body, CC_READ);
}
