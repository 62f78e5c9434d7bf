//! `client_secret_basic`: id and secret in the `Authorization` header
//! (RFC 6749 §2.3.1, RFC 7617).
//!
//! 1. `basic` in any case, one or more spaces, base64 with or without padding.
//! 2. The decoded bytes are UTF-8 and have a colon; the first one ends the id,
//!    which is not empty.
//! 3. Id and secret are form-urldecoded, each for itself. Half of all clients
//!    do not encode them. If decoding changes anything, the raw bytes are a second
//!    reading; if it fails, they are the only one.
//! 4. With `strict_basic`, there is only the decoded reading.
//! 5. An empty secret is none: the mechanism is `none`.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::HeaderValue;

use super::readings::{Reading, Readings};
use crate::protocol::{
    incoming::percent::{self, PercentError},
    reason::RejectionReason,
    rejection::Rejection,
    secret::Secret,
    wipe::WipedBytes,
};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const SCHEME: &[u8] = b"basic";

/// The credentials of a Basic header, as they stand.
pub(crate) struct Basic(Reading);

impl Basic {
    /// Reads the value of the one `Authorization` header.
    pub(crate) fn parse(authorization: &HeaderValue) -> Result<Self, RejectionReason> {
        let encoded = match authorization.as_bytes().split_at_checked(SCHEME.len()) {
            Some((scheme, encoded @ ([] | [b' ', ..]))) if scheme.eq_ignore_ascii_case(SCHEME) => {
                encoded
            }
            Some(_) | None => return Err(RejectionReason::UnsupportedScheme),
        };
        let reading = Reading::of_user_pass(decode_base64(encoded)?)
            .ok_or(RejectionReason::BasicWithoutColon)?;
        if reading.client_id().is_empty() {
            return Err(RejectionReason::BasicEmptyClientId);
        }
        Ok(Self(reading))
    }

    #[inline]
    pub(super) fn readings(self, strict: bool) -> Result<Readings, Rejection> {
        let Self(raw) = self;
        if !percent::is_encoded(raw.text().as_bytes()) {
            return Ok(Readings::one(raw));
        }
        match decode(&raw) {
            Ok(decoded) => Ok(Readings {
                preferred: decoded,
                alternative: (!strict).then(|| Box::new(raw)),
            }),
            Err(_) if strict => Err(RejectionReason::BasicNotFormEncoded.into()),
            Err(_) => Ok(Readings::one(raw)),
        }
    }
}

fn decode(raw: &Reading) -> Result<Reading, PercentError> {
    let client_id = percent::decode(raw.client_id().as_bytes())?;
    let secret = percent::decode(raw.secret().as_bytes())?;
    Ok(Reading::new(&client_id, &secret))
}

/// Decodes into one buffer, which is always wiped.
fn decode_base64(encoded: &[u8]) -> Result<Secret, RejectionReason> {
    let spaces = encoded.iter().take_while(|&&byte| byte == b' ').count();
    let encoded = &encoded[spaces..];
    let room = base64::decoded_len_estimate(encoded.len());
    let mut decoded = WipedBytes::with_capacity(room);
    // The error is dropped: it would print a byte of the credentials.
    BASE64
        .decode_vec(encoded, &mut decoded)
        .map_err(|_| RejectionReason::BasicNotBase64)?;
    let text = decoded.into_text().ok_or(RejectionReason::BasicNotUtf8)?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    fn parse(user_pass: &[u8]) -> Result<Basic, RejectionReason> {
        let value = format!("Basic {}", BASE64.encode(user_pass));
        Basic::parse(&HeaderValue::try_from(value).expect("a header"))
    }

    fn readings(user_pass: &str, strict: bool) -> Vec<(String, String)> {
        let basic = parse(user_pass.as_bytes()).expect("credentials");
        let readings = basic
            .readings(strict)
            .unwrap_or_else(|rejection| panic!("{user_pass}: {rejection}"));
        iter::once(readings.preferred)
            .chain(readings.alternative.map(|it| *it))
            .map(|reading| (reading.client_id().into(), reading.secret().into()))
            .collect()
    }

    #[test]
    fn grammar_of_rfc_7617() {
        let cases: [(&str, Option<RejectionReason>); 16] = [
            ("Basic YTpi", None),
            ("bAsIc   YTpi", None),
            ("Basic YTpiYw==", None),
            ("Basic YTpiYw", None),
            ("Bearer YTpi", Some(RejectionReason::UnsupportedScheme)),
            ("Token YTpi", Some(RejectionReason::UnsupportedScheme)),
            ("", Some(RejectionReason::UnsupportedScheme)),
            ("Basic\tYTpi", Some(RejectionReason::UnsupportedScheme)),
            ("BasicYTpi", Some(RejectionReason::UnsupportedScheme)),
            ("Basic", Some(RejectionReason::BasicWithoutColon)),
            ("Basic YWI=", Some(RejectionReason::BasicWithoutColon)),
            ("Basic OmI=", Some(RejectionReason::BasicEmptyClientId)),
            ("Basic YTp_", Some(RejectionReason::BasicNotBase64)),
            ("Basic YTpi YTpi", Some(RejectionReason::BasicNotBase64)),
            ("Basic YTpiYx==", Some(RejectionReason::BasicNotBase64)),
            ("Basic YTr/", Some(RejectionReason::BasicNotUtf8)),
        ];
        for (header, expected) in cases {
            let parsed = Basic::parse(&HeaderValue::from_static(header));
            assert_eq!(parsed.err(), expected, "{header:?}");
        }
    }

    #[test]
    fn the_first_colon_ends_the_id() {
        assert_eq!(readings("a:b:c", false), [("a".into(), "b:c".into())]);
    }

    #[test]
    fn decoded_comes_first_and_raw_second() {
        let both = [("a b".into(), "c:d".into()), ("a+b".into(), "c%3Ad".into())];
        assert_eq!(readings("a+b:c%3Ad", false), both);
        assert_eq!(readings("a+b:c%3Ad", true), both[..1]);
        assert_eq!(readings("a:b", false), [("a".into(), "b".into())]);
    }

    #[test]
    fn what_does_not_decode_is_read_raw_unless_strict() {
        for user_pass in ["a:100%", "a:%ff", "%zz:b", "a+b:%"] {
            let (client_id, secret) = user_pass.split_once(':').expect("a colon");
            assert_eq!(
                readings(user_pass, false),
                [(client_id.into(), secret.into())]
            );
            let strict = parse(user_pass.as_bytes()).expect("Basic").readings(true);
            let reason = strict.err().map(|rejection| rejection.reason());
            assert_eq!(
                reason,
                Some(RejectionReason::BasicNotFormEncoded),
                "{user_pass}"
            );
        }
    }

    #[test]
    fn an_empty_secret_is_no_secret() {
        for (user_pass, expected) in [("a:", false), ("a:b", true)] {
            let basic = parse(user_pass.as_bytes()).expect("Basic");
            let readings = basic.readings(false);
            let found = readings.is_ok_and(|readings| readings.have_a_secret());
            assert_eq!(found, expected, "{user_pass}");
        }
    }
}
