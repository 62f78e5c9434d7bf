//! What the law says of a fetch, with a copy and without one.

use tower_token_endpoint::client::AuthMethod;

use crate::common::Exchange;
use crate::served::{assert_accepted, refused, unavailable};
use crate::server::{Site, pass};
use crate::source::{MINUTE, SECOND, SHORTEST};

/// What the law says of a fetch.
#[derive(Clone, Copy)]
pub(crate) enum Law {
    /// It cannot be fetched: the copy, or 503.
    Down,
    /// The same, once the time for it is over.
    Hangs,
    /// There is no client: 401, and the copy is dropped.
    NoClient,
}

impl Site {
    pub(crate) fn assert_accepted(&self, exchange: &Exchange) {
        assert_accepted(exchange, &self.id, AuthMethod::None);
    }

    /// Sends a request. If its fetch hangs, the time for that goes by.
    async fn send_until(&self, law: Law) -> Exchange {
        let asked = self.server.heads().len();
        let clock = async {
            if let Law::Hangs = law {
                while self.server.heads().len() == asked {
                    tokio::time::sleep(SECOND / 100).await;
                }
                pass(SECOND * 5).await;
            }
        };
        tokio::join!(self.send(), clock).0
    }

    /// Sends a request when nothing is known, and one when a copy is kept, while the source does this.
    pub(crate) async fn judge(&self, name: &str, law: Law, wanted: &str, now: impl Fn(&Self)) {
        let mend = || {
            self.server.now(self.document());
            self.names.now("127.0.0.1");
        };
        now(self);
        let exchange = self.send_until(law).await;
        let why = match law {
            Law::Down | Law::Hangs => unavailable(&exchange),
            Law::NoClient => refused(&exchange),
        };
        assert!(why.contains(wanted), "{name}: {why}");
        mend();
        pass(MINUTE).await;
        self.assert_accepted(&self.send().await);

        now(self);
        pass(SHORTEST).await;
        let exchange = self.send_until(law).await;
        match law {
            Law::Down | Law::Hangs => self.assert_accepted(&exchange),
            Law::NoClient => drop(refused(&exchange)),
        }
        // The copy of a client that is refused does not come back, and that of another one does not go.
        self.names.now("");
        pass(MINUTE).await;
        let exchange = self.send().await;
        match law {
            Law::Down | Law::Hangs => self.assert_accepted(&exchange),
            Law::NoClient => drop(unavailable(&exchange)),
        }
        mend();
        pass(MINUTE).await;
        self.assert_accepted(&self.send().await);
        self.store.clear();
    }
}
