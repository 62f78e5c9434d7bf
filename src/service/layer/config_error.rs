//! The error of a layer that cannot be built.

use std::{error::Error, fmt};

use crate::store::{LoadClientsError, LoadProblem};

/// Error returned when a layer cannot be built from its settings.
///
/// It lists every problem, each on a line of its own.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
///
/// let clients = MemoryClientStore::from_json(b"[]")?;
/// let error = TokenEndpointLayer::builder(clients, "as.example.com")
///     .deadline(Duration::ZERO)
///     .build()
///     .unwrap_err();
///
/// let settings: Vec<_> = error.problems().map(|problem| problem.setting()).collect();
/// assert_eq!(settings, ["issuer", "deadline"]);
/// assert_eq!(error.to_string().lines().count(), 2);
/// # Ok::<_, tower_token_endpoint::store::LoadClientsError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    problems: Vec<ConfigProblem>,
}

impl ConfigError {
    /// Returns the problems, in the order in which the layer checks its settings. There is at
    /// least one.
    pub fn problems(&self) -> impl Iterator<Item = &ConfigProblem> {
        self.problems.iter()
    }
}

/// The same as `Display`: a `main` that returns the error prints this.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One line for each problem.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl Error for ConfigError {}

/// Problem of one setting, which is wrong or contradicts another one.
///
/// See [`ConfigError`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    setting: &'static str,
    value: Option<String>,
    wanted: &'static str,
    client: Option<Box<LoadProblem>>,
}

impl ConfigProblem {
    /// Returns the name of the setting, such as `issuer`. It is the name of a method of the
    /// builder, or of an argument, such as `clients`.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// Returns the value of the setting. `None` if it cannot be shown, such as that of
    /// [`jwks_source`], or if nothing was set.
    ///
    /// [`jwks_source`]: crate::layer::TokenEndpointLayerBuilder::jwks_source
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Returns what is wrong and how to fix it, such as "must be longer than zero".
    #[must_use]
    pub fn wanted(&self) -> &'static str {
        self.wanted
    }

    /// Returns the problem of a client, if the setting is `clients`: the client can never be accepted by
    /// a layer with the [`profile`](crate::layer::TokenEndpointLayerBuilder::profile).
    #[must_use]
    pub fn client(&self) -> Option<&LoadProblem> {
        self.client.as_deref()
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.setting)?;
        if let Some(value) = &self.value {
            // Escaped, so that it stays on one line.
            write!(f, " {value:?}")?;
        }
        if let Some(client) = &self.client {
            return write!(f, ": {client}");
        }
        write!(f, ": {}", self.wanted)
    }
}

const CLIENTS: &str = "clients";
const CLIENTS_WANTED: &str = "must be clients that the `profile` accepts";

/// The problems that were found so far.
#[derive(Default)]
pub(in crate::service) struct Problems(Vec<ConfigProblem>);

impl Problems {
    pub(in crate::service) fn add(
        &mut self,
        setting: &'static str,
        value: impl Into<String>,
        wanted: &'static str,
    ) {
        self.push(setting, Some(value.into()), wanted);
    }

    /// Adds a problem of a setting whose value cannot be shown, or is missing.
    pub(in crate::service) fn add_without_value(
        &mut self,
        setting: &'static str,
        wanted: &'static str,
    ) {
        self.push(setting, None, wanted);
    }

    /// Adds each client that the profile does not accept.
    pub(super) fn add_clients(&mut self, error: LoadClientsError) {
        let (clients, omitted) = error.into_problems();
        self.0
            .extend(clients.into_iter().map(|client| ConfigProblem {
                setting: CLIENTS,
                value: None,
                wanted: CLIENTS_WANTED,
                client: Some(client.into()),
            }));
        if omitted > 0 {
            self.add(CLIENTS, format!("{omitted} more"), CLIENTS_WANTED);
        }
    }

    fn push(&mut self, setting: &'static str, value: Option<String>, wanted: &'static str) {
        self.0.push(ConfigProblem {
            setting,
            value,
            wanted,
            client: None,
        });
    }

    /// At least one was added.
    pub(in crate::service) fn into_error(self) -> ConfigError {
        ConfigError { problems: self.0 }
    }

    /// # Errors
    ///
    /// Returns an error if there are problems.
    pub(in crate::service) fn into_result(self) -> Result<(), ConfigError> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(self.into_error()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_one_line() {
        let mut problems = Problems::default();
        problems.add("issuer", "a\nb", "must be a URL");
        problems.add_without_value("jwks_source", "needs `client_assertions`");
        let error = problems.into_result().expect_err("problems");
        assert_eq!(
            error.to_string(),
            "issuer \"a\\nb\": must be a URL\njwks_source: needs `client_assertions`"
        );
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(Problems::default().into_result(), Ok(()));
    }
}
