//! PKCE: the one who redeems a code is the one who asked for it (RFC 7636).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::request::TokenRequest;
use crate::protocol::outgoing::{error_code::ErrorCode, token_error::TokenError};

/// The proof that the client has the secret of its authorization request.
impl TokenRequest {
    /// Checks that `code_verifier` is the one of this `code_challenge`, by the method `S256`.
    ///
    /// `code_challenge` is the parameter of the authorization request, which the server has kept with the
    /// code. It is compared in constant time.
    ///
    /// # Errors
    ///
    /// Returns `invalid_grant` if `code_verifier` is missing, malformed or another one. The code should not
    /// be used up by that: somebody who has stolen it could make it useless.
    ///
    /// RFC 7636 §4.6.
    ///
    /// ```
    /// use tower_token_endpoint::{TokenError, TokenRequest};
    ///
    /// fn redeem(request: &TokenRequest, code_challenge: &str) -> Result<(), TokenError> {
    ///     request.verify_pkce(code_challenge)?;
    ///     // Now the code may be used up.
    ///     Ok(())
    /// }
    /// ```
    pub fn verify_pkce(&self, code_challenge: &str) -> Result<(), TokenError> {
        let verifier = self.well_formed_verifier()?;
        compare(&BASE64URL.encode(Sha256::digest(verifier)), code_challenge)
    }

    /// Checks that `code_verifier` is the `code_challenge` itself, the method `plain`.
    ///
    /// Whoever sees the authorization request can then redeem the code. Use
    /// [`verify_pkce`](Self::verify_pkce) unless an old client knows nothing else.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`verify_pkce`](Self::verify_pkce).
    ///
    /// RFC 7636 §4.6, RFC 9700 §2.1.1.
    pub fn dangerously_verify_plain_pkce(&self, code_challenge: &str) -> Result<(), TokenError> {
        compare(self.well_formed_verifier()?, code_challenge)
    }

    /// RFC 7636 §4.1.
    fn well_formed_verifier(&self) -> Result<&str, TokenError> {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_well_formed = |verifier: &&str| {
            (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved)
        };
        let description = match self.code_verifier() {
            None => "code_verifier is missing: send the one that code_challenge was made from",
            Some(_) => {
                "code_verifier is malformed: send 43 to 128 characters of A-Z a-z 0-9 - . _ ~"
            }
        };
        let verifier = self.code_verifier().filter(is_well_formed);
        verifier.ok_or_else(|| TokenError::new(ErrorCode::InvalidGrant).description(description))
    }
}

fn compare(own: &str, code_challenge: &str) -> Result<(), TokenError> {
    if own.as_bytes().ct_eq(code_challenge.as_bytes()).into() {
        return Ok(());
    }
    let description =
        "code_verifier does not fit the code_challenge of the code: send the one it was made from";
    Err(TokenError::new(ErrorCode::InvalidGrant).description(description))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::{
        accepted::authenticated::AuthenticatedRequest,
        auth_method::AuthMethod,
        client::Client,
        grant::GrantType,
        incoming::form::Form,
        settings::{Settings, endpoint::Endpoint},
    };

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn request(verifier: &str) -> TokenRequest {
        let settings = Settings::new("https://as.example.com".into());
        let body = format!("code_verifier={verifier}");
        let form = Form::parse(body.as_bytes(), None, &settings);
        let form = form.unwrap_or_else(|error| panic!("{error}"));
        let client = Client::builder("a").auth_method(AuthMethod::None).build();
        let client = Arc::new(client.expect("a client"));
        let method = AuthMethod::None;
        let parameters = form.parameters.into();
        let request = AuthenticatedRequest::new(Endpoint::Token, client, method, parameters);
        TokenRequest::new(request, GrantType::AuthorizationCode)
    }

    #[test]
    fn the_verifier_of_rfc_7636_fits_its_challenge() {
        assert!(request(VERIFIER).verify_pkce(CHALLENGE).is_ok());
        for challenge in [
            "",
            VERIFIER,
            &CHALLENGE[1..],
            &format!("{CHALLENGE}="),
            &CHALLENGE.to_lowercase(),
        ] {
            let error = request(VERIFIER)
                .verify_pkce(challenge)
                .expect_err(challenge);
            assert_eq!(error.code(), ErrorCode::InvalidGrant);
        }
    }

    #[test]
    fn plain_is_the_challenge_itself() {
        let plain = |challenge| request(VERIFIER).dangerously_verify_plain_pkce(challenge);
        assert!(plain(VERIFIER).is_ok());
        for challenge in ["", CHALLENGE, &VERIFIER[1..]] {
            assert!(plain(challenge).is_err(), "{challenge}");
        }
    }

    /// RFC 7636 §4.1.
    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        for (verifier, is_well_formed) in [
            ("a".repeat(43), true),
            ("-._~".repeat(32), true),
            (String::new(), false),
            ("a".repeat(42), false),
            ("a".repeat(129), false),
            ("%20".to_owned() + &"a".repeat(43), false),
            ("%C3%A9".to_owned() + &"a".repeat(43), false),
            ("%3D".to_owned() + &"a".repeat(43), false),
        ] {
            let request = request(&verifier);
            let challenge =
                BASE64URL.encode(Sha256::digest(request.code_verifier().unwrap_or_default()));
            assert_eq!(
                request.verify_pkce(&challenge).is_ok(),
                is_well_formed,
                "{verifier}"
            );
            let plain = request.code_verifier().unwrap_or_default();
            let plain = request.dangerously_verify_plain_pkce(plain).is_ok();
            assert_eq!(plain, is_well_formed, "{verifier}");
        }
    }
}
