//! Device authorization.

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::common::post;
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn device_authorization() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    super::table(Endpoint::DeviceAuthorization, "/device", rows())
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let ask = |body: &str| post(body).to("/device");
    let ask_device = |body: &str| ask(body).basic("device:device-secret");
    let device = || authenticated("device", BASIC);
    let tv = || authenticated("tv", NONE);
    let unregistered = || unauthorized_client(GrantTypeNotRegistered);
    let outside = || invalid_scope(ScopeNotRegistered);
    vec![
        row("a public client and a scope",           "RFC 8628 §3.1",     ask("client_id=tv&scope=read"), tv().with("scope", "read")),
        row("a public client, no scope",             "RFC 8628 §3.1",     ask("client_id=tv"), tv()),
        row("a public client by Basic",              "RFC 8628 §3.1",     ask("").basic("tv:"), tv()),
        row("a confidential client by Basic",        "RFC 8628 §3.1",     ask_device("scope=read+write"), device().with("scope", "read write")),
        row("a confidential client, nothing else",   "RFC 8628 §3.1",     ask_device(""), device()),
        row("its client_id beside Basic",            "RFC 8628 §3.1",     ask_device("client_id=device"), device().with("client_id", "device")),
        row("another client_id beside Basic",        "RFC 8628 §3.1",     ask_device("client_id=tv"), invalid_request(ClientIdMismatch)),
        row("nobody",                                "RFC 8628 §3.1",     ask("scope=read"), invalid_client(NoCredentials)),
        row("an empty client_id",                    "RFC 8628 §3.1",     ask("client_id=&scope=read"), invalid_client(NoCredentials)),
        row("an unknown client",                     "RFC 8628 §3.1",     ask("client_id=nobody"), invalid_client(UnknownClient)),
        row("a wrong secret",                        "RFC 8628 §3.1",     ask("").basic("device:wrong"), invalid_client(WrongSecret)),
        row("a confidential client without secret",  "RFC 8628 §3.1",     ask("client_id=device"), invalid_client(MethodNotRegistered)),
        row("the grant not registered",              "RFC 6749 §5.2",     ask("").basic("svc:svc-secret"), unregistered()),
        row("the grant not registered, public",      "RFC 6749 §5.2",     ask("client_id=pub"), unregistered()),
        row("no grant registered",                   "RFC 6749 §5.2",     ask("").basic("no-grants:idle-secret"), unregistered()),
        row("the CIBA grant alone",                  "RFC 6749 §5.2",     ask("").basic("poll:ciba-secret"), unregistered()),
        row("the grant before the scope",            "decisions",         ask("scope=%22").basic("svc:svc-secret"), unregistered()),
        row("the proof before the grant",            "decisions",         ask("").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("a client of every grant",               "RFC 8628 §3.1",     ask("scope=any").basic("all:all-secret"), authenticated("all", BASIC).with("scope", "any")),
        row("another scope",                         "RFC 8628 §3.2",     ask("client_id=tv&scope=admin"), outside()),
        row("another scope, confidential",           "RFC 8628 §3.2",     ask_device("scope=read+admin"), outside()),
        row("a malformed scope",                     "RFC 6749 §3.3",     ask_device("scope=read++write"), invalid_scope(MalformedScope)),
        row("an empty scope is none",                "RFC 8628 §3.1",     ask_device("scope="), device()),
        row("scope twice",                           "RFC 8628 §3.1",     ask_device("scope=read&scope=write"), repeated("scope")),
        row("client_id twice",                       "RFC 8628 §3.1",     ask("client_id=tv&client_id=tv"), repeated("client_id")),
        row("scope in the query",                    "RFC 8628 §3.1",     ask_device("").to("/device?scope=read"), in_query("scope")),
        row("client_id in the query",                "RFC 6749 §2.3.1",   ask("scope=read").to("/device?client_id=tv"), in_query("client_id")),
        row("resource twice",                        "RFC 8707 §2",       ask_device("resource=urn:b&resource=urn:a"), device().with("resource", "urn:b")),
        row("an unknown parameter twice",            "RFC 8628 §3.1",     ask_device("state=2&state=1"), device().with("state", "2")),
        row("a grant_type is nothing here",          "RFC 8628 §3.1",     ask_device("grant_type=client_credentials"), device()),
        row("GET",                                   "RFC 8628 §3.1",     ask_device("").method("GET"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("no form",                               "RFC 8628 §3.1",     ask_device("{}").set("content-type", "application/json"), invalid_request(ContentTypeNotForm)),
    ]
}
