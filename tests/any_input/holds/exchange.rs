//! The whole exchange: whoever is accepted has proved it in the request.

use http::{Method, Uri};
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::layer::Endpoint;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::request::AuthenticatedRequest;

use crate::common::{Call, form_pairs, pairs};
use crate::holds::answer::{self, Outcome};
use crate::holds::cast::{CIBA, DEVICE, Proof, Registered, Server};
use crate::holds::request::{self, Sent, body_credentials, header_credentials, values};

/// `data` is a request as [`request`] reads it.
pub(crate) fn check(data: &[u8]) -> bool {
    let sent = request::read(data);
    sent.is_some_and(|sent| Server::with(|server| check_at(server, &sent)))
}

fn check_at(server: &Server, sent: &Sent) -> bool {
    let call = &sent.call;
    let uri: Uri = call.uri.parse().expect("a URI");
    let (layer, endpoint, path) = server.at(uri.path());
    let exchange = answer::send(layer, call);
    let is_for_layer = uri.path() == path;
    match answer::outcome(layer, call, &exchange) {
        Outcome::Untouched => {
            let may_be_preflight = call.method == Method::OPTIONS && call.body.is_empty();
            assert!(
                !is_for_layer || may_be_preflight,
                "passed through: {call:?}"
            );
            false
        }
        Outcome::Refused(reason) => {
            assert!(is_for_layer, "a request for another path: {reason}");
            // Neither a store nor a deadline is there to fail.
            assert!(exchange.response.status().is_client_error(), "{reason}");
            false
        }
        Outcome::Accepted(request) => {
            assert!(is_for_layer && call.method == Method::POST);
            assert_eq!(request.endpoint(), endpoint);
            assert_eq!(pairs(request.parameters()), form_pairs(&call.body));
            let client = Registered::find(request.client().client_id());
            assert_proved(client, request.method(), sent);
            assert_demand(client, request, call);
            let again = answer::send(layer, call);
            match (answer::outcome(layer, call, &again), client.proof) {
                (Outcome::Refused(reason), Proof::Key(_)) => {
                    assert_eq!(reason, RejectionReason::ReplayedAssertion);
                }
                (
                    Outcome::Accepted(_),
                    Proof::Secret(_) | Proof::Hashed(..) | Proof::Rotated(..) | Proof::Nothing,
                ) => {}
                _ => panic!("once so and once otherwise: {call:?}"),
            }
            true
        }
    }
}

/// What proves this client is in the request.
pub(crate) fn assert_proved(client: &Registered, method: AuthMethod, sent: &Sent) {
    let call = &sent.call;
    assert!(
        client.methods.contains(&method),
        "{method} of {}",
        client.id
    );
    let is_right =
        |(id, secret): &(String, String)| id == client.id && client.secret() == Some(secret);
    let names = |(id, secret): &(String, String)| id == client.id && secret.is_empty();
    let ids = values(call, "client_id");
    let is_proved = match method.as_str() {
        "client_secret_basic" => header_credentials(call).iter().any(is_right),
        "client_secret_post" => body_credentials(call).iter().any(is_right),
        "none" => {
            let is_named = ids.iter().any(|id| id == client.id);
            is_named || header_credentials(call).iter().any(names)
        }
        "private_key_jwt" | "client_secret_jwt" => {
            // The assertion was made for this test, and no byte of it was changed.
            let sent_as = values(call, "client_assertion");
            let [assertion] = &sent_as[..] else {
                panic!("not one assertion: {sent_as:?}");
            };
            let signed = sent.assertion.as_ref().expect("nobody signed it");
            assert_eq!(assertion, &signed.token);
            signed.draft.proves(client, signed.at)
        }
        other => panic!("the layer does not verify {other}"),
    };
    assert!(is_proved, "{} without a proof: {call:?}", client.id);
    // No other client is named.
    assert!(
        ids.iter().all(|id| id.is_empty() || id == client.id),
        "{ids:?}"
    );
}

/// What was asked for is what the client may ask for.
fn assert_demand(client: &Registered, request: &AuthenticatedRequest, call: &Call) {
    let has = |name: &str| values(call, name).iter().any(|value| !value.is_empty());
    let is_public = request.method() == AuthMethod::None;
    match request.endpoint() {
        Endpoint::Token => assert_grant(client, is_public, call, has),
        Endpoint::Introspection => assert!(has("token") && !is_public, "{call:?}"),
        Endpoint::Revocation => assert!(has("token"), "{call:?}"),
        Endpoint::PushedAuthorization => {
            assert!(!has("request_uri"), "{call:?}");
            assert!(has("response_type") || has("request"), "{call:?}");
        }
        Endpoint::DeviceAuthorization => assert!(client.grants.contains(&DEVICE), "{call:?}"),
        Endpoint::BackchannelAuthentication => assert_backchannel(client, is_public, call, has),
        other => panic!("{other:?} has no rules here"),
    }
    let has_scope = !matches!(
        request.endpoint(),
        Endpoint::Introspection | Endpoint::Revocation
    );
    if has_scope {
        assert_scope(client, call);
    }
}

/// OpenID Connect CIBA Core §7.1.
fn assert_backchannel(
    client: &Registered,
    is_public: bool,
    call: &Call,
    has: impl Fn(&str) -> bool,
) {
    const TOKEN: &str = "client_notification_token";
    assert!(client.grants.contains(&CIBA) && !is_public, "{call:?}");
    if client.is_notified() {
        for token in values(call, TOKEN) {
            let is_byte = |byte: char| byte.is_ascii_alphanumeric() || "-._~+/=".contains(byte);
            assert!(token.len() <= 1024 && token.chars().all(is_byte), "{token}");
        }
    }
    if !has("request") {
        let hints = ["login_hint_token", "id_token_hint", "login_hint"];
        assert_eq!(hints.into_iter().filter(|hint| has(hint)).count(), 1);
        assert!(has("scope"), "{call:?}");
        assert!(has(TOKEN) || !client.is_notified(), "{call:?}");
    }
}

fn assert_grant(client: &Registered, is_public: bool, call: &Call, has: impl Fn(&str) -> bool) {
    let grants = values(call, "grant_type");
    let [grant] = &grants[..] else {
        panic!("not one grant: {grants:?}");
    };
    assert!(
        client.grants.contains(&&**grant),
        "{grant} of {}",
        client.id
    );
    let needed: &[&str] = match &**grant {
        "authorization_code" if is_public => &["code", "code_verifier"],
        "authorization_code" => &["code"],
        "refresh_token" => &["refresh_token"],
        _ => &[],
    };
    assert!(
        needed.iter().all(|name| has(name)),
        "{grant} without {needed:?}"
    );
    // A public client cannot be given what only proves itself (RFC 6749 §4.4).
    assert!(grant != "client_credentials" || !is_public);
}

fn assert_scope(client: &Registered, call: &Call) {
    for scope in values(call, "scope") {
        let is_registered = |token: &str| match client.scope {
            None => true,
            Some(own) => own.iter().any(|it| it.eq(&token)),
        };
        let is_scope = |token: &str| {
            let is_byte = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            !token.is_empty() && token.bytes().all(is_byte) && is_registered(token)
        };
        assert!(
            scope.is_empty() || scope.split(' ').all(is_scope),
            "{scope:?}"
        );
    }
}
