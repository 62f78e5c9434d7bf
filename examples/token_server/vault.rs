//! Codes, grants and tokens of one client, in memory and bounded.
//!
//! A [`Grant`] is what a user gave a client by one code, or elsewhere. The code, the refresh token and
//! the access tokens of a grant name it, and they all end with it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tower_token_endpoint::{ErrorCode, TokenError, client::Secret, grant::Scope};

use crate::{
    binding::{Binding, Bound, Misfit},
    expiring::Expiring,
    per_client::Sweep,
    refuse::refuse,
    scope::narrowed,
};

pub(crate) const CODE_LIFETIME: Duration = Duration::from_secs(60);
pub(crate) const ACCESS_LIFETIME: Duration = Duration::from_secs(60 * 60);
pub(crate) const GRANT_LIFETIME: Duration = Duration::from_secs(60 * 60 * 24 * 30);

/// How many characters of an access token name its vault. The rest of them are 198 bits.
pub(crate) const TAG: usize = 10;

/// What a client holds.
pub(crate) struct Vault {
    /// The beginning of its access tokens. Without one, they are random from the first character.
    pub(crate) tag: Arc<str>,
    /// Codes that were not used yet.
    codes: Expiring<Code>,
    /// Codes that were used, to recognize those that are used again.
    used: Expiring<Code>,
    grants: Expiring<Grant>,
    access: Expiring<Access>,
}

/// What an authorization code is bound to, in addition to the client.
pub(crate) struct Code {
    redirect_uri: String,
    /// Of PKCE.
    challenge: String,
    scope: Option<Arc<str>>,
    /// The key, if the authorization request named one. It has no certificate: the browser of the user sends it.
    bound: Bound,
    /// The grant that it was exchanged for, if it was used.
    grant: Option<String>,
}

struct Grant {
    scope: Option<Arc<str>>,
    /// What its refresh tokens are bound to.
    bound: Bound,
    /// The second half of the refresh token that was used to bind the grant, if it was not bound before.
    unbound: Option<Secret>,
    /// The second half of the one refresh token that is valid.
    refresh: Option<Secret>,
}

struct Access {
    scope: Option<Arc<str>>,
    bound: Bound,
    grant: Option<String>,
    /// A token from an exchange expires with the one that it is for.
    ends: SystemTime,
}

/// Tokens to hand out.
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) scope: Option<Arc<str>>,
    pub(crate) lifetime: Duration,
    /// Whether the access token is good only with a DPoP proof.
    pub(crate) needs_proof: bool,
}

/// What is known about a valid token.
pub(crate) struct Inspected {
    pub(crate) scope: Option<Arc<str>>,
    pub(crate) bound: Bound,
    pub(crate) token_type: Option<&'static str>,
    pub(crate) issued: SystemTime,
    pub(crate) expires: SystemTime,
}

impl Code {
    pub(crate) fn new(redirect_uri: String, challenge: String, scope: Option<Arc<str>>) -> Self {
        Self {
            redirect_uri,
            challenge,
            scope,
            bound: Bound::default(),
            grant: None,
        }
    }

    pub(crate) fn bound_to(mut self, jkt: Option<&str>) -> Self {
        self.bound.jkt = jkt.map(Arc::from);
        self
    }
}

impl Vault {
    pub(crate) fn new(share: usize) -> Self {
        Self {
            tag: "".into(),
            codes: Expiring::new(CODE_LIFETIME, share),
            used: Expiring::new(CODE_LIFETIME, share),
            grants: Expiring::new(GRANT_LIFETIME, share),
            access: Expiring::new(ACCESS_LIFETIME, share),
        }
    }

    /// Returns `None` if the client has its share of codes that were not used yet. Anybody
    /// can ask for a code with the id of a client. If the oldest code made room, a
    /// stranger could make the codes of the client's users useless. So each code stays
    /// until it is used or expires, and the stranger's requests are refused as well.
    pub(crate) fn issue_code(&mut self, code: Code, now: SystemTime) -> Option<String> {
        let key = random();
        let issued = self.codes.insert_if_room(key.clone(), code, now);
        issued.then_some(key)
    }

    /// An access token that belongs to no grant.
    pub(crate) fn issue(
        &mut self,
        scope: Option<Arc<str>>,
        binding: Binding<'_>,
        now: SystemTime,
    ) -> Issued {
        let bound = binding.of_access_token();
        self.issue_access(scope, bound, None, now + ACCESS_LIFETIME, now)
    }

    /// Tokens of a new grant with this id. It has a refresh token if it is `refreshable`.
    pub(crate) fn grant(
        &mut self,
        id: String,
        scope: Option<Arc<str>>,
        refreshable: bool,
        binding: Binding<'_>,
        now: SystemTime,
    ) -> Issued {
        let (refresh_token, refresh) = match refreshable.then(|| new_refresh_token(&id)) {
            Some((token, secret)) => (Some(token), Some(secret)),
            None => (None, None),
        };
        let grant = Grant {
            scope: scope.clone(),
            bound: binding.of_refresh_token(),
            unbound: None,
            refresh,
        };
        self.grants.insert(id.clone(), grant, now);
        let bound = binding.of_access_token();
        let issued = self.issue_access(scope, bound, Some(id), now + ACCESS_LIFETIME, now);
        Issued {
            refresh_token,
            ..issued
        }
    }

    /// Exchanges an access token for one with at most its scope (RFC 8693). The new one ends when the
    /// other one would, and with its grant. Otherwise, exchanges would make a token last forever. Only who
    /// has the key of a token can exchange it. Otherwise, a stolen token would become one without a key.
    pub(crate) fn exchange(
        &mut self,
        token: &str,
        asked: Option<Scope<'_>>,
        binding: Binding<'_>,
        now: SystemTime,
    ) -> Result<Issued, TokenError> {
        let Some((subject, _)) = self.valid(token, now) else {
            // RFC 8693 §2.2.2.
            return refuse(
                ErrorCode::InvalidRequest,
                "subject_token is unknown, expired, revoked or another client's: send a token of this client",
            );
        };
        let problem = match binding.misfit(&subject.bound) {
            None => None,
            Some(Misfit::Certificate) => {
                Some("subject_token is bound to a certificate: connect with that certificate")
            }
            Some(Misfit::OtherKey | Misfit::NoProof) => {
                Some("subject_token is bound to a key: send a DPoP proof that is signed with it")
            }
        };
        if let Some(problem) = problem {
            return refuse(ErrorCode::InvalidRequest, problem);
        }
        let scope = match asked {
            Some(asked) => Some(narrowed(asked, subject.scope.as_deref())?),
            None => subject.scope.clone(),
        };
        let mut bound = binding.of_access_token();
        // Also if the client authenticated by something else this time.
        bound.certificate = bound.certificate.or(subject.bound.certificate.clone());
        let (grant, ends) = (subject.grant.clone(), subject.ends);
        Ok(self.issue_access(scope, bound, grant, ends, now))
    }

    /// An access token that can be used, with the time at which it was issued.
    fn valid(&self, token: &str, now: SystemTime) -> Option<(&Access, SystemTime)> {
        let (access, issued, _) = self.access.get(token, now)?;
        if let Some(grant) = &access.grant {
            self.grants.get(grant, now)?;
        }
        (now < access.ends).then_some((access, issued))
    }

    /// Exchanges a code for tokens. A request that does not fit the code does not use it
    /// up: somebody who has stolen a code without its verifier cannot destroy it.
    pub(crate) fn redeem(
        &mut self,
        key: &str,
        redirect_uri: &str,
        verify_pkce: impl FnOnce(&str) -> Result<(), TokenError>,
        refreshable: bool,
        binding: Binding<'_>,
        now: SystemTime,
    ) -> Result<Issued, TokenError> {
        // Whether the code was used is checked last: only a request that fits the code may
        // end the tokens that were issued for it.
        let found = self.codes.get(key, now).or_else(|| self.used.get(key, now));
        let Some((code, ..)) = found else {
            return invalid_grant(
                "the code is unknown, expired or another client's: ask for a new one",
            );
        };
        if code.redirect_uri != redirect_uri {
            return invalid_grant(
                "redirect_uri is not the one that the code was sent to: send the same one",
            );
        }
        verify_pkce(&code.challenge)?;
        binding.fits(&code.bound)?;
        // Two requests fit the same code, so one of them is a thief's (RFC 6749 §4.1.2).
        if let Some(grant) = &code.grant {
            self.grants.remove(grant);
            return invalid_grant(
                "the code was used before, so the tokens issued for it are revoked: ask for a new code",
            );
        }
        let id = random();
        let scope = code.scope.clone();
        if let Some(mut code) = self.codes.remove(key) {
            code.grant = Some(id.clone());
            self.used.insert(key.to_owned(), code, now);
        }
        Ok(self.grant(id, scope, refreshable, binding, now))
    }

    /// Exchanges a refresh token for new tokens. The token names its grant. So an old one
    /// is recognized as long as the grant lives, and nothing is kept about it.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        asked: Option<Scope<'_>>,
        binding: Binding<'_>,
        now: SystemTime,
    ) -> Result<Issued, TokenError> {
        let (id, secret) = token.split_once('.').unwrap_or_default();
        let Some(grant) = self.grants.get_mut(id, now) else {
            return invalid_grant(
                "the refresh token is unknown, expired, revoked or another client's: ask for a new code",
            );
        };
        let is = |token: &Option<Secret>| token.as_ref().is_some_and(|it| it.matches(secret));
        // Who bound the grant may be the thief. The client does not have that key.
        let has_bound = is(&grant.unbound);
        // Otherwise, nobody uses a token up or ends its grant without the key.
        if !has_bound {
            binding.fits(&grant.bound)?;
        }
        // An old token is used again, so somebody has stolen one (RFC 9700 §4.14.2).
        if has_bound || !is(&grant.refresh) {
            self.grants.remove(id);
            return invalid_grant(
                "the refresh token was used before, so its grant is revoked: ask for a new code",
            );
        }
        let scope = match asked {
            Some(asked) => Some(narrowed(asked, grant.scope.as_deref())?),
            None => grant.scope.clone(),
        };
        // The grant keeps its whole scope for the next time (RFC 6749 §6).
        let (refresh_token, secret) = new_refresh_token(id);
        let old = grant.refresh.replace(secret);
        if grant.bound == Bound::default() {
            grant.bound = binding.of_refresh_token();
            grant.unbound = old.filter(|_| grant.bound != Bound::default());
        }
        let (id, bound) = (Some(id.to_owned()), binding.of_access_token());
        let issued = self.issue_access(scope, bound, id, now + ACCESS_LIFETIME, now);
        Ok(Issued {
            refresh_token: Some(refresh_token),
            ..issued
        })
    }

    /// What is known about an access or refresh token, if it is valid.
    pub(crate) fn inspect(&mut self, token: &str, now: SystemTime) -> Option<Inspected> {
        if let Some((id, secret)) = token.split_once('.') {
            let (grant, issued, expires) = self.grants.get(id, now)?;
            let current = grant.refresh.as_ref()?.matches(secret);
            let (scope, bound) = (grant.scope.clone(), grant.bound.clone());
            return current.then_some(Inspected {
                scope,
                bound,
                token_type: None,
                issued,
                expires,
            });
        }
        let (access, issued) = self.valid(token, now)?;
        let (scope, bound) = (access.scope.clone(), access.bound.clone());
        Some(Inspected {
            scope,
            token_type: Some(bound.token_type()),
            bound,
            issued,
            expires: access.ends,
        })
    }

    /// Ends an access token. A refresh token ends its whole grant, even if it is an old one.
    pub(crate) fn revoke(&mut self, token: &str) {
        match token.split_once('.') {
            Some((grant, _)) => drop(self.grants.remove(grant)),
            None => drop(self.access.remove(token)),
        }
    }

    fn issue_access(
        &mut self,
        scope: Option<Arc<str>>,
        bound: Bound,
        grant: Option<String>,
        ends: SystemTime,
        now: SystemTime,
    ) -> Issued {
        let mut access_token = random();
        access_token.replace_range(..self.tag.len(), &self.tag);
        let needs_proof = bound.jkt.is_some();
        self.access.insert(
            access_token.clone(),
            Access {
                scope: scope.clone(),
                bound,
                grant,
                ends,
            },
            now,
        );
        Issued {
            access_token,
            refresh_token: None,
            scope,
            lifetime: ends.duration_since(now).unwrap_or_default(),
            needs_proof,
        }
    }
}

impl Sweep for Vault {
    fn sweep(&mut self, now: SystemTime) -> bool {
        self.codes.sweep(now)
            | self.used.sweep(now)
            | self.grants.sweep(now)
            | self.access.sweep(now)
    }
}

fn new_refresh_token(grant: &str) -> (String, Secret) {
    let secret = random();
    (format!("{grant}.{secret}"), Secret::new(secret))
}

/// 256 bits from the generator of the thread, which the operating system seeds.
pub(crate) fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn invalid_grant<T>(description: &'static str) -> Result<T, TokenError> {
    refuse(ErrorCode::InvalidGrant, description)
}
