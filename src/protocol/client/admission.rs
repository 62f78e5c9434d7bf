//! Why a layer with a profile can never accept a client.

use super::{
    Client, error::ClientMetadataError, keys, keys::ClientKeys, members, problem::ClientProblem,
};
use crate::protocol::{
    auth_method::{AuthMethod, AuthMethods},
    settings::profile::{Profile, ProfileRow},
};

impl Client {
    /// Checks that a layer with this profile can accept the client: that it has a method, an algorithm
    /// and a key of the profile, and no exception from it.
    ///
    /// [`MemoryClientStore`](crate::MemoryClientStore) does so for a layer that has a
    /// [`profile`](crate::layer::TokenEndpointLayerBuilder::profile). Call this if clients register
    /// themselves, or are in a store of your own. A client that is not accepted gets a 401.
    ///
    /// ```
    /// use tower_token_endpoint::{Client, layer::Profile};
    ///
    /// let client = Client::from_json(br#"{"client_id": "s6BhdRkqt3", "client_secret": "gX1fBat3bV"}"#)?;
    /// let error = client.check_profile(Profile::Fapi2).unwrap_err();
    /// assert_eq!(error.field(), Some("token_endpoint_auth_method"));
    /// assert!(client.check_profile(Profile::OAuth21).is_ok());
    /// # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error that lists why the client is not accepted.
    pub fn check_profile(&self, profile: Profile) -> Result<(), ClientMetadataError> {
        let row = profile.row();
        let mut problems = Vec::new();
        let methods = self.auth_methods.and(row.methods);
        if methods.is_empty() {
            problems.push(self.wrong_methods(&row));
        } else if methods == AuthMethods::from(AuthMethod::PrivateKeyJwt) {
            problems.extend(self.wrong_keys(&row));
        }
        if self.accepts_endpoint_audience {
            let title = row.title;
            let text =
                format!("{title} accepts only the issuer as the audience: leave the member out");
            problems.push(ClientProblem::new(members::ENDPOINT_AUDIENCE, text));
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(ClientMetadataError::new(problems)),
        }
    }

    fn wrong_methods(&self, row: &ProfileRow) -> ClientProblem {
        let own = list(self.auth_methods.iter());
        let (title, wanted) = (row.title, list(row.methods.iter()));
        let field = match self.auth_methods.iter().count() {
            0 | 1 => members::AUTH_METHOD,
            _ => members::AUTH_METHODS,
        };
        let text = format!("{title} does not accept {own}: register one of {wanted}");
        ClientProblem::new(field, text)
    }

    /// Of a client that must sign.
    fn wrong_keys(&self, row: &ProfileRow) -> Option<ClientProblem> {
        let (title, wanted) = (row.title, list(row.algorithms.iter()));
        if let Some(algorithm) = self.signing_algorithm {
            let text = format!("{title} does not accept {algorithm}: use one of {wanted}");
            let is_accepted = row.algorithms.contains(algorithm);
            return (!is_accepted).then(|| ClientProblem::new(keys::SIGNING_ALG, text));
        }
        let ClientKeys::Registered(keys) = &self.keys else {
            return None;
        };
        let mut algorithms = row.algorithms.iter();
        let text = format!("{title} needs a key for one of {wanted}: add one");
        let has_key = algorithms.any(|algorithm| keys.has_key_for(algorithm));
        (!has_key).then(|| ClientProblem::new(keys::JWKS, text))
    }
}

fn list(names: impl Iterator<Item = impl ToString>) -> String {
    let names: Vec<_> = names.map(|name| name.to_string()).collect();
    names.join(", ")
}
