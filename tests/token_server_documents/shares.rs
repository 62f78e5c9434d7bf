//! What strangers can push out.

use std::time::{Duration, SystemTime};

use serde_json::json;
use tower_token_endpoint::Client;

use crate::binding::Binding;
use crate::common::token_server::*;
use crate::expiring::Expiring;
use crate::per_client::PerClient;
use crate::site::{Site, authorize, start_local};
use crate::vaults::Vaults;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;
const LIFETIME: Duration = Duration::from_secs(90);
const CLIENTS_OF_HOST: usize = 10;
const HOSTS: usize = 100;
const SHARE: usize = 100;

fn kept() -> PerClient<Expiring<()>> {
    PerClient::new(1, |share| Expiring::new(LIFETIME, share))
}

fn put(kept: &PerClient<Expiring<()>>, client_id: &str, key: &str) -> bool {
    kept.at_document(client_id, NOW, |values| {
        values.insert_if_room(key.to_owned(), (), NOW)
    })
}

fn has(kept: &PerClient<Expiring<()>>, client_id: &str) -> bool {
    let found = kept.find(client_id, NOW, |values| values.get("mine", NOW).is_some());
    found == Some(true)
}

/// With any port, and in any case.
#[test]
fn clients_of_one_host_push_out_only_one_another() {
    let kept = kept();
    let victim = "https://victim.example/client.json";
    assert!(put(&kept, victim, "mine"));
    assert!(kept.at("registered", NOW, |values| {
        values.insert_if_room("mine".to_owned(), (), NOW)
    }));
    let stranger = |nth: usize| match nth % 3 {
        0 => format!("https://stranger.example/{nth}"),
        1 => format!("https://STRANGER.example/{nth}"),
        _ => format!("https://stranger.example:{}/{nth}", 1 + nth % 65_535),
    };
    for nth in 0..10_000 {
        assert!(put(&kept, &stranger(nth), "mine"));
    }
    let left = (0..10_000).filter(|nth| has(&kept, &stranger(*nth)));
    assert_eq!(left.count(), CLIENTS_OF_HOST);
    assert!(has(&kept, victim) && has(&kept, "registered"));
}

#[test]
fn what_was_not_used_for_the_longest_time_makes_room() {
    let kept = kept();
    let host = |nth: usize| format!("https://h{nth}.example/client.json");
    for nth in 0..HOSTS {
        assert!(put(&kept, &host(nth), "mine"));
    }
    // To look is to use.
    assert!(has(&kept, &host(0)));
    assert!(put(&kept, &host(HOSTS), "mine"));
    assert!(has(&kept, &host(0)) && has(&kept, &host(HOSTS)));
    assert!(!has(&kept, &host(1)) && has(&kept, &host(2)));
    // To look for what is not there makes nothing.
    for nth in 0..HOSTS {
        assert!(!has(&kept, &format!("https://none{nth}.example/a")));
    }
    assert!(has(&kept, &host(0)));

    let path = |nth: usize| format!("https://h0.example/{nth}");
    for nth in 1..CLIENTS_OF_HOST {
        assert!(put(&kept, &path(nth), "mine"));
    }
    assert!(has(&kept, &host(0)));
    assert!(put(&kept, &path(CLIENTS_OF_HOST), "mine"));
    assert!(has(&kept, &host(0)) && !has(&kept, &path(1)));
}

#[test]
fn a_client_with_a_document_has_a_share_that_no_other_one_can_use() {
    let kept = kept();
    let room = |client_id: &str| {
        let mut keys = (0..1000).map(|nth: usize| nth.to_string());
        keys.position(|key| !put(&kept, client_id, &key))
    };
    assert_eq!(room("https://a.example/1"), Some(SHARE));
    assert_eq!(room("https://a.example/2"), Some(SHARE));
    assert_eq!(room("https://b.example/1"), Some(SHARE));
    assert_eq!(room("https://a.example/1"), Some(0));
}

#[test]
fn nothing_is_kept_of_documents_whose_values_have_expired() {
    let kept = kept();
    let client_id = "https://a.example/client.json";
    assert!(put(&kept, client_id, "mine"));
    let find = |now| kept.find(client_id, now, |_| ()).is_some();
    assert!(find(NOW + LIFETIME - Duration::from_secs(1)));
    // What is due is removed at most every 10 s.
    assert!(!find(NOW + LIFETIME + Duration::from_secs(10)));
}

fn client(nth: usize) -> Client {
    let url = format!("https://h{}.example/{nth}", nth % 500);
    let document = json!({ "client_id": url, "redirect_uris": [CALLBACK] });
    Client::from_document(&url, document.to_string().as_bytes()).expect("a document")
}

/// The beginnings of tokens that lead to the vaults are fewer than the clients that come and go.
#[test]
fn token_leads_to_its_client_also_after_thousands_of_others() {
    let vaults = Vaults::new(1);
    let any = Binding {
        jkt: None,
        certificate: None,
        binds_certificate: false,
        is_public: true,
    };
    let issue = |client: &Client| {
        let issued = vaults.of(client, |vault, now| vault.issue(None, any, now));
        issued.access_token
    };
    let is_of = |token: &str, client: &Client| {
        let found = vaults.find(token);
        found.is_some_and(|(id, _)| id == client.client_id())
    };
    let registered = br#"{"client_id":"registered","client_secret":"a-secret"}"#;
    let registered = Client::from_json(registered).expect("a client");
    let of_registered = issue(&registered);
    let again = client(0);
    let mut of_again = issue(&again);
    for nth in 1..10_000 {
        let other = client(nth);
        let token = issue(&other);
        assert!(is_of(&token, &other), "{nth}");
        if nth == 1000 {
            // It was pushed out. Its new vault has the same beginning, and is used from now on.
            assert!(vaults.find(&of_again).is_none());
            of_again = issue(&again);
        }
        if nth >= 1000 {
            assert!(is_of(&of_again, &again), "{nth}");
        }
    }
    assert!(is_of(&of_registered, &registered));
}

/// Over HTTP, with as many documents as one host may have fetched in a minute.
#[tokio::test]
async fn strangers_push_out_no_code_and_no_token_of_a_registered_client_or_of_another_host() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let url = site.url("/victim.json").replace("127.0.0.1", "localhost");
    let victim = site.publish_at(&url, "/victim.json", json!({}));
    let mut before = Vec::new();
    for who in [PUBLIC, victim] {
        let (_, refresh) = server.grant(who, "read").await;
        let code = server.code(who, CALLBACK, "read").await;
        before.push((who, refresh, code));
    }

    let mut strangers = Vec::new();
    for nth in 0..15 {
        let stranger = site.publish(&format!("/{nth}.json"), json!({}));
        let (_, refresh) = server.grant(stranger, "read").await;
        strangers.push((stranger, refresh));
    }
    // One of them asks for more codes than it may have.
    let (last, _) = strangers[14];
    for nth in 0..=SHARE {
        let (_, query) = location(&authorize(&server, last.id(), CALLBACK).await);
        let error = value(&query, "error");
        assert_eq!(error.is_some(), nth == SHARE, "{nth}: {error:?}");
    }

    for (who, refresh, code) in before {
        server.redeem(who, &code).await.granted();
        server.refresh(who, &refresh).await.granted();
    }
    let (first, refresh) = &strangers[0];
    let answer = server.refresh(*first, refresh).await;
    answer.refused(400, "invalid_grant");
}
