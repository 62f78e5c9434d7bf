//! Scope.

use proptest::collection::vec;
use proptest::prelude::*;
use tower_token_endpoint::grant::Scope;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{CC, form_encode, post};
use crate::setup::{client, exchange, layer_for};

/// `scope-token *( SP scope-token )` (RFC 6749 §3.3).
fn is_scope(text: &str) -> bool {
    let is_nqchar = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    let is_token = |token: &str| !token.is_empty() && token.bytes().all(is_nqchar);
    text.split(' ').all(is_token)
}

proptest! {
    #[test]
    fn a_scope_is_accepted_where_the_grammar_allows_it(
        scope in prop_oneof!["(?s).{1,8}", "[ -~]{1,12}", "[!a-c\" \\\\~]{1,6}", "[a-c]{1,3}( [a-c]{1,3}){0,4}"],
    ) {
        let layer = layer_for(client("svc", "svc-secret"));
        let body = format!("{CC}&scope={}", form_encode(&scope));
        let exchange = exchange(&layer, &post(body).basic("svc:svc-secret"));
        prop_assert_eq!(Scope::parse(&scope).is_ok(), is_scope(&scope));
        if is_scope(&scope) {
            let granted = exchange.token_request().scope().expect("a scope");
            prop_assert_eq!(granted.as_str(), &*scope);
            prop_assert!(granted.iter().eq(scope.split(' ')));
        } else {
            exchange.rejected(400, "invalid_scope", RejectionReason::MalformedScope);
        }
    }

    #[test]
    fn a_scope_is_accepted_where_each_token_is_registered(
        registered in vec("[a-c]{1,2}", 1..5),
        asked in vec("[a-c]{1,2}", 1..4),
    ) {
        let layer = layer_for(client("svc", "svc-secret").scope(registered.join(" ")));
        let body = format!("{CC}&scope={}", asked.join("+"));
        let exchange = exchange(&layer, &post(body).basic("svc:svc-secret"));
        if asked.iter().all(|token| registered.contains(token)) {
            let granted = exchange.token_request().scope().expect("a scope");
            prop_assert!(granted.iter().eq(&asked));
        } else {
            exchange.rejected(400, "invalid_scope", RejectionReason::ScopeNotRegistered);
        }
    }
}
