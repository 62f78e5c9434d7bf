//! The contract of [`JwksSource`].

use std::{
    fmt::Display,
    future::Future as _,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use tokio::{task::JoinSet, time::timeout};

use super::shown::shown;
use crate::{
    BoxError,
    jwks::{FetchedKeys, JwksSource},
    protocol::jwt::key_set::KeySet,
};

/// Tests a source of key sets against the contract of [`JwksSource`].
///
/// There must be a key set at `with_keys`, in which every key is valid and at least one
/// verifies signatures. At `without`, the source must know that there is no set (any more).
///
/// # Panics
///
/// Panics if the source breaks the contract.
///
/// ```
/// use tower_token_endpoint::{
///     BoxError,
///     jwks::{FetchedKeys, JwksSource},
///     testing,
/// };
///
/// const SET: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
///
/// struct Folder;
///
/// impl JwksSource for Folder {
///     type Error = BoxError;
///
///     async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
///         match jwks_uri.strip_prefix("https://keys.example.com/") {
///             Some("one.json") => Ok(FetchedKeys::new(SET)),
///             Some(_) => Ok(FetchedKeys::gone()),
///             None => Err("not one of our key sets".into()),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // In a `#[tokio::test]`:
/// let [one, none] = ["one.json", "none.json"].map(|it| format!("https://keys.example.com/{it}"));
/// testing::jwks_source(Folder, &one, &none).await;
/// # }
/// ```
pub async fn jwks_source<S: JwksSource>(source: S, with_keys: &str, without: &str) {
    let source = Arc::new(source);
    for _ in 0..2 {
        has_keys(fetch(&*source, with_keys, KEYS).await, with_keys);
        has_none(fetch(&*source, without, GONE).await, without);
    }
    for text in NO_URIS {
        let fetched = in_time(&*source, text, REFUSED).await;
        let is_refused = fetched.is_err();
        assert!(is_refused, "{REFUSED}: {} was fetched", shown(text));
    }
    dropped(&*source, with_keys);
    let mut fetches = JoinSet::new();
    for fetch_of in [with_keys, without].repeat(AT_ONCE / 2) {
        let (source, uri) = (Arc::clone(&source), fetch_of.to_owned());
        fetches.spawn(async move { (fetch(&*source, &uri, AT_A_TIME).await, uri) });
    }
    for (fetched, uri) in fetches.join_all().await {
        if uri == with_keys {
            has_keys(fetched, &uri);
        } else {
            has_none(fetched, &uri);
        }
    }
}

const AT_ONCE: usize = 16;

/// After this time, the layer gives up.
const LIMIT: Duration = Duration::from_secs(8);

const NO_URIS: [&str; 4] = ["", "jwks", "file:///etc/passwd", "https://"];

const KEYS: &str = "a set with keys is fetched each time";
const GONE: &str = "that there is no set is not an error, but `FetchedKeys::gone` or an empty set";
const REFUSED: &str = "what is not the URI of a set is an error";
const IN_TIME: &str = "a fetch ends within 8 seconds";
const AT_A_TIME: &str = "several fetches at a time do not disturb each other";

async fn in_time(
    source: &impl JwksSource,
    uri: &str,
    clause: &str,
) -> Result<FetchedKeys, BoxError> {
    match timeout(LIMIT, source.fetch(uri)).await {
        Ok(fetched) => fetched.map_err(Into::into),
        Err(_elapsed) => panic!("{IN_TIME}: {} did not ({clause})", shown(uri)),
    }
}

async fn fetch(source: &impl JwksSource, uri: &str, clause: &str) -> FetchedKeys {
    let fetched = in_time(source, uri, clause).await;
    fetched.unwrap_or_else(|error| panic!("{clause}: {} failed: {error}", shown(uri)))
}

fn has_keys(fetched: FetchedKeys, uri: &str) {
    let fail = |problem: &dyn Display| panic!("{KEYS}: {}: {problem}", shown(uri));
    if fetched.is_gone() {
        fail(&"the source says that there is no set");
    }
    let keys = KeySet::fetched(fetched.json()).unwrap_or_else(|error| fail(&error));
    if let Some(key) = keys.skipped().first() {
        fail(&format_args!("key {}: {}", key.number, key.cause));
    }
    if keys.is_empty() {
        fail(&"no key of the set verifies signatures");
    }
}

fn has_none(fetched: FetchedKeys, uri: &str) {
    let keys = KeySet::fetched(fetched.json());
    let is_empty = keys.is_ok_and(|keys| keys.is_empty());
    assert!(is_empty, "{GONE}: {} has keys", shown(uri));
}

/// The layer drops a fetch that it gives up. Later fetches show that nothing was lost.
fn dropped(source: &impl JwksSource, uri: &str) {
    let mut fetching = pin!(source.fetch(uri));
    let _ready = fetching
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
}
