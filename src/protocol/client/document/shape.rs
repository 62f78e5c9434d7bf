//! What holds for the JSON of a document as a whole.

use std::{collections::HashSet, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::protocol::quoted::Quoted;

/// More than any client needs. A value takes up to a hundred times the memory of its text, and strangers
/// write the documents.
const MAX_VALUES: usize = 256;

/// Checks that the text is one JSON value with each member once, and few values.
///
/// # Errors
///
/// Says what is wrong.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut values = 0;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Shape {
        values: &mut values,
    }
    .deserialize(&mut deserializer)
    .and_then(|()| deserializer.end());
    read.map_err(|error| error.to_string())
}

struct Shape<'v> {
    values: &'v mut usize,
}

impl Shape<'_> {
    fn next(&mut self) -> Shape<'_> {
        Shape {
            values: self.values,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        *self.values += 1;
        if *self.values > MAX_VALUES {
            let text = format!("the document has more than {MAX_VALUES} values: leave some out");
            return Err(de::Error::custom(text));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self.next())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                let text = format!("the member {} is there twice: keep one", Quoted(&name));
                return Err(de::Error::custom(text));
            }
            map.next_value_seed(self.next())?;
            names.insert(name);
        }
        Ok(())
    }
}
