//! What a request gets, row by row of what was decided.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::store::{BoxClientStore, ClientStore};

use crate::common::{Built as _, Exchange, ISSUER, Key, basic, form_encode};
use crate::served::{assert_accepted, layer, public, refused, serving, signed, unavailable};
use crate::source::{Does, ID, MINUTE, SECOND, SHORTEST, Source, document, registered, store};

/// Everything that goes over the wire.
fn wire(exchange: &Exchange) -> (u16, String, &[u8]) {
    let headers = format!("{:?}", exchange.response.headers());
    let status = exchange.response.status().as_u16();
    (status, headers, exchange.response.body())
}

async fn unknown<C: ClientStore>(layer: &TokenEndpointLayer<C>) -> Exchange {
    let exchange = public("nobody").send(layer).await;
    exchange.rejected(401, "invalid_client", RejectionReason::UnknownClient);
    exchange
}

#[tokio::test(start_paused = true)]
async fn a_client_with_a_document_is_a_public_client() {
    let source = Source::that(Does::Document);
    let layer = layer(store(&source));
    for _ in 0..3 {
        assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
    }
    assert_eq!(source.ids(), [ID]);
    // It has no secret, whatever is sent as one.
    let sent = basic(format!("{}:s3cret", form_encode(ID)))
        .send(&layer)
        .await;
    sent.rejected(401, "invalid_client", RejectionReason::MethodNotRegistered);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_not_valid_is_401_as_for_a_client_that_does_not_exist() {
    let own = |members: &str| document(ID, members);
    let key = json!({"keys": [Key::new("key").jwk()]});
    let mut private = key.clone();
    private["keys"][0]["d"] = "AQAB".into();
    let rows = [
        // not one JSON object, or a member twice
        (String::new(), "EOF"),
        ("<html>".to_owned(), "expected value"),
        ("null".to_owned(), "object"),
        ("[]".to_owned(), "object"),
        (format!("[{}]", own("")), "object"),
        (format!("\"{ID}\""), "object"),
        (own("")[1..].to_owned(), "trailing"),
        (format!("{}{}", own(""), own("")), "trailing"),
        (own(&format!(r#""client_id":"{ID}""#)), "client_id"),
        (own(r#""client_name":"a","client_name":"a""#), "client_name"),
        // another `client_id`
        ("{}".to_owned(), "client_id"),
        (r#"{"client_id":null}"#.to_owned(), "client_id"),
        (r#"{"client_id":1}"#.to_owned(), "client_id"),
        (document("", ""), "client_id"),
        (
            document("https://app.example.com/client.json/", ""),
            "client_id",
        ),
        (
            document("https://APP.example.com/client.json", ""),
            "client_id",
        ),
        (
            document("https://app.example.com:443/client.json", ""),
            "client_id",
        ),
        (
            document("https://app.example.com/client.json ", ""),
            "client_id",
        ),
        // a secret
        (own(r#""client_secret":"s3cret""#), "client_secret"),
        (own(r#""client_secret":null"#), "client_secret"),
        (
            own(r#""client_secret_expires_at":0"#),
            "client_secret_expires_at",
        ),
        (
            own(r#""client_secret_expires_at":4102444800"#),
            "client_secret_expires_at",
        ),
        (
            own(r#""token_endpoint_auth_method":"client_secret_basic""#),
            "needs a secret",
        ),
        (
            own(r#""token_endpoint_auth_method":"client_secret_post""#),
            "needs a secret",
        ),
        (
            own(r#""token_endpoint_auth_method":"client_secret_jwt""#),
            "needs a secret",
        ),
        // keys
        (
            own(&format!(
                r#""jwks":{key},"jwks_uri":"https://app.example.com/jwks""#
            )),
            "jwks",
        ),
        (own(&format!(r#""jwks":{private}"#)), "jwks"),
    ];
    for (json, wanted) in rows {
        let source = Source::that(Does::Json(json.clone()));
        let layer = layer(store(&source));
        let unknown = unknown(&layer).await;
        // The first fetches, and the second remembers.
        for _ in 0..2 {
            let exchange = public(ID).send(&layer).await;
            let why = refused(&exchange);
            assert!(why.contains(wanted), "{json}: {why}");
            assert!(!why.contains("s3cret"), "{why}");
            assert_eq!(wire(&exchange), wire(&unknown), "{json}");
        }
        assert_eq!(source.fetches(), 1, "{json}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_gone_or_refused_is_401_as_for_a_client_that_does_not_exist() {
    for (does, wanted) in [(Does::Gone, "410"), (Does::Refuses, "does not like")] {
        for had_document in [false, true] {
            let source = Source::that(Does::Document);
            let layer = layer(store(&source));
            if had_document {
                assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
                tokio::time::advance(SHORTEST).await;
            }
            source.now(does.clone());
            let exchange = public(ID).send(&layer).await;
            let why = refused(&exchange);
            assert!(why.contains(wanted), "{why}");
            assert_eq!(wire(&exchange), wire(&unknown(&layer).await));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_fetched_is_503_or_the_copy() {
    for (down, wanted) in [
        (Does::Fails, "the source is down"),
        (Does::Hangs, "8 s"),
        (Does::Panics, "interrupted"),
    ] {
        let source = Source::that(down.clone());
        let layer = layer(store(&source));
        let why = unavailable(&public(ID).send(&layer).await);
        assert!(why.contains(wanted), "{down:?}: {why}");
        source.now(Does::Document);
        assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
        source.now(down);
        tokio::time::advance(SHORTEST).await;
        assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
    }
}

#[tokio::test(start_paused = true)]
async fn above_a_limit_of_fetches_is_503() {
    let source = Source::that(Does::Fails);
    let layer = layer(store(&source));
    for _ in 0..5 {
        unavailable(&public(ID).send(&layer).await);
    }
    let why = unavailable(&public(ID).send(&layer).await);
    assert!(why.contains("5 times a minute"), "{why}");
    assert_eq!(source.fetches(), 5);
}

/// A stranger can make a fetch slow, so that is no outage of the server.
#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_later_than_the_deadline_is_503_for_the_client_alone() {
    let source = Source::that(Does::Document);
    source.takes(SECOND * 3);
    let store = store(&source);
    let layer = serving(store).deadline(SECOND).built();
    unavailable(&public(ID).send(&layer).await);
    // And it is not lost.
    tokio::time::sleep(SECOND * 3).await;
    assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
    assert_eq!(source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_signs_does_not_come_without_a_signature() {
    let [key, other] = ["key", "other"].map(Key::new);
    let members = json!([key.jwk()]);
    let members =
        format!(r#""token_endpoint_auth_method":"private_key_jwt","jwks":{{"keys":{members}}}"#);
    let source = Source::that(Does::With(members));
    let layer = layer(store(&source));
    let exchange = public(ID).send(&layer).await;
    let reason = RejectionReason::MethodNotRegistered;
    exchange.rejected(401, "invalid_client", reason);
    assert_eq!(wire(&exchange), wire(&unknown(&layer).await));
    assert_accepted(
        &signed(&key, ID).send(&layer).await,
        ID,
        AuthMethod::PrivateKeyJwt,
    );
    let stranger = signed(&other, ID).send(&layer).await;
    stranger.rejected(401, "invalid_client", RejectionReason::UnknownKey);
}

#[tokio::test(start_paused = true)]
async fn a_client_has_the_methods_that_its_document_lists_and_the_layer_verifies() {
    let key = Key::new("key");
    let keys = json!({"keys": [key.jwk()]});
    // The methods in the document, and whether `none` and `private_key_jwt` work.
    let rows = [
        (
            r#""token_endpoint_auth_methods_supported":["none","private_key_jwt"]"#,
            true,
            true,
        ),
        (
            r#""token_endpoint_auth_methods_supported":["private_key_jwt"]"#,
            false,
            true,
        ),
        (
            r#""token_endpoint_auth_methods_supported":["none"]"#,
            true,
            false,
        ),
        (
            r#""token_endpoint_auth_methods_supported":["client_secret_basic","none","x"]"#,
            true,
            false,
        ),
        // It counts before the method alone.
        (
            r#""token_endpoint_auth_method":"none","token_endpoint_auth_methods_supported":["private_key_jwt"]"#,
            false,
            true,
        ),
        (
            r#""token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_methods_supported":["none"]"#,
            true,
            false,
        ),
        (r#""token_endpoint_auth_method":"none""#, true, false),
        (r#""client_name":"without a method""#, true, false),
    ];
    for (members, none, signs) in rows {
        let source = Source::that(Does::With(format!(r#"{members},"jwks":{keys}"#)));
        let layer = layer(store(&source));
        for (call, is_accepted) in [(public(ID), none), (signed(&key, ID), signs)] {
            let exchange = call.send(&layer).await;
            match is_accepted {
                true => assert_eq!(
                    exchange.token_request().client().client_id(),
                    ID,
                    "{members}"
                ),
                false => {
                    let reason = RejectionReason::MethodNotRegistered;
                    exchange.rejected(401, "invalid_client", reason);
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn members_and_grants_that_this_server_does_not_know_are_ignored() {
    let source = Source::that(Does::With(
        r#""grant_types":["authorization_code","urn:example:grant","implicit"],
        "client_name":"An app","client_uri":"https://app.example.com/","x":{"y":[1,null]},
        "redirect_uris":["http://127.0.0.1/cb"],"response_types":["code","x"]"#
            .to_owned(),
    ));
    let layer = layer(store(&source));
    assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
}

#[tokio::test(start_paused = true)]
async fn other_ids_are_answered_as_ever_while_documents_cannot_be_fetched() {
    let source = Source::that(Does::Hangs);
    let layer = layer(store(&source));
    let start = tokio::time::Instant::now();
    for id in [
        "nobody",
        "https://app.example.com/",
        "http://app.example.com/client.json",
    ] {
        let exchange = public(id).send(&layer).await;
        exchange.rejected(401, "invalid_client", RejectionReason::UnknownClient);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(source.fetches(), 0);
}

#[test]
fn discovery_says_that_documents_are_supported_and_clients_need_no_secret() {
    fn of<C: ClientStore>(store: C) -> (serde_json::Value, bool) {
        let layer = TokenEndpointLayer::builder(store, ISSUER).path("/token");
        let metadata = json!(layer.built().server_metadata());
        let methods = &metadata["token_endpoint_auth_methods_supported"];
        let methods = methods.as_array().expect("methods");
        let member = "client_id_metadata_document_supported";
        (metadata[member].clone(), methods.contains(&json!("none")))
    }
    let with = || store(&Source::that(Does::Document));
    assert_eq!(of(with()), (json!(true), true));
    assert_eq!(of(BoxClientStore::new(with())), (json!(true), true));
    // Without documents, the member is not there.
    assert_eq!(of(registered()).0, json!(null));
    assert_eq!(of(Arc::new(registered())).0, json!(null));
    let layer = TokenEndpointLayer::builder(registered(), ISSUER).path("/token");
    let metadata = layer.built().server_metadata();
    assert!(!metadata.contains_key("client_id_metadata_document_supported"));
}

/// Also after the minute for which it is remembered.
#[tokio::test(start_paused = true)]
async fn a_document_that_is_mended_is_accepted_a_minute_later() {
    let source = Source::that(Does::Json("{}".to_owned()));
    let layer = layer(store(&source));
    refused(&public(ID).send(&layer).await);
    source.now(Does::Document);
    tokio::time::advance(MINUTE - SECOND).await;
    refused(&public(ID).send(&layer).await);
    tokio::time::advance(SECOND).await;
    assert_accepted(&public(ID).send(&layer).await, ID, AuthMethod::None);
}
