//! The members of client metadata as JSON, one of which is a secret.

use std::{collections::BTreeSet, fmt, mem};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::protocol::wipe::WipedText;

pub(super) const AUTH_METHOD: &str = "token_endpoint_auth_method";
/// An extension of this crate: several methods.
pub(super) const AUTH_METHODS: &str = "token_endpoint_auth_methods";
/// An extension of this crate: several secrets.
pub(super) const CLIENT_SECRETS: &str = "client_secrets";
/// Another extension of this crate: a boolean.
pub(super) const ENDPOINT_AUDIENCE: &str = "accept_endpoint_audience";
/// RFC 9449 §5.2.
pub(super) const DPOP_BOUND: &str = "dpop_bound_access_tokens";
/// RFC 8705 §3.4.
pub(super) const CERTIFICATE_BOUND: &str = "tls_client_certificate_bound_access_tokens";

/// The members of an entry of JSON. The secrets are wiped, unless they were taken out.
#[derive(Default)]
pub(crate) struct Members {
    pub(super) members: Map<String, Value>,
    /// The names that are there twice. Only the first value of each is kept.
    pub(super) twice: BTreeSet<String>,
    /// The elements of `client_secrets` in which a name is there twice.
    pub(super) twice_in: BTreeSet<usize>,
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
            twice_in: BTreeSet::new(),
            other: Some(kind),
        }
    }
}

impl From<Map<String, Value>> for Members {
    fn from(members: Map<String, Value>) -> Self {
        Self {
            members,
            twice: BTreeSet::new(),
            twice_in: BTreeSet::new(),
            other: None,
        }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for name in ["client_secret", CLIENT_SECRETS] {
            if let Some(secret) = self.members.get_mut(name) {
                wipe(secret);
            }
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
                    } else if name == CLIENT_SECRETS {
                        let secrets: Secrets = map.next_value()?;
                        read.twice_in = secrets.twice_in;
                        read.members.insert(name, secrets.value);
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

/// `client_secrets` as JSON. serde_json keeps only the last of two members of one name and does not
/// wipe the other, so this does both.
struct Secrets {
    value: Value,
    /// The elements in which a name is there twice. Only the first value of each is kept.
    twice_in: BTreeSet<usize>,
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut twice_in = BTreeSet::new();
        let reader = Reader {
            twice_in: &mut twice_in,
            element: None,
        };
        let mut read = reader.deserialize(deserializer)?;
        Ok(Self {
            value: mem::take(&mut read.0),
            twice_in,
        })
    }
}

/// A value that is wiped if what follows it cannot be read.
struct Unfinished(Value);

impl Drop for Unfinished {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

struct Reader<'r> {
    twice_in: &'r mut BTreeSet<usize>,
    /// The element of the array that the value is a part of.
    element: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Unfinished;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Unfinished, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Unfinished;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Unfinished, E> {
        Ok(Unfinished(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Unfinished, E> {
        Ok(Unfinished(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Unfinished, E> {
        Ok(Unfinished(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Unfinished, E> {
        Ok(Unfinished(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Unfinished, E> {
        let number = Number::from_f64(value).map_or(Value::Null, Value::Number);
        Ok(Unfinished(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Unfinished, E> {
        Ok(Unfinished(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Unfinished, A::Error> {
        let mut read = Unfinished(Value::Array(Vec::new()));
        for number in 0.. {
            let reader = Reader {
                twice_in: &mut *self.twice_in,
                element: self.element.or(Some(number)),
            };
            let Some(mut value) = seq.next_element_seed(reader)? else {
                break;
            };
            if let Value::Array(values) = &mut read.0 {
                values.push(mem::take(&mut value.0));
            }
        }
        Ok(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unfinished, A::Error> {
        let mut read = Unfinished(Value::Object(Map::new()));
        while let Some(name) = map.next_key::<String>()? {
            let is_twice = read.0.get(&name).is_some();
            if is_twice {
                map.next_value::<IgnoredAny>()?;
                self.twice_in.extend(self.element);
                continue;
            }
            let reader = Reader {
                twice_in: &mut *self.twice_in,
                element: self.element,
            };
            let mut value = map.next_value_seed(reader)?;
            if let Value::Object(members) = &mut read.0 {
                members.insert(name, mem::take(&mut value.0));
            }
        }
        Ok(read)
    }
}
