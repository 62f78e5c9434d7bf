//! The clients: those that are registered and, with `--client-documents`, those that publish their
//! registration at their `client_id`.

use std::{error::Error, path::Path, sync::Arc};

use axum::http::{StatusCode, request::Parts};
use tower_token_endpoint::{
    Client, MemoryClientStore,
    client::documents::ClientDocuments,
    jwks::fetch::{FetchError, GuardedFetch},
    layer::Profile,
    store::{BoxClientStore, ClientStore},
};

use crate::{assertions::chain, cli::Options, demo, page::Page};

pub(crate) struct Clients {
    pub(crate) store: BoxClientStore,
    /// How many are registered.
    pub(crate) registered: usize,
    profile: Option<Profile>,
}

impl Clients {
    /// An error has one line for each problem.
    pub(crate) fn of(options: &Options) -> Result<Self, String> {
        let clients = match &options.clients {
            Some(path) => load(path)?,
            None => demo::clients(options.profile),
        };
        let registered = clients.len();
        let store = match options.client_documents {
            true => BoxClientStore::new(with_documents(clients, options)?),
            false => BoxClientStore::new(clients),
        };
        Ok(Self {
            store,
            registered,
            profile: options.profile,
        })
    }

    /// Finds the client of an authorization request. The layers do the same at their endpoints.
    pub(crate) async fn find(&self, client_id: &str, request: &Parts) -> Result<Arc<Client>, Page> {
        match self.store.find(client_id, request).await {
            Ok(Some(client)) => self.accepted(client),
            Ok(None) => Err(match self.store.why_unknown(client_id, request) {
                Some(why) => refused(&*why),
                None => Page::no_target(),
            }),
            Err(error) => {
                tracing::info!(
                    error = chain(&*error),
                    "a client at /authorize cannot be found now"
                );
                // The cause stays in the log: it would tell what this server can reach.
                Err(Page::later(
                    "The metadata document of this client cannot be fetched at the moment: try \
                     again later.\n",
                ))
            }
        }
    }

    /// Refuses a client to which the layers would not give tokens. Of registered clients there are none.
    fn accepted(&self, client: Arc<Client>) -> Result<Arc<Client>, Page> {
        let Some(profile) = self.profile else {
            return Ok(client);
        };
        match client.check_profile(profile) {
            Ok(()) => Ok(client),
            Err(why) => {
                let name = profile.as_str();
                let text = format!(
                    "This server does not accept the client, because of --profile {name}.\n{why}\n"
                );
                Err(Page::new(StatusCode::BAD_REQUEST, &text))
            }
        }
    }
}

/// Reads the clients of a file. The layer logs the warnings.
fn load(path: &Path) -> Result<MemoryClientStore, String> {
    let json = std::fs::read(path).map_err(|error| format!("--clients {path:?}: {error}"))?;
    MemoryClientStore::from_json(&json).map_err(|error| {
        let problems = error.to_string();
        let lines = problems.lines();
        let lines: Vec<_> = lines
            .map(|it| format!("--clients {path:?}: {it}"))
            .collect();
        lines.join("\n")
    })
}

fn with_documents(
    registered: MemoryClientStore,
    options: &Options,
) -> Result<ClientDocuments<MemoryClientStore>, String> {
    let fetch = GuardedFetch::new();
    let fetch = fetch.map_err(|error| format!("--client-documents: {}", chain(&error)))?;
    let fetch = match options.dangerously_allow_local_client_documents {
        true => fetch.dangerously_allow_loopback_and_http(),
        false => fetch,
    };
    let documents = ClientDocuments::builder(registered).fetch(fetch).build();
    documents.map_err(|error| error.to_string())
}

/// Tells the developer of the client what is wrong.
fn refused(why: &(dyn Error + 'static)) -> Page {
    tracing::info!(error = chain(why), "a client at /authorize is refused");
    let why = why.source().unwrap_or(why);
    // It may name an address that only the resolver of this network knows.
    if why.is::<FetchError>() {
        return Page::new(
            StatusCode::BAD_REQUEST,
            "Nothing is fetched from the client_id: its host must be a name that has only public \
             addresses.\n",
        );
    }
    let text = format!("The metadata document of this client is refused.\n{why}\n");
    Page::new(StatusCode::BAD_REQUEST, &text)
}
