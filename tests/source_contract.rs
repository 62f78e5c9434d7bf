//! The contract of a source of keys: one that keeps it, and ones that break a clause and are told
//! which it was.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tower::BoxError;
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::testing;

const WITH: &str = "https://client.example/with";
const WITHOUT: &str = "https://client.example/without";
/// The key of RFC 8037 A.2.
const SET: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    None,
    EmptySet,
    AlwaysGone,
    GoneIsAnError,
    SetIsAnError,
    Html,
    BrokenKey,
    OnlyForEncryption,
    KeysForAll,
    AnyText,
    Hangs,
    StaysBusy,
}

struct Source {
    flaw: Flaw,
    is_busy: AtomicBool,
}

impl Source {
    fn new(flaw: Flaw) -> Self {
        let is_busy = AtomicBool::new(false);
        Self { flaw, is_busy }
    }
}

impl JwksSource for Source {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        if self.flaw == Flaw::StaysBusy && self.is_busy.swap(true, Ordering::SeqCst) {
            return Err("busy".into());
        }
        tokio::task::yield_now().await;
        self.is_busy.store(false, Ordering::SeqCst);
        match (self.flaw, jwks_uri) {
            (Flaw::Hangs, WITH) => std::future::pending().await,
            (Flaw::AlwaysGone, WITH) => Ok(FetchedKeys::gone()),
            (Flaw::SetIsAnError, WITH) => Err("not today".into()),
            (Flaw::Html, WITH) => Ok(FetchedKeys::new("<html>")),
            (Flaw::BrokenKey, WITH) => Ok(FetchedKeys::new(SET.replace("11q", "!!!"))),
            (Flaw::OnlyForEncryption, WITH) => {
                let set = SET.replace("kty", "use\":\"enc\",\"kty");
                Ok(FetchedKeys::new(set))
            }
            (Flaw::KeysForAll, WITHOUT) => Ok(FetchedKeys::new(SET)),
            (Flaw::GoneIsAnError, WITHOUT) => Err("status 404".into()),
            (Flaw::EmptySet, WITHOUT) => Ok(FetchedKeys::new(r#"{"keys":[]}"#)),
            (_, WITH) => Ok(FetchedKeys::new(SET).max_age(Duration::from_secs(60))),
            (_, WITHOUT) => Ok(FetchedKeys::gone()),
            (Flaw::AnyText, _) => Ok(FetchedKeys::gone()),
            (_, _) => Err("not the URI of a client".into()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sources_that_keep_the_contract_pass() {
    for flaw in [Flaw::None, Flaw::EmptySet] {
        testing::jwks_source(Source::new(flaw), WITH, WITHOUT).await;
    }
}

#[tokio::test(start_paused = true)]
async fn sources_that_break_a_clause_are_told_which() {
    let table = [
        (Flaw::AlwaysGone, "a set with keys is fetched each time"),
        (Flaw::SetIsAnError, "a set with keys is fetched each time"),
        (Flaw::Html, "a set with keys is fetched each time"),
        (Flaw::BrokenKey, "key 0: `x` must be base64url"),
        (Flaw::OnlyForEncryption, "no key of the set verifies"),
        (Flaw::KeysForAll, "there is no set is not an error"),
        (Flaw::GoneIsAnError, "there is no set is not an error"),
        (Flaw::AnyText, "what is not the URI of a set is an error"),
        (Flaw::Hangs, "within 8 seconds"),
        (Flaw::StaysBusy, "several fetches at a time"),
    ];
    for (flaw, wanted) in table {
        let suite = testing::jwks_source(Source::new(flaw), WITH, WITHOUT);
        let panic = tokio::spawn(suite).await.expect_err(wanted).into_panic();
        let told = text(panic);
        assert!(told.contains(wanted), "{flaw:?}: {told}");
    }
}

fn text(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}
