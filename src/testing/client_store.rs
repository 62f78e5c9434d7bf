//! The contract of [`ClientStore`].

use std::{collections::BTreeSet, sync::Arc};

use http::{Request, request};
use tokio::{sync::Barrier, task::JoinSet};

use super::shown::shown;
use crate::{BoxError, Client, client::ClientSecret, store::ClientStore};

/// Tests a store of clients against the contract of [`ClientStore`].
///
/// `holding` makes the store. It is called once, and must return a store that contains only
/// the clients that it gets. They are about twenty clients, each with an id and a secret. The
/// ids have up to 255 characters and differ by very little. The `request` of each lookup is a
/// `POST /token` for the host `as.example.com`.
///
/// # Panics
///
/// Panics if the store breaks the contract, or returns an error.
///
/// ```
/// # use std::{collections::HashMap, convert::Infallible, sync::Arc};
/// # use http::request::Parts;
/// # use tower_token_endpoint::{Client, store::ClientStore};
/// use tower_token_endpoint::testing;
///
/// struct Clients(HashMap<String, Arc<Client>>);
/// # impl ClientStore for Clients {
/// #     type Error = Infallible;
/// #     async fn find(&self, client_id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
/// #         Ok(self.0.get(client_id).cloned())
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // In a `#[tokio::test]`:
/// testing::client_store(async |clients| {
///     let by_id = |client: Client| (client.client_id().to_owned(), Arc::new(client));
///     Clients(clients.into_iter().map(by_id).collect())
/// })
/// .await;
/// # }
/// ```
pub async fn client_store<C: ClientStore>(holding: impl AsyncFnOnce(Vec<Client>) -> C) {
    let ids = ids();
    let client = |id: &String| {
        let client = Client::builder(id.clone())
            .secret(ClientSecret::sha256_of("gX1fBat3bV"))
            .build();
        client.expect("an id and a secret make a client")
    };
    let store = Arc::new(holding(ids.iter().map(client).collect()).await);
    for id in &ids {
        found(&*store, id, FOUND).await;
    }
    for id in strangers(&ids) {
        not_found(&*store, &id, STRANGER).await;
    }
    for id in near(&ids) {
        not_found(&*store, &id, EXACT).await;
    }
    at_once(&store, &ids).await;
    decoy(&*store, &ids).await;
}

const FOUND: &str = "a client is found by its id";
const EXACT: &str = "a client is found only by its own id, byte for byte";
const STRANGER: &str = "any id that a stranger sends can be looked up, and no client is found";
const AT_ONCE: &str = "lookups at the same time do not mix";
const AGREE: &str = "`find_now` agrees with `find`";
const DECOY: &str = "a decoy has as many secrets as the client with the most";

fn ids() -> BTreeSet<String> {
    let mut ids: BTreeSet<_> = [
        "s6BhdRkqt3",
        "S6BHDRKQT3",
        "1",
        "01",
        "a b",
        "a+b",
        "a%20b",
        "a_b",
        "a-b",
        "o'brien",
        "back\\slash",
        "demo:colon",
        "https://client.example.com/cb?x=1&y=2",
        "caf\u{e9}",
        "cafe\u{301}x",
        "\u{43a}\u{43b}\u{44e}\u{447}",
        "\u{1f511}",
    ]
    .map(str::to_owned)
    .into();
    ids.insert("x".repeat(255));
    ids
}

/// Ids that no client has, and that may be a pattern, a query or an error somewhere.
fn strangers(ids: &BTreeSet<String>) -> Vec<String> {
    let mut strangers = [
        "",
        " ",
        "\0",
        "nobody",
        "%",
        "_",
        "%%",
        "*",
        "?",
        "[a-z]*",
        ".*",
        "^.*$",
        "' or 1=1 --",
        "' OR '1'='1",
        "\" or \"\"=\"",
        "'; DROP TABLE clients; --",
        "$1",
        "{\"$ne\":null}",
        "*)(cn=*",
        "../1",
        "/",
        "null",
        "true",
        "1.0",
        "1e0",
        "\r\n",
        "\u{feff}",
        "\u{fffd}",
        "\u{10ffff}",
    ]
    .map(str::to_owned)
    .to_vec();
    strangers.push("x".repeat(256));
    strangers.push("x".repeat(60_000));
    strangers.push("\u{1f511}".repeat(4000));
    strangers.retain(|id| !ids.contains(id));
    strangers
}

/// Ids that differ by very little from that of a client.
fn near(ids: &BTreeSet<String>) -> BTreeSet<String> {
    let mut near = BTreeSet::new();
    for id in ids {
        let last = id.char_indices().next_back().map_or(0, |(at, _)| at);
        let second = id.char_indices().nth(1).map_or(id.len(), |(at, _)| at);
        near.extend([id[..last].to_owned(), id[second..].to_owned()]);
        near.extend([id.to_lowercase(), id.to_uppercase()]);
        for more in [
            " ", "\t", "\n", "\0", "\0x", "%", "*", "x", "/", "\u{200b}", "\u{301}",
        ] {
            near.extend([format!("{id}{more}"), format!("{more}{id}")]);
        }
        near.insert(id.replace('_', "x"));
        near.insert(id.replace(':', "%3A"));
        near.insert(id.replace(' ', ""));
        near.insert(id.replace('\'', "''"));
        near.insert(id.replace('\\', "\\\\"));
        // Composed for decomposed, another k, another s, full width, and the Turkish i.
        near.insert(id.replace('\u{e9}', "e\u{301}"));
        near.insert(id.replace("e\u{301}", "\u{e9}"));
        near.insert(id.replace('k', "\u{212a}"));
        near.insert(id.replace('s', "\u{17f}"));
        near.insert(id.replace('1', "\u{ff11}"));
        near.insert(id.replace('i', "\u{131}"));
        near.insert(id.replace('e', "\u{e9}"));
        near.insert(id.replace('\u{e9}', "e"));
    }
    near.retain(|id| !ids.contains(id));
    near
}

async fn at_once<C: ClientStore>(store: &Arc<C>, ids: &BTreeSet<String>) {
    const TASKS: usize = 64;
    let start = Arc::new(Barrier::new(TASKS));
    let mut tasks = JoinSet::new();
    for (n, id) in ids.iter().cycle().take(TASKS).enumerate() {
        let (store, id, start) = (store.clone(), id.clone(), start.clone());
        tasks.spawn(async move {
            start.wait().await;
            for _ in 0..8 {
                found(&*store, &id, AT_ONCE).await;
                not_found(&*store, &format!("nobody {n}"), AT_ONCE).await;
            }
        });
    }
    tasks.join_all().await;
}

async fn decoy(store: &impl ClientStore, ids: &BTreeSet<String>) {
    let Some(decoy) = store.decoy() else { return };
    for id in ids {
        let (own, most) = (decoy.secrets().len(), found(store, id, DECOY).await);
        let most = most.secrets().len();
        assert!(
            own >= most,
            "{DECOY}: it has {own}, and {} has {most}",
            shown(id)
        );
    }
}

async fn found(store: &impl ClientStore, id: &str, clause: &str) -> Arc<Client> {
    match find(store, id, clause).await {
        Some(client) if client.client_id() == id => client,
        Some(client) => panic!(
            "{clause}: for {} the store returned {}",
            shown(id),
            shown(client.client_id())
        ),
        None => panic!("{clause}: the store has {} and did not find it", shown(id)),
    }
}

async fn not_found(store: &impl ClientStore, id: &str, clause: &str) {
    if let Some(client) = find(store, id, clause).await {
        let found = shown(client.client_id());
        panic!(
            "{clause}: for {}, which is the id of no client, the store returned {found}",
            shown(id)
        );
    }
}

async fn find(store: &impl ClientStore, id: &str, clause: &str) -> Option<Arc<Client>> {
    let request = request();
    let client = expect(store.find(id, &request).await, id, clause);
    if let Some(found_now) = store.find_now(id, &request) {
        let now = expect(found_now, id, clause);
        let ids = [&client, &now].map(|it| it.as_ref().map(|client| client.client_id()));
        assert!(
            ids[0] == ids[1],
            "{AGREE}: for {} they returned {:?} and {:?}",
            shown(id),
            ids[0].map(shown),
            ids[1].map(shown)
        );
    }
    client
}

fn expect<E: Into<BoxError>>(
    found: Result<Option<Arc<Client>>, E>,
    id: &str,
    clause: &str,
) -> Option<Arc<Client>> {
    found.unwrap_or_else(|error| {
        let error: BoxError = error.into();
        panic!("{clause}: for {} the store failed: {error:?}", shown(id))
    })
}

fn request() -> request::Parts {
    let request = Request::post("/token")
        .header("host", "as.example.com")
        .body(());
    request.expect("a request").into_parts().0
}
