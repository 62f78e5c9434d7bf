//! Reads a client from RFC 7591 metadata.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::{
    Client, encoding,
    error::ClientMetadataError,
    members::{CERTIFICATE_BOUND, DPOP_BOUND, ENDPOINT_AUDIENCE, Members},
    problem::ClientProblem,
    secrets::Registered,
    taken::Taken,
};
use crate::{
    crypto::HashLimits,
    protocol::{auth_method::AuthMethod, client_secret::ClientSecret, secret::Secret},
};

impl Client {
    /// Reads the metadata of one client (RFC 7591 §2) from JSON, in UTF-8 or UTF-16.
    ///
    /// Absent members have the defaults of RFC 7591: the method `client_secret_basic` and
    /// the grant `authorization_code`. A member that is `null` or empty counts as absent
    /// (RFC 7592 §2.2), but an empty `scope` means that the client may not ask for any.
    /// Unknown members are kept in [`metadata`](Self::metadata), and what is probably a
    /// mistake is in [`warnings`](Self::warnings).
    ///
    /// Of `client_secret`, the client keeps only the SHA-256 digest. For `client_secret_jwt`, it
    /// keeps the secret itself, which is the key.
    ///
    /// Four members are extensions of this crate. `client_secrets` is an array of secrets, each as
    /// a hash or as it is, and with an expiry of its own: see
    /// [the module `client`](crate::client#secrets-in-json). `token_endpoint_auth_methods` is an array
    /// of method names, for a client that may authenticate with several. If
    /// `token_endpoint_auth_method` is also there, it must be one of them.
    /// `accept_endpoint_audience` is a boolean: see
    /// [`ClientBuilder::accept_endpoint_audience`](crate::client::ClientBuilder::accept_endpoint_audience).
    /// `max_rsa_bits` is a number: the size of the largest RSA key that
    /// `jwks` may have, if it is more than 4,096 bits.
    ///
    /// # Errors
    ///
    /// Returns an error that lists everything that can only be a mistake:
    ///
    /// - JSON that is not valid, or a member that is there twice or of the wrong type,
    /// - no `client_id`,
    /// - an unknown authentication method,
    /// - a malformed scope,
    /// - a redirection URI that [`build`](crate::client::ClientBuilder::build) refuses,
    /// - a `client_secret` that is a password hash, a hash that cannot be verified or is above the
    ///   default [`HashLimits`], or an expiry in milliseconds,
    /// - both `jwks` and `jwks_uri`,
    /// - a `backchannel_token_delivery_mode` other than `poll`, `ping` and `push`,
    /// - a client of `tls_client_auth` that does not have exactly one name that its certificate must have
    ///   (RFC 8705 §2.1.2), or whose name is malformed,
    /// - a confidential client whose secret or key is missing or too weak, or whose keys no
    ///   assertion can choose between. A client is confidential if it has any method other
    ///   than `none`.
    pub fn from_json(json: &[u8]) -> Result<Self, ClientMetadataError> {
        Self::from_json_within(json, &HashLimits::new())
    }

    /// Reads the metadata of one client from JSON as [`from_json`](Self::from_json), with other
    /// limits on the parameters of its hashes.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_json`](Self::from_json).
    pub fn from_json_within(json: &[u8], limits: &HashLimits) -> Result<Self, ClientMetadataError> {
        let refused = |text| ClientMetadataError::of_json(ClientProblem::of_json(text));
        let text = encoding::decode(json).map_err(refused)?;
        let members: Members =
            serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
        Self::from_members(members, limits)
    }

    /// Reads the metadata of one client (RFC 7591 §2) from a map, such as a database
    /// column, with secrets from elsewhere.
    ///
    /// The members are those of [`from_json`](Self::from_json). If the map has a
    /// `client_secret`, it is one more secret, and `client_secret_expires_at` is its
    /// expiry. If it has none, `client_secret_expires_at` is the expiry of each secret
    /// from elsewhere that has no expiry of its own. What `client_secrets` lists are also more
    /// secrets.
    ///
    /// ```
    /// use serde_json::json;
    /// use tower_token_endpoint::client::{Client, ClientSecret};
    ///
    /// // From a database: the metadata, and the SHA-256 of the secret.
    /// let metadata = json!({"client_id": "s6BhdRkqt3", "grant_types": ["client_credentials"]});
    /// let digest = [0x5a; 32];
    ///
    /// let serde_json::Value::Object(metadata) = metadata else { unreachable!() };
    /// let client = Client::from_metadata(metadata, [ClientSecret::from_sha256(digest)])?;
    /// assert_eq!(client.client_id(), "s6BhdRkqt3");
    /// # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_json`](Self::from_json).
    pub fn from_metadata(
        metadata: Map<String, Value>,
        secrets: impl IntoIterator<Item = ClientSecret>,
    ) -> Result<Self, ClientMetadataError> {
        Self::from_metadata_within(metadata, secrets, &HashLimits::new())
    }

    /// Reads the metadata of one client from a map as [`from_metadata`](Self::from_metadata),
    /// with other limits on the parameters of the hashes in the map.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_json`](Self::from_json).
    pub fn from_metadata_within(
        metadata: Map<String, Value>,
        secrets: impl IntoIterator<Item = ClientSecret>,
        limits: &HashLimits,
    ) -> Result<Self, ClientMetadataError> {
        Self::read(metadata.into(), secrets, limits)
    }

    pub(crate) fn from_members(
        members: Members,
        limits: &HashLimits,
    ) -> Result<Self, ClientMetadataError> {
        Self::read(members, [], limits)
    }

    fn read(
        members: Members,
        secrets: impl IntoIterator<Item = ClientSecret>,
        limits: &HashLimits,
    ) -> Result<Self, ClientMetadataError> {
        let mut taken = Taken::new(members)?;
        // First, so that they are wiped if anything below fails.
        let secret = taken.secret();
        let listed = taken.secrets(limits);
        let mut client = Self::builder(taken.string("client_id").unwrap_or_default());

        let methods = taken.methods();
        let expires_at = taken.time("client_secret_expires_at");
        let expiring = |secret: ClientSecret| match expires_at {
            Some(time) if !secret.has_expiry() => secret.expires_at(time),
            Some(_) | None => secret,
        };
        let has_own = secret.is_some();
        if let Some(secret) = secret {
            client = client.secret(expiring(keep(secret, &methods)));
        }
        let mut secrets = secrets.into_iter().peekable();
        if !has_own && !listed.is_empty() && expires_at.is_some() && secrets.peek().is_none() {
            taken.lonely_expiry();
        }
        for secret in listed {
            client = client.secret(match secret {
                Registered::Hash(secret) => secret,
                Registered::Secret(secret, None) => keep(secret, &methods),
                Registered::Secret(secret, Some(time)) => keep(secret, &methods).expires_at(time),
            });
        }
        for secret in secrets {
            client = client.secret(if has_own { secret } else { expiring(secret) });
        }
        client = client.auth_methods(methods);
        if let Some(grant_types) = taken.grant_types() {
            client = client.grant_types(grant_types);
        }
        if let Some(scope) = taken.scope() {
            client = client.scope(scope);
        }
        for uri in taken.strings("redirect_uris").unwrap_or_default() {
            client = client.redirect_uri(uri);
        }
        client = client.accept_endpoint_audience(taken.boolean(ENDPOINT_AUDIENCE));
        client = client.dpop_bound_access_tokens(taken.boolean(DPOP_BOUND));
        client =
            client.tls_client_certificate_bound_access_tokens(taken.boolean(CERTIFICATE_BOUND));
        let (members, found) = taken.rest();
        for (name, value) in members {
            client = client.metadata(name, value);
        }
        client.found(found).build()
    }
}

/// Keeps the secret in the form that the methods need.
fn keep(secret: Secret, methods: &[AuthMethod]) -> ClientSecret {
    match methods.contains(&AuthMethod::ClientSecretJwt) {
        true => ClientSecret::plain(secret),
        false => ClientSecret::sha256_of(secret),
    }
}

impl<'de> Deserialize<'de> for Client {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        Self::from_members(members, &HashLimits::new()).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::*;
    use crate::protocol::grant::GrantType;

    fn load(metadata: Value) -> Result<Client, ClientMetadataError> {
        Client::from_json(metadata.to_string().as_bytes())
    }

    #[test]
    fn absent_members_have_the_defaults_of_rfc_7591() {
        let client = load(json!({"client_id": "a", "client_secret": "s"})).expect("loads");
        assert_eq!(
            client.auth_methods().collect::<Vec<_>>(),
            [AuthMethod::ClientSecretBasic]
        );
        assert_eq!(client.grant_types(), [GrantType::AuthorizationCode]);
        assert_eq!(client.scope(), None);
    }

    #[test]
    fn what_could_only_be_a_mistake_does_not_load() {
        let secret = |extra: Value| {
            let mut client = json!({"client_id": "a", "client_secret": "s"});
            let members = client.as_object_mut().expect("object");
            members.extend(extra.as_object().expect("object").clone());
            client
        };
        let cases = [
            (json!({"client_secret": "s"}), "client_id"),
            (json!({"client_id": "", "client_secret": "s"}), "client_id"),
            (json!({"client_id": 5, "client_secret": "s"}), "client_id"),
            (json!({"client_id": "a"}), "client_secret"),
            (
                json!({"client_id": "a", "client_secret": ""}),
                "client_secret",
            ),
            (
                json!({"client_id": "a", "client_secret": 5}),
                "client_secret",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "client_secret_jwt"}),
                "client_secret",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt"}),
                "jwks",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "self_signed_tls_client_auth"}),
                "jwks",
            ),
            (
                secret(json!({"token_endpoint_auth_method": "client_secret"})),
                "token_endpoint_auth_method",
            ),
            (
                secret(json!({"token_endpoint_auth_methods": ["client_secret"]})),
                "token_endpoint_auth_methods",
            ),
            (
                secret(json!({"token_endpoint_auth_methods": "none"})),
                "token_endpoint_auth_methods",
            ),
            (
                secret(json!({"token_endpoint_auth_methods": ["none"],
                              "token_endpoint_auth_method": "client_secret_post"})),
                "token_endpoint_auth_methods",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_methods": ["none", "client_secret_post"]}),
                "client_secret",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                       "jwks": {"keys": []}}),
                "jwks",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                       "jwks": null, "jwks_uri": ""}),
                "jwks",
            ),
            (
                secret(json!({"accept_endpoint_audience": "true"})),
                "accept_endpoint_audience",
            ),
            (
                secret(json!({"accept_endpoint_audience": 1})),
                "accept_endpoint_audience",
            ),
            (
                secret(json!({"jwks": {"keys": [{}]}, "jwks_uri": "https://a.example/jwks"})),
                "jwks",
            ),
            (secret(json!({"grant_types": [""]})), "grant_types"),
            (secret(json!({"grant_types": [null]})), "grant_types"),
            (
                secret(json!({"grant_types": "authorization_code"})),
                "grant_types",
            ),
            (secret(json!({"scope": " "})), "scope"),
            (secret(json!({"scope": "a  b"})), "scope"),
            (secret(json!({"scope": ["a"]})), "scope"),
            (secret(json!({"redirect_uris": [5]})), "redirect_uris"),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "self_signed_tls_client_auth",
                       "jwks": {"kty": "EC"}}),
                "jwks",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "self_signed_tls_client_auth",
                       "jwks": {"keys": [{"kty": "EC"}]}}),
                "jwks",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "tls_client_auth"}),
                "tls_client_auth_subject_dn",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "tls_client_auth",
                       "tls_client_auth_subject_dn": "client"}),
                "tls_client_auth_subject_dn",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "tls_client_auth",
                       "tls_client_auth_subject_dn": "CN=a", "tls_client_auth_san_dns": "a"}),
                "tls_client_auth_san_dns",
            ),
            (
                secret(json!({"tls_client_certificate_bound_access_tokens": "true"})),
                "tls_client_certificate_bound_access_tokens",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "self_signed_tls_client_auth",
                       "jwks_uri": "certificates.json"}),
                "jwks_uri",
            ),
            (
                secret(json!({"client_secret_expires_at": -1})),
                "client_secret_expires_at",
            ),
        ];
        for (metadata, field) in cases {
            let error = load(metadata.clone()).expect_err(&metadata.to_string());
            assert_eq!(error.field(), Some(field), "{metadata}: {error}");
        }
        let twice = br#"{"client_id":"a","client_secret":"s","client_id":"b","x":1,"x":2}"#;
        let error = Client::from_json(twice).expect_err("two members twice");
        let fields: Vec<_> = error.problems().map(ClientProblem::field).collect();
        assert_eq!(fields, [Some("client_id"), Some("x")]);
        for bad in ["", "[]", "{", "null", "5", "\"a\"", "{}x"] {
            let error = Client::from_json(bad.as_bytes()).expect_err(bad);
            assert_eq!(error.field(), None, "{bad}: {error}");
        }
        for (other, found) in [
            ("null", "found null"),
            ("true", "found a boolean"),
            ("5", "found a number"),
            ("-5", "found a number"),
            ("0.5", "found a number"),
            ("\"a\"", "found a string"),
            ("[]", "found an array"),
        ] {
            let error = Client::from_json(other.as_bytes()).expect_err(other);
            assert!(error.to_string().contains(found), "{error}");
        }
    }

    #[test]
    fn bytes_of_a_binary_format_are_not_metadata() {
        use serde::de::value::{BytesDeserializer, Error, MapDeserializer};

        let bytes = &b"canary"[..];
        let whole: Result<Client, Error> = Client::deserialize(BytesDeserializer::new(bytes));
        let members = [("client_secrets", bytes)].into_iter();
        let one: Result<Client, Error> = Client::deserialize(MapDeserializer::new(members));
        for (client, expected) in [(whole, "an object of client metadata"), (one, "JSON")] {
            let error = client.expect_err(expected).to_string();
            assert!(error.contains(&format!("expected {expected}")), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn a_client_has_the_methods_of_both_members() {
        use AuthMethod::{ClientSecretBasic, ClientSecretPost, None};
        for (members, expected) in [
            (json!({}), &[ClientSecretBasic][..]),
            (
                json!({"token_endpoint_auth_methods": []}),
                &[ClientSecretBasic],
            ),
            (
                json!({"token_endpoint_auth_methods": null}),
                &[ClientSecretBasic],
            ),
            (
                json!({"token_endpoint_auth_method": "none", "token_endpoint_auth_methods": []}),
                &[None],
            ),
            (
                json!({"token_endpoint_auth_methods": ["none", "client_secret_post"]}),
                &[ClientSecretPost, None],
            ),
            (
                json!({"token_endpoint_auth_methods": ["none", "client_secret_post", "none"],
                       "token_endpoint_auth_method": "none"}),
                &[ClientSecretPost, None],
            ),
        ] {
            let mut metadata = json!({"client_id": "a", "client_secret": "s"});
            let extra = members.as_object().expect("object").clone();
            metadata.as_object_mut().expect("object").extend(extra);
            let client = load(metadata).expect("loads");
            assert_eq!(
                client.auth_methods().collect::<Vec<_>>(),
                expected,
                "{members}"
            );
        }
    }

    #[test]
    fn the_exception_for_an_audience_is_a_boolean_that_may_be_absent() {
        for (value, expected) in [
            (json!(true), true),
            (json!(false), false),
            (json!(null), false),
        ] {
            let client = load(json!({
                "client_id": "a", "client_secret": "s", "accept_endpoint_audience": value,
            }));
            let client = client.expect("loads");
            assert_eq!(client.accepts_endpoint_audience(), expected, "{value}");
            assert_eq!(client.metadata().get("accept_endpoint_audience"), None);
        }
        let client = load(json!({"client_id": "a", "client_secret": "s"}));
        assert!(!client.expect("loads").accepts_endpoint_audience());

        let twice = Client::builder("a")
            .secret(ClientSecret::sha256_of("s"))
            .metadata("accept_endpoint_audience", json!(true))
            .build()
            .expect_err("a method of the builder");
        assert_eq!(twice.field(), Some("accept_endpoint_audience"));
    }

    #[test]
    fn a_secret_of_several_methods_is_kept_as_each_needs_it() {
        let client = load(json!({
            "client_id": "a",
            "client_secret": "0123456789abcdef0123456789abcdef",
            "token_endpoint_auth_methods": ["client_secret_basic", "client_secret_jwt"],
        }));
        assert!(client.expect("loads").secrets()[0].as_plain().is_some());
    }

    #[test]
    fn a_map_is_read_with_secrets_from_elsewhere() {
        let read = |metadata: Value, secrets: Vec<ClientSecret>| {
            let Value::Object(metadata) = metadata else {
                panic!("an object")
            };
            Client::from_metadata(metadata, secrets)
        };
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let secrets = || {
            vec![
                ClientSecret::sha256_of("one"),
                ClientSecret::sha256_of("other").expires_at(at(7)),
            ]
        };
        // Whether each secret has expired at 6 and at 8 seconds.
        let expired = |client: &Client| -> Vec<_> {
            let secrets = client.secrets().iter();
            secrets
                .map(|secret| [6, 8].map(|seconds| secret.is_expired(|| at(seconds))))
                .collect()
        };
        for (metadata, expected) in [
            (
                json!({"client_id": "a"}),
                vec![[false, false], [false, true]],
            ),
            (
                json!({"client_id": "a", "client_secret_expires_at": 5}),
                vec![[true, true], [false, true]],
            ),
            (
                json!({"client_id": "a", "client_secret": "s", "client_secret_expires_at": 5}),
                vec![[true, true], [false, false], [false, true]],
            ),
        ] {
            let client = read(metadata.clone(), secrets()).expect("loads");
            assert_eq!(expired(&client), expected, "{metadata}");
        }

        let error = read(json!({"client_id": "a"}), Vec::new()).expect_err("no secret");
        assert_eq!(error.field(), Some("client_secret"));
    }

    #[test]
    fn members_that_are_null_or_empty_count_as_absent() {
        let secret = json!({"client_id": "a", "client_secret": "s"});
        let keys = json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                          "jwks_uri": "https://a.example/jwks"});
        let public = json!({"client_id": "a", "token_endpoint_auth_method": "none"});
        for (client, members) in [
            (
                &secret,
                &[
                    "client_secret_expires_at",
                    "token_endpoint_auth_method",
                    "token_endpoint_auth_methods",
                    "token_endpoint_auth_signing_alg",
                    "grant_types",
                    "redirect_uris",
                    "jwks",
                    "jwks_uri",
                    "client_name",
                    "scopes",
                    "clientId",
                ][..],
            ),
            (
                &keys,
                &["client_secret", "jwks", "token_endpoint_auth_methods"],
            ),
            (&public, &["client_secret", "jwks", "jwks_uri"]),
        ] {
            let without = load(client.clone()).expect("loads");
            for member in members {
                for value in [
                    json!(null),
                    json!(""),
                    json!([]),
                    json!({}),
                    json!({"keys": []}),
                ] {
                    let mut with = client.clone();
                    with[*member] = value;
                    let loaded = load(with.clone()).unwrap_or_else(|e| panic!("{with}: {e}"));
                    assert_eq!(format!("{loaded:?}"), format!("{without:?}"), "{with}");
                    assert_eq!(loaded.redirect_uris(), without.redirect_uris(), "{with}");
                    assert_eq!(loaded.warnings(), [], "{with}");
                }
            }
        }
    }

    #[test]
    fn an_empty_scope_is_none_and_not_any() {
        for (scope, expected) in [
            (json!(null), None),
            (json!(""), Some("")),
            (json!([]), Some("")),
            (json!({}), Some("")),
            (json!("a b"), Some("a b")),
        ] {
            let client = load(json!({"client_id": "a", "client_secret": "s", "scope": scope}));
            let client = client.expect("loads");
            assert_eq!(client.scope().map(|it| it.as_str()), expected, "{scope}");
            let written = json!(client)["scope"].clone();
            assert_eq!(written, json!(expected), "{scope}");
        }
    }

    #[test]
    fn grants_of_other_servers_load_and_are_never_served() {
        let grants = json!([
            "interaction_code",
            "urn:x:y",
            "hybrid",
            "a b",
            "ä",
            "password"
        ]);
        let client = json!({"client_id": "a", "client_secret": "s", "grant_types": grants});
        let client = load(client).expect("loads");
        assert_eq!(client.warnings(), []);
        assert_eq!(json!(client)["grant_types"], grants);
        for name in ["interaction_code", "hybrid", "a b", "ä"] {
            assert!(name.parse::<GrantType>().is_err(), "{name}");
            let is_own = |it: &&GrantType| it.as_str() == name;
            let own = client
                .grant_types()
                .iter()
                .find(is_own)
                .expect("registered");
            assert!(
                matches!(own, GrantType::Other(other) if !other.is_uri()),
                "{name}"
            );
        }
        for (name, meant) in [
            ("authorization-code", "authorization_code"),
            ("AuthorizationCode", "authorization_code"),
            ("code", "authorization_code"),
            ("Client_Credentials", "client_credentials"),
            ("refresh token", "refresh_token"),
            (
                "device_code",
                "urn:ietf:params:oauth:grant-type:device_code",
            ),
            (
                "token-exchange",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
        ] {
            let client = json!({"client_id": "a", "client_secret": "s", "grant_types": [name]});
            let client = load(client).expect("loads");
            let [warning] = client.warnings() else {
                panic!("{name}: {:?}", client.warnings());
            };
            assert_eq!(warning.field(), Some("grant_types"));
            assert!(
                warning.to_string().contains(&format!("`{meant}`")),
                "{warning}"
            );
        }
    }

    #[test]
    fn a_mistake_says_what_was_found_and_what_to_write() {
        for (members, says) in [
            (
                json!({"client_id": 5}),
                "field `client_id`: it is a number: write a string",
            ),
            (
                json!({"client_id": null, "clientId": "a"}),
                "(is it \"clientId\"?)",
            ),
            (
                json!({"client_secret": null, "secret": "canary-secret"}),
                "(is it \"secret\"?)",
            ),
            (
                json!({"client_secret": {"hash": "canary"}}),
                "`client_secret`: it is an object",
            ),
            (
                json!({"grant_types": "code"}),
                "it is a string: write an array of strings",
            ),
            (
                json!({"redirect_uris": ["https://a/", 5]}),
                "entry 1 is a number: write a string",
            ),
            (
                json!({"redirect_uris": ["https://a/", "b"]}),
                "entry 1, \"b\": it has no scheme",
            ),
            (
                json!({"scope": ["a", "b"]}),
                "it is an array: write one string",
            ),
            (
                json!({"token_endpoint_auth_method": "basic"}),
                "\"basic\": unknown",
            ),
            (
                json!({"token_endpoint_auth_method": "basic", "client_secret": null}),
                "\"basic\": unknown",
            ),
            (
                json!({"token_endpoint_auth_methods": "none"}),
                "it is a string: write an array",
            ),
            (
                json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secret": 5}),
                "`client_secret`: it is a number",
            ),
            (
                json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secret": null,
                       "client_secrets": 5}),
                "`client_secrets`: it is a number",
            ),
            (
                json!({"token_endpoint_auth_methods": [true]}),
                "entry 0 is a boolean",
            ),
            (
                json!({"token_endpoint_auth_signing_alg": ["RS256"]}),
                "it is an array: write one",
            ),
            (
                json!({"client_secret_expires_at": 1_893_456_000_000_u64}),
                "1970, 1893456000",
            ),
        ] {
            let mut client = json!({"client_id": "a", "client_secret": "s"});
            let extra = members.as_object().expect("object").clone();
            client.as_object_mut().expect("object").extend(extra);
            let error = load(client).expect_err(says);
            assert_eq!(error.problems().count(), 1, "{error}");
            let error = error.to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
        let long = "x".repeat(10_000);
        let client = json!({"client_id": "a", "client_secret": "s",
                            "token_endpoint_auth_method": long, "redirect_uris": [long]});
        let error = load(client).expect_err("unknown").to_string();
        assert!(error.len() < 1_000, "{error}");
        let many = json!({"client_id": "a", "redirect_uris": vec![""; 100_000]});
        let error = load(many).expect_err("no scheme");
        assert_eq!(error.problems().count(), 1000);
    }

    #[test]
    fn everything_else_loads() {
        for metadata in [
            json!({"client_id": "ä \u{0}:%", "client_secret": "s:+%é\u{1F600}"}),
            json!({"client_id": "a", "client_secret": "s", "grant_types": []}),
            json!({"client_id": "a", "client_secret": "s", "grant_types": ["implicit", "urn:x:y"]}),
            json!({"client_id": "a", "client_secret": "s", "client_secret_expires_at": 1}),
            json!({"client_id": "a", "client_secret": "s", "client_secret_expires_at": u64::MAX}),
            json!({"client_id": "a", "client_secret": "s", "scope": null, "x": {"y": [1]}}),
            json!({"client_id": "a", "token_endpoint_auth_method": "none"}),
            json!({"client_id": "a", "token_endpoint_auth_method": "tls_client_auth",
                   "tls_client_auth_subject_dn": "CN=a"}),
            json!({"client_id": "a", "token_endpoint_auth_method": "self_signed_tls_client_auth",
                   "jwks": {"keys": [{"kty": "EC", "x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}]}}),
            json!({"client_id": "a", "token_endpoint_auth_method": "self_signed_tls_client_auth",
                   "jwks_uri": "https://a.example/certificates"}),
            json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                   "jwks_uri": "https://a.example/jwks"}),
        ] {
            let loaded = load(metadata.clone());
            assert!(loaded.is_ok(), "{metadata}: {loaded:?}");
        }
    }
}
