//! Assertions: accepted is only what a registered client signed for this server and this time.

use std::time::UNIX_EPOCH;

use serde_json::Value;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{CC, ISSUER, by_assertion, post};
use crate::holds::answer::{self, Outcome};
use crate::holds::cast::{Proof, Registered, Server};
use crate::holds::exchange::assert_proved;
use crate::holds::request::Sent;
use crate::sign::{SUITES, Suite, base64url, sign};

/// What an assertion is made of: the algorithm that signs it, its header and its claims, as JSON or
/// as anything else. `$60` in the claims is the time in 60 seconds, and `$-60` that of 60 seconds
/// ago.
#[derive(Debug)]
pub(crate) struct Draft {
    suite: &'static Suite,
    /// Whether it is signed with a key that nobody registered.
    is_forged: bool,
    header: Vec<u8>,
    claims: Vec<u8>,
}

/// A signed assertion, with what it is made of.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) token: String,
    pub(crate) draft: Draft,
    /// The time that the claims are made for.
    pub(crate) at: f64,
}

impl Draft {
    /// Reads `ES256`, header and claims with this byte between each two. `!ES256` signs with a key
    /// that nobody registered.
    pub(crate) fn read(text: &[u8], between: u8) -> Option<Self> {
        let mut parts = text.splitn(3, |&byte| byte == between);
        let (alg, header, claims) = (parts.next()?, parts.next()?, parts.next()?);
        let (alg, is_forged) = match alg.strip_prefix(b"!") {
            Some(alg) => (alg, true),
            None => (alg, false),
        };
        Some(Self {
            suite: SUITES.iter().find(|suite| suite.alg.as_bytes() == alg)?,
            is_forged,
            header: header.to_vec(),
            claims: claims.to_vec(),
        })
    }

    pub(crate) fn sign(mut self) -> Signed {
        let now = UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        self.claims = with_times(&self.claims, now);
        let key = match self.is_forged {
            true => self.suite.other_key,
            false => self.suite.key,
        };
        let message = format!("{}.{}", base64url(&self.header), base64url(&self.claims));
        let signature = sign(self.suite.alg, key, message.as_bytes());
        Signed {
            token: format!("{message}.{}", base64url(signature)),
            #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
            at: now as f64,
            draft: self,
        }
    }

    /// Whether it proves that it is from this client, read by another parser of JSON.
    pub(crate) fn proves(&self, client: &Registered, at: f64) -> bool {
        let Proof::Key(key) = client.proof else {
            return false;
        };
        let is_signed = !self.is_forged && std::ptr::eq(key, self.suite.key);
        let [header, claims] = [&self.header, &self.claims].map(|text| read(text));
        let (header, claims) = match (header, claims) {
            (Ok(header), Ok(claims)) => (header, claims),
            // Nothing more is known of it.
            (header, claims) => {
                let mut errors = [header.err(), claims.err()].into_iter().flatten();
                return is_signed && errors.all(|error| is_valid_json(&error));
            }
        };
        let text = |json: &Value, name: &str| json[name].as_str().map(str::to_owned);
        let seconds = |name: &str| claims[name].as_f64();
        let is_type = header.get("typ").is_none_or(|typ| {
            let typ = typ.as_str().unwrap_or_default().to_ascii_lowercase();
            let typ = typ.strip_prefix("application/").unwrap_or(&typ);
            ["jwt", "client-authentication+jwt"].contains(&typ)
        });
        let is_in_time =
            seconds("exp").is_some_and(|exp| exp > at - SKEW && exp < at + 3600.0 + SKEW + SLOW);
        let is_past = |name: &str| {
            let is_past = |time| time < at + SKEW + SLOW;
            claims
                .get(name)
                .is_none_or(|_| seconds(name).is_some_and(is_past))
        };
        let audience = &claims["aud"];
        is_signed
            && text(&header, "alg").is_some_and(|alg| sole_name(&alg) == sole_name(self.suite.alg))
            && header.get("crit").is_none()
            && header.get("b64").is_none()
            && is_type
            && text(&claims, "sub").as_deref() == Some(client.id)
            && text(&claims, "iss").as_deref() == Some(client.id)
            && text(&claims, "jti").is_some_and(|jti| !jti.is_empty())
            && (*audience == ISSUER || *audience == Value::from(vec![ISSUER]))
            && is_in_time
            && is_past("nbf")
            && is_past("iat")
    }
}

fn read(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(text)
}

/// Whether the other parser refuses what the grammar of JSON allows (RFC 8259 §7 to §9). In a member
/// that nobody reads, the layer does not.
pub(crate) fn is_valid_json(error: &serde_json::Error) -> bool {
    let error = error.to_string();
    let valid = [
        "lone leading surrogate in hex escape",
        "number out of range",
        "recursion limit exceeded",
        "unexpected end of hex escape",
    ];
    valid.iter().any(|it| error.starts_with(it))
}

/// How many seconds the clocks may differ.
pub(crate) const SKEW: f64 = 60.0;
/// How many seconds the layer may need to decide, in which its clock goes on.
pub(crate) const SLOW: f64 = 60.0;

/// `EdDSA` is an older name of `Ed25519` (RFC 9864 §4.1.2).
pub(crate) fn sole_name(alg: &str) -> &str {
    if alg == "EdDSA" { "Ed25519" } else { alg }
}

/// Puts times where `$` and a number are.
pub(crate) fn with_times(claims: &[u8], now: u64) -> Vec<u8> {
    let mut pieces = claims.split(|&byte| byte == b'$');
    let mut text = pieces.next().unwrap_or_default().to_vec();
    for piece in pieces {
        let sign = usize::from(piece.starts_with(b"-"));
        let digits = piece[sign..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit());
        let end = sign + digits.count();
        let offset = str::from_utf8(&piece[..end])
            .expect("digits")
            .parse::<i32>();
        match offset {
            Ok(offset) => {
                let time = now.saturating_add_signed(offset.into());
                text.extend(time.to_string().bytes());
                text.extend(&piece[end..]);
            }
            Err(_) => {
                text.push(b'$');
                text.extend(piece);
            }
        }
    }
    text
}

/// `data` is a [`Draft`] with lines, or after the line `raw` an assertion itself.
pub(crate) fn check(data: &[u8]) -> bool {
    Server::with(|server| {
        if let Some(raw) = data.strip_prefix(b"raw\n") {
            let parameters: String = form_urlencoded::byte_serialize(raw).collect();
            check_at(server, by_assertion(&parameters), None)
        } else if let Some(draft) = Draft::read(data, b'\n') {
            let signed = draft.sign();
            check_at(server, by_assertion(&signed.token), Some(signed))
        } else {
            false
        }
    })
}

fn check_at(server: &Server, parameters: String, assertion: Option<Signed>) -> bool {
    let sent = Sent {
        call: post(format!("{CC}&{parameters}")),
        assertion,
    };
    let (layer, ..) = server.at("/token");
    let exchange = answer::send(layer, &sent.call);
    match answer::outcome(layer, &sent.call, &exchange) {
        Outcome::Accepted(request) => {
            let client = Registered::find(request.client().client_id());
            assert_proved(client, request.method(), &sent);
            let again = answer::send(layer, &sent.call);
            let rejection = again.rejection().expect("it was used");
            assert_eq!(rejection.reason(), RejectionReason::ReplayedAssertion);
            true
        }
        Outcome::Refused(reason) => {
            use RejectionReason::{FormNotUtf8, MissingClientAssertion};
            let is_form = [FormNotUtf8, MissingClientAssertion].contains(&reason);
            assert!(exchange.response.status() == 401 || is_form, "{reason}");
            false
        }
        Outcome::Untouched => panic!("passed through"),
    }
}
