//! The text of a DPoP proof (RFC 9449 §4.2), which is read and not verified.

use std::borrow::Cow;

use base64::Engine as _;
use serde::de::{IgnoredAny, MapAccess};

use super::{
    json::{self, BASE64URL, Members, Nested, Number, Text},
    jws,
    proof_key::ProofKey,
};
use crate::{
    crypto::{PublicKey, SigningAlgorithm},
    protocol::{quoted::Quoted, reason::RejectionReason, rejection::Rejection},
};

/// More than a proof with an RSA key of 8,192 bits has.
const MAX_BYTES: usize = 8 * 1024;
const MAX_JTI_BYTES: usize = 256;
const TYPE: &str = "dpop+jwt";
pub(crate) const WANTED_ALG: &str = "a signing algorithm of dpop_signing_alg_values_supported";

/// The three parts of a proof, decoded.
pub(crate) struct Parts<'p> {
    signing_input: &'p str,
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'p> Parts<'p> {
    pub(crate) fn decode(proof: &'p str) -> Result<Self, Rejection> {
        let malformed = || Rejection::from(RejectionReason::MalformedDpopProof);
        if proof.len() > MAX_BYTES {
            return Err(malformed());
        }
        let (signing_input, signature) = proof.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or_else(malformed)?;
        let decode = |part| BASE64URL.decode(part).map_err(|_| malformed());
        Ok(Self {
            signing_input,
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    pub(crate) fn header(&self) -> Result<Header<'_>, Rejection> {
        let read: ReadHeader<'_> =
            json::read_shallow(&self.header).ok_or(RejectionReason::MalformedDpopProof)?;
        read.check()
    }

    pub(crate) fn claims(&self) -> Result<Claims<'_>, Rejection> {
        let read: ReadClaims<'_> =
            json::read_shallow(&self.payload).ok_or(RejectionReason::MalformedDpopProof)?;
        read.check()
    }

    pub(crate) fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// A header of the right type, with an algorithm and a key.
pub(crate) struct Header<'p> {
    pub(crate) algorithm: SigningAlgorithm,
    key: ProofKey<'p>,
}

impl Header<'_> {
    /// The key, and its thumbprint (RFC 7638).
    pub(crate) fn key(&self, max_rsa_bits: usize) -> Result<(PublicKey, String), Rejection> {
        let read = self.key.read_for(self.algorithm, max_rsa_bits);
        read.map_err(|cause| Rejection::caused_by(RejectionReason::InvalidDpopKey, cause.into()))
    }
}

#[derive(Default)]
struct ReadHeader<'p> {
    typ: Option<Cow<'p, str>>,
    alg: Option<Cow<'p, str>>,
    jwk: Option<ProofKey<'p>>,
    has_critical: bool,
}

impl<'p> Members<'p> for ReadHeader<'p> {
    fn read<A: MapAccess<'p>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "typ" => self.typ = Some(map.next_value::<Text<'p>>()?.0),
            "alg" => self.alg = Some(map.next_value::<Text<'p>>()?.0),
            "jwk" => self.jwk = Some(map.next_value::<Nested<ProofKey<'p>>>()?.0),
            "crit" | "b64" => {
                map.next_value::<IgnoredAny>()?;
                self.has_critical = true;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl<'p> ReadHeader<'p> {
    fn check(self) -> Result<Header<'p>, Rejection> {
        if self.has_critical {
            let cause = "the header has `crit` or `b64`, which no proof needs";
            let reason = RejectionReason::UnsupportedDpopAlgorithm;
            return Err(Rejection::caused_by(reason, cause.into()));
        }
        let typ = self.typ.as_deref();
        if !typ.is_some_and(|typ| jws::is_type(typ, TYPE)) {
            return Err(mismatch(RejectionReason::WrongDpopType, "typ", typ, TYPE));
        }
        let alg = self.alg.as_deref();
        let algorithm = alg.and_then(|alg| alg.parse().ok()).ok_or_else(|| {
            let wanted = WANTED_ALG;
            mismatch(
                RejectionReason::UnsupportedDpopAlgorithm,
                "alg",
                alg,
                wanted,
            )
        })?;
        let key = self.jwk.ok_or_else(|| {
            let cause = "the header has no `jwk`";
            Rejection::caused_by(RejectionReason::InvalidDpopKey, cause.into())
        })?;
        Ok(Header { algorithm, key })
    }
}

/// The claims that every proof has, and those that one may have.
pub(crate) struct Claims<'p> {
    pub(crate) jti: Cow<'p, str>,
    pub(crate) htm: Cow<'p, str>,
    pub(crate) htu: Cow<'p, str>,
    pub(crate) issued_at: f64,
    pub(crate) expires: Option<f64>,
    pub(crate) not_before: Option<f64>,
    pub(crate) nonce: Option<Cow<'p, str>>,
    pub(crate) ath: Option<Cow<'p, str>>,
}

#[derive(Default)]
struct ReadClaims<'p> {
    jti: Option<Cow<'p, str>>,
    htm: Option<Cow<'p, str>>,
    htu: Option<Cow<'p, str>>,
    iat: Option<f64>,
    exp: Option<f64>,
    nbf: Option<f64>,
    nonce: Option<Cow<'p, str>>,
    ath: Option<Cow<'p, str>>,
}

impl<'p> Members<'p> for ReadClaims<'p> {
    fn read<A: MapAccess<'p>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        let text = match name {
            "jti" => &mut self.jti,
            "htm" => &mut self.htm,
            "htu" => &mut self.htu,
            "nonce" => &mut self.nonce,
            "ath" => &mut self.ath,
            _ => {
                let number = match name {
                    "iat" => &mut self.iat,
                    "exp" => &mut self.exp,
                    "nbf" => &mut self.nbf,
                    _ => return Ok(false),
                };
                *number = Some(map.next_value::<Number>()?.0);
                return Ok(true);
            }
        };
        *text = Some(map.next_value::<Text<'p>>()?.0);
        Ok(true)
    }
}

impl<'p> ReadClaims<'p> {
    fn check(self) -> Result<Claims<'p>, Rejection> {
        let missing = |name| Rejection::naming(RejectionReason::MissingDpopClaim, name);
        let is_jti = |jti: &Cow<'_, str>| (1..=MAX_JTI_BYTES).contains(&jti.len());
        Ok(Claims {
            jti: self.jti.filter(is_jti).ok_or_else(|| missing("jti"))?,
            htm: self.htm.ok_or_else(|| missing("htm"))?,
            htu: self.htu.ok_or_else(|| missing("htu"))?,
            issued_at: self.iat.ok_or_else(|| missing("iat"))?,
            expires: self.exp,
            not_before: self.nbf,
            nonce: self.nonce,
            ath: self.ath,
        })
    }
}

/// With both sides of what did not fit.
pub(crate) fn mismatch(
    reason: RejectionReason,
    name: &str,
    found: Option<&str>,
    wanted: &str,
) -> Rejection {
    let cause = match found {
        Some(found) => format!("`{name}` is {} and must be {wanted}", Quoted(found)),
        None => format!("there is no `{name}`, and it must be {wanted}"),
    };
    Rejection::caused_by(reason, cause.into())
}
