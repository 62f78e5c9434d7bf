//! The other endpoints that authenticate clients: introspection and revocation.

use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::request::AuthenticatedRequest;
use tower_token_endpoint::{
    Endpoint, TokenRequest,
    request::{IntrospectionRequest, RevocationRequest},
};

use crate::calls::*;
use crate::cast::*;
use crate::common::{Exchange, FORM, layer, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn introspection() {
    introspection_table().hold().await;
}

pub(crate) fn introspection_table() -> Table {
    let layer = over(Registry::whole()).for_endpoint(Endpoint::Introspection, "/introspect");
    Table::new(layer.expect("settings that agree"), introspection_rows())
}

#[rustfmt::skip]
fn introspection_rows() -> Vec<Row> {
    let ask = |body: &str| post(body).to("/introspect");
    let ask_svc = |body: &str| ask(body).basic("svc:svc-secret");
    let public = || invalid_client(PublicClientNotAllowed);
    vec![
        row("a token by Basic",                      "RFC 7662 §2.1",     ask_svc("token=t"), authenticated("svc", BASIC).with("token", "t")),
        row("a token by post",                       "RFC 7662 §2.1",     ask("token=t&client_id=poster&client_secret=post-secret"), authenticated("poster", POST)),
        row("a token and its hint",                  "RFC 7662 §2.1",     ask_svc("token=t&token_type_hint=refresh_token"), authenticated("svc", BASIC).with("token_type_hint", "refresh_token")),
        row("no token",                              "RFC 7662 §2.1",     ask_svc(""), missing("token")),
        row("an empty token",                        "RFC 7662 §2.1",     ask_svc("token="), missing("token")),
        row("a token twice",                         "RFC 6749 §3.2",     ask_svc("token=t&token=t"), repeated("token")),
        row("a token in query and body",             "RFC 6749 §3.2",     ask_svc("token=t").to("/introspect?token=u"), repeated("token")),
        row("a hint twice",                          "RFC 7662 §2.1",     ask_svc("token=t&token_type_hint=a&token_type_hint=b"), repeated("token_type_hint")),
        row("a grant_type twice",                    "RFC 6749 §3.2",     ask_svc("token=t&grant_type=a&grant_type=b"), repeated("grant_type")),
        row("an unknown parameter twice",            "RFC 7662 §2.1",     ask_svc("token=t&a=2&a=1"), authenticated("svc", BASIC).with("a", "2")),
        row("a grant_type in the query",             "RFC 7662 §2.1",     ask_svc("token=t").to("/introspect?grant_type=a"), authenticated("svc", BASIC)),
        row("no token, a wrong secret",              "RFC 7662 §2.3",     ask("").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("nobody",                                "RFC 7662 §2.1",     ask("token=t"), invalid_client(NoCredentials)),
        row("an unknown client",                     "RFC 7662 §2.3",     ask("token=t").basic("nobody:x"), invalid_client(UnknownClient)),
        row("a public client",                       "RFC 7662 §2.1",     ask("token=t&client_id=pub"), public()),
        row("a public client by Basic",              "RFC 7662 §2.1",     ask("token=t").basic("pub:"), public()),
        row("a client of two methods, by none",      "RFC 7662 §2.1",     ask("token=t&client_id=mixed"), public()),
        row("a client of two methods, by Basic",     "RFC 7662 §2.1",     ask("token=t").basic("mixed:mixed-secret"), authenticated("mixed", BASIC)),
        row("a client without grants",               "RFC 7662 §2.1",     ask("token=t").basic("no-grants:idle-secret"), authenticated("no-grants", BASIC)),
        row("a grant_type is nothing here",          "RFC 7662 §2.1",     ask_svc("token=t&grant_type=magic"), authenticated("svc", BASIC)),
        row("a scope is nothing here",               "RFC 7662 §2.1",     ask_svc("token=t&scope=%22"), authenticated("svc", BASIC)),
        row("the token path is another path",        "decisions",         svc(CC), PASSED),
        row("GET",                                   "RFC 7662 §2.1",     ask_svc("token=t").method("GET"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("JSON",                                  "RFC 7662 §2.1",     ask_svc(r#"{"token":"t"}"#).set("content-type", "application/json"), invalid_request(ContentTypeNotForm).naming(FORM)),
        row("a bearer token, as §2.1 allows others", "RFC 7662 §2.1",     ask("token=t").add("authorization", "Bearer x"), invalid_client(UnsupportedScheme)),
    ]
}

#[tokio::test]
async fn revocation() {
    revocation_table().hold().await;
}

pub(crate) fn revocation_table() -> Table {
    let layer = over(Registry::whole()).for_endpoint(Endpoint::Revocation, "/revoke");
    Table::new(layer.expect("settings that agree"), revocation_rows())
}

#[rustfmt::skip]
fn revocation_rows() -> Vec<Row> {
    let ask = |body: &str| post(body).to("/revoke");
    let ask_svc = |body: &str| ask(body).basic("svc:svc-secret");
    vec![
        row("a token by Basic",                      "RFC 7009 §2.1",     ask_svc("token=t"), authenticated("svc", BASIC).with("token", "t")),
        row("a token by a public client",            "RFC 7009 §2.1",     ask("token=t&client_id=pub"), authenticated("pub", NONE)),
        row("a token by a public client, Basic",     "RFC 7009 §2.1",     ask("token=t").basic("pub:"), authenticated("pub", NONE)),
        row("a hint that nobody knows",              "RFC 7009 §2.1",     ask_svc("token=t&token_type_hint=x"), authenticated("svc", BASIC).with("token_type_hint", "x")),
        row("a grant_type is nothing here",          "RFC 7009 §2.1",     ask("token=t&grant_type=client_credentials&client_id=pub"), authenticated("pub", NONE)),
        row("a scope is nothing here",               "RFC 7009 §2.1",     ask_svc("token=t&scope=admin"), authenticated("svc", BASIC)),
        row("no token",                              "RFC 7009 §2.1",     ask_svc("token_type_hint=access_token"), missing("token")),
        row("no token by a public client",           "RFC 7009 §2.1",     ask("client_id=pub"), missing("token")),
        row("a confidential client without secret",  "RFC 7009 §2.1",     ask("token=t&client_id=svc"), invalid_client(MethodNotRegistered)),
        row("nobody",                                "RFC 7009 §2.1",     ask("token=t"), invalid_client(NoCredentials)),
        row("a wrong secret",                        "RFC 7009 §2.1",     ask("token=t").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("a token in the query",                  "RFC 7009 §2.1",     ask_svc("").to("/revoke?token=t"), missing("token")),
        row("a token in query and body",             "RFC 6749 §3.2",     ask_svc("token=t").to("/revoke?token=u"), repeated("token")),
        row("a secret in the query",                 "RFC 6749 §2.3.1",   ask_svc("token=t").to("/revoke?client_secret=x"), invalid_request(CredentialsInQuery)),
        row("a client_id in the query",              "RFC 6749 §2.3.1",   ask("token=t").to("/revoke?client_id=pub"), in_query("client_id")),
        row("OPTIONS with a body",                   "RFC 9110 §9.3.7",   ask("token=t").method("OPTIONS"), rejected(405, "invalid_request", MethodNotAllowed)),
    ]
}

#[tokio::test]
async fn another_endpoint_leaves_the_first_as_it_was() {
    let token = layer(cast());
    let introspection = token.for_endpoint(Endpoint::Introspection, "/introspect");
    let introspection = introspection.expect("settings that agree");
    let ask = svc("token=t").to("/introspect");
    let exchange = ask.send(&introspection).await;
    assert_eq!(types(&exchange), [false, true, false]);

    let exchange = ask.send(&token).await;
    assert_eq!(types(&exchange), [false; 3]);
    let exchange = svc("token=t").send(&token).await;
    exchange.rejected(400, "invalid_request", MissingGrantType);
}

/// Which of the request types the inner service found: one for each endpoint.
fn types(exchange: &Exchange) -> [bool; 3] {
    let seen = exchange.inner_request().extensions();
    [
        seen.get::<TokenRequest>().is_some(),
        seen.get::<IntrospectionRequest>().is_some(),
        seen.get::<RevocationRequest>().is_some(),
    ]
}

#[tokio::test]
async fn each_endpoint_has_a_request_type_of_its_own() {
    let token = layer(cast());
    let form = "grant_type=client_credentials&token=t&token_type_hint=access_token";
    for (endpoint, expected) in [
        (Endpoint::Token, [true, false, false]),
        (Endpoint::Introspection, [false, true, false]),
        (Endpoint::Revocation, [false, false, true]),
    ] {
        let layer = token.for_endpoint(endpoint, "/token");
        let layer = layer.expect("settings that agree");
        let exchange = svc(form).send(&layer).await;
        assert_eq!(types(&exchange), expected, "{endpoint:?}");

        let seen = exchange.inner_request().extensions();
        let request = AuthenticatedRequest::from_extensions(seen).expect("what they share");
        assert_eq!(request.endpoint(), endpoint);
        assert_eq!(request.client().client_id(), "svc");
        assert_eq!(request.method(), BASIC);
        assert_eq!(request.parameter("token"), Some("t"));
        let introspection = seen.get().map(|request: &IntrospectionRequest| {
            assert_eq!(request.client().client_id(), "svc");
            assert_eq!(request.method(), BASIC);
            (request.token(), request.token_type_hint())
        });
        let revocation = seen.get().map(|request: &RevocationRequest| {
            assert_eq!(request.authenticated().endpoint(), Endpoint::Revocation);
            assert_eq!(request.parameters().get("token"), Some("t"));
            (request.token(), request.token_type_hint())
        });
        let token_of = introspection.or(revocation);
        let expected = (endpoint != Endpoint::Token).then_some(("t", Some("access_token")));
        assert_eq!(token_of, expected, "{endpoint:?}");
    }
}
