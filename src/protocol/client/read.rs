//! Reading a client as RFC 7591 metadata.

use std::{
    fmt, mem,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::{
    Client,
    error::ClientError,
    members::{Members, wipe},
};
use crate::protocol::{
    auth_method::AuthMethod, client_secret::ClientSecret, grant::GrantType, secret::Secret,
};

impl Client {
    /// Reads the metadata of one client (RFC 7591 §2).
    ///
    /// Absent members have the defaults of RFC 7591: `client_secret_basic` and
    /// `authorization_code`. Unknown members are kept in
    /// [`metadata`](Self::metadata).
    ///
    /// # Errors
    ///
    /// For what could only be a mistake: bad JSON, a member twice or of the
    /// wrong type, no `client_id`, an unknown method, a grant type that is
    /// neither registered nor an absolute URI, a malformed scope, and a
    /// confidential client without a secret or key, or with one that anybody
    /// could find out.
    pub fn from_json(json: &[u8]) -> Result<Self, ClientError> {
        let members: Members = serde_json::from_slice(json).map_err(|error| ClientError {
            field: None,
            problem: error.to_string().into(),
        })?;
        Self::from_metadata(members)
    }

    pub(crate) fn from_metadata(mut members: Members) -> Result<Self, ClientError> {
        let mut members = mem::take(&mut members.0);
        // First, so that it is wiped whatever comes of the rest. An empty one is
        // none, since no request can present it.
        let secret = take_string(&mut members, "client_secret")?
            .map(Secret::new)
            .filter(|secret| !secret.expose_secret().is_empty());
        let client_id = take_string(&mut members, "client_id")?
            .ok_or_else(|| ClientError::new("client_id", "it is missing"))?;
        let mut client = Self::builder(client_id);

        let method = match take_string(&mut members, "token_endpoint_auth_method")? {
            Some(name) => name
                .parse()
                .map_err(|error| refused("token_endpoint_auth_method", &name, &error))?,
            None => AuthMethod::ClientSecretBasic,
        };
        client = client.auth_method(method);
        let expires_at = take_time(&mut members, "client_secret_expires_at")?;
        if let Some(secret) = secret {
            let kept = keep(secret, method);
            client = client.secret(match expires_at {
                Some(time) => kept.expires_at(time),
                None => kept,
            });
        }
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
        for (name, value) in members {
            client = client.metadata(name, value);
        }
        client.build()
    }
}

/// The secret in the form that the method needs.
fn keep(secret: Secret, method: AuthMethod) -> ClientSecret {
    match method {
        AuthMethod::ClientSecretJwt => ClientSecret::plain(secret),
        AuthMethod::ClientSecretBasic
        | AuthMethod::ClientSecretPost
        | AuthMethod::PrivateKeyJwt
        | AuthMethod::TlsClientAuth
        | AuthMethod::SelfSignedTlsClientAuth
        | AuthMethod::None => ClientSecret::sha256_of(secret),
    }
}

/// Seconds since 1970. RFC 7591 §3.2.1: 0 is never, as is a time that no clock
/// can reach.
fn take_time(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<SystemTime>, ClientError> {
    match take(members, field).map(|value| value.as_u64()) {
        None | Some(Some(0)) => Ok(None),
        Some(Some(seconds)) => Ok(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
        Some(None) => Err(ClientError::new(field, "it must be a number of seconds")),
    }
}

fn take_string(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<String>, ClientError> {
    match take(members, field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(mut other) => {
            wipe(&mut other);
            Err(ClientError::new(field, "it must be a string"))
        }
    }
}

fn take_strings(
    members: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<Vec<String>>, ClientError> {
    take(members, field)
        .map(|value| {
            serde_json::from_value(value)
                .map_err(|_| ClientError::new(field, "it must be an array of strings"))
        })
        .transpose()
}

/// Takes a member out. `null` is as if it were absent (RFC 7592 §2.2).
fn take(members: &mut Map<String, Value>, field: &str) -> Option<Value> {
    members.remove(field).filter(|value| !value.is_null())
}

fn refused(field: &'static str, value: &str, error: &dyn fmt::Display) -> ClientError {
    ClientError::new(field, format!("{value:?}: {error}"))
}

impl<'de> Deserialize<'de> for Client {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        Self::from_metadata(members).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn load(metadata: Value) -> Result<Client, ClientError> {
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
                json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                       "jwks": {"keys": []}}),
                "jwks",
            ),
            (
                json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt",
                       "jwks": null, "jwks_uri": ""}),
                "jwks_uri",
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
