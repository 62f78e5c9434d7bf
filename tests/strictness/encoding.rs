//! Credentials: encode, then decode.

use proptest::prelude::*;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{Built, basic, body, form_encode, percent_encode};
use crate::setup::{BOTH, builder_for, client, exchange, layer_for};

proptest! {
    #[test]
    fn encoded_credentials_authenticate_by_basic(id in "\\PC+|(?s).+", secret in "(?s).+") {
        let builder = builder_for(client(&id, &*secret));
        let credentials = format!("{}:{}", form_encode(&id), form_encode(&secret));
        for layer in [builder.clone().built(), builder.strict_basic(true).built()] {
            let exchange = exchange(&layer, &basic(&credentials));
            let request = exchange.token_request();
            prop_assert_eq!(request.client().client_id(), &*id);
            prop_assert_eq!(request.method(), AuthMethod::ClientSecretBasic);
        }
    }

    #[test]
    fn percent_encoded_credentials_authenticate_by_basic(id in "(?s).+", secret in "(?s).+") {
        let layer = builder_for(client(&id, &*secret)).strict_basic(true).built();
        let credentials = format!("{}:{}", percent_encode(&id), percent_encode(&secret));
        let exchange = exchange(&layer, &basic(credentials));
        prop_assert_eq!(exchange.token_request().client().client_id(), &*id);
    }

    #[test]
    fn raw_credentials_authenticate_by_basic(id in "(?s)[^:]+", secret in "(?s).+") {
        let layer = layer_for(client(&id, &*secret));
        let exchange = exchange(&layer, &basic(format!("{id}:{secret}")));
        prop_assert_eq!(exchange.token_request().client().client_id(), &*id);
    }

    #[test]
    fn raw_credentials_that_look_encoded_authenticate_by_basic(
        id in "[a%+4-6]{1,8}",
        secret in "[a%+4-6:]{1,8}",
    ) {
        let layer = layer_for(client(&id, &*secret));
        let exchange = exchange(&layer, &basic(format!("{id}:{secret}")));
        prop_assert_eq!(exchange.token_request().client().client_id(), &*id);
    }

    #[test]
    fn encoded_credentials_authenticate_by_post(id in "(?s).+", secret in "(?s).+") {
        let layer = layer_for(client(&id, &*secret).auth_method(AuthMethod::ClientSecretPost));
        for encode in [form_encode, percent_encode] {
            let credentials = format!("client_id={}&client_secret={}", encode(&id), encode(&secret));
            let exchange = exchange(&layer, &body(&credentials));
            let request = exchange.token_request();
            prop_assert_eq!(request.client().client_id(), &*id);
            prop_assert_eq!(request.parameter("client_id"), Some(&*id));
        }
    }

    #[test]
    fn another_secret_does_not_authenticate(secret in "(?s).+", other in "(?s).+", by_basic: bool) {
        prop_assume!(secret != other);
        let layer = layer_for(client("svc", &*secret).auth_methods(BOTH));
        let other = form_encode(&other);
        let call = if by_basic {
            basic(format!("svc:{other}"))
        } else {
            body(&format!("client_id=svc&client_secret={other}"))
        };
        // The raw reading of an encoded secret may be the right one.
        prop_assume!(!by_basic || secret != other);
        exchange(&layer, &call).rejected(401, "invalid_client", RejectionReason::WrongSecret);
    }
}
