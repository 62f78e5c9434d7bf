//! Reads a client from RFC 7591 metadata.

use std::{
    fmt, mem,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::{
    Client,
    error::ClientMetadataError,
    members::{AUTH_METHOD, AUTH_METHODS, ENDPOINT_AUDIENCE, Members, wipe},
};
use crate::protocol::{
    auth_method::AuthMethod, client_secret::ClientSecret, grant::GrantType, secret::Secret,
};

impl Client {
    /// Reads the metadata of one client (RFC 7591 §2) from JSON.
    ///
    /// Absent members have the defaults of RFC 7591: the method `client_secret_basic` and
    /// the grant `authorization_code`. Unknown members are kept in
    /// [`metadata`](Self::metadata).
    ///
    /// Two members are extensions of this crate. `token_endpoint_auth_methods` is an array
    /// of method names, for a client that may authenticate with several. If
    /// `token_endpoint_auth_method` is also there, it must be one of them.
    /// `accept_endpoint_audience` is a boolean: see
    /// [`ClientBuilder::accept_endpoint_audience`](crate::client::ClientBuilder::accept_endpoint_audience).
    ///
    /// Another extension is `max_rsa_bits`, a number: the size of the largest RSA key that
    /// `jwks` may have, if it is more than 4,096 bits.
    ///
    /// # Errors
    ///
    /// Returns an error for anything that can only be a mistake:
    ///
    /// - JSON that is not valid, or a member that is there twice or of the wrong type,
    /// - no `client_id`,
    /// - an unknown authentication method,
    /// - a grant type that is neither registered nor an absolute URI,
    /// - a malformed scope,
    /// - a confidential client whose secret or key is missing or too weak. A client is
    ///   confidential if it has any method other than `none`.
    pub fn from_json(json: &[u8]) -> Result<Self, ClientMetadataError> {
        let members: Members =
            serde_json::from_slice(json).map_err(|error| ClientMetadataError {
                field: None,
                problem: error.to_string().into(),
            })?;
        Self::from_members(members)
    }

    /// Reads the metadata of one client (RFC 7591 §2) from a map, such as a database
    /// column, with secrets from elsewhere.
    ///
    /// The members are those of [`from_json`](Self::from_json). If the map has a
    /// `client_secret`, it is one more secret, and `client_secret_expires_at` is its
    /// expiry. If it has none, `client_secret_expires_at` is the expiry of each secret
    /// that has no expiry of its own.
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
        Self::read(Members(metadata), secrets)
    }

    pub(crate) fn from_members(members: Members) -> Result<Self, ClientMetadataError> {
        Self::read(members, [])
    }

    fn read(
        mut members: Members,
        secrets: impl IntoIterator<Item = ClientSecret>,
    ) -> Result<Self, ClientMetadataError> {
        let mut members = mem::take(&mut members.0);
        // First, so that it is wiped if anything below fails. An empty secret counts as
        // absent, since no request can present it.
        let secret = take_string(&mut members, "client_secret")?
            .map(Secret::new)
            .filter(|secret| !secret.expose_secret().is_empty());
        let client_id = take_string(&mut members, "client_id")?.ok_or_else(|| {
            ClientMetadataError::new("client_id", "it is missing: every client needs an id")
        })?;
        let mut client = Self::builder(client_id);

        let methods = take_methods(&mut members)?;
        let expires_at = take_time(&mut members, "client_secret_expires_at")?;
        let expiring = |secret: ClientSecret| match expires_at {
            Some(time) if !secret.has_expiry() => secret.expires_at(time),
            Some(_) | None => secret,
        };
        let has_own = secret.is_some();
        if let Some(secret) = secret {
            client = client.secret(expiring(keep(secret, &methods)));
        }
        for secret in secrets {
            client = client.secret(if has_own { secret } else { expiring(secret) });
        }
        client = client.auth_methods(methods);
        if let Some(names) = take_strings(&mut members, "grant_types")? {
            let grant_types: Result<Vec<GrantType>, _> = names
                .iter()
                .map(|name| {
                    name.parse()
                        .map_err(|error| refused("grant_types", name, &error))
                })
                .collect();
            client = client.grant_types(grant_types?);
        }
        if let Some(scope) = take_string(&mut members, "scope")? {
            client = client.scope(scope);
        }
        for uri in take_strings(&mut members, "redirect_uris")?.unwrap_or_default() {
            client = client.redirect_uri(uri);
        }
        client = client.accept_endpoint_audience(take_bool(&mut members, ENDPOINT_AUDIENCE)?);
        for (name, value) in members {
            client = client.metadata(name, value);
        }
        client.build()
    }
}

/// The methods of the client: the one of the member of RFC 7591, and those of the member
/// of this crate.
fn take_methods(members: &mut Map<String, Value>) -> Result<Vec<AuthMethod>, ClientMetadataError> {
    let method = take_string(members, AUTH_METHOD)?
        .map(|name| read_method(AUTH_METHOD, &name))
        .transpose()?;
    let methods: Vec<_> = take_strings(members, AUTH_METHODS)?
        .unwrap_or_default()
        .iter()
        .map(|name| read_method(AUTH_METHODS, name))
        .collect::<Result<_, _>>()?;
    match method {
        None if methods.is_empty() => Ok(vec![AuthMethod::ClientSecretBasic]),
        Some(method) if methods.is_empty() => Ok(vec![method]),
        Some(method) if !methods.contains(&method) => Err(ClientMetadataError::new(
            AUTH_METHODS,
            format!("`{method}` of `{AUTH_METHOD}` is missing: add it, or leave that member out"),
        )),
        Some(_) | None => Ok(methods),
    }
}

fn read_method(field: &'static str, name: &str) -> Result<AuthMethod, ClientMetadataError> {
    name.parse().map_err(|error| refused(field, name, &error))
}

/// Keeps the secret in the form that the methods need.
fn keep(secret: Secret, methods: &[AuthMethod]) -> ClientSecret {
    match methods.contains(&AuthMethod::ClientSecretJwt) {
        true => ClientSecret::plain(secret),
        false => ClientSecret::sha256_of(secret),
    }
}

/// Takes a time out, in seconds since 1970. 0 means never (RFC 7591 §3.2.1), and so does a
/// time that is too large for a clock.
fn take_time(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<SystemTime>, ClientMetadataError> {
    match take(members, field).map(|value| value.as_u64()) {
        None | Some(Some(0)) => Ok(None),
        Some(Some(seconds)) => Ok(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
        Some(None) => Err(ClientMetadataError::new(
            field,
            "it must be a number of seconds since 1970",
        )),
    }
}

fn take_string(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<String>, ClientMetadataError> {
    match take(members, field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(mut other) => {
            wipe(&mut other);
            Err(ClientMetadataError::new(field, "it must be a string"))
        }
    }
}

fn take_strings(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<Vec<String>>, ClientMetadataError> {
    take(members, field)
        .map(|value| {
            serde_json::from_value(value)
                .map_err(|_| ClientMetadataError::new(field, "it must be an array of strings"))
        })
        .transpose()
}

fn take_bool(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<bool, ClientMetadataError> {
    match take(members, field).map(|value| value.as_bool()) {
        None => Ok(false),
        Some(Some(value)) => Ok(value),
        Some(None) => Err(ClientMetadataError::new(field, "it must be true or false")),
    }
}

/// Takes a member out. `null` counts as absent (RFC 7592 §2.2).
fn take(members: &mut Map<String, Value>, field: &str) -> Option<Value> {
    members.remove(field).filter(|value| !value.is_null())
}

fn refused(field: &'static str, value: &str, error: &dyn fmt::Display) -> ClientMetadataError {
    ClientMetadataError::new(field, format!("{value:?}: {error}"))
}

impl<'de> Deserialize<'de> for Client {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        Self::from_members(members).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
                "jwks_uri",
            ),
            (
                secret(json!({"accept_endpoint_audience": "true"})),
                "accept_endpoint_audience",
            ),
            (
                secret(json!({"accept_endpoint_audience": 1})),
                "accept_endpoint_audience",
            ),
            (secret(json!({"grant_types": ["code"]})), "grant_types"),
            (
                secret(json!({"grant_types": "authorization_code"})),
                "grant_types",
            ),
            (secret(json!({"scope": ""})), "scope"),
            (secret(json!({"scope": "a  b"})), "scope"),
            (secret(json!({"scope": ["a"]})), "scope"),
            (secret(json!({"redirect_uris": [5]})), "redirect_uris"),
            (
                secret(json!({"client_secret_expires_at": -1})),
                "client_secret_expires_at",
            ),
        ];
        for (metadata, field) in cases {
            let error = load(metadata.clone()).expect_err(&metadata.to_string());
            assert_eq!(error.field(), Some(field), "{metadata}: {error}");
        }
        for bad in ["", "[]", "{", r#"{"client_id":"a","client_id":"a"}"#] {
            let error = Client::from_json(bad.as_bytes()).expect_err(bad);
            assert_eq!(error.field(), None, "{bad}: {error}");
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
            json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                   "jwks_uri": "https://a.example/jwks"}),
        ] {
            let loaded = load(metadata.clone());
            assert!(loaded.is_ok(), "{metadata}: {loaded:?}");
        }
    }
}
