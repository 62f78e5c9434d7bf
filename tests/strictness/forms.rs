//! The form.

use proptest::collection::vec;
use proptest::prelude::*;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{CC, Exchange, form_encode, form_pairs, pairs, percent_encode, post};
use crate::setup::{client, exchange, layer_for};

fn parameters(exchange: &Exchange) -> Vec<(String, String)> {
    pairs(exchange.token_request().parameters())
}

proptest! {
    #[test]
    fn a_well_encoded_form_of_distinct_names_is_accepted(
        pairs in prop::collection::btree_map("x(?s).{0,8}", any::<String>(), 0..8),
    ) {
        let mut form = form_urlencoded::Serializer::new(CC.to_owned());
        let body = form.extend_pairs(&pairs).finish();
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        prop_assert_eq!(parameters(&exchange), form_pairs(body.as_bytes()));
    }

    #[test]
    fn a_form_with_a_name_of_a_specification_twice_is_refused(
        name in prop::sample::select(vec!["scope", "code", "code_verifier", "refresh_token"]),
        one: String,
        two: String,
    ) {
        let mut form = form_urlencoded::Serializer::new(CC.to_owned());
        let body = form.append_pair(name, &one).append_pair(name, &two).finish();
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        exchange.rejected(400, "invalid_request", RejectionReason::RepeatedParameter);
    }

    #[test]
    fn other_names_are_handed_on_in_order_however_often_they_are_sent(
        names in vec("x[yz]?", 0..12),
        values in vec(any::<String>(), 12),
    ) {
        let mut form = form_urlencoded::Serializer::new(CC.to_owned());
        let body = form.extend_pairs(names.iter().zip(&values)).finish();
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        prop_assert_eq!(parameters(&exchange), form_pairs(body.as_bytes()));
    }

    #[test]
    fn a_name_in_query_and_body_is_refused_however_it_is_encoded(
        name in "x(?s).{0,8}",
        one: String,
        two: String,
    ) {
        let body = form_urlencoded::Serializer::new(CC.to_owned())
            .append_pair(&name, &one)
            .finish();
        for name in [form_encode(&name), percent_encode(&name)] {
            let call = post(&body).to(&format!("/token?{name}={}", form_encode(&two)));
            let layer = layer_for(client("svc", "svc-secret"));
            let exchange = exchange(&layer, &call.basic("svc:svc-secret"));
            exchange.rejected(400, "invalid_request", RejectionReason::RepeatedParameter);
        }
    }

    #[test]
    fn the_inner_service_receives_the_body_as_sent(padding in "[a-z+]{0,300}") {
        let body = format!("&{CC}&padding={padding}&");
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        prop_assert_eq!(exchange.inner_request().body(), &body);
    }
}
