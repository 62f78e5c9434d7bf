//! The compact serialisation of a JWS (RFC 7515 §7.1) and its header.
//!
//! 1. The length is limited.
//! 2. There are three parts, with a dot between each two, in base64url without padding,
//!    white space or bits left over.
//! 3. The header is a JSON object with each member once.
//! 4. There is no `crit` and no `b64`, with any value: this parser supports no extension
//!    that must be understood.
//! 5. `typ` is absent, `JWT` or `client-authentication+jwt`.
//! 6. `alg` is a signing algorithm, and therefore not `none`.
//!
//! `jku`, `jwk`, `x5u` and `x5c` offer a key and are ignored: the keys of a client are the
//! registered ones (RFC 8725 §3.8 and §3.10).

use base64::Engine as _;
use serde::de::{IgnoredAny, MapAccess};

use super::json::{self, BASE64URL, Members};
use crate::{
    crypto::SigningAlgorithm,
    protocol::{reason::RejectionReason, secret::Secret, wipe::WipedBytes},
};

/// A signed token that is not verified.
pub(crate) struct Jws {
    token: Secret,
    signing_input_len: usize,
    algorithm: SigningAlgorithm,
    kid: Option<String>,
    has_own_type: bool,
    payload: WipedBytes,
    signature: WipedBytes,
}

impl Jws {
    /// Reads a token of at most `max_bytes`.
    pub(crate) fn parse(token: Secret, max_bytes: usize) -> Result<Self, RejectionReason> {
        let text = token.expose_secret();
        if text.len() > max_bytes {
            return Err(RejectionReason::MalformedAssertion);
        }
        let (signing_input, signature) = text
            .rsplit_once('.')
            .ok_or(RejectionReason::MalformedAssertion)?;
        // A part with another dot is not base64url.
        let (header, payload) = signing_input
            .split_once('.')
            .ok_or(RejectionReason::MalformedAssertion)?;
        let [header, payload, signature] = [decode(header)?, decode(payload)?, decode(signature)?];
        let header = json::read::<Header>(&header).ok_or(RejectionReason::MalformedAssertion)?;
        let algorithm = header.algorithm()?;
        Ok(Self {
            signing_input_len: signing_input.len(),
            algorithm,
            has_own_type: header.typ.as_deref().is_some_and(is_own_type),
            kid: header.kid,
            payload,
            signature,
            token,
        })
    }

    pub(crate) const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether `typ` is `client-authentication+jwt` (RFC 10070).
    pub(crate) const fn has_own_type(&self) -> bool {
        self.has_own_type
    }

    /// The bytes that are signed (RFC 7515 §5.1).
    pub(crate) fn signing_input(&self) -> &[u8] {
        &self.token.expose_secret().as_bytes()[..self.signing_input_len]
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn decode(part: &str) -> Result<WipedBytes, RejectionReason> {
    let mut decoded = WipedBytes::with_capacity(base64::decoded_len_estimate(part.len()));
    // The error is dropped, since it would print a byte of the token.
    BASE64URL
        .decode_vec(part, &mut decoded)
        .map_err(|_| RejectionReason::MalformedAssertion)?;
    Ok(decoded)
}

/// The members of the header that are used (RFC 7515 §4.1).
#[derive(Default)]
struct Header {
    alg: Option<String>,
    kid: Option<String>,
    typ: Option<String>,
    has_critical: bool,
}

impl<'t> Members<'t> for Header {
    fn read<A: MapAccess<'t>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "alg" => self.alg = Some(map.next_value()?),
            "kid" => self.kid = Some(map.next_value()?),
            "typ" => self.typ = Some(map.next_value()?),
            "crit" | "b64" => {
                map.next_value::<IgnoredAny>()?;
                self.has_critical = true;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Header {
    fn algorithm(&self) -> Result<SigningAlgorithm, RejectionReason> {
        if self.has_critical {
            return Err(RejectionReason::CriticalHeader);
        }
        if !self.typ.as_deref().is_none_or(is_client_assertion) {
            return Err(RejectionReason::WrongTokenType);
        }
        let algorithm = self
            .alg
            .as_ref()
            .ok_or(RejectionReason::MalformedAssertion)?;
        algorithm
            .parse()
            .map_err(|_| RejectionReason::UnsupportedAlgorithm)
    }
}

fn is_client_assertion(typ: &str) -> bool {
    is_type(typ, "JWT") || is_own_type(typ)
}

/// The type that RFC 10070 gives to client assertions.
fn is_own_type(typ: &str) -> bool {
    is_type(typ, "client-authentication+jwt")
}

/// `typ` is a media type in any case, and `application/` may be left out
/// (RFC 7515 §4.1.9).
pub(super) fn is_type(typ: &str, known: &str) -> bool {
    const PREFIX: &str = "application/";
    let subtype = match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, subtype)) if prefix.eq_ignore_ascii_case(PREFIX) => subtype,
        Some(_) | None => typ,
    };
    subtype.eq_ignore_ascii_case(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_BYTES: usize = 1000;

    fn parse(header: &str) -> Result<SigningAlgorithm, RejectionReason> {
        let header = BASE64URL.encode(header);
        Jws::parse(format!("{header}.e30.AA").into(), MAX_BYTES).map(|jws| jws.algorithm())
    }

    #[test]
    fn what_the_header_decides() {
        use RejectionReason::*;
        for (header, expected) in [
            (r#"{"alg":"ES256"}"#, Ok(SigningAlgorithm::ES256)),
            (r#"{"alg":"EdDSA"}"#, Ok(SigningAlgorithm::Ed25519)),
            (
                r#"{"typ":"jwt","alg":"ES256"}"#,
                Ok(SigningAlgorithm::ES256),
            ),
            (
                r#"{"typ":"Application/Client-Authentication+JWT","alg":"ES256"}"#,
                Ok(SigningAlgorithm::ES256),
            ),
            (r#"{"typ":"at+jwt","alg":"ES256"}"#, Err(WrongTokenType)),
            (r#"{"typ":"","alg":"ES256"}"#, Err(WrongTokenType)),
            (
                r#"{"typ":"application/","alg":"ES256"}"#,
                Err(WrongTokenType),
            ),
            (r#"{"alg":"none"}"#, Err(UnsupportedAlgorithm)),
            (r#"{"alg":"es256"}"#, Err(UnsupportedAlgorithm)),
            (r#"{"alg":"ES256","crit":[]}"#, Err(CriticalHeader)),
            (r#"{"alg":"ES256","b64":true}"#, Err(CriticalHeader)),
            (r#"{"alg":"ES256","alg":"ES256"}"#, Err(MalformedAssertion)),
            (r#"{"alg":"ES256","kid":1}"#, Err(MalformedAssertion)),
            ("{}", Err(MalformedAssertion)),
        ] {
            assert_eq!(parse(header), expected, "{header}");
        }
    }

    #[test]
    fn three_parts_of_base64url() {
        let good = "eyJhbGciOiJFUzI1NiJ9.e30.AA";
        let jws = Jws::parse(good.into(), MAX_BYTES).unwrap_or_else(|reason| panic!("{reason:?}"));
        assert_eq!(jws.signing_input(), b"eyJhbGciOiJFUzI1NiJ9.e30");
        assert_eq!((jws.payload(), jws.signature()), (&b"{}"[..], &[0][..]));
        for bad in [
            "",
            ".",
            "..",
            "eyJhbGciOiJFUzI1NiJ9",
            "eyJhbGciOiJFUzI1NiJ9.e30",
            "eyJhbGciOiJFUzI1NiJ9.e30.AA.AA",
            "eyJhbGciOiJFUzI1NiJ9.e30.AA==",
            "eyJhbGciOiJFUzI1NiJ9.e30.AB",
            "eyJhbGciOiJFUzI1NiJ9.e30.A",
            "eyJhbGciOiJFUzI1NiJ9.e30.A+",
            "eyJhbGciOiJFUzI1NiJ9.e30.AA\n",
            " eyJhbGciOiJFUzI1NiJ9.e30.AA",
        ] {
            let read = Jws::parse(bad.into(), MAX_BYTES).map(|_| ());
            assert_eq!(read, Err(RejectionReason::MalformedAssertion), "{bad}");
        }
        assert!(Jws::parse(good.into(), good.len()).is_ok());
        assert!(Jws::parse(good.into(), good.len() - 1).is_err());
    }
}
