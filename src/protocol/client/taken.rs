//! Takes the members out of the metadata, each with its type, and notes what is wrong.

use std::{mem, time::SystemTime};

use serde_json::{Map, Value};

use super::{
    error::ClientMetadataError,
    expiry,
    members::{AUTH_METHOD, AUTH_METHODS, CLIENT_SECRETS, Members, is_omitted, wipe},
    names, password_hash,
    problem::{ClientProblem, Found, kind},
    secrets::{self, Registered},
};
use crate::{
    crypto::HashLimits,
    protocol::{
        auth_method::AuthMethod,
        grant::GrantType,
        quoted::{Quoted, bounded},
        secret::Secret,
    },
};

/// The members that are not taken yet.
pub(super) struct Taken {
    members: Map<String, Value>,
    found: Found,
}

impl Taken {
    pub(super) fn new(mut members: Members) -> Result<Self, ClientMetadataError> {
        if let Some(kind) = members.other {
            let text = format!("expected an object of client metadata, found {kind}");
            return Err(ClientMetadataError::of_json(ClientProblem::of_json(text)));
        }
        let mut found = Found::default();
        for name in mem::take(&mut members.twice) {
            let text = "the member is there twice: keep one";
            found.problem(bounded(&name).into_owned(), text);
        }
        for number in mem::take(&mut members.twice_in) {
            let text = format!("entry {number}: a member is there twice: keep one");
            found.problem(CLIENT_SECRETS, text);
        }
        Ok(Self {
            members: mem::take(&mut members.members),
            found,
        })
    }

    /// What was not taken, and what was found.
    pub(super) fn rest(self) -> (Map<String, Value>, Found) {
        (self.members, self.found)
    }

    /// `client_secret`. An empty one counts as absent, since no request can present it.
    pub(super) fn secret(&mut self) -> Option<Secret> {
        const FIELD: &str = "client_secret";
        let secret = Secret::new(self.string(FIELD)?);
        match password_hash::problem(secret.expose_secret()) {
            Some(problem) => {
                self.found.problem(FIELD, problem);
                None
            }
            None => Some(secret),
        }
    }

    /// `client_secrets`.
    pub(super) fn secrets(&mut self, limits: &HashLimits) -> Vec<Registered> {
        let value = self.take(CLIENT_SECRETS);
        value.map_or_else(Vec::new, |value| {
            secrets::read(value, limits, &mut self.found)
        })
    }

    /// `client_secret_expires_at` has no secret that it is the expiry of.
    pub(super) fn lonely_expiry(&mut self) {
        let text = "there is no `client_secret` that would expire: write `expires_at` in each \
                    element of `client_secrets`";
        self.found.problem("client_secret_expires_at", text);
    }

    /// The methods of the client: the one of the member of RFC 7591, and those of the member
    /// of this crate.
    pub(super) fn methods(&mut self) -> Vec<AuthMethod> {
        let name = self.string(AUTH_METHOD);
        let method = name.and_then(|name| self.method(AUTH_METHOD, &name));
        let names = self.strings(AUTH_METHODS).unwrap_or_default();
        let methods: Vec<_> = names
            .iter()
            .filter_map(|name| self.method(AUTH_METHODS, name))
            .collect();
        if self.found.names(AUTH_METHOD) || self.found.names(AUTH_METHODS) {
            return Vec::new();
        }
        match method {
            None if methods.is_empty() => vec![AuthMethod::ClientSecretBasic],
            Some(method) if methods.is_empty() => vec![method],
            Some(method) if !methods.contains(&method) => {
                let text = format!(
                    "`{method}` of `{AUTH_METHOD}` is missing: add it, or leave that member out"
                );
                self.found.problem(AUTH_METHODS, text);
                Vec::new()
            }
            Some(_) | None => methods,
        }
    }

    fn method(&mut self, field: &'static str, name: &str) -> Option<AuthMethod> {
        let method = name.parse();
        method
            .map_err(|error| {
                self.found
                    .problem(field, format!("{}: {error}", Quoted(name)))
            })
            .ok()
    }

    /// `grant_types`. Names that are not registered are kept, and never served.
    pub(super) fn grant_types(&mut self) -> Option<Vec<GrantType>> {
        const FIELD: &str = "grant_types";
        let names = self.strings(FIELD)?;
        for name in &names {
            if name.is_empty() {
                let text = "a grant without a name is in it: remove the empty string";
                self.found.problem(FIELD, text);
            } else if !matches!(name.parse(), Ok(GrantType::Other(_)) | Err(_)) {
                // It is one that this crate knows.
            } else if let Some(meant) = names::meant_grant(name) {
                let text = format!("{} is never served: was `{meant}` meant?", Quoted(name));
                self.found.warning(FIELD, text);
            }
        }
        Some(
            names
                .iter()
                .map(|name| GrantType::registered(name))
                .collect(),
        )
    }

    /// `scope`. If it is empty but not `null`, the client may not ask for any.
    pub(super) fn scope(&mut self) -> Option<String> {
        const FIELD: &str = "scope";
        match self.members.get(FIELD) {
            None | Some(Value::Null) => {
                self.members.remove(FIELD);
                None
            }
            Some(value) if is_omitted(value) => {
                self.members.remove(FIELD);
                Some(String::new())
            }
            Some(Value::Array(_)) => {
                self.members.remove(FIELD);
                let text = "it is an array: write one string, with one space between each two \
                            tokens (RFC 7591 §2)";
                self.found.problem(FIELD, text);
                None
            }
            Some(_) => self.string(FIELD),
        }
    }

    /// A time in seconds since 1970. `None` if it is absent or means never.
    pub(super) fn time(&mut self, field: &'static str) -> Option<SystemTime> {
        match expiry::read(&self.take(field)?) {
            Ok(time) => time,
            Err(problem) => {
                self.found.problem(field, problem);
                None
            }
        }
    }

    pub(super) fn string(&mut self, field: &'static str) -> Option<String> {
        let mut value = self.take(field)?;
        if let Value::String(text) = value {
            return Some(text);
        }
        let text = format!("it is {}: write a string", kind(&value));
        self.found.problem(field, text);
        wipe(&mut value);
        None
    }

    /// `false` if it is absent.
    pub(super) fn boolean(&mut self, field: &'static str) -> bool {
        let value = self.take(field);
        match value {
            None => false,
            Some(Value::Bool(value)) => value,
            Some(mut other) => {
                let text = format!("it is {}: write true or false", kind(&other));
                self.found.problem(field, text);
                wipe(&mut other);
                false
            }
        }
    }

    pub(super) fn strings(&mut self, field: &'static str) -> Option<Vec<String>> {
        let value = self.take(field)?;
        let Value::Array(values) = value else {
            let text = format!("it is {}: write an array of strings", kind(&value));
            self.found.problem(field, text);
            return None;
        };
        let mut strings = Vec::with_capacity(values.len());
        for (number, value) in values.into_iter().enumerate() {
            if let Value::String(text) = value {
                strings.push(text);
            } else {
                let text = format!("entry {number} is {}: write a string", kind(&value));
                self.found.problem(field, text);
            }
        }
        Some(strings)
    }

    /// Takes a member out, if it counts as there.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.members
            .remove(field)
            .filter(|value| !is_omitted(value))
    }
}
