//! The members of client metadata as JSON, one of which is a secret.

use std::{collections::BTreeSet, fmt, mem};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::protocol::wipe::WipedText;

pub(super) const AUTH_METHOD: &str = "token_endpoint_auth_method";
/// An extension of this crate: several methods.
pub(super) const AUTH_METHODS: &str = "token_endpoint_auth_methods";
/// Another extension of this crate: a boolean.
pub(super) const ENDPOINT_AUDIENCE: &str = "accept_endpoint_audience";

/// The members of an entry of JSON. The secret is wiped, unless it was taken out.
#[derive(Default)]
pub(crate) struct Members {
    pub(super) members: Map<String, Value>,
    /// The names that are there twice. Only the first value of each is kept.
    pub(super) twice: BTreeSet<String>,
    /// What the entry is, if it is not an object.
    pub(super) other: Option<&'static str>,
}

impl Members {
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.members.get("client_id")?.as_str()
    }

    fn other(kind: &'static str) -> Self {
        Self {
            members: Map::new(),
            twice: BTreeSet::new(),
            other: Some(kind),
        }
    }
}

impl From<Map<String, Value>> for Members {
    fn from(members: Map<String, Value>) -> Self {
        Self {
            members,
            twice: BTreeSet::new(),
            other: None,
        }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        if let Some(secret) = self.members.get_mut("client_secret") {
            wipe(secret);
        }
    }
}

/// Whether a value of a member that may be left out counts as left out: `null` or empty
/// (RFC 7592 §2.2), or a key set without keys.
pub(super) fn is_omitted(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => {
            members.is_empty()
                || members.get("keys").is_some_and(|keys| match keys {
                    Value::Null => true,
                    Value::Array(keys) => keys.is_empty(),
                    Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                        false
                    }
                })
        }
        Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => drop(WipedText::from(mem::take(text))),
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

            fn visit_unit<E: de::Error>(self) -> Result<Members, E> {
                Ok(Members::other("null"))
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Members, E> {
                Ok(Members::other("a boolean"))
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Members, E> {
                Ok(Members::other("a number"))
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Members, E> {
                Ok(Members::other("a number"))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Members, E> {
                Ok(Members::other("a number"))
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Members, E> {
                Ok(Members::other("a string"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Members, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Members::other("an array"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut read = Members::default();
                while let Some(name) = map.next_key::<String>()? {
                    if read.members.contains_key(&name) {
                        // Not as a value, which may be a secret.
                        map.next_value::<IgnoredAny>()?;
                        read.twice.insert(name);
                    } else {
                        read.members.insert(name, map.next_value()?);
                    }
                }
                Ok(read)
            }
        }

        deserializer.deserialize_any(MembersVisitor)
    }
}
