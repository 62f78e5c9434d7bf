//! The contract of [`ReplayStore`].

use std::{
    future::Future as _,
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    task::{Context, Waker},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::Barrier,
    task::{JoinSet, yield_now},
    time::sleep,
};

use super::odd_texts::{ENDINGS, SEPARATORS};
use crate::{
    BoxError,
    replay::{Remembered, ReplayKey, ReplayPurpose, ReplayStore},
};

/// Tests a store of one-time values against the contract of [`ReplayStore`].
///
/// `handle` is called several times. Each call stands for one machine of the same server, so
/// it must return a new connection to the same values. For a store in one process, return a
/// clone. The suite uses random values that expire within two hours, so the store does not
/// have to be empty.
///
/// # Panics
///
/// Panics if the store breaks the contract, or returns an error.
///
/// ```
/// # use std::{collections::HashMap, convert::Infallible, sync::{Arc, Mutex}, time::SystemTime};
/// # use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};
/// use tower_token_endpoint::testing;
///
/// #[derive(Clone, Default)]
/// struct Replays(Arc<Mutex<HashMap<[u8; 32], SystemTime>>>);
/// # impl ReplayStore for Replays {
/// #     type Error = Infallible;
/// #     async fn remember(&self, key: &ReplayKey<'_>, until: SystemTime) -> Result<Remembered, Infallible> {
/// #         let mut seen = self.0.lock().expect("no panic while it is locked");
/// #         seen.retain(|_, until| *until > SystemTime::now());
/// #         if seen.contains_key(&key.digest()) { return Ok(Remembered::Known); }
/// #         seen.insert(key.digest(), until);
/// #         Ok(Remembered::New)
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // In a `#[tokio::test]`:
/// let replays = Replays::default();
/// testing::replay_store(async || replays.clone()).await;
/// # }
/// ```
pub async fn replay_store<R: ReplayStore>(handle: impl AsyncFn() -> R) {
    let suite = Suite {
        handles: [Arc::new(handle().await), Arc::new(handle().await)],
        run: format!("{:016x}", RandomState::new().hash_one(SystemTime::now())),
    };
    suite.once().await;
    suite.separate().await;
    suite.shared().await;
    suite.unambiguous().await;
    suite.any_time().await;
    suite.dropped().await;
    suite.one_of_many().await;
    suite.as_long_as_said().await;
}

const ISSUER: &str = "https://as.example.com";
const CLIENT: &str = "s6BhdRkqt3";
const ROUNDS: usize = 16;
const TASKS: usize = 64;

const ONCE: &str = "a value is new once, and known from then on";
const SHARED: &str = "what one handle has remembered is known to every other";
const SEPARATE: &str = "values are different if issuer, client or jti is different";
const PURPOSE: &str = "values are different if the purpose is different";
const OF_ITS_KEY: &str =
    "a DPoP proof is known for every client and issuer: compare keys by their digest";
const UNAMBIGUOUS: &str = "no two values are treated as one, with any characters";
const ANY_TIME: &str = "any time is accepted, also one in the past";
const AS_LONG: &str =
    "a value stays known until its time, also if it is asked for again with any time";
const DROPPED: &str = "a dropped call blocks nothing, and its value is new at most once";
const PAST: &str = "a value whose time has passed is new or known, and not an error";
const ONE_OF_MANY: &str = "of any number of calls at a time with one key, exactly one gets `New`";

const HOUR: Duration = Duration::from_secs(3600);

struct Suite<R> {
    handles: [Arc<R>; 2],
    /// Part of every `jti`, so that the values of two runs differ.
    run: String,
}

impl<R: ReplayStore> Suite<R> {
    async fn once(&self) {
        let [first, _] = &self.handles;
        let key = self.key("once");
        expect(&**first, &key, HOUR, Remembered::New, ONCE).await;
        expect(&**first, &key, HOUR, Remembered::Known, ONCE).await;
        expect(&**first, &key, HOUR, Remembered::Known, ONCE).await;
    }

    async fn shared(&self) {
        let [first, second] = &self.handles;
        let (one, other) = (self.key("of one"), self.key("of the other"));
        expect(&**first, &one, HOUR, Remembered::New, SHARED).await;
        expect(&**second, &one, HOUR, Remembered::Known, SHARED).await;
        expect(&**second, &other, HOUR, Remembered::New, SHARED).await;
        expect(&**first, &other, HOUR, Remembered::Known, SHARED).await;
    }

    async fn separate(&self) {
        let jti = format!("separate {}", self.run);
        let keys = [
            [ISSUER, CLIENT, &jti],
            ["https://other.example.com", CLIENT, &jti],
            [ISSUER, "other", &jti],
            [ISSUER, CLIENT, &format!("other {jti}")],
        ];
        self.all_differ(keys.map(|parts| parts.map(str::to_owned)), SEPARATE)
            .await;

        let [first, _] = &self.handles;
        // A proof is one of its key, whoever sends it, and wherever.
        for (issuer, client, wanted, clause) in [
            (ISSUER, CLIENT, Remembered::New, PURPOSE),
            (ISSUER, CLIENT, Remembered::Known, PURPOSE),
            (ISSUER, "other", Remembered::Known, OF_ITS_KEY),
            (
                "https://other.example.com",
                CLIENT,
                Remembered::Known,
                OF_ITS_KEY,
            ),
        ] {
            let proof = ReplayKey::new(ReplayPurpose::DpopProof, issuer, client, &jti);
            let remembered = first.remember(&proof, SystemTime::now() + HOUR).await;
            let remembered = remembered.map_err(Into::<BoxError>::into);
            assert!(
                remembered.as_ref().is_ok_and(|it| *it == wanted),
                "{clause}: {proof:?} was {remembered:?}"
            );
        }
    }

    async fn unambiguous(&self) {
        let run = &self.run;
        let mut keys = Vec::new();
        let mut add = |issuer: &str, client_id: &str, jti: String| {
            keys.push([issuer.to_owned(), client_id.to_owned(), jti]);
        };
        for separator in SEPARATORS {
            let (joined, end) = (format!("a{separator}b"), format!("c{separator}{run}"));
            add(ISSUER, &joined, end.clone());
            add(ISSUER, "a", format!("b{separator}{end}"));
            add(&format!("{ISSUER}{separator}a"), "b", end);
        }
        add("", CLIENT, format!("empty {run}"));
        add(CLIENT, "", format!("empty {run}"));
        add("", "", format!("{CLIENT}empty {run}"));
        for ending in ENDINGS {
            add(ISSUER, CLIENT, format!("{run}{ending}"));
            add(ISSUER, &format!("{CLIENT}{ending}!"), run.clone());
        }
        let long = "x".repeat(8000);
        for last in ["1", "2"] {
            add(ISSUER, CLIENT, format!("{run}{long}{last}"));
            add(ISSUER, &format!("{long}{last}"), run.clone());
            add(&format!("{ISSUER}/{long}{last}"), CLIENT, run.clone());
        }
        self.all_differ(keys, UNAMBIGUOUS).await;
    }

    /// Each value is new at one handle or the other, and then all are known.
    async fn all_differ(&self, keys: impl IntoIterator<Item = Parts>, clause: &str) {
        let keys: Vec<Parts> = keys.into_iter().collect();
        for wanted in [Remembered::New, Remembered::Known] {
            for (key, handle) in keys.iter().zip(self.handles.iter().cycle()) {
                expect(&**handle, key, HOUR, wanted, clause).await;
            }
        }
    }

    async fn any_time(&self) {
        let [first, second] = &self.handles;
        let now = SystemTime::now();
        let times = [
            SystemTime::UNIX_EPOCH,
            now - HOUR,
            now,
            now + Duration::from_nanos(1),
            now + Duration::from_millis(1),
        ];
        for (n, until) in times.into_iter().enumerate() {
            let key = self.key(&format!("any time {n}"));
            let answer = ask(&**first, &key, until, ANY_TIME).await;
            check(
                answer == Remembered::New,
                &key,
                "known the first time",
                ANY_TIME,
            );
            // The store may have forgotten it or not.
            let _either = ask(&**second, &key, until, ANY_TIME).await;
        }
    }

    /// The layer drops a call at its deadline, or with the request.
    async fn dropped(&self) {
        let [first, second] = &self.handles;
        for polls in 0..4 {
            let parts = self.key(&format!("dropped {polls}"));
            let key = ReplayKey::new(
                ReplayPurpose::ClientAssertion,
                &parts[0],
                &parts[1],
                &parts[2],
            );
            let mut call = Box::pin(first.remember(&key, SystemTime::now() + HOUR));
            let mut is_done = false;
            for _ in 0..polls {
                let mut context = Context::from_waker(Waker::noop());
                is_done = is_done || call.as_mut().poll(&mut context).is_ready();
                yield_now().await;
            }
            drop(call);
            // The dropped call may have been in time or not.
            let _either = ask(&**second, &parts, SystemTime::now() + HOUR, DROPPED).await;
            expect(&**first, &parts, HOUR, Remembered::Known, DROPPED).await;
        }
    }

    async fn as_long_as_said(&self) {
        let [first, second] = &self.handles;
        let key = self.key("asked again");
        expect(&**first, &key, HOUR, Remembered::New, AS_LONG).await;
        let now = SystemTime::now();
        for until in [
            SystemTime::UNIX_EPOCH,
            now,
            now + Duration::from_millis(1),
            now + Duration::from_millis(1500),
            now + 2 * HOUR,
        ] {
            let answer = ask(&**second, &key, until, AS_LONG).await;
            check(answer == Remembered::Known, &key, "new again", AS_LONG);
        }
        // If the time was shortened, it has passed when this returns.
        self.until_it_passes().await;
        expect(&**first, &key, HOUR, Remembered::Known, AS_LONG).await;
    }

    /// Takes less than three seconds.
    async fn until_it_passes(&self) {
        let [first, second] = &self.handles;
        let key = self.key("short");
        // Late in a second, to detect a time that is cut to whole seconds.
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let begun = since_1970.map_or(0, |since_1970| since_1970.as_secs());
        let until = SystemTime::UNIX_EPOCH + Duration::from_millis((begun + 1) * 1000 + 900);
        let answer = ask(&**first, &key, until, ONCE).await;
        check(
            answer == Remembered::New,
            &key,
            "known the first time",
            ONCE,
        );
        while SystemTime::now() < until {
            let answer = ask(&**second, &key, until, AS_LONG).await;
            // The time may have passed in between.
            let passed = SystemTime::now() >= until;
            check(
                answer == Remembered::Known || passed,
                &key,
                "new again",
                AS_LONG,
            );
            sleep(Duration::from_millis(100)).await;
        }
        let answers = self.at_once(&key, 16, PAST).await;
        check(
            answers.new <= 1,
            &key,
            &format!("new {} times", answers.new),
            PAST,
        );
        if answers.new == 1 {
            expect(&**first, &key, HOUR, Remembered::Known, PAST).await;
        }
    }

    async fn one_of_many(&self) {
        for round in 0..ROUNDS {
            let key = self.key(&format!("many {round}"));
            let answers = self.at_once(&key, TASKS, ONE_OF_MANY).await;
            let told = format!("new {} times of {TASKS}", answers.new);
            check(answers.new == 1, &key, &told, ONE_OF_MANY);
        }
    }

    /// Asks from many tasks, which start at the same time.
    async fn at_once(&self, key: &Parts, count: usize, clause: &'static str) -> Answers {
        let start = Arc::new(Barrier::new(count));
        let mut tasks = JoinSet::new();
        for handle in self.handles.iter().cycle().take(count) {
            let (handle, key, start) = (handle.clone(), key.clone(), start.clone());
            tasks.spawn(async move {
                start.wait().await;
                ask(&*handle, &key, SystemTime::now() + HOUR, clause).await
            });
        }
        let answers = tasks.join_all().await;
        let new = answers.iter().filter(|&&it| it == Remembered::New);
        Answers { new: new.count() }
    }

    fn key(&self, jti: &str) -> Parts {
        [ISSUER, CLIENT, &format!("{jti} {}", self.run)].map(str::to_owned)
    }
}

struct Answers {
    new: usize,
}

/// Issuer, client and `jti`.
type Parts = [String; 3];

async fn expect(
    store: &impl ReplayStore,
    key: &Parts,
    lasting: Duration,
    wanted: Remembered,
    clause: &str,
) {
    let answer = ask(store, key, SystemTime::now() + lasting, clause).await;
    let told = match answer {
        Remembered::New => "new, and it was used",
        Remembered::Known => "known, and it was never used",
    };
    check(answer == wanted, key, told, clause);
}

async fn ask(
    store: &impl ReplayStore,
    [issuer, client_id, jti]: &Parts,
    until: SystemTime,
    clause: &str,
) -> Remembered {
    let key = ReplayKey::new(ReplayPurpose::ClientAssertion, issuer, client_id, jti);
    match store.remember(&key, until).await {
        Ok(answer) => answer,
        Err(error) => {
            let error: BoxError = error.into();
            panic!(
                "{clause}: for {} the store failed: {error:?}",
                shown(issuer, client_id, jti)
            )
        }
    }
}

fn check(holds: bool, [issuer, client_id, jti]: &Parts, told: &str, clause: &str) {
    assert!(
        holds,
        "{clause}: {} was {told}",
        shown(issuer, client_id, jti)
    );
}

fn shown(issuer: &str, client_id: &str, jti: &str) -> String {
    let [issuer, client_id, jti] = [issuer, client_id, jti].map(super::shown::shown);
    format!("issuer {issuer}, client {client_id}, jti {jti}")
}
