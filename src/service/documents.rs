//! The constructors of [`ClientDocuments`]. They are here and not with the store, since only the observer knows
//! where its reports go.

use super::{
    layer::config_error::{ConfigError, Problems},
    observe,
};
use crate::store::{
    clients::ClientStore,
    documents::{ClientDocuments, builder::ClientDocumentsBuilder},
};

const MAX_BYTES: usize = 64 * 1024;

impl<C: ClientStore> ClientDocuments<C> {
    /// Puts documents in front of a store of registered clients, with the default settings.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no root certificates: see
    /// [`GuardedFetch::new`](crate::jwks::fetch::GuardedFetch::new).
    pub fn new(store: C) -> Result<Self, ConfigError> {
        Self::builder(store).build()
    }

    /// Starts a builder, with a method for each setting.
    pub fn builder(store: C) -> ClientDocumentsBuilder<C> {
        ClientDocumentsBuilder::new(store)
    }
}

impl<C: ClientStore> ClientDocumentsBuilder<C> {
    /// Checks the settings and builds the store.
    ///
    /// # Errors
    ///
    /// Returns an error that lists every setting that is wrong, or says why nothing can be fetched, such as that the
    /// system has no root certificates.
    pub fn build(self) -> Result<ClientDocuments<C>, ConfigError> {
        let mut problems = Problems::default();
        if !(1..=MAX_BYTES).contains(&self.max_bytes) {
            let wanted = "must be a number of bytes from 1 to 65536";
            problems.add("max_bytes", self.max_bytes.to_string(), wanted);
        }
        if self.fresh_for.is_empty() {
            let wanted = "must start with the shorter of the two times";
            problems.add("fresh_for", format!("{:?}", self.fresh_for), wanted);
        }
        if self.max_documents == 0 {
            problems.add("max_documents", "0", "must be at least 1");
        }
        if self.has_no_hosts() {
            let wanted = "must name at least one host: leave it out to allow every host";
            problems.add_without_value("hosts", wanted);
        }
        for host in self.wrong_hosts() {
            let wanted = "must be the name of a host, without https://, port and path";
            problems.add("hosts", host, wanted);
        }
        if self.has_idle_fetch() {
            let wanted =
                "has nothing to fetch: leave it out, or leave out `source` or `jwks_source`";
            problems.add_without_value("fetch", wanted);
        }
        problems.into_result()?;
        self.build_with(observe::DOCUMENTS, observe::KEY_SETS_OF_DOCUMENTS)
            .map_err(|error| {
                let wanted = "must be able to fetch: install the root certificates of the system \
                     (package ca-certificates), or set a `GuardedFetch` with your own";
                let mut problems = Problems::default();
                problems.add("fetch", error.to_string(), wanted);
                problems.into_error()
            })
    }
}
