//! What a row says: a request, and what it gets without a profile and with each.

use std::fmt;

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::layer::Profile;
use tower_token_endpoint::rejection::RejectionReason;

use crate::cast::layer;
use crate::common::{Broken, Call};

pub(crate) struct Row {
    name: String,
    pub(crate) section: &'static str,
    endpoint: Endpoint,
    /// Made when it is sent: every request has proofs of its own.
    call: Box<dyn Fn() -> Call + Send + Sync>,
    expected: Vec<(Option<Profile>, Outcome)>,
}

#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    Accepted,
    Refused(u16, &'static str, RejectionReason),
}

pub(crate) use Outcome::Accepted;

pub(crate) const fn unauthorized(reason: RejectionReason) -> Outcome {
    Outcome::Refused(401, "invalid_client", reason)
}

pub(crate) const fn invalid(reason: RejectionReason) -> Outcome {
    Outcome::Refused(400, "invalid_request", reason)
}

pub(crate) const fn bad_proof(reason: RejectionReason) -> Outcome {
    Outcome::Refused(400, "invalid_dpop_proof", reason)
}

/// A row for the layer without a profile, for OAuth 2.1 and for FAPI 2.0.
pub(crate) fn row(
    name: &str,
    section: &'static str,
    call: impl Fn() -> Call + Send + Sync + 'static,
    [none, oauth21, fapi2]: [Outcome; 3],
) -> Row {
    let expected = vec![
        (None, none),
        (Some(Profile::OAuth21), oauth21),
        (Some(Profile::Fapi2), fapi2),
    ];
    Row {
        name: name.to_owned(),
        section,
        endpoint: Endpoint::Token,
        call: Box::new(call),
        expected,
    }
}

/// A row for FAPI 2.0 only.
pub(crate) fn fapi(
    name: &str,
    section: &'static str,
    call: impl Fn() -> Call + Send + Sync + 'static,
    outcome: Outcome,
) -> Row {
    let mut row = row(name, section, call, [outcome; 3]);
    row.expected.drain(..2);
    row
}

impl Row {
    pub(crate) fn at(self, endpoint: Endpoint) -> Self {
        Self { endpoint, ..self }
    }

    async fn judge(&self, profile: Option<Profile>, expected: Outcome) -> Result<(), String> {
        let mut layer = layer(profile);
        if self.endpoint != Endpoint::Token {
            let other = layer.for_endpoint(self.endpoint, (self.call)().uri);
            layer = other.expect("settings that agree");
        }
        let exchange = (self.call)().send(&layer).await;
        let found = exchange.rejection().map(|rejection| rejection.reason());
        match expected {
            Accepted if found.is_none() => {
                exchange.inner_request();
            }
            Outcome::Refused(status, code, reason) if found == Some(reason) => {
                exchange.rejected(status, code, reason);
            }
            Accepted | Outcome::Refused(..) => return Err(format!("{found:?}")),
        }
        Ok(())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.section)
    }
}

/// Judges every row, and names those that do not hold.
pub(crate) async fn hold(rows: Vec<Row>) {
    let mut broken = Broken::default();
    for row in &rows {
        for &(profile, expected) in &row.expected {
            if let Err(found) = row.judge(profile, expected).await {
                broken.add(format!("{row} {profile:?}: {found}"));
            }
        }
    }
    broken.assert_none();
}
