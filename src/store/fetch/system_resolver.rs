//! The resolver of the system, which blocks.

use std::{
    io,
    net::{IpAddr, ToSocketAddrs as _},
    sync::Arc,
    thread,
};

use tokio::sync::oneshot;

use super::resolve::HostResolver;
use crate::store::permits::{For, Permits};

/// A lookup that blocks.
type LookUp = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// The resolver of the system, on threads of its own.
///
/// A lookup cannot be stopped. If the name servers are dead, it takes about half a minute,
/// long after the fetch was given up. So its permit goes with it, and comes back when it has
/// returned. The threads are not those of `spawn_blocking`: the application needs those, and
/// may have few of them, and a runtime does not end before they do.
pub(super) struct SystemResolver {
    permits: Permits,
    look_up: Arc<LookUp>,
}

impl SystemResolver {
    pub(super) fn new() -> Self {
        Self::of(|host| {
            let found = (host, 0).to_socket_addrs()?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }

    fn of(look_up: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self {
            permits: Permits::new(),
            look_up: Arc::new(look_up),
        }
    }
}

impl HostResolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let permit = self
            .permits
            .acquire(&host.to_ascii_lowercase(), For::Anybody)
            .await;
        let permit = permit.map_err(io::Error::other)?;
        let (found, finding) = oneshot::channel();
        let (look_up, host) = (Arc::clone(&self.look_up), host.to_owned());
        let work = move || {
            let _permit = permit;
            // Whoever asked may be gone.
            let _ = found.send(look_up(&host));
        };
        thread::Builder::new()
            .name("host-resolver".to_owned())
            .spawn(work)?;
        let found = finding.await;
        found.unwrap_or_else(|_| Err(io::Error::other("the lookup panicked")))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        net::Ipv4Addr,
        sync::{Condvar, Mutex, MutexGuard},
        time::Duration,
    };

    use tokio::{runtime, task::spawn_blocking, time::timeout};

    use super::*;
    use crate::store::permits::{MAX_PERMITS, MAX_PERMITS_OF_HOST};

    /// Name servers that do not answer until they are back.
    #[derive(Default)]
    struct NameServers {
        state: Mutex<State>,
        changed: Condvar,
    }

    #[derive(Default)]
    struct State {
        are_back: bool,
        /// The lookups at this moment, and most of them so far.
        waiting: usize,
        most: usize,
        asked: HashSet<String>,
    }

    impl NameServers {
        fn state(&self) -> MutexGuard<'_, State> {
            self.state.lock().expect("no panic")
        }

        fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
            let mut state = self.state();
            state.asked.insert(host.to_owned());
            state.waiting += 1;
            state.most = state.most.max(state.waiting);
            let wait = self.changed.wait_while(state, |state| !state.are_back);
            wait.expect("no panic").waiting -= 1;
            Ok(vec![Ipv4Addr::new(8, 8, 8, 8).into()])
        }

        /// Waits until so many lookups wait, for threads that are slow to start.
        async fn until(&self, waiting: usize) {
            for _ in 0..1000 {
                if self.state().waiting == waiting {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{} wait instead of {waiting}", self.state().waiting);
        }

        fn come_back(&self) {
            self.state().are_back = true;
            self.changed.notify_all();
        }
    }

    fn resolver() -> (Arc<NameServers>, Arc<SystemResolver>) {
        let servers = Arc::new(NameServers::default());
        let resolver = {
            let servers = Arc::clone(&servers);
            SystemResolver::of(move |host| servers.look_up(host))
        };
        (servers, Arc::new(resolver))
    }

    /// Asks for these names, and drops all that wait.
    async fn ask_and_go(resolver: &Arc<SystemResolver>, hosts: impl Iterator<Item = String>) {
        let asking = hosts.map(|host| {
            let resolver = Arc::clone(resolver);
            tokio::spawn(async move {
                let waits = Duration::from_millis(100);
                timeout(waits, resolver.resolve(&host)).await.map(drop)
            })
        });
        for asking in asking.collect::<Vec<_>>() {
            let asked = asking.await.expect("no panic");
            asked.expect_err("the name servers do not answer");
        }
    }

    /// How many threads of the application there are for work that blocks.
    const APPLICATION: usize = 8;

    fn runtime() -> runtime::Runtime {
        let mut builder = runtime::Builder::new_multi_thread();
        builder
            .worker_threads(1)
            .max_blocking_threads(APPLICATION)
            .enable_all()
            .build()
            .expect("a runtime")
    }

    #[test]
    fn lookups_are_few_while_nobody_waits_for_them_and_the_application_goes_on() {
        let (servers, resolver) = resolver();
        runtime().block_on(async {
            for round in 0..5 {
                let hosts = (0..140).map(|host| format!("{round}-{host}.example"));
                ask_and_go(&resolver, hosts).await;
                servers.until(MAX_PERMITS).await;
            }
            let blocking = (0..2 * APPLICATION).map(|task| spawn_blocking(move || task));
            for task in blocking.collect::<Vec<_>>() {
                let ended = timeout(Duration::from_secs(60), task).await;
                ended.expect("a thread").expect("no panic");
            }
            // All permits come back with the lookups.
            servers.come_back();
            for host in 0..2 * MAX_PERMITS {
                let found = resolver.resolve(&format!("late-{host}.example")).await;
                assert_eq!(found.expect("an address").len(), 1);
            }
        });
        assert_eq!(servers.state().most, MAX_PERMITS);
    }

    #[test]
    fn a_name_that_hangs_has_four_lookups_and_delays_no_other() {
        let (servers, resolver) = resolver();
        runtime().block_on(async {
            let spellings = ["dead.example", "DEAD.example"].into_iter().cycle();
            ask_and_go(&resolver, spellings.take(100).map(str::to_owned)).await;
            servers.until(MAX_PERMITS_OF_HOST).await;
            ask_and_go(&resolver, ["innocent.example".to_owned()].into_iter()).await;
            servers.until(MAX_PERMITS_OF_HOST + 1).await;
            assert!(servers.state().asked.contains("innocent.example"));
        });
        servers.come_back();
    }

    #[tokio::test]
    async fn a_lookup_that_panics_or_fails_is_an_error_and_gives_its_permit_back() {
        let resolver = SystemResolver::of(|host| match host {
            "fails" => Err(io::Error::other("no such name")),
            _ => panic!("a lookup of the test's own"),
        });
        for _ in 0..MAX_PERMITS {
            for (host, wanted) in [("fails", "no such name"), ("panics", "panicked")] {
                let error = resolver.resolve(host).await.expect_err(host).to_string();
                assert!(error.contains(wanted), "{error}");
            }
        }
    }
}
