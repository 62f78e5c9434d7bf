//! What spends an assertion, and what does not, as stories of several requests.

use std::fmt;

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::TOKEN_URL;
use crate::common::Call;
use crate::draft::*;
use crate::row::*;
use crate::sign::*;

/// What is sent one after the other to the endpoints of one server, and what comes of each.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    pub(crate) steps: Vec<(Call, Outcome)>,
}

impl fmt::Display for Story {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.section)
    }
}

fn story<const N: usize>(
    name: &'static str,
    section: &'static str,
    steps: [(Call, Outcome); N],
) -> Story {
    let steps = steps.into();
    Story {
        name,
        section,
        steps,
    }
}

pub(crate) fn stories() -> Vec<Story> {
    let used = || by_key("p256");
    let replayed = || refused(ReplayedAssertion);
    let one = es256().jti("one");
    let lenient = assertion("lenient", "ES256", &P256).jti("one");
    let (token, other) = (one.sign(), es256().sign());
    let introspect = |text: &str| send_with(text, "token=t").to("/introspect");
    let revoke = |text: &str| send_with(text, "token=t").to("/revoke");
    let kinds = |alg: &str, key| assertion("kinds", alg, key).jti("one").call();
    vec![
        story(
            "the same twice, and thrice",
            "OpenID Connect Core §9",
            [
                (token.call(), used()),
                (token.call(), replayed()),
                (token.call(), replayed()),
            ],
        ),
        story(
            "another one after it",
            "OpenID Connect Core §9",
            [
                (token.call(), used()),
                (other.call(), used()),
                (other.call(), replayed()),
            ],
        ),
        story(
            "the same jti, signed again",
            "OpenID Connect Core §9",
            [(one.call(), used()), (one.call(), replayed())],
        ),
        story(
            "the same jti with another exp",
            "OpenID Connect Core §9",
            [
                (one.call(), used()),
                (one.clone().claim("exp", at(900)).call(), replayed()),
                (one.clone().claim("exp", at(60)).call(), replayed()),
            ],
        ),
        story(
            "the same jti for another audience",
            "OpenID Connect Core §9",
            [
                (lenient.call(), by_key("lenient")),
                (lenient.clone().aud(TOKEN_URL).call(), replayed()),
            ],
        ),
        story(
            "the same jti in escapes",
            "RFC 7519 §7.3",
            [
                (one.call(), used()),
                (one.clone().claim("jti", r#""\u006fne""#).call(), replayed()),
            ],
        ),
        story(
            "jti in another case is another one",
            "RFC 7519 §4.1.7",
            [
                (one.call(), used()),
                (one.clone().jti("One").call(), used()),
            ],
        ),
        story(
            "jti and a NUL is another one",
            "RFC 7519 §4.1.7",
            [
                (one.call(), used()),
                (one.clone().jti("one\0").call(), used()),
                (one.clone().jti("one ").call(), used()),
            ],
        ),
        story(
            "the same jti by other algorithms and keys",
            "OpenID Connect Core §9",
            [
                (kinds("ES256", &P256), by_key("kinds")),
                (kinds("ES384", &P384), replayed()),
                (kinds("RS256", &RSA), replayed()),
                (kinds("PS256", &RSA), replayed()),
                (kinds("EdDSA", &ED25519), replayed()),
            ],
        ),
        story(
            "the same jti by the new key",
            "OpenID Connect Core §9",
            [
                (
                    assertion("rotating", "ES256", &P256)
                        .kid("old")
                        .jti("one")
                        .call(),
                    by_key("rotating"),
                ),
                (
                    assertion("rotating", "ES256", &OTHER_P256)
                        .kid("new")
                        .jti("one")
                        .call(),
                    replayed(),
                ),
            ],
        ),
        story(
            "the same jti by another method",
            "OpenID Connect Core §9",
            [
                (
                    assertion("both", "ES256", &P256).jti("one").call(),
                    by_key("both"),
                ),
                (
                    assertion("both", "HS256", &SECRET).jti("one").call(),
                    replayed(),
                ),
            ],
        ),
        story(
            "the same jti by HMAC",
            "OpenID Connect Core §9",
            [
                (hs256().jti("one").call(), by_secret("hmac")),
                (
                    assertion("hmac", "HS512", &SECRET).jti("one").call(),
                    replayed(),
                ),
            ],
        ),
        story(
            "the same jti by the other secret",
            "OpenID Connect Core §9",
            [
                (
                    assertion("two-secrets", "HS256", &SECRET).jti("one").call(),
                    by_secret("two-secrets"),
                ),
                (
                    assertion("two-secrets", "HS256", &OTHER_SECRET)
                        .jti("one")
                        .call(),
                    replayed(),
                ),
            ],
        ),
        story(
            "the same jti by other clients",
            "OpenID Connect Core §9",
            [
                (one.call(), used()),
                (
                    assertion("same-p256", "ES256", &P256).jti("one").call(),
                    by_key("same-p256"),
                ),
                (
                    assertion("rsa", "RS256", &RSA).jti("one").call(),
                    by_key("rsa"),
                ),
                (one.call(), replayed()),
            ],
        ),
        story(
            "-s in place of s",
            "FIPS 186-5 §6.4.2",
            [
                (token.call(), used()),
                (token.clone().signature(p256_negated).call(), replayed()),
            ],
        ),
        story(
            "at introspection after the token endpoint",
            "OpenID Connect Core §9",
            [
                (token.call(), used()),
                (introspect(&token.text()), replayed()),
                (revoke(&token.text()), replayed()),
            ],
        ),
        story(
            "at the token endpoint after introspection",
            "OpenID Connect Core §9",
            [
                (introspect(&token.text()), used()),
                (token.call(), replayed()),
            ],
        ),
        story(
            "at the token endpoint after revocation",
            "OpenID Connect Core §9",
            [
                (revoke(&token.text()), used()),
                (revoke(&token.text()), replayed()),
                (token.call(), replayed()),
            ],
        ),
        story(
            "the true one after forged ones",
            "OpenID Connect Core §9",
            [
                (
                    one.clone().signed_with(&OTHER_P256).call(),
                    refused(WrongSignature),
                ),
                (
                    one.sign().signature(|_| vec![0; 64]).call(),
                    refused(WrongSignature),
                ),
                (
                    one.clone().kid("1").signed_with(&OTHER_P256).call(),
                    refused(WrongSignature),
                ),
                (
                    one.clone().header("alg", quoted("none")).call(),
                    refused(UnsupportedAlgorithm),
                ),
                (
                    one.clone().header("crit", "[]").call(),
                    refused(CriticalHeader),
                ),
                (one.call(), used()),
            ],
        ),
        story(
            "the true one after some that are not accepted",
            "OpenID Connect Core §9",
            [
                (
                    one.clone().aud("https://other.example.com").call(),
                    refused(WrongAudience),
                ),
                (
                    one.clone().claim("exp", at(-100)).call(),
                    refused(ExpiredAssertion),
                ),
                (
                    one.clone().claim("exp", at(9000)).call(),
                    refused(LongLivedAssertion),
                ),
                (
                    one.clone().claim("nbf", at(200)).call(),
                    refused(AssertionNotYetValid),
                ),
                (one.call(), used()),
            ],
        ),
        story(
            "the true one after a request that was wrong",
            "OpenID Connect Core §9",
            [
                (
                    send_with(&token.text(), "grant_type=client_credentials&client_id=rsa"),
                    invalid(ClientIdMismatch),
                ),
                (
                    token.call().basic("basic:secret"),
                    invalid(MultipleMechanisms),
                ),
                (
                    token.call().set("content-type", "text/plain"),
                    invalid(ContentTypeNotForm),
                ),
                (
                    send_with(&token.text(), "scope=a&scope=b"),
                    invalid(RepeatedParameter),
                ),
                (token.call(), used()),
            ],
        ),
        story(
            "spent though the grant is missing",
            "decisions",
            [
                (
                    send_with(&token.text(), "scope=read"),
                    invalid(MissingGrantType),
                ),
                (token.call(), replayed()),
            ],
        ),
        story(
            "spent though a parameter is missing",
            "decisions",
            [
                (
                    send_with(&token.text(), "grant_type=refresh_token"),
                    invalid(MissingParameter),
                ),
                (token.call(), replayed()),
            ],
        ),
        story(
            "spent though the token to introspect is missing",
            "decisions",
            [
                (
                    send_with(&token.text(), "x=y").to("/introspect"),
                    invalid(MissingParameter),
                ),
                (introspect(&token.text()), replayed()),
            ],
        ),
        story(
            "a replay before a grant that is missing",
            "decisions",
            [
                (token.call(), used()),
                (send_with(&token.text(), "scope=read"), replayed()),
            ],
        ),
        story(
            "within the skew, as long as it is accepted",
            "RFC 7523 §3",
            [
                (one.clone().claim("exp", at(-30)).call(), used()),
                (one.clone().claim("exp", at(-30)).call(), replayed()),
            ],
        ),
    ]
}
