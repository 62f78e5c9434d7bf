//! The members of client metadata as JSON, one of which is a secret.

use std::{fmt, mem};

use serde::{
    Deserialize, Deserializer,
    de::{self, Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::protocol::wipe::WipedText;

pub(super) const AUTH_METHOD: &str = "token_endpoint_auth_method";
/// An extension of this crate: several methods.
pub(super) const AUTH_METHODS: &str = "token_endpoint_auth_methods";
/// Another extension of this crate: a boolean.
pub(super) const ENDPOINT_AUDIENCE: &str = "accept_endpoint_audience";

/// The members of a JSON object. A member that is there twice is an error. The secret is
/// wiped, unless it was taken out.
#[derive(Default)]
pub(crate) struct Members(pub(super) Map<String, Value>);

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

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Members, E> {
                // The error of serde would print the string, which may be a secret.
                Err(E::custom(
                    "expected an object of client metadata, found a string",
                ))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some(name) = map.next_key::<String>()? {
                    if members.0.contains_key(&name) {
                        return Err(A::Error::custom(format_args!(
                            "the member {name:?} is there twice: keep one"
                        )));
                    }
                    members.0.insert(name, map.next_value()?);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_any(MembersVisitor)
    }
}
