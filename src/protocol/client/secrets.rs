//! `client_secrets`, an extension of this crate: the secrets of a client, each as a hash or as
//! it is, and with an expiry of its own.
//!
//! A mistake in it must not go unseen: a secret whose expiry is misspelt would never expire.
//! So an element has no other members, and none of them twice.

use std::{mem, time::SystemTime};

use serde_json::{Map, Value};

use super::{
    expiry,
    members::{CLIENT_SECRETS, is_omitted, wipe},
    password_hash,
    problem::{Found, kind},
};
use crate::{
    crypto::{HashLimits, ParseSecretHashError},
    protocol::{client_secret::ClientSecret, secret::Secret},
};

const HASH: &str = "hash";
const SECRET: &str = "secret";
const EXPIRES_AT: &str = "expires_at";

/// A secret that is read, but not yet kept in the form that the methods of the client need.
pub(super) enum Registered {
    Hash(ClientSecret),
    Secret(Secret, Option<SystemTime>),
}

/// Reads all elements, and notes what is wrong with each.
pub(super) fn read(mut value: Value, limits: &HashLimits, found: &mut Found) -> Vec<Registered> {
    let mut secrets = Vec::new();
    if let Value::Array(elements) = &mut value {
        for (number, element) in elements.iter_mut().enumerate() {
            let mut problems = Vec::new();
            secrets.extend(read_element(element, limits, &mut problems));
            for problem in problems {
                found.problem(CLIENT_SECRETS, format!("entry {number}{problem}"));
            }
        }
    } else {
        let text = format!(
            "it is {}: write an array of objects such as `{{\"hash\": \"…\"}}`",
            kind(&value)
        );
        found.problem(CLIENT_SECRETS, text);
    }
    // Whatever was not taken out.
    wipe(&mut value);
    secrets
}

/// `None` if it is wrong. A problem starts with `, ` and the member, or is one of the element.
fn read_element(
    element: &mut Value,
    limits: &HashLimits,
    problems: &mut Vec<String>,
) -> Option<Registered> {
    let Value::Object(members) = element else {
        problems.push(format!(
            " is {}: write an object with `hash` or `secret`",
            kind(element)
        ));
        return None;
    };
    if members
        .keys()
        .any(|it| ![HASH, SECRET, EXPIRES_AT].contains(&it.as_str()))
    {
        // Without the name, which may be a secret.
        let text = ": it has a member other than `hash`, `secret` and `expires_at`: remove it";
        problems.push(text.to_owned());
    }
    let expires_at = members.get(EXPIRES_AT).filter(|it| !is_omitted(it));
    let expires_at = expires_at.map_or(Ok(None), expiry::read);
    let expires_at = expires_at.unwrap_or_else(|problem| {
        problems.push(format!(", `{EXPIRES_AT}`: {problem}"));
        None
    });
    let read = match (
        string(members, HASH, problems),
        string(members, SECRET, problems),
    ) {
        (Some(hash), None) => read_hash(&hash, limits, expires_at)
            .map_err(|error| problems.push(format!(", `{HASH}`: {error}")))
            .ok(),
        (None, Some(secret)) => match password_hash::problem(secret.expose_secret()) {
            Some(problem) => {
                problems.push(format!(", `{SECRET}`: {problem}"));
                None
            }
            None => Some(Registered::Secret(secret, expires_at)),
        },
        (Some(_), Some(_)) => {
            problems.push(": it has `hash` and `secret`: keep one".to_owned());
            None
        }
        (None, None) => {
            if problems.is_empty() {
                problems.push(": it has neither `hash` nor `secret`: add one".to_owned());
            }
            None
        }
    };
    read.filter(|_| problems.is_empty())
}

fn read_hash(
    hash: &Secret,
    limits: &HashLimits,
    expires_at: Option<SystemTime>,
) -> Result<Registered, ParseSecretHashError> {
    let secret = ClientSecret::from_hash_within(hash.expose_secret(), limits)?;
    Ok(Registered::Hash(match expires_at {
        Some(time) => secret.expires_at(time),
        None => secret,
    }))
}

/// Takes out a string. It is wiped when it is dropped.
fn string(
    members: &mut Map<String, Value>,
    name: &str,
    problems: &mut Vec<String>,
) -> Option<Secret> {
    let value = members.get_mut(name).filter(|value| !is_omitted(value))?;
    if let Value::String(text) = value {
        return Some(Secret::new(mem::take(text)));
    }
    let problem = format!(", `{name}`: it is {}: write a string", kind(value));
    problems.push(problem);
    None
}
