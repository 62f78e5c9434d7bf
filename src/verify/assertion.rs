//! `private_key_jwt` and `client_secret_jwt`: the assertion must be signed by the client, for
//! this server and this time (RFC 7523 §3).
//!
//! 1. One signature is verified for any client with any registration: with the client's key,
//!    or with a decoy. Of HMACs, as many are verified as the client with the most secrets
//!    has. Only the one that the client is accepted by is the last one.
//! 2. The client exists and is registered for the method (`settle`).
//! 3. It registered no other algorithm.
//! 4. It has the key that the header asks for, and the signature is by that key.
//! 5. The claims are for this server and this time.
//!
//! After all of this, the store is asked whether the `jti` is new.

use std::time::SystemTime;

use crate::{
    crypto::{self, Family},
    protocol::{
        auth_method::AuthMethods,
        candidate::Candidate,
        client::{Client, keys::ClientKeys},
        incoming::evidence::assertion::Assertion,
        jwt::{jws::Jws, key_set::KeySet},
        proof::{OneTimeValue, Proof},
        reason::RejectionReason,
        replay::ReplayPurpose,
        settings::Settings,
    },
};

pub(super) fn check(
    candidate: &Candidate<'_>,
    assertion: &Assertion,
    methods: AuthMethods,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> Result<Proof, RejectionReason> {
    let jws = &assertion.jws;
    let client = candidate.client.map(AsRef::as_ref);
    let claims = client
        .ok_or(RejectionReason::UnknownClient)
        .and_then(|client| {
            assertion.check_client(client)?;
            Ok(assertion.check_claims(client, settings, now()))
        });
    let is_signed = match jws.algorithm().family() {
        Family::Hmac { secret_len } => {
            let is_all_else_right = matches!(claims, Ok(Ok(_))) && candidate.may_use(methods);
            check_hmac(candidate, jws, secret_len, is_all_else_right, &now)
        }
        Family::Rsa | Family::Ec(_) | Family::Ed25519 => {
            // The client's key is prepared only for what the client registered.
            let client = client.filter(|_| claims.is_ok());
            let max_rsa_bits = settings.assertions.max_rsa_bits;
            check_signature(client, candidate.fetched, jws, max_rsa_bits)
        }
    };
    let until = claims?;
    match is_signed {
        Ok(()) => Ok(Proof {
            one_time: vec![OneTimeValue {
                purpose: ReplayPurpose::ClientAssertion,
                value: assertion.claims.jti().to_owned(),
                until: until?,
                replayed: RejectionReason::ReplayedAssertion,
            }],
        }),
        // Keys are not fetched if the claims are refused anyway.
        Err(RejectionReason::KeySourceMissing) => {
            Err(until.err().unwrap_or(RejectionReason::KeySourceMissing))
        }
        Err(reason) => Err(reason),
    }
}

fn check_signature(
    client: Option<&Client>,
    fetched: Option<&KeySet>,
    jws: &Jws,
    max_rsa_bits: usize,
) -> Result<(), RejectionReason> {
    let keys = match client.map(Client::keys) {
        Some(ClientKeys::Registered(keys)) => Ok(&**keys),
        Some(ClientKeys::At(_)) => fetched.ok_or(RejectionReason::KeySourceMissing),
        Some(ClientKeys::None) | None => Err(RejectionReason::UnknownKey),
    };
    let key = keys.and_then(|keys| keys.find(jws.algorithm(), jws.kid()));
    let is_right = crypto::verify(
        key.ok(),
        jws.algorithm(),
        jws.signing_input(),
        jws.signature(),
        max_rsa_bits,
    );
    match key {
        Ok(_) if is_right => Ok(()),
        Ok(key) if key.is_larger_than(max_rsa_bits) => Err(RejectionReason::UnknownKey),
        Ok(_) => Err(RejectionReason::WrongSignature),
        Err(reason) => Err(reason),
    }
}

/// Verifies with every secret of the client, and fills up their number with decoys. A secret
/// that is too short is replaced by a decoy as well.
///
/// If `is_all_else_right`, the secret that matches is the last one.
fn check_hmac(
    candidate: &Candidate<'_>,
    jws: &Jws,
    secret_len: usize,
    is_all_else_right: bool,
    now: impl Fn() -> SystemTime,
) -> Result<(), RejectionReason> {
    let verify = |secret: &[u8]| {
        let (message, tag) = (jws.signing_input(), jws.signature());
        crypto::verify_hmac(jws.algorithm(), secret, message, tag)
    };
    // What matches the decoy proves nothing.
    let decoy = &[0; 64][..secret_len];
    let client = candidate.client.map(AsRef::as_ref);
    let mut computed = 0;
    let mut is_any_long_enough = false;
    let mut matches_live = false;
    let mut matches_expired = false;
    for registered in client.into_iter().flat_map(Client::hmac_secrets) {
        let secret = registered
            .as_plain()
            .map(|secret| secret.expose_secret().as_bytes())
            .filter(|secret| secret.len() >= secret_len);
        let expired = registered.is_expired(&now);
        let matches = verify(secret.unwrap_or(decoy)) & secret.is_some();
        computed += 1;
        is_any_long_enough |= secret.is_some();
        matches_live |= matches & !expired;
        matches_expired |= matches & expired;
        if matches_live && is_all_else_right {
            return Ok(());
        }
    }
    for _ in computed..candidate.hmacs() {
        let _: bool = verify(decoy);
    }
    if matches_live {
        Ok(())
    } else if matches_expired {
        Err(RejectionReason::ExpiredSecret)
    } else if is_any_long_enough {
        Err(RejectionReason::WrongSignature)
    } else {
        Err(RejectionReason::UnknownKey)
    }
}

#[cfg(all(test, feature = "jwt"))]
mod tests {
    use http::Request;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        client::{AuthMethod, ClientBuilder, ClientSecret, SigningAlgorithm},
        protocol::{decoy::Decoy, exchange::Claimant, incoming::head::Head, rejection::Rejection},
        store::{ClientStore as _, MemoryClientStore},
        verify::prove,
    };

    /// Whether a client of the store is accepted by this assertion, and how many verifications
    /// that costs.
    fn proves(clients: &MemoryClientStore, assertion: &str) -> (bool, usize) {
        let mut settings = Settings::new(ISSUER.into());
        settings.assertions.accepted = true;
        let body = format!(
            "client_assertion={assertion}&client_assertion_type=\
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let mut request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(())
            .expect("a request");
        let head = Head::check(&mut request, &settings);
        let head = head.unwrap_or_else(|reason| panic!("{reason:?}"));
        let claimant = Claimant::new(head, None, body.as_bytes(), &settings)
            .unwrap_or_else(|refused| panic!("{}", Rejection::from(refused)));
        let found = [claimant.client_ids().find_map(|id| clients.get(id)), None];
        let decoy = |_: &_| clients.decoy().unwrap_or_else(Decoy::of_a_digest);
        let candidates = claimant.candidates(&found, decoy);
        let before = crypto::verifications();
        let proven = prove(&candidates, &settings, SystemTime::now);
        (proven.is_ok(), crypto::verifications() - before)
    }

    const ISSUER: &str = "https://as.example.com";

    fn base64url(bytes: impl AsRef<[u8]>) -> String {
        use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn part(json: &Value) -> String {
        base64url(json.to_string())
    }

    /// How many verifications it costs to refuse an assertion that nobody signed, with each
    /// algorithm.
    fn work(clients: &MemoryClientStore, client_id: &str, kid: &str) -> Vec<usize> {
        let work_of = |algorithm: SigningAlgorithm| {
            let header = part(&json!({"alg": algorithm.as_str(), "kid": kid}));
            let claims =
                json!({"iss": client_id, "sub": client_id, "aud": "x", "exp": 1, "jti": "1"});
            let signature = "BwcH".repeat(21) + "Bw";
            let (is_proven, work) =
                proves(clients, &format!("{header}.{}.{signature}", part(&claims)));
            assert!(!is_proven);
            work
        };
        SigningAlgorithm::ALL.into_iter().map(work_of).collect()
    }

    fn store(clients: impl IntoIterator<Item = ClientBuilder>) -> MemoryClientStore {
        let clients = clients.into_iter().map(|client| client.build());
        MemoryClientStore::new(clients.map(|client| client.expect("a client"))).expect("clients")
    }

    /// A secret that is long enough for every hash.
    fn plain(name: &str) -> String {
        name.repeat(64)
    }

    fn with_secrets(client_id: &str, names: &[&str]) -> ClientBuilder {
        let client = Client::builder(client_id).auth_method(AuthMethod::ClientSecretJwt);
        let secrets = names.iter().map(|name| ClientSecret::plain(plain(name)));
        secrets.fold(client, ClientBuilder::secret)
    }

    /// What the library does once for each key and algorithm is done before the first request.
    #[test]
    fn the_first_use_of_an_rsa_key_parses_nothing() {
        crypto::prepare_decoys().expect("random bytes");
        let modulus = "xcXF".repeat(85) + "xQ";
        let rsa = json!({"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "1"});
        let of_algorithm = |name: &str| {
            let mut rsa = rsa.clone();
            rsa["alg"] = json!(name);
            rsa
        };
        let keyed = |client_id: &str, key: Value| {
            Client::builder(client_id)
                .auth_method(AuthMethod::PrivateKeyJwt)
                .metadata("jwks", json!({"keys": [key]}))
        };
        let registered = |name: &str| ("token_endpoint_auth_signing_alg", json!(name));
        let (alg, rs384) = registered("RS384");
        let before = crypto::parses();
        let clients = store([
            keyed("any", rsa.clone()),
            keyed("by key", of_algorithm("PS256")),
            keyed("by client", rsa.clone()).metadata(alg, rs384.clone()),
            keyed("by both", of_algorithm("RS384")).metadata(alg, rs384),
        ]);
        // Each key is checked with RS256, and prepared for the algorithms that it is for.
        assert_eq!(crypto::parses() - before, (1 + 5) + 3 * (1 + 1));
        clients.insert(keyed("added", rsa.clone()).build().expect("a client"));
        let before = crypto::parses();
        for client_id in ["any", "by key", "by client", "by both", "added", "nobody"] {
            for signature_len in [256, 384, 512, 1024] {
                for algorithm in SigningAlgorithm::ALL {
                    let header = part(&json!({"alg": algorithm.as_str(), "kid": "1"}));
                    let claims = part(&json!({
                        "iss": client_id, "sub": client_id, "aud": ISSUER, "exp": 1, "jti": "1",
                    }));
                    let signature = base64url(vec![0x42; signature_len]);
                    let assertion = format!("{header}.{claims}.{signature}");
                    assert_eq!(proves(&clients, &assertion), (false, 1));
                }
            }
        }
        assert_eq!(crypto::parses(), before);
    }

    #[test]
    fn a_refused_hmac_costs_as_many_as_the_client_with_most_secrets_has() {
        let short = |names: &[&str]| {
            let client = Client::builder("short").auth_method(AuthMethod::ClientSecretJwt);
            let secrets = names
                .iter()
                .map(|name| ClientSecret::plain(name.repeat(32)));
            secrets.fold(client, ClientBuilder::secret)
        };
        let others = || {
            [
                Client::builder("basic").secret(ClientSecret::plain(plain("b"))),
                Client::builder("public").auth_method(AuthMethod::None),
                with_secrets("expired", &[])
                    .secret(ClientSecret::plain(plain("e")).expires_at(SystemTime::UNIX_EPOCH)),
            ]
        };
        for (most, more) in [
            (1, vec![with_secrets("one", &["a"])]),
            (2, vec![with_secrets("one", &["a"]), short(&["a", "b"])]),
            (2, vec![with_secrets("two", &["a", "b"])]),
            (
                3,
                vec![
                    with_secrets("three", &["a", "b", "c"]),
                    with_secrets("one", &["a"]),
                ],
            ),
        ] {
            let ids = [
                "one", "two", "three", "short", "basic", "public", "expired", "nobody",
            ];
            let clients = store(others().into_iter().chain(more));
            for client_id in ids {
                let [.., hs256, hs384, hs512] = work(&clients, client_id, "1")[..] else {
                    panic!("13 algorithms")
                };
                assert_eq!([hs256, hs384, hs512], [most; 3], "{client_id} of {most}");
            }
        }
    }

    #[test]
    fn an_accepted_hmac_is_the_last_one() {
        let bound = |client: ClientBuilder| {
            client.metadata("token_endpoint_auth_signing_alg", json!("HS256"))
        };
        let clients = store([
            with_secrets("three", &["a", "b", "c"]),
            bound(with_secrets("bound", &["a", "b"])),
            with_secrets("expiring", &[])
                .secret(ClientSecret::plain(plain("a")).expires_at(SystemTime::UNIX_EPOCH))
                .secret(ClientSecret::plain(plain("b"))),
            Client::builder("basic").secret(ClientSecret::plain(plain("a"))),
        ]);
        let exp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let exp = exp.expect("after 1970").as_secs() + 60;
        for (client_id, secret, alg, aud, expected) in [
            ("three", "a", "HS256", ISSUER, (true, 1)),
            ("three", "b", "HS256", ISSUER, (true, 2)),
            ("three", "c", "HS256", ISSUER, (true, 3)),
            ("three", "d", "HS256", ISSUER, (false, 3)),
            // Refused for another reason: the secret that matches must not be seen.
            (
                "three",
                "a",
                "HS256",
                "https://other.example.com",
                (false, 3),
            ),
            ("bound", "a", "HS256", ISSUER, (true, 1)),
            ("bound", "a", "HS512", ISSUER, (false, 3)),
            ("expiring", "a", "HS256", ISSUER, (false, 3)),
            ("expiring", "b", "HS256", ISSUER, (true, 2)),
            ("basic", "a", "HS256", ISSUER, (false, 3)),
            ("nobody", "a", "HS256", ISSUER, (false, 3)),
        ] {
            let header = part(&json!({"alg": alg}));
            let claims = json!({
                "iss": client_id, "sub": client_id, "aud": aud, "exp": exp, "jti": "1",
            });
            let input = format!("{header}.{}", part(&claims));
            let assertion = format!("{input}.{}", hmac(alg, &plain(secret), &input));
            let proven = proves(&clients, &assertion);
            assert_eq!(proven, expected, "{client_id} {secret} {alg} {aud}");
        }
    }

    fn hmac(alg: &str, secret: &str, input: &str) -> String {
        use aws_lc_rs::hmac::{HMAC_SHA256, HMAC_SHA512, Key, sign};
        let hash = if alg == "HS256" {
            HMAC_SHA256
        } else {
            HMAC_SHA512
        };
        base64url(sign(&Key::new(hash, secret.as_bytes()), input.as_bytes()))
    }

    #[test]
    fn every_refused_assertion_costs_the_same_whoever_the_client_is() {
        let ec = json!({
            "kty": "EC", "crv": "P-256", "kid": "1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        let mut other_kid = ec.clone();
        other_kid["kid"] = json!("2");
        let keyed = |keys: Vec<Value>| {
            Client::builder("c")
                .auth_method(AuthMethod::PrivateKeyJwt)
                .metadata("jwks", json!({"keys": keys}))
        };
        // The client with the most secrets has two.
        let work = |client: Option<ClientBuilder>| {
            let others = [with_secrets("other", &["a", "b"])];
            work(&store(others.into_iter().chain(client)), "c", "1")
        };
        let unknown = work(None);
        assert_eq!(unknown, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2]);
        for (name, client) in [
            ("one key", keyed(vec![ec.clone()])),
            ("a key of another kid", keyed(vec![other_kid.clone()])),
            ("two keys of one kid", keyed(vec![ec.clone(), ec.clone()])),
            ("two keys", keyed(vec![ec.clone(), other_kid])),
            (
                "another algorithm",
                keyed(vec![ec]).metadata("token_endpoint_auth_signing_alg", json!("ES256")),
            ),
            (
                "keys elsewhere",
                Client::builder("c")
                    .auth_method(AuthMethod::PrivateKeyJwt)
                    .metadata("jwks_uri", json!("https://c.example/jwks")),
            ),
            ("one secret", with_secrets("c", &["a"])),
            ("two secrets", with_secrets("c", &["a", "b"])),
            (
                "a secret for Basic",
                Client::builder("c").secret(ClientSecret::sha256_of("s")),
            ),
            ("none", Client::builder("c").auth_method(AuthMethod::None)),
        ] {
            assert_eq!(work(Some(client)), unknown, "{name}");
        }
    }
}
