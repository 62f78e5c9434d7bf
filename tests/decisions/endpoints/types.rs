//! The request type of each endpoint.

use http::Extensions;
use tower_token_endpoint::client::BackchannelTokenDeliveryMode;
use tower_token_endpoint::grant::Scope;
use tower_token_endpoint::rejection::RejectionReason::MissingGrantType;
use tower_token_endpoint::request::{
    AuthenticatedRequest, BackchannelAuthenticationRequest, DeviceAuthorizationRequest,
    IntrospectionRequest, PushedAuthorizationRequest, RevocationRequest,
};
use tower_token_endpoint::{Endpoint, TokenRequest};

use crate::calls::*;
use crate::cast::*;
use crate::common::{Exchange, layer, post};
use crate::row::*;

#[tokio::test]
async fn another_endpoint_leaves_the_first_as_it_was() {
    let token = layer(cast());
    let introspection = token.for_endpoint(Endpoint::Introspection, "/introspect");
    let introspection = introspection.expect("settings that agree");
    let ask = svc("token=t").to("/introspect");
    let exchange = ask.send(&introspection).await;
    assert_eq!(types(&exchange), [false, true, false, false, false, false]);

    let exchange = ask.send(&token).await;
    assert_eq!(types(&exchange), [false; 6]);
    let exchange = svc("token=t").send(&token).await;
    exchange.rejected(400, "invalid_request", MissingGrantType);
}

/// Which of the request types the inner service found: one for each endpoint.
fn types(exchange: &Exchange) -> [bool; 6] {
    let seen = exchange.inner_request().extensions();
    shared(seen).map(|request| request.is_some())
}

/// What each of the request types says.
fn shared(seen: &Extensions) -> [Option<&AuthenticatedRequest>; 6] {
    [
        seen.get().map(TokenRequest::authenticated),
        seen.get().map(IntrospectionRequest::authenticated),
        seen.get().map(RevocationRequest::authenticated),
        seen.get().map(PushedAuthorizationRequest::authenticated),
        seen.get().map(DeviceAuthorizationRequest::authenticated),
        seen.get()
            .map(BackchannelAuthenticationRequest::authenticated),
    ]
}

/// Enough for each endpoint.
const FORM: &str = "grant_type=client_credentials&token=t&token_type_hint=access_token\
                    &response_type=code&scope=read&login_hint=a";

#[tokio::test]
async fn each_endpoint_has_a_request_type_of_its_own() {
    let token = layer(cast());
    let endpoints = [
        Endpoint::Token,
        Endpoint::Introspection,
        Endpoint::Revocation,
        Endpoint::PushedAuthorization,
        Endpoint::DeviceAuthorization,
        Endpoint::BackchannelAuthentication,
    ];
    for (at, endpoint) in endpoints.into_iter().enumerate() {
        let layer = token.for_endpoint(endpoint, "/token");
        let layer = layer.expect("settings that agree");
        let exchange = post(FORM).basic("all:all-secret").send(&layer).await;
        let seen = exchange.inner_request().extensions();
        let own = AuthenticatedRequest::from_extensions(seen).expect("what they share");
        for (other, request) in shared(seen).into_iter().enumerate() {
            assert_eq!(request.is_some(), at == other, "{endpoint:?}");
            for request in request.into_iter().chain([own]) {
                assert_eq!(request.endpoint(), endpoint);
                assert_eq!(request.client().client_id(), "all");
                assert_eq!(request.method(), BASIC);
                assert_eq!(request.parameters().get("token"), Some("t"));
                assert_eq!(request.parameter("scope"), Some("read"));
            }
        }
        let introspection = seen.get().map(|request: &IntrospectionRequest| {
            assert_eq!(request.client().client_id(), "all");
            (request.token(), request.token_type_hint())
        });
        let revocation = seen.get().map(|request: &RevocationRequest| {
            assert_eq!(request.method(), BASIC);
            (request.token(), request.token_type_hint())
        });
        let has_token = matches!(endpoint, Endpoint::Introspection | Endpoint::Revocation);
        let expected = has_token.then_some(("t", Some("access_token")));
        assert_eq!(introspection.or(revocation), expected, "{endpoint:?}");
    }
}

type Getter<R> = (&'static str, fn(&R) -> Option<&str>);

macro_rules! getters {
    ($request:ident: $($name:ident)*) => {
        [$((stringify!($name), $request::$name as fn(&$request) -> Option<&str>)),*]
    };
}

/// Sends each parameter by itself, beside what the endpoint requires: each getter finds its own one.
async fn assert_getters<R: Clone + Send + Sync + 'static>(
    endpoint: Endpoint,
    required: &str,
    getters: &[Getter<R>],
) {
    let token = layer(cast());
    let layer = token.for_endpoint(endpoint, "/token");
    let layer = layer.expect("settings that agree");
    for (name, _) in getters {
        let is_required = |getter: &str| {
            let mut names = required
                .split('&')
                .filter_map(|pair| pair.split('=').next());
            names.any(|required| required == getter)
        };
        let more = if is_required(name) {
            String::new()
        } else {
            format!("{name}=value-of-{name}")
        };
        let call = post(form([required, &more])).basic("all:all-secret");
        let exchange = call.send(&layer).await;
        let request = exchange.inner_request().extensions().get::<R>();
        let request = request.unwrap_or_else(|| panic!("{name}: {exchange:?}"));
        for (other, getter) in getters {
            let expected = match *other {
                other if is_required(other) => true,
                other => other == *name,
            };
            let found = getter(request);
            assert_eq!(found.is_some(), expected, "{other} of {more}");
            let own = format!("value-of-{other}");
            assert!(is_required(other) || found.is_none_or(|it| it == own));
        }
    }
}

#[tokio::test]
async fn every_getter_reads_the_parameter_of_its_name() {
    let pushed = getters!(PushedAuthorizationRequest: response_type response_mode redirect_uri state
        code_challenge code_challenge_method request authorization_details nonce display prompt max_age
        ui_locales id_token_hint login_hint acr_values claims);
    assert_getters(Endpoint::PushedAuthorization, "response_type=code", &pushed).await;
    let device = getters!(DeviceAuthorizationRequest: authorization_details);
    assert_getters(Endpoint::DeviceAuthorization, "", &device).await;
    let backchannel = getters!(BackchannelAuthenticationRequest: login_hint client_notification_token
        acr_values binding_message user_code requested_expiry request authorization_details);
    let required = "scope=openid&login_hint=a";
    assert_getters(Endpoint::BackchannelAuthentication, required, &backchannel).await;
    for hint in ["login_hint_token", "id_token_hint"] {
        let all = getters!(BackchannelAuthenticationRequest: login_hint_token id_token_hint);
        let required = format!("scope=openid&{hint}=a");
        let one = all.into_iter().find(|(name, _)| *name == hint);
        assert_getters(
            Endpoint::BackchannelAuthentication,
            &required,
            &one.into_iter().collect::<Vec<_>>(),
        )
        .await;
    }
}

#[tokio::test]
async fn scope_and_resources_are_read_and_the_mode_of_delivery_is_known() {
    let token = layer(cast());
    let form = "scope=openid+read&resource=urn:b&resource=urn:a&response_type=code&login_hint=a\
                &client_notification_token=n";
    for (endpoint, client) in [
        (Endpoint::PushedAuthorization, "ping:ciba-secret"),
        (Endpoint::DeviceAuthorization, "all:all-secret"),
        (Endpoint::BackchannelAuthentication, "ping:ciba-secret"),
    ] {
        let layer = token.for_endpoint(endpoint, "/token");
        let layer = layer.expect("settings that agree");
        let exchange = post(form).basic(client).send(&layer).await;
        let seen = exchange.inner_request().extensions();
        let pushed = seen.get().map(|request: &PushedAuthorizationRequest| {
            (request.scope(), request.resource().collect::<Vec<_>>())
        });
        let device = seen.get().map(|request: &DeviceAuthorizationRequest| {
            (request.scope(), request.resource().collect::<Vec<_>>())
        });
        let backchannel = seen
            .get()
            .map(|request: &BackchannelAuthenticationRequest| {
                let mode = request.client().backchannel_token_delivery_mode();
                assert_eq!(mode, BackchannelTokenDeliveryMode::Ping);
                (request.scope(), request.resource().collect::<Vec<_>>())
            });
        let (scope, resources) = pushed.or(device).or(backchannel).expect("a request");
        assert_eq!(
            scope.map(Scope::as_str),
            Some("openid read"),
            "{endpoint:?}"
        );
        assert_eq!(resources, ["urn:b", "urn:a"], "{endpoint:?}");
    }
}
