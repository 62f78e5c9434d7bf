//! Permits for work that a stranger can cause: a limit for all hosts together, and a smaller
//! one for each host, so that one host that hangs does not stop the others.

use std::{
    collections::HashMap,
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// The number of permits of all hosts together.
pub(crate) const MAX_PERMITS: usize = 64;

/// The number of them that strangers may have, so that they cannot take all.
pub(crate) const MAX_PERMITS_OF_STRANGERS: usize = 48;

/// The number of permits of one host.
pub(crate) const MAX_PERMITS_OF_HOST: usize = 4;

/// How long to wait for a permit.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// A clone shares the permits.
#[derive(Clone)]
pub(crate) struct Permits(Arc<Shared>);

struct Shared {
    all: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// The hosts that somebody has a permit for or waits for. The lock is held only for a
    /// lookup.
    hosts: Mutex<HashMap<Box<str>, Host>>,
}

struct Host {
    own: Arc<Semaphore>,
    users: usize,
}

/// Drop it when the work has ended, not when somebody stops waiting for the work.
pub(crate) struct Permit {
    // The order is that in which they are dropped.
    _all: Option<OwnedSemaphorePermit>,
    _stranger: Option<OwnedSemaphorePermit>,
    _own: Option<OwnedSemaphorePermit>,
    _place: Place,
}

/// Error returned when work was not begun, since others are at work. Nobody was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Busy {
    /// There was no permit in time, or no place to wait for one.
    Waited,
    /// It was done often enough, as the text says.
    #[cfg_attr(
        not(feature = "client-documents"),
        expect(dead_code, reason = "only documents have a rate")
    )]
    TooOften(&'static str),
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = MAX_WAIT.as_secs();
        match self {
            Self::Waited => write!(
                f,
                "others came first: at most {MAX_PERMITS} are in progress at the same time, at most \
                 {MAX_PERMITS_OF_HOST} of them for one host, and nobody waits longer than {seconds} s"
            ),
            Self::TooOften(text) => f.write_str(text),
        }
    }
}

impl Error for Busy {}

/// Who the work is for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum For {
    Anybody,
    /// A stranger may have invented what the work is about. Others always have some permits left.
    Stranger,
}

impl Permits {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            all: Arc::new(Semaphore::new(MAX_PERMITS)),
            strangers: Arc::new(Semaphore::new(MAX_PERMITS_OF_STRANGERS)),
            hosts: Mutex::default(),
        }))
    }

    /// Waits for a permit for this host.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none in time.
    pub(crate) async fn acquire(&self, host: &str, whose: For) -> Result<Permit, Busy> {
        let (place, own) = Place::of(&self.0, host);
        let all = Arc::clone(&self.0.all);
        let strangers = (whose == For::Stranger).then(|| Arc::clone(&self.0.strangers));
        // Semaphores fail if they are closed, which these never are. First the host's own:
        // who waits for a host that hangs has none of the permits of all.
        let acquiring = async {
            let own = own.acquire_owned().await.ok();
            let stranger = match strangers {
                Some(strangers) => strangers.acquire_owned().await.ok(),
                None => None,
            };
            let all = all.acquire_owned().await.ok();
            (own, stranger, all)
        };
        let acquired = timeout(MAX_WAIT, acquiring).await;
        let (own, stranger, all) = acquired.map_err(|_| Busy::Waited)?;
        Ok(Permit {
            _all: all,
            _stranger: stranger,
            _own: own,
            _place: place,
        })
    }
}

impl Shared {
    fn hosts(&self) -> MutexGuard<'_, HashMap<Box<str>, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a host in the map.
struct Place {
    shared: Arc<Shared>,
    host: Box<str>,
}

impl Place {
    fn of(shared: &Arc<Shared>, host: &str) -> (Self, Arc<Semaphore>) {
        let place = Self {
            shared: Arc::clone(shared),
            host: host.into(),
        };
        let mut hosts = shared.hosts();
        let host = hosts.entry(place.host.clone()).or_insert_with(|| Host {
            own: Arc::new(Semaphore::new(MAX_PERMITS_OF_HOST)),
            users: 0,
        });
        host.users += 1;
        let own = Arc::clone(&host.own);
        drop(hosts);
        (place, own)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut hosts = self.shared.hosts();
        if let Some(host) = hosts.get_mut(&self.host) {
            host.users -= 1;
            if host.users == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_host_has_four_of_the_sixty_four() {
        let permits = Permits::new();
        let mut held = Vec::new();
        for host in 0..16 {
            for _ in 0..4 {
                let permit = permits.acquire(&host.to_string(), For::Anybody).await;
                held.push(permit.unwrap_or_else(|busy| panic!("{host}: {busy}")));
            }
            assert!(
                permits
                    .acquire(&host.to_string(), For::Anybody)
                    .await
                    .is_err(),
                "{host}"
            );
        }
        let start = Instant::now();
        assert!(
            permits.acquire("innocent", For::Anybody).await.is_err(),
            "all are held"
        );
        assert_eq!(start.elapsed(), MAX_WAIT);
        held.pop();
        assert!(permits.acquire("innocent", For::Anybody).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_host_that_hangs_takes_nothing_from_the_others() {
        let permits = Permits::new();
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(
                permits
                    .acquire("hangs", For::Anybody)
                    .await
                    .expect("a permit"),
            );
        }
        for _ in 0..1000 {
            let permits = permits.clone();
            tokio::spawn(async move { permits.acquire("hangs", For::Anybody).await.is_ok() });
        }
        tokio::task::yield_now().await;
        let start = Instant::now();
        assert!(permits.acquire("innocent", For::Anybody).await.is_ok());
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_are_forgotten_once_nobody_needs_them() {
        let permits = Permits::new();
        let held = permits.acquire("a", For::Anybody).await;
        for _ in 0..4 {
            let _dropped = permits.acquire("b", For::Anybody).await;
        }
        assert_eq!(permits.0.hosts().len(), 1);
        drop(held);
        assert!(permits.0.hosts().is_empty());
        assert_eq!(permits.0.all.available_permits(), MAX_PERMITS);
    }
}
