//! One-time values.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::yield_now;
use tower_token_endpoint::replay::{
    MemoryReplayStore, Remembered, ReplayKey, ReplayPurpose, ReplayStore,
};
use tower_token_endpoint::testing;

use crate::judge::judge;

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

#[derive(Clone, Copy, Debug)]
enum ReplayFlaw {
    None,
    AlwaysNew,
    AlwaysKnown,
    NoPurpose,
    NoIssuer,
    NoClient,
    FourColumns,
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
        let (mut issuer, mut client) = (key.issuer(), key.client_id());
        let is_flawed = matches!(self.flaw, ReplayFlaw::NoPurpose | ReplayFlaw::FourColumns);
        if key.purpose() == ReplayPurpose::DpopProof && !is_flawed {
            (issuer, client) = ("", "");
        }
        let parts = [key.purpose().as_str(), issuer, client, key.value()];
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
const OF_ITS_KEY: &str =
    "a DPoP proof is known for every client and issuer: compare keys by their digest";
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
        (FourColumns,      OF_ITS_KEY),
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
