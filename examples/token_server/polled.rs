//! Requests that a user decides on elsewhere, while the client asks `POST /token`: device codes
//! (RFC 8628 §3.5) and backchannel authentication (OpenID Connect CIBA Core §11).

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use tower_token_endpoint::{ErrorCode, TokenError};

use crate::{expiring::Expiring, per_client::PerClient, refuse::refuse, vault::random};

/// By how much a client that asks too soon has to slow down (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// How long a request is kept after it has expired, so that the client learns why it gets no token.
pub(crate) const KEPT: Duration = Duration::from_secs(60);

/// The requests of all clients. Anybody can make some with the id of a public client. So each stays
/// until it is used or expires, and those beyond the share are refused.
pub(crate) type PolledRequests = PerClient<Expiring<Polled>>;

/// `LIFETIME` is in seconds, and the longest one of a request.
pub(crate) fn requests<const LIFETIME: u64>(clients: usize) -> PolledRequests {
    PerClient::new(clients, |share| {
        Expiring::new(Duration::from_secs(LIFETIME) + KEPT, share)
    })
}

pub(crate) struct Polled {
    scope: Option<Arc<str>>,
    approval: Approval,
    expires: SystemTime,
    /// The shortest time between two polls.
    interval: Duration,
    last: Option<SystemTime>,
}

pub(crate) enum Approval {
    Missing,
    /// After this many polls that are not too soon.
    After(u32),
    Given,
}

impl Polled {
    pub(crate) fn new(
        scope: Option<Arc<str>>,
        approval: Approval,
        interval: Duration,
        expires: SystemTime,
    ) -> Self {
        Self {
            scope,
            approval,
            expires,
            interval,
            last: None,
        }
    }

    fn poll(&mut self, now: SystemTime) -> Result<(), TokenError> {
        if now >= self.expires {
            return refuse(
                ErrorCode::ExpiredToken,
                "the request has expired: start again",
            );
        }
        let last = self.last.replace(now);
        let is_soon = |last| now.duration_since(last).unwrap_or_default() < self.interval;
        match self.approval {
            // It is no longer pending, so there is nothing to wait for.
            Approval::Given => return Ok(()),
            Approval::Missing | Approval::After(_) if last.is_some_and(is_soon) => {
                self.interval += SLOWER;
                return refuse(
                    ErrorCode::SlowDown,
                    "polled too soon: wait 5 s longer between two requests from now on",
                );
            }
            Approval::After(0) => return Ok(()),
            Approval::After(ref mut polls) => *polls -= 1,
            Approval::Missing => {}
        }
        refuse(
            ErrorCode::AuthorizationPending,
            "the user has not decided yet: ask again after the interval",
        )
    }
}

/// Keeps a request, and returns its code. `None` if the client has its share.
pub(crate) fn add(
    requests: &mut Expiring<Polled>,
    polled: Polled,
    now: SystemTime,
) -> Option<String> {
    let code = random();
    let added = requests.insert_if_room(code.clone(), polled, now);
    added.then_some(code)
}

/// The user approves, and the next poll gets tokens. Returns whether there is such a request.
pub(crate) fn approve(requests: &mut Expiring<Polled>, code: &str, now: SystemTime) -> bool {
    let polled = requests.get_mut(code, now);
    let Some(polled) = polled.filter(|polled| now < polled.expires) else {
        return false;
    };
    polled.approval = Approval::Given;
    true
}

/// Returns the scope to issue tokens for, once.
pub(crate) fn poll(
    requests: &mut Expiring<Polled>,
    code: &str,
    now: SystemTime,
) -> Result<Option<Arc<str>>, TokenError> {
    let Some(polled) = requests.get_mut(code, now) else {
        return refuse(
            ErrorCode::InvalidGrant,
            "the code is unknown, used, long expired or another client's: start again",
        );
    };
    polled.poll(now)?;
    Ok(requests.remove(code).and_then(|polled| polled.scope))
}
