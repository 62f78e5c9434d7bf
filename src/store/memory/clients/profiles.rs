//! Which clients the profiles of the layers accept.

use super::{
    error::{LoadClientsError, LoadProblem},
    set::{ById, ClientSet},
};
use crate::protocol::settings::profile::Profile;

/// Refuses the set if there are clients that a layer of this profile can never accept.
pub(super) fn check(clients: &ById, profile: Profile) -> Result<(), LoadClientsError> {
    let mut refused: Vec<_> = clients
        .values()
        .filter_map(|loaded| Some((loaded, loaded.client.check_profile(profile).err()?)))
        .collect();
    refused.sort_by_key(|(loaded, _)| {
        let id = loaded.client.client_id();
        (loaded.entry.is_none(), loaded.entry, id)
    });
    let mut found = ClientSet::default();
    for (loaded, error) in refused {
        let entry = loaded.entry.and_then(|entry| entry.try_into().ok());
        for problem in error.into_problems() {
            let id = Some(loaded.client.client_id());
            found.refuse(LoadProblem::new(entry, id, problem));
        }
    }
    found.check().map(drop)
}
