//! Reads a set of clients entry by entry.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::{
    error::{Cause, LoadClientsError},
    set::ClientSet,
};
use crate::protocol::client::{Client, members::Members};

/// Reads a JSON array of client metadata.
pub(super) fn from_json(json: &[u8]) -> Result<ClientSet, LoadClientsError> {
    let mut reader = ClientsReader::default();
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read = reader
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match (read, reader.refused) {
        (Ok(()), None) => Ok(reader.set),
        (_, Some(refused)) => Err(refused),
        (Err(error), None) => Err(LoadClientsError {
            entry: reader.entry,
            client_id: None,
            cause: Cause::Json(error.to_string()),
        }),
    }
}

/// Reads the array entry by entry, so that an error can name the entry, and no entry is
/// in memory twice.
#[derive(Default)]
struct ClientsReader {
    set: ClientSet,
    entry: Option<usize>,
    refused: Option<LoadClientsError>,
}

impl<'de> DeserializeSeed<'de> for &mut ClientsReader {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut ClientsReader {
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        for entry in 0.. {
            self.entry = Some(entry);
            let Some(members) = entries.next_element::<Members>()? else {
                break;
            };
            let client_id = members.client_id().map(Box::from);
            let loaded = Client::from_members(members)
                .map_err(|error| LoadClientsError {
                    entry: Some(entry),
                    client_id,
                    cause: Cause::Client(error),
                })
                .and_then(|client| self.set.insert(entry, client));
            if let Err(refused) = loaded {
                self.refused = Some(refused);
                return Err(A::Error::custom("refused"));
            }
        }
        self.entry = None;
        Ok(())
    }
}
