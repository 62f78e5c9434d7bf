//! Reads a set of clients entry by entry.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{
    error::{LoadClientsError, LoadProblem},
    set::ClientSet,
};
use crate::{
    crypto::HashLimits,
    protocol::client::{Client, encoding, members::Members, problem::ClientProblem},
};

/// Reads a JSON array of client metadata.
pub(super) fn from_json(json: &[u8], limits: &HashLimits) -> Result<ClientSet, LoadClientsError> {
    let mut reader = ClientsReader {
        set: ClientSet::default(),
        entry: None,
        limits,
    };
    let read = encoding::decode(json).and_then(|text| {
        let mut deserializer = serde_json::Deserializer::from_str(&text);
        reader
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end())
            .map_err(|error| error.to_string())
    });
    if let Err(problem) = read {
        let problem = LoadProblem::new(reader.entry, None, ClientProblem::of_json(problem));
        reader.set.refuse(problem);
    }
    reader.set.check()
}

/// Reads the array entry by entry, so that an error can name the entry, and no entry is
/// in memory twice.
struct ClientsReader<'l> {
    set: ClientSet,
    entry: Option<usize>,
    limits: &'l HashLimits,
}

impl<'de> DeserializeSeed<'de> for &mut ClientsReader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut ClientsReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of client metadata")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        // The error of serde would print the string, which may be a secret.
        Err(E::custom(
            "expected an array of client metadata, found a string",
        ))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom(
            "expected an array of client metadata, found an object: write `[` before it and `]` \
             after it",
        ))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        for entry in 0.. {
            self.entry = Some(entry);
            let Some(members) = entries.next_element::<Members>()? else {
                break;
            };
            let client_id: Option<Box<str>> = members.client_id().map(Box::from);
            match Client::from_members(members, self.limits) {
                Ok(client) => self.set.insert(entry, client),
                Err(error) => {
                    for problem in error.into_problems() {
                        let client_id = client_id.as_deref();
                        let problem = LoadProblem::new(Some(entry), client_id, problem);
                        self.set.refuse(problem);
                    }
                }
            }
        }
        self.entry = None;
        Ok(())
    }
}
