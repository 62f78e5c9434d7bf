//! The contracts of the stores: the stores of this crate keep them, and a store that breaks one is
//! told which clause it was.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a flaw is in one place, and in no other"
)]

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::request::Parts;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tower_token_endpoint::client::Decoy;
use tower_token_endpoint::replay::{MemoryReplayStore, Remembered, ReplayKey, ReplayStore};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, MemoryClientStore, testing};

// ---- ours -----------------------------------------------------------------------------------

#[tokio::test]
async fn memory_replays_keep_the_contract_in_one_thread() {
    let replays = MemoryReplayStore::new();
    testing::replay_store(async || replays.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_replays_keep_the_contract_in_many_threads() {
    let replays = Arc::new(MemoryReplayStore::new());
    testing::replay_store(|| async { replays.clone() }).await;
    // What an earlier run has left does not matter.
    testing::replay_store(|| async { replays.clone() }).await;
}

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

// ---- replays that break it ------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum ReplayFlaw {
    None,
    AlwaysNew,
    AlwaysKnown,
    NoPurpose,
    NoIssuer,
    NoClient,
    Joined,
    JoinedByNul,
    CutAtNul,
    CaseFolded,
    Trimmed,
    Truncated,
    RefusesNul,
    RefusesThePast,
    AsksThenInserts,
    NotShared,
    TakesTheLastTime,
    WholeSecondsDown,
    HalfASecond,
    FailsOnceExpired,
    StaysBusy,
}

#[derive(Clone)]
struct Replays {
    flaw: ReplayFlaw,
    kept: Arc<Mutex<HashMap<[String; 4], SystemTime>>>,
    busy: Arc<AtomicBool>,
}

impl Replays {
    fn key(&self, key: &ReplayKey<'_>) -> [String; 4] {
        let parts = [
            key.purpose().as_str(),
            key.issuer(),
            key.client_id(),
            key.value(),
        ];
        let parts = parts.map(str::to_owned);
        let [purpose, issuer, client, value] = parts.clone();
        let none = String::new;
        let joined = |by: &str| [parts.join(by), none(), none(), none()];
        match self.flaw {
            ReplayFlaw::NoPurpose => [none(), issuer, client, value],
            ReplayFlaw::NoIssuer => [purpose, none(), client, value],
            ReplayFlaw::NoClient => [purpose, issuer, none(), value],
            ReplayFlaw::Joined => joined(":"),
            ReplayFlaw::JoinedByNul => joined("\0"),
            ReplayFlaw::CutAtNul => {
                parts.map(|it| it.split('\0').next().unwrap_or_default().to_owned())
            }
            ReplayFlaw::CaseFolded => parts.map(|it| it.to_lowercase()),
            ReplayFlaw::Trimmed => parts.map(|it| it.trim_end().to_owned()),
            ReplayFlaw::Truncated => parts.map(|it| it.chars().take(255).collect()),
            _ => parts,
        }
    }
}

impl ReplayStore for Replays {
    type Error = String;

    async fn remember(&self, key: &ReplayKey<'_>, until: SystemTime) -> Result<Remembered, String> {
        let now = SystemTime::now();
        let key = self.key(key);
        let until = match self.flaw {
            ReplayFlaw::AlwaysNew => return Ok(Remembered::New),
            ReplayFlaw::AlwaysKnown => return Ok(Remembered::Known),
            ReplayFlaw::RefusesNul if key.concat().contains('\0') => return Err("NUL".to_owned()),
            ReplayFlaw::RefusesThePast if until <= now => return Err("invalid expiry".to_owned()),
            ReplayFlaw::WholeSecondsDown => {
                let since_1970 = until.duration_since(UNIX_EPOCH).expect("it is later");
                UNIX_EPOCH + Duration::from_secs(since_1970.as_secs())
            }
            // Only of this one, so that a slow machine does not meet it in another clause.
            ReplayFlaw::HalfASecond if key[3].starts_with("asked again") => {
                now + Duration::from_millis(500)
            }
            _ => until,
        };
        if let ReplayFlaw::StaysBusy = self.flaw {
            if self.busy.swap(true, Ordering::SeqCst) {
                return Err("busy".to_owned());
            }
            yield_now().await;
            self.busy.store(false, Ordering::SeqCst);
        }
        let known = |until: &SystemTime| *until > now;
        if let ReplayFlaw::AsksThenInserts = self.flaw {
            let is_known = self
                .kept
                .lock()
                .expect("whole")
                .get(&key)
                .is_some_and(known);
            yield_now().await;
            self.kept.lock().expect("whole").insert(key, until);
            return Ok(if is_known {
                Remembered::Known
            } else {
                Remembered::New
            });
        }
        let mut kept = self.kept.lock().expect("whole");
        match kept.get(&key) {
            Some(kept_until) if known(kept_until) => {
                if let ReplayFlaw::TakesTheLastTime = self.flaw {
                    kept.insert(key, until);
                }
                Ok(Remembered::Known)
            }
            Some(_) if matches!(self.flaw, ReplayFlaw::FailsOnceExpired) && until > now => {
                Err("unique constraint".to_owned())
            }
            _ => {
                kept.insert(key, until);
                Ok(Remembered::New)
            }
        }
    }
}

const ONCE: &str = "a value is new once, and known from then on";
const SHARED: &str = "what one handle has remembered is known to every other";
const PURPOSE: &str = "values are different if the purpose is different";
const SEPARATE: &str = "values are different if issuer, client or jti is different";
const UNAMBIGUOUS: &str = "no two values are treated as one, with any characters";
const ANY_TIME: &str = "any time is accepted, also one in the past";
const AS_LONG: &str =
    "a value stays known until its time, also if it is asked for again with any time";
const DROPPED: &str = "a dropped call blocks nothing, and its value is new at most once";
const PAST: &str = "a value whose time has passed is new or known, and not an error";
const ONE_OF_MANY: &str = "of any number of calls at a time with one key, exactly one gets `New`";

#[test]
#[rustfmt::skip]
fn replays_that_break_a_clause_are_told_which() {
    use ReplayFlaw::*;
    judge(&[
        (None,             ""),
        (AlwaysNew,        ONCE),
        (AlwaysKnown,      ONCE),
        (NoPurpose,        PURPOSE),
        (NoIssuer,         SEPARATE),
        (NoClient,         SEPARATE),
        (Joined,           UNAMBIGUOUS),
        (JoinedByNul,      UNAMBIGUOUS),
        (CutAtNul,         UNAMBIGUOUS),
        (CaseFolded,       UNAMBIGUOUS),
        (Trimmed,          UNAMBIGUOUS),
        (Truncated,        UNAMBIGUOUS),
        (RefusesNul,       UNAMBIGUOUS),
        (RefusesThePast,   ANY_TIME),
        (AsksThenInserts,  ONE_OF_MANY),
        (NotShared,        SHARED),
        (TakesTheLastTime, AS_LONG),
        (WholeSecondsDown, AS_LONG),
        (HalfASecond,      AS_LONG),
        (FailsOnceExpired, PAST),
        (StaysBusy,        DROPPED),
    ], |flaw| async move {
        let (kept, busy) = (Arc::default(), Arc::default());
        testing::replay_store(async || Replays {
            flaw,
            busy: Arc::clone(&busy),
            kept: if let NotShared = flaw { Arc::default() } else { Arc::clone(&kept) },
        }).await;
    });
}

// ---- clients that break it ------------------------------------------------------------------

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

// ---- the judge ------------------------------------------------------------------------------

/// Runs the suite over each flaw, in one thread and in several, and wants each to be told.
fn judge<F, S>(flaws: &[(F, &str)], suite: impl Fn(F) -> S + Copy + Send + Sync)
where
    F: Copy + std::fmt::Debug + Send + Sync,
    S: Future<Output = ()>,
{
    let told = |flaw: F, mut runtime: Builder| {
        let runtime = runtime.enable_all().build().expect("a runtime");
        let broken = thread::scope(|scope| scope.spawn(|| runtime.block_on(suite(flaw))).join());
        broken.err().map_or_else(String::new, text)
    };
    let mut wrong = Vec::new();
    thread::scope(|scope| {
        let runs = flaws.iter().map(|&(flaw, clause)| {
            scope.spawn(move || {
                let mut several = Builder::new_multi_thread();
                several.worker_threads(2);
                let told = [Builder::new_current_thread(), several].map(|it| told(flaw, it));
                let holds = |told: &String| match clause {
                    "" => told.is_empty(),
                    _ => told.starts_with(clause),
                };
                (!told.iter().all(holds)).then(|| format!("{flaw:?}: {told:#?}"))
            })
        });
        let runs: Vec<_> = runs.collect();
        wrong.extend(
            runs.into_iter()
                .filter_map(|run| run.join().expect("caught")),
        );
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn text(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or_else(|_| "?".into(), |it| (*it).into()),
    }
}
