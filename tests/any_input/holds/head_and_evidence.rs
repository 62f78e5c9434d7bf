//! The head of a request and its credentials, at layers with different settings.

use http::Method;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::{Client, GrantType};

use crate::common::{Built, builder};
use crate::holds::answer::{self, Outcome};
use crate::holds::cast::Layer;
use crate::holds::request::{self, Sent, body_credentials, header_credentials, values};

const ID: &str = "svc";
const SECRET: &str = "svc-secret";

/// `data` is a request as [`request`] reads it.
pub(crate) fn check(data: &[u8]) -> bool {
    thread_local! {
        static LAYERS: [Layer; 2] = [false, true].map(layer);
    }
    let Some(sent) = request::read(data) else {
        return false;
    };
    LAYERS.with(|[lenient, strict]| {
        let is_accepted = check_at(lenient, &sent);
        let is_accepted_strictly = check_at(strict, &sent);
        assert!(is_accepted || !is_accepted_strictly, "{sent:?}");
        is_accepted
    })
}

/// At every path, so that all requests are decided.
fn layer(strict_basic: bool) -> Layer {
    let client = Client::builder(ID)
        .secret(tower_token_endpoint::client::ClientSecret::sha256_of(
            SECRET,
        ))
        .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
        .grant_types([GrantType::ClientCredentials]);
    builder([client.build().expect("a client")])
        .path_where(|_| true)
        .strict_basic(strict_basic)
        .built()
}

fn check_at(layer: &Layer, sent: &Sent) -> bool {
    let call = &sent.call;
    let exchange = answer::send(layer, call);
    match answer::outcome(layer, call, &exchange) {
        Outcome::Untouched => {
            assert_eq!((&call.method, call.body.len()), (&Method::OPTIONS, 0));
            false
        }
        Outcome::Refused(_) => false,
        Outcome::Accepted(request) => {
            let is_right = |(id, secret): &(String, String)| id == ID && secret == SECRET;
            let (by_header, by_body) = (header_credentials(call), body_credentials(call));
            let is_by_header = request.method() == AuthMethod::ClientSecretBasic;
            let is_proved = match is_by_header {
                true => by_header.iter().any(is_right),
                false => by_body.iter().any(is_right) && by_header.is_empty(),
            };
            assert!(is_proved, "{call:?}");
            // One method (RFC 6749 §2.3).
            let secrets = values(call, "client_secret");
            assert!(!is_by_header || secrets.iter().all(String::is_empty));
            assert_eq!(call.method, Method::POST);
            true
        }
    }
}
