//! Clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::request::Parts;
use tokio::task::yield_now;
use tower_token_endpoint::client::Decoy;
use tower_token_endpoint::store::{CachedClientStore, ClientStore};
use tower_token_endpoint::{Client, MemoryClientStore, testing};

use crate::judge::judge;

#[tokio::test]
async fn memory_clients_keep_the_contract_in_one_thread() {
    testing::client_store(async |clients| MemoryClientStore::new(clients).expect("no id twice"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_clients_keep_the_contract_in_many_threads() {
    let holding =
        |clients| async { Arc::new(MemoryClientStore::new(clients).expect("no id twice")) };
    testing::client_store(holding).await;
}

/// Also if it has room for less than there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cached_clients_keep_the_contract() {
    for max in [0, 3, 10_000] {
        let holding = |clients| async move {
            let store = MemoryClientStore::new(clients).expect("no id twice");
            CachedClientStore::new(store).max_clients(max)
        };
        testing::client_store(holding).await;
    }
}

#[derive(Clone, Copy, Debug)]
enum ClientFlaw {
    None,
    CaseFolded,
    Trimmed,
    TrimmedEnd,
    CutAtNul,
    Truncated,
    Prefix,
    Like,
    Decoded,
    Number,
    Composed,
    FailsOnNul,
    FailsOnLength,
    FailsOnEmpty,
    FirstForNobody,
    AsciiAlone,
    Mixed,
    DecoyWithoutSecrets,
    /// `find_now` knows nobody.
    NobodyNow,
    /// `find_now` finds by less than the whole id.
    CaseFoldedNow,
    /// `find_now` finds somebody else.
    AnotherNow,
    FailsNow,
}

struct Clients {
    flaw: ClientFlaw,
    by_id: BTreeMap<String, Arc<Client>>,
    /// What is asked for, of all who ask: one too few.
    asked: Mutex<String>,
}

impl Clients {
    fn same(&self, kept: &str, asked: &str) -> bool {
        let as_seen = |id: &str| match self.flaw {
            ClientFlaw::CaseFolded => id.to_lowercase(),
            ClientFlaw::Trimmed => id.trim().to_owned(),
            ClientFlaw::TrimmedEnd => id.trim_end_matches(' ').to_owned(),
            ClientFlaw::CutAtNul => id.split('\0').next().unwrap_or_default().to_owned(),
            ClientFlaw::Truncated => id.chars().take(255).collect(),
            ClientFlaw::Decoded => id.replace("%3A", ":"),
            ClientFlaw::Composed => id.replace("e\u{301}", "\u{e9}"),
            ClientFlaw::Number => id
                .parse::<f64>()
                .map_or_else(|_| id.to_owned(), |it| it.to_string()),
            _ => id.to_owned(),
        };
        match self.flaw {
            ClientFlaw::Prefix => kept.starts_with(asked),
            ClientFlaw::Like => {
                let parts: Vec<_> = asked.split('%').collect();
                kept == asked || parts.len() > 1 && parts.iter().all(|part| kept.contains(part))
            }
            _ => as_seen(kept) == as_seen(asked),
        }
    }
}

impl ClientStore for Clients {
    type Error = String;

    async fn find(&self, client_id: &str, _: &Parts) -> Result<Option<Arc<Client>>, String> {
        let exact = self.by_id.get(client_id).cloned();
        match self.flaw {
            ClientFlaw::FailsOnNul if client_id.contains('\0') => return Err("NUL".to_owned()),
            ClientFlaw::FailsOnLength if client_id.len() > 4096 => return Err("long".to_owned()),
            ClientFlaw::FailsOnEmpty if client_id.is_empty() => return Err("empty".to_owned()),
            ClientFlaw::FirstForNobody => {
                return Ok(exact.or_else(|| self.by_id.values().next().cloned()));
            }
            ClientFlaw::AsciiAlone => return Ok(exact.filter(|_| client_id.is_ascii())),
            ClientFlaw::Mixed => {
                client_id.clone_into(&mut self.asked.lock().expect("whole"));
                yield_now().await;
                return Ok(self.by_id.get(&*self.asked.lock().expect("whole")).cloned());
            }
            _ => {}
        }
        let found = self
            .by_id
            .iter()
            .find(|(kept, _)| self.same(kept, client_id));
        Ok(exact.or_else(|| Some(found?.1.clone())))
    }

    fn find_now(&self, client_id: &str, _: &Parts) -> Option<Result<Option<Arc<Client>>, String>> {
        let exact = self.by_id.get(client_id).cloned();
        let mut all = self.by_id.values();
        match self.flaw {
            ClientFlaw::None => Some(Ok(exact)),
            ClientFlaw::NobodyNow => Some(Ok(None)),
            ClientFlaw::CaseFoldedNow => {
                let same = |it: &str| it.to_lowercase() == client_id.to_lowercase();
                let folded = || all.find(|it| same(it.client_id())).cloned();
                Some(Ok(exact.or_else(folded)))
            }
            ClientFlaw::AnotherNow => {
                let another = |found: Arc<Client>| {
                    all.find(|it| it.client_id() != found.client_id()).cloned()
                };
                Some(Ok(exact.and_then(another)))
            }
            ClientFlaw::FailsNow => Some(Err("pool is empty".to_owned())),
            _ => None,
        }
    }

    fn decoy(&self) -> Option<Decoy> {
        let ClientFlaw::DecoyWithoutSecrets = self.flaw else {
            return None;
        };
        Some(Decoy::new([]))
    }
}

const FOUND: &str = "a client is found by its id";
const EXACT: &str = "a client is found only by its own id, byte for byte";
const STRANGER: &str = "any id that a stranger sends can be looked up, and no client is found";
const AT_ONCE: &str = "lookups at the same time do not mix";
const AGREE: &str = "`find_now` agrees with `find`";
const DECOY: &str = "a decoy has as many secrets as the client with the most";

#[test]
#[rustfmt::skip]
fn clients_that_break_a_clause_are_told_which() {
    use ClientFlaw::*;
    judge(&[
        (None,                ""),
        (CaseFolded,          EXACT),
        (Trimmed,             EXACT),
        (TrimmedEnd,          EXACT),
        (CutAtNul,            EXACT),
        (Truncated,           STRANGER),
        (Prefix,              STRANGER),
        (Like,                STRANGER),
        (Decoded,             EXACT),
        (Number,              STRANGER),
        (Composed,            EXACT),
        (FailsOnNul,          STRANGER),
        (FailsOnLength,       STRANGER),
        (FailsOnEmpty,        STRANGER),
        (FirstForNobody,      STRANGER),
        (AsciiAlone,          FOUND),
        (Mixed,               AT_ONCE),
        (DecoyWithoutSecrets, DECOY),
        (NobodyNow,           AGREE),
        (CaseFoldedNow,       AGREE),
        (AnotherNow,          AGREE),
        (FailsNow,            FOUND),
    ], |flaw| testing::client_store(async move |clients| {
        let by_id = |client: Client| (client.client_id().to_owned(), Arc::new(client));
        Clients { flaw, by_id: clients.into_iter().map(by_id).collect(), asked: Mutex::default() }
    }));
}
