//! Reading and writing a client as RFC 7591 metadata.

use std::{
    borrow::Cow,
    fmt, mem,
    time::{Duration, SystemTime},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Error as _, MapAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::{Map, Value, json};
use zeroize::Zeroize as _;

use super::Client;
use crate::protocol::{
    auth_method::AuthMethod,
    grant::GrantType,
    secret::{ClientSecret, Secret},
};

/// What a client cannot be registered with, and in which member it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientError {
    field: Option<&'static str>,
    problem: Cow<'static, str>,
}

impl ClientError {
    pub(super) fn new(field: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(field),
            problem: problem.into(),
        }
    }

    /// The member of the metadata; `None` where the JSON itself is bad.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "field `{field}`: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for ClientError {}

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
            .filter(|secret| !secret.expose().is_empty());
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
        | AuthMethod::None => ClientSecret::new(secret),
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

/// The members of a JSON object, each once: of two members of one name it
/// would be chance which one holds. The secret is wiped, unless it was taken.
#[derive(Default)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.0.get("client_id")?.as_str()
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        if let Some(secret) = self.0.get_mut("client_secret") {
            wipe(secret);
        }
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of client metadata")
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Members, E> {
                // The error of serde would print the string, which may be a secret.
                Err(E::custom(
                    "a string in place of an object of client metadata",
                ))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some(name) = map.next_key::<String>()? {
                    if members.0.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("member {name:?} twice")));
                    }
                    members.0.insert(name, map.next_value()?);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_any(MembersVisitor)
    }
}

impl<'de> Deserialize<'de> for Client {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        Self::from_metadata(members).map_err(D::Error::custom)
    }
}

/// Writes the metadata without the secrets. Issuer and extensions are no part
/// of it, and of several methods it writes the first, since
/// `token_endpoint_auth_method` takes one.
impl Serialize for Client {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("client_id", &self.client_id)?;
        if let Some(method) = self.auth_methods().next() {
            map.serialize_entry("token_endpoint_auth_method", method.as_str())?;
        }
        let grant_types: Vec<&str> = self.grant_types.iter().map(GrantType::as_str).collect();
        map.serialize_entry("grant_types", &grant_types)?;
        if let Some(scope) = &self.scope {
            map.serialize_entry("scope", scope)?;
        }
        if !self.redirect_uris.is_empty() {
            map.serialize_entry("redirect_uris", &self.redirect_uris)?;
        }
        for (name, value) in &self.metadata {
            match name.as_str() {
                // The secret of the registration itself (RFC 7592 §3).
                "registration_access_token" => {}
                "jwks" => map.serialize_entry(name, &public_part(value))?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// A key set without the members that are secret (RFC 7518 §6.2.2, §6.3.2 and
/// §6.4.1, RFC 8037 §2, and `priv` of newer types). Of what is no key set, which a
/// client of another method may have, nothing: nobody knows what is secret in it.
fn public_part(jwks: &Value) -> Value {
    const SECRET: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(Value::as_object);
    let public: Vec<Map<_, _>> = keys
        .map(|key| {
            let members = key
                .iter()
                .filter(|(name, _)| !SECRET.contains(&name.as_str()));
            members
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        })
        .collect();
    json!({ "keys": public })
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn writing_reads_back_and_leaves_secrets_out() {
        let metadata = json!({
            "client_id": "a",
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "urn:x:y"],
            "scope": "b a",
            "redirect_uris": ["https://a.example/cb"],
            "jwks": {"keys": [{
                "kty": "EC", "crv": "P-256",
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            }]},
            "client_name#de": "Ä",
        });
        let mut registered = metadata.clone();
        registered["client_secret"] = json!("canary");
        registered["client_secret_expires_at"] = json!(5);
        registered["registration_access_token"] = json!("canary");
        registered["jwks"]["keys"][0]["d"] = json!("canary");
        registered["jwks"]["keys"][0]["priv"] = json!("canary");
        let client = load(registered).expect("loads");
        assert_eq!(serde_json::to_value(&client).expect("JSON"), metadata);
        assert!(!format!("{client:?}").contains("canary"));

        for jwks in [
            json!("canary"),
            json!({"kty": "EC", "d": "canary"}),
            json!([{"d": "canary"}]),
            json!({"keys": ["canary"], "d": "canary"}),
        ] {
            let client = json!({"client_id": "a", "client_secret": "s", "jwks": jwks});
            let written = serde_json::to_value(load(client).expect("loads")).expect("JSON");
            assert_eq!(written["jwks"], json!({"keys": []}));
        }
    }
}
