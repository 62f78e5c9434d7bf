//! A store over a server, and calls of it that cannot hang.

use std::error::Error as _;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tower_token_endpoint::replay::{
    RedisReplayStore, RedisStoreError, Remembered, ReplayKey, ReplayPurpose, ReplayStore as _,
};

use crate::common::redis_server::FOREVER;
use crate::common::{ISSUER, in_an_hour};

pub(crate) fn key(jti: &str) -> ReplayKey<'_> {
    ReplayKey::new(ReplayPurpose::ClientAssertion, ISSUER, "s6BhdRkqt3", jti)
}

pub(crate) async fn connect(url: &str) -> RedisReplayStore {
    RedisReplayStore::connect(url)
        .await
        .expect("a server that can")
}

pub(crate) async fn remember(
    replays: &RedisReplayStore,
    jti: &str,
) -> Result<Remembered, RedisStoreError> {
    let (key, until) = (key(jti), in_an_hour());
    let answer = timeout(FOREVER, replays.remember(&key, until)).await;
    answer.expect("a call does not hang")
}

/// Asks until there is an answer, with a new value for each call.
pub(crate) async fn until_it_answers(replays: &RedisReplayStore, prefix: &str) -> String {
    let start = Instant::now();
    for n in 0.. {
        let jti = format!("{prefix} {n}");
        match remember(replays, &jti).await {
            Ok(answer) => {
                assert_eq!(answer, Remembered::New, "{jti}");
                return jti;
            }
            Err(error) => assert!(start.elapsed() < FOREVER, "{error:?}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
    unreachable!("it counts to no end")
}

pub(crate) fn whole(error: &RedisStoreError) -> String {
    let source = error.source().map(ToString::to_string);
    format!("{error}: {}", source.unwrap_or_default())
}
