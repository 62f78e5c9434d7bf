//! The contract of stores: also with documents around it, a store finds its own clients and no others.

use tower_token_endpoint::client::documents::ClientDocuments;
use tower_token_endpoint::store::CachedClientStore;
use tower_token_endpoint::{Client, MemoryClientStore, testing};

use crate::source::{Does, Source};

#[tokio::test]
async fn documents_around_a_store_keep_its_contract_in_one_thread() {
    let source = Source::that(Does::Gone);
    testing::client_store(async |clients| documents(&source, clients)).await;
    // Strangers in the contract have ids that are URLs of documents.
    assert!(source.fetches() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn documents_around_a_store_keep_its_contract_in_many_threads() {
    let source = Source::that(Does::Gone);
    testing::client_store(async |clients| documents(&source, clients)).await;
    testing::client_store(async |clients| {
        let cached = CachedClientStore::new(memory(clients));
        let documents = ClientDocuments::builder(cached).source(source.clone());
        documents.build().expect("settings that agree")
    })
    .await;
}

/// If nobody may have a document, the store is as it was.
#[tokio::test]
async fn a_store_whose_documents_are_at_one_host_keeps_its_contract() {
    let source = Source::that(Does::Document);
    testing::client_store(async |clients| {
        let documents = ClientDocuments::builder(memory(clients)).source(source.clone());
        let documents = documents.hosts(["app.example"]).build();
        documents.expect("settings that agree")
    })
    .await;
    assert_eq!(source.fetches(), 0);
}

fn documents(
    source: &std::sync::Arc<Source>,
    clients: Vec<Client>,
) -> ClientDocuments<MemoryClientStore> {
    let documents = ClientDocuments::builder(memory(clients)).source(source.clone());
    documents.build().expect("settings that agree")
}

fn memory(clients: Vec<Client>) -> MemoryClientStore {
    MemoryClientStore::new(clients).expect("no id twice")
}
