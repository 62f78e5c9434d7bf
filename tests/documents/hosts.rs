//! Who may have a document: every https host, those of a list, or those of a predicate.

use std::sync::Arc;

use tower_token_endpoint::store::ClientStore as _;

use crate::source::{Does, Found, Source, builder, find, head};

#[tokio::test(start_paused = true)]
async fn only_hosts_of_the_list_may_have_a_document() {
    let source = Source::that(Does::Document);
    let store = builder(&source).hosts(["claude.ai", "VSCode.dev"]).build();
    let store = Arc::new(store.expect("settings that agree"));
    let allowed = [
        "https://claude.ai/client.json",
        "https://Claude.AI/client.json",
        "https://claude.ai:8443/client.json?a=b",
        "https://vscode.dev/client.json",
    ];
    for id in allowed {
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
    }
    for id in [
        "https://www.claude.ai/client.json",
        "https://claude.ai.evil.example/client.json",
        "https://evilclaude.ai/client.json",
        "https://evil.example/claude.ai",
        "https://evil.example/client.json?host=claude.ai",
        "https://claude.ai@evil.example/client.json",
        "https://claude.ai./client.json",
        "https://ai/client.json",
    ] {
        let now = store.find_now(id, &head());
        assert!(matches!(now, Some(Ok(None))), "{id}: {now:?}");
        assert_eq!(find(&*store, id).await, Found::Nobody, "{id}");
        assert!(store.why_unknown(id, &head()).is_none(), "{id}");
    }
    assert_eq!(source.ids(), allowed);
}

#[tokio::test(start_paused = true)]
async fn only_what_a_predicate_allows_may_have_a_document() {
    let source = Source::that(Does::Document);
    let both = builder(&source)
        .hosts(["claude.ai", "app.example.com"])
        .allow_where(|url| url.as_str().ends_with("/client.json") && url.host() != "claude.ai");
    let both = Arc::new(both.build().expect("settings that agree"));
    let by_host = builder(&source).allow_where(|url| url.host().ends_with(".example.com"));
    let by_host = Arc::new(by_host.build().expect("settings that agree"));
    let id = "https://app.example.com/client.json";
    let table = [
        (&both, id, Found::Client),
        (&both, "https://app.example.com/other.json", Found::Nobody),
        (&both, "https://claude.ai/client.json", Found::Nobody),
        (
            &both,
            "https://other.example.com/client.json",
            Found::Nobody,
        ),
        (&by_host, id, Found::Client),
        (&by_host, "https://example.com/client.json", Found::Nobody),
    ];
    for (row, (store, id, wanted)) in table.into_iter().enumerate() {
        assert_eq!(find(&**store, id).await, wanted, "{row}: {id}");
    }
    assert_eq!(source.ids(), [id, id]);
}

/// An ordinary id is none of its business.
#[tokio::test(start_paused = true)]
async fn a_predicate_sees_only_urls_of_documents() {
    let source = Source::that(Does::Document);
    let store = builder(&source).allow_where(|url| panic!("{url}")).build();
    let store = store.expect("settings that agree");
    for id in [
        "app",
        "https://app.example.com/",
        "http://app.example.com/a",
    ] {
        assert_eq!(find(&store, id).await, Found::Nobody, "{id}");
    }
}
