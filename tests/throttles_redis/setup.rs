//! A store over a server, and calls of it that cannot hang.

use std::error::Error as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::time::{sleep, timeout};
use tower_token_endpoint::throttle::{
    RedisStoreError, RedisThrottle, Slots, Throttle as _, ThrottleAttempt, ThrottleCounter,
    ThrottleLimit,
};

use crate::common::redis_server::{FOREVER, RedisServer};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// An attempt of this source at this client, if it is not 0.
pub(crate) fn attempt(source: u8, client: u8, burst: u32, period: Duration) -> ThrottleAttempt {
    let limit = ThrottleLimit::new(burst, period);
    let of_source = ThrottleCounter::new([0; 16], limit);
    let of_client = (client > 0).then(|| ThrottleCounter::new([client; 16], limit));
    ThrottleAttempt::from_parts([source; 32], [Some(of_source), of_client, None])
}

pub(crate) async fn connect(url: &str) -> RedisThrottle {
    RedisThrottle::connect(url)
        .await
        .expect("a server that can")
}

pub(crate) async fn take(
    throttle: &RedisThrottle,
    attempt: &ThrottleAttempt,
) -> Result<Slots, RedisStoreError> {
    let answer = timeout(FOREVER, throttle.take(attempt)).await;
    answer.expect("a call does not hang")
}

/// The slots that can be taken now. Each call answers.
pub(crate) async fn take_all(throttle: &RedisThrottle, attempt: &ThrottleAttempt) -> u32 {
    let mut taken = 0;
    while let Slots::Taken = take(throttle, attempt).await.expect("up") {
        taken += 1;
    }
    taken
}

/// Asks for another source than any test does, until there is an answer.
pub(crate) async fn until_it_answers(throttle: &RedisThrottle) {
    let start = Instant::now();
    let attempt = attempt(255, 0, 1_000_000, HOUR);
    while let Err(error) = take(throttle, &attempt).await {
        assert!(start.elapsed() < FOREVER, "{error:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The key of a source.
pub(crate) fn key(source: u8) -> String {
    let key = URL_SAFE_NO_PAD.encode([source; 32]);
    format!("token-endpoint:throttle:{key}")
}

/// A number that Redis replies.
pub(crate) fn number(server: &RedisServer, command: &[&str]) -> i64 {
    let reply = server.ask(command);
    let number = reply.strip_prefix(':').and_then(|it| it.parse().ok());
    number.unwrap_or_else(|| panic!("{command:?}: {reply}"))
}

pub(crate) fn whole(error: &RedisStoreError) -> String {
    let source = error.source().map(ToString::to_string);
    format!("{error}: {}", source.unwrap_or_default())
}
