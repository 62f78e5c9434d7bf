//! The claims of a client assertion (RFC 7523 §3, OpenID Connect Core §9).

use std::time::{Duration, SystemTime};

use serde::de::MapAccess;

use super::{
    audience::Audience,
    json::{self, Members, Number},
    mismatch::Mismatch,
};
use crate::protocol::{reason::RejectionReason, rejection::Rejection};

/// The claims of an assertion, none of which is verified.
pub(crate) struct Claims {
    client_id: String,
    audience: Audience,
    expires: f64,
    not_before: Option<f64>,
    issued_at: Option<f64>,
    jti: String,
}

/// How many seconds the clocks of client and server may differ.
const SKEW: f64 = 60.0;
/// How many seconds ahead an assertion may expire.
const MAX_LIFETIME: f64 = 3600.0;

impl Claims {
    /// Parses the claims, and checks what depends on nothing else.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Rejection> {
        let read: ReadClaims = json::read(payload).ok_or(RejectionReason::MalformedAssertion)?;
        let iss = present(read.iss, "iss")?;
        let sub = present(read.sub, "sub")?;
        let audience = read.aud.ok_or_else(|| missing("aud"))?;
        let expires = read.exp.ok_or_else(|| missing("exp"))?;
        let jti = present(read.jti, "jti")?;
        if iss != sub {
            return Err(RejectionReason::IssuerNotSubject.into());
        }
        Ok(Self {
            client_id: sub,
            audience,
            expires,
            not_before: read.nbf,
            issued_at: read.iat,
            jti,
        })
    }

    /// `sub`, which is the client (RFC 7523 §3).
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(crate) const fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Both sides of a time for which [`check`](Self::check) refused the claims with this reason.
    pub(crate) fn wrong_time(&self, reason: RejectionReason, now: SystemTime) -> Option<Mismatch> {
        let now = seconds(now);
        let ahead =
            |claim, time: Option<f64>| Some((claim, time.filter(|&time| time > now + SKEW)?));
        let ((claim, found), wanted) = if reason == RejectionReason::ExpiredAssertion {
            (("exp", self.expires), "later, with 60 seconds of tolerance")
        } else if reason == RejectionReason::LongLivedAssertion {
            (("exp", self.expires), "at most one hour later")
        } else if reason == RejectionReason::AssertionNotYetValid {
            let first = ahead("nbf", self.not_before).or_else(|| ahead("iat", self.issued_at));
            (first?, "earlier, with 60 seconds of tolerance")
        } else {
            return None;
        };
        Some(Mismatch::Time {
            claim,
            found,
            now,
            wanted,
        })
    }

    pub(crate) fn jti(&self) -> &str {
        &self.jti
    }

    /// Checks whether the claims are for this server and this time. Returns until when
    /// the `jti` must be remembered.
    pub(crate) fn check(
        &self,
        is_audience: impl Fn(&Audience) -> bool,
        now: SystemTime,
    ) -> Result<SystemTime, RejectionReason> {
        if !is_audience(&self.audience) {
            return Err(RejectionReason::WrongAudience);
        }
        let now = seconds(now);
        if self.expires + SKEW <= now {
            return Err(RejectionReason::ExpiredAssertion);
        }
        if self.expires > now + MAX_LIFETIME + SKEW {
            return Err(RejectionReason::LongLivedAssertion);
        }
        let is_ahead = |time: Option<f64>| time.is_some_and(|time| time > now + SKEW);
        if is_ahead(self.not_before) || is_ahead(self.issued_at) {
            return Err(RejectionReason::AssertionNotYetValid);
        }
        // The skew once more, for a machine whose clock is behind.
        Duration::try_from_secs_f64(self.expires + 2.0 * SKEW)
            .ok()
            .and_then(|until| SystemTime::UNIX_EPOCH.checked_add(until))
            .ok_or(RejectionReason::ExpiredAssertion)
    }
}

/// `NumericDate` (RFC 7519 §2). A clock before 1970 counts as 1970, and all claims are then in
/// the future.
fn seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

fn present(claim: Option<String>, name: &str) -> Result<String, Rejection> {
    claim
        .filter(|claim| !claim.is_empty())
        .ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Rejection {
    Rejection::naming(RejectionReason::MissingClaim, name)
}

#[derive(Default)]
struct ReadClaims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    jti: Option<String>,
}

impl<'t> Members<'t> for ReadClaims {
    fn read<A: MapAccess<'t>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "iss" => self.iss = Some(map.next_value()?),
            "sub" => self.sub = Some(map.next_value()?),
            "aud" => self.aud = Some(map.next_value()?),
            "exp" => self.exp = Some(map.next_value::<Number>()?.0),
            "nbf" => self.nbf = Some(map.next_value::<Number>()?.0),
            "iat" => self.iat = Some(map.next_value::<Number>()?.0),
            "jti" => self.jti = Some(map.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn check(claims: &str) -> Result<u64, RejectionReason> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let claims = Claims::parse(claims.as_bytes()).map_err(|refused| refused.reason())?;
        let until = claims.check(|audience| audience.sole() == Some("as"), now)?;
        let until = until.duration_since(SystemTime::UNIX_EPOCH);
        Ok(until.expect("after 1970").as_secs())
    }

    fn with(changes: &str) -> String {
        let mut claims = serde_json::json!({
            "iss": "c", "sub": "c", "aud": "as", "jti": "1", "exp": NOW + 60,
        });
        let changes: serde_json::Value = serde_json::from_str(changes).expect("JSON");
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims.to_string()
    }

    /// RFC 7519 §4.1.4 to §4.1.6, RFC 7523 §3, and the decisions' 60 s and 1 h.
    #[test]
    fn times_at_their_edges() {
        use RejectionReason::{AssertionNotYetValid, ExpiredAssertion, LongLivedAssertion};
        for (claim, offset, expected) in [
            ("exp", 0.0, Ok(())),
            ("exp", -59.9, Ok(())),
            ("exp", -60.0, Err(ExpiredAssertion)),
            ("exp", -1e9, Err(ExpiredAssertion)),
            ("exp", -1e30, Err(ExpiredAssertion)),
            ("exp", 3660.0, Ok(())),
            ("exp", 3660.1, Err(LongLivedAssertion)),
            ("exp", 1e300, Err(LongLivedAssertion)),
            ("nbf", 60.0, Ok(())),
            ("nbf", 60.1, Err(AssertionNotYetValid)),
            ("nbf", -1e30, Ok(())),
            ("iat", 60.0, Ok(())),
            ("iat", 60.1, Err(AssertionNotYetValid)),
            ("iat", -1e30, Ok(())),
        ] {
            #[expect(clippy::cast_precision_loss, reason = "it is small enough")]
            let time = NOW as f64 + offset;
            let claims = with(&format!(r#"{{"{claim}":{time:?}}}"#));
            assert_eq!(check(&claims).map(|_| ()), expected, "{claim} {offset}");
        }
    }

    #[test]
    fn a_jti_is_remembered_for_twice_the_skew_after_its_assertion() {
        assert_eq!(check(&with("{}")), Ok(NOW + 60 + 120));
    }

    #[test]
    fn one_audience() {
        use RejectionReason::{MalformedAssertion, WrongAudience};
        for (aud, expected) in [
            (r#""as""#, Ok(())),
            (r#"["as"]"#, Ok(())),
            (r#"["as","as"]"#, Err(WrongAudience)),
            (r#"["as","other"]"#, Err(WrongAudience)),
            ("[]", Err(WrongAudience)),
            (r#""other""#, Err(WrongAudience)),
            (r#""""#, Err(WrongAudience)),
            ("[[\"as\"]]", Err(MalformedAssertion)),
            ("[\"as\",1]", Err(MalformedAssertion)),
            ("{}", Err(MalformedAssertion)),
            ("null", Err(MalformedAssertion)),
        ] {
            let claims = with(&format!(r#"{{"aud":{aud}}}"#));
            assert_eq!(check(&claims).map(|_| ()), expected, "{aud}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for name in ["iss", "sub", "aud", "exp", "jti"] {
            let mut claims: serde_json::Value = serde_json::from_str(&with("{}")).expect("claims");
            claims.as_object_mut().expect("an object").remove(name);
            let refused = Claims::parse(claims.to_string().as_bytes()).err();
            let refused = refused.expect("refused");
            assert_eq!(refused.reason(), RejectionReason::MissingClaim);
            assert_eq!(refused.parameter(), Some(name));
        }
        for empty in ["iss", "sub", "jti"] {
            let claims = with(&format!(r#"{{"{empty}":""}}"#));
            assert_eq!(
                check(&claims),
                Err(RejectionReason::MissingClaim),
                "{empty}"
            );
        }
        assert_eq!(
            check(&with(r#"{"iss":"d"}"#)),
            Err(RejectionReason::IssuerNotSubject)
        );
    }

    #[test]
    fn numbers_are_numbers() {
        for bad in ["\"1800000060\"", "true", "null", "[1800000060]", "{}"] {
            for name in ["exp", "nbf", "iat"] {
                let claims = with(&format!(r#"{{"{name}":{bad}}}"#));
                assert_eq!(
                    check(&claims),
                    Err(RejectionReason::MalformedAssertion),
                    "{name} {bad}"
                );
            }
        }
        // serde_json writes no such number.
        let huge = with("{}").replace("1800000060", "1e999");
        assert_eq!(check(&huge), Err(RejectionReason::MalformedAssertion));
    }
}
