//! What the law says of a fetch, with a copy and without one.

use tower_token_endpoint::client::AuthMethod;

use crate::common::Exchange;
use crate::served::{assert_accepted, refused, unavailable};
use crate::server::{Site, pass};
use crate::source::{MINUTE, SHORTEST};

/// What the law says of a fetch.
#[derive(Clone, Copy)]
pub(crate) enum Law {
    /// It cannot be fetched: the copy, or 503.
    Down,
    /// There is no client: 401, and the copy is dropped.
    NoClient,
}

impl Site {
    pub(crate) fn assert_accepted(&self, exchange: &Exchange) {
        assert_accepted(exchange, &self.id, AuthMethod::None);
    }

    /// Sends a request when nothing is known, and one when a copy is kept, while the source does this.
    pub(crate) async fn judge(&self, name: &str, law: Law, wanted: &str, now: impl Fn(&Self)) {
        let mend = || {
            self.server.now(self.document());
            self.names.now("127.0.0.1");
        };
        now(self);
        let exchange = self.send().await;
        let why = match law {
            Law::Down => unavailable(&exchange),
            Law::NoClient => refused(&exchange),
        };
        assert!(why.contains(wanted), "{name}: {why}");
        mend();
        pass(MINUTE).await;
        self.assert_accepted(&self.send().await);

        now(self);
        pass(SHORTEST).await;
        let exchange = self.send().await;
        match law {
            Law::Down => self.assert_accepted(&exchange),
            Law::NoClient => drop(refused(&exchange)),
        }
        // The copy of a client that is refused does not come back, and that of another one does not go.
        self.names.now("");
        pass(MINUTE).await;
        let exchange = self.send().await;
        match law {
            Law::Down => self.assert_accepted(&exchange),
            Law::NoClient => drop(unavailable(&exchange)),
        }
        mend();
        pass(MINUTE).await;
        self.assert_accepted(&self.send().await);
        self.store.clear();
    }
}
