//! A whole set of clients.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{
    census::{Census, Counts},
    error::{LoadClientsError, LoadProblem},
};
use crate::protocol::client::{Client, problem::ClientProblem};

pub(super) type ById = HashMap<Box<str>, Loaded>;

pub(super) struct Loaded {
    pub(super) client: Arc<Client>,
    /// `None`: it was added by itself.
    pub(super) entry: Option<u32>,
}

/// More than anybody reads.
const MAX_PROBLEMS: usize = 1000;

/// Clients that are being loaded and cannot be found yet.
#[derive(Default)]
pub(super) struct ClientSet {
    pub(super) by_id: ById,
    pub(super) census: Census,
    pub(super) warnings: Vec<LoadProblem>,
    problems: Vec<LoadProblem>,
    omitted: usize,
}

impl ClientSet {
    pub(super) fn new(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadClientsError> {
        let mut set = Self::default();
        for (entry, client) in clients.into_iter().enumerate() {
            set.insert(entry, client);
        }
        set.check()
    }

    pub(super) fn insert(&mut self, entry: usize, client: Client) {
        let id = client.client_id();
        for warning in client.warnings() {
            if self.warnings.len() < MAX_PROBLEMS {
                let warning = LoadProblem::new(Some(entry), Some(id), warning.clone());
                self.warnings.push(warning);
            }
        }
        match self.by_id.entry(id.into()) {
            Entry::Vacant(vacant) => {
                self.census.add(Counts::new(&client));
                client.prepare_keys();
                vacant.insert(Loaded {
                    client: Arc::new(client),
                    entry: entry.try_into().ok(),
                });
            }
            Entry::Occupied(_) => {
                let problem = ClientProblem::of_a_second_id();
                self.refuse(LoadProblem::new(Some(entry), Some(id), problem));
            }
        }
    }

    pub(super) fn refuse(&mut self, problem: LoadProblem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.omitted += 1;
        }
    }

    /// The set, if nothing in it was refused.
    pub(super) fn check(self) -> Result<Self, LoadClientsError> {
        match self.problems.is_empty() {
            true => Ok(self),
            false => Err(LoadClientsError {
                problems: self.problems,
                omitted: self.omitted,
            }),
        }
    }
}
