//! Pushed authorization requests.

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::{Registry, builder_over};
use crate::common::{Built, Call, FORM, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn pushed_authorization() {
    table().hold().await;
}

#[tokio::test]
async fn pushed_with_pkce() {
    pkce_table().hold().await;
}

pub(crate) fn table() -> Table {
    super::table(Endpoint::PushedAuthorization, "/par", rows())
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let push = |body: &str| post(body).to("/par");
    let push_svc = |body: &str| push(body).basic("svc:svc-secret");
    let code = "response_type=code";
    let more = |more: &str| form([code, more]);
    let svc = || authenticated("svc", BASIC);
    let request_uri = || invalid_request(RequestUriPushed).naming("request_uri");
    let outside = || invalid_scope(ScopeNotRegistered);
    let malformed = || invalid_scope(MalformedScope);
    let too_large = || rejected(413, "invalid_request", BodyTooLarge);
    let other_method = |method: &str| push_svc(code).method(method);
    let not_allowed = || rejected(405, "invalid_request", MethodNotAllowed);
    let whole = "response_type=code&state=af0ifjsldkj&redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb&code_challenge=K2-ltc83acc4h0c9w6ESC_rEMTJ3bww-uCHaoeK1t8U&code_challenge_method=S256&scope=read";
    vec![
        // who
        row("a whole request by Basic",              "RFC 9126 §2.1",     push_svc(whole), svc().with("code_challenge_method", "S256")),
        row("a request by post",                     "RFC 9126 §2.1",     push(&more("client_id=poster&client_secret=post-secret")), authenticated("poster", POST)),
        row("a public client",                       "RFC 9126 §2",       push(&more("client_id=pub")), authenticated("pub", NONE)),
        row("a public client by Basic",              "RFC 6749 §2.3.1",   push(code).basic("pub:"), authenticated("pub", NONE)),
        row("no client_id beside Basic",             "RFC 9126 §2.1",     push_svc(code), svc()),
        row("the same client_id beside Basic",       "RFC 9126 §2.1",     push_svc(&more("client_id=svc")), svc().with("client_id", "svc")),
        row("another client_id beside Basic",        "RFC 9126 §2.1",     push_svc(&more("client_id=pub")), invalid_request(ClientIdMismatch)),
        row("nobody",                                "RFC 9126 §2.3",     push(code), invalid_client(NoCredentials)),
        row("an unknown client",                     "RFC 9126 §2.3",     push(&more("client_id=nobody")), invalid_client(UnknownClient)),
        row("a wrong secret",                        "RFC 9126 §2.3",     push(code).basic("svc:wrong"), invalid_client(WrongSecret)),
        row("an expired secret",                     "RFC 7591 §3.2.1",   push(code).basic("expired:old-secret"), invalid_client(ExpiredSecret)),
        row("a confidential client without secret",  "RFC 9126 §2",       push(&more("client_id=svc")), invalid_client(MethodNotRegistered)),
        row("two mechanisms",                        "RFC 6749 §2.3",     push_svc(&more("client_id=svc&client_secret=svc-secret")), invalid_request(MultipleMechanisms)),
        row("a client without grants",               "RFC 9126 §2.1",     push(code).basic("no-grants:idle-secret"), authenticated("no-grants", BASIC)),
        // request_uri
        row("request_uri",                           "RFC 9126 §2.1",     push_svc(&more("request_uri=urn%3Aexample%3Ax")), request_uri()),
        row("request_uri by a public client",        "RFC 9126 §2.1",     push("request_uri=urn%3Aexample%3Ax&client_id=pub"), request_uri()),
        row("request_uri and nothing else",          "RFC 9126 §2.1",     push_svc("request_uri=https%3A%2F%2Fclient.example.org%2Fr"), request_uri()),
        row("request_uri beside request",            "RFC 9126 §2.1",     push_svc("request=a.b.c&request_uri=urn%3Aexample%3Ax"), request_uri()),
        row("an empty request_uri",                  "RFC 6749 §3.1",     push_svc(&more("request_uri=")), svc()),
        row("request_uri twice",                     "RFC 6749 §3.1",     push_svc(&more("request_uri=a&request_uri=b")), repeated("request_uri")),
        row("request_uri before the scope",          "decisions",         push_svc(&more("request_uri=a&scope=%22")), request_uri()),
        row("request_uri and a wrong secret",        "RFC 9126 §2.1",     push("request_uri=a").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("request_uri in another case",           "RFC 6749 §3.1",     push_svc(&more("Request_URI=a")), svc()),
        row("request_uri in the query",              "RFC 9126 §2.1",     push_svc(code).to("/par?request_uri=a"), in_query("request_uri")),
        row("request_uri, escaped, in the query",    "RFC 9126 §2.1",     push_svc(code).to("/par?request%5furi=a"), in_query("request_uri")),
        // response_type and request
        row("no response_type",                      "RFC 6749 §4.1.1",   push_svc("scope=read"), missing("response_type")),
        row("no response_type by a public client",   "RFC 6749 §4.1.1",   push("client_id=pub"), missing("response_type")),
        row("an empty response_type",                "RFC 6749 §3.1",     push_svc("response_type="), missing("response_type")),
        row("no response_type before the scope",     "decisions",         push_svc("scope=%22"), missing("response_type")),
        row("response_type in the query",            "RFC 9126 §2",       push_svc("scope=read").to("/par?response_type=code"), in_query("response_type")),
        row("any response_type",                     "RFC 6749 §3.1.1",   push_svc("response_type=code+id_token"), svc().with("response_type", "code id_token")),
        row("response_type twice",                   "RFC 6749 §3.1",     push_svc("response_type=code&response_type=token"), repeated("response_type")),
        row("request and no response_type",          "RFC 9126 §3",       push_svc("request=a.b.c"), svc().with("request", "a.b.c")),
        row("request by a public client",            "RFC 9126 §3",       push("request=a.b.c&client_id=pub"), authenticated("pub", NONE)),
        row("request beside response_type",          "RFC 9126 §3",       push_svc(&more("request=a.b.c")), svc().with("request", "a.b.c")),
        row("an empty request, no response_type",    "RFC 6749 §3.1",     push_svc("request="), missing("response_type")),
        row("request twice",                         "RFC 6749 §3.1",     push_svc("request=a.b.c&request=d.e.f"), repeated("request")),
        row("request in the query",                  "RFC 9126 §3",       push_svc(code).to("/par?request=a.b.c"), in_query("request")),
        // scope
        row("a scope",                               "RFC 6749 §3.3",     push_svc(&more("scope=read+write")), svc().with("scope", "read write")),
        row("another scope",                         "RFC 9126 §2.3",     push_svc(&more("scope=admin")), outside()),
        row("one scope and another",                 "RFC 9126 §2.3",     push_svc(&more("scope=read+admin")), outside()),
        row("another scope by a public client",      "RFC 9126 §2.3",     push(&more("scope=admin&client_id=pub")), outside()),
        row("another scope beside request",          "RFC 9126 §2.3",     push_svc("request=a.b.c&scope=admin"), outside()),
        row("doubled spaces",                        "RFC 6749 §3.3",     push_svc(&more("scope=read++write")), malformed()),
        row("an empty scope is none",                "RFC 6749 §3.1",     push_svc(&more("scope=")), svc()),
        row("any scope without a registered one",    "RFC 7591 §2",       push(&more("scope=openid")).basic("unscoped:unscoped-secret"), authenticated("unscoped", BASIC).with("scope", "openid")),
        row("an empty registration: a scope",        "RFC 7591 §2",       push(&more("scope=read")).basic("scopeless:no-secret"), outside()),
        row("scope in the query",                    "RFC 9126 §2",       push_svc(code).to("/par?scope=read"), in_query("scope")),
        // what may be there twice
        row("state twice",                           "RFC 6749 §3.1",     push_svc(&more("state=a&state=b")), repeated("state")),
        row("redirect_uri twice",                    "RFC 6749 §3.1",     push_svc(&more("redirect_uri=a&redirect_uri=b")), repeated("redirect_uri")),
        row("code_challenge twice",                  "RFC 6749 §3.1",     push_svc(&more("code_challenge=a&code_challenge=b")), repeated("code_challenge")),
        row("code_challenge_method twice",           "RFC 6749 §3.1",     push_svc(&more("code_challenge_method=S256&code_challenge_method=plain")), repeated("code_challenge_method")),
        row("nonce twice",                           "RFC 6749 §3.1",     push_svc(&more("nonce=a&nonce=b")), repeated("nonce")),
        row("prompt twice",                          "RFC 6749 §3.1",     push_svc(&more("prompt=none&prompt=login")), repeated("prompt")),
        row("claims twice",                          "RFC 6749 §3.1",     push_svc(&more("claims=%7B%7D&claims=%7B%7D")), repeated("claims")),
        row("response_mode twice, one empty",        "RFC 6749 §3.1",     push_svc(&more("response_mode=query&response_mode=")), repeated("response_mode")),
        row("authorization_details twice",           "RFC 9396 §2",       push_svc(&more("authorization_details=%5B%5D&authorization_details=%5B%5D")), repeated("authorization_details")),
        row("state in query and body",               "RFC 6749 §3.1",     push_svc(&more("state=a")).to("/par?state=b"), repeated("state")),
        row("resource twice",                        "RFC 8707 §2",       push_svc(&more("resource=urn:b&resource=urn:a")), svc().with("resource", "urn:b")),
        row("an unknown parameter twice",            "RFC 6749 §3.1",     push_svc(&more("a=2&a=1")), svc().with("a", "2")),
        row("a grant_type is nothing here",          "RFC 9126 §2.1",     push_svc(&more("grant_type=magic")), svc()),
        row("a tenant in the query",                 "RFC 6749 §3.1",     push_svc(code).to("/par?tenant=a"), svc()),
        // errors of HTTP
        row("GET",                                   "RFC 9126 §2.3",     other_method("GET"), not_allowed()),
        row("PUT",                                   "RFC 9126 §2.3",     other_method("PUT"), not_allowed()),
        row("HEAD",                                  "RFC 9126 §2.3",     other_method("HEAD"), not_allowed()),
        row("JSON",                                  "RFC 9126 §2.1",     push_svc(r#"{"response_type":"code"}"#).set("content-type", "application/json"), invalid_request(ContentTypeNotForm).naming(FORM)),
        row("a body that is too large",              "RFC 9126 §2.3",     push_svc(&padded(65_537)), too_large()),
        row("a secret in the query",                 "RFC 6749 §2.3.1",   push_svc(code).to("/par?client_secret=x"), invalid_request(CredentialsInQuery)),
        row("the token path is another path",        "decisions",         Call::to(push_svc(code), "/token"), PASSED),
    ]
}

/// With `require_pkce`.
#[rustfmt::skip]
pub(crate) fn pkce_table() -> Table {
    let layer = builder_over(Registry::whole()).require_pkce(true).built();
    let layer = layer.for_endpoint(Endpoint::PushedAuthorization, "/par").expect("settings that agree");
    let push = |more: &str| post(form(["response_type=code", more])).to("/par").basic("svc:svc-secret");
    let svc = || authenticated("svc", BASIC);
    let no_method = || invalid_request(CodeChallengeMethodNotS256);
    Table::new(layer, vec![
        row("a challenge by S256",               "RFC 7636 §4.3",   push("code_challenge=a&code_challenge_method=S256"), svc().with("code_challenge", "a")),
        row("a challenge of a public client",    "RFC 7636 §4.3",   post("response_type=code&client_id=pub&code_challenge=a&code_challenge_method=S256").to("/par"), authenticated("pub", NONE)),
        row("no challenge",                      "RFC 9700 §2.1.1", push(""), missing("code_challenge")),
        row("an empty challenge",                "RFC 6749 §3.1",   push("code_challenge=&code_challenge_method=S256"), missing("code_challenge")),
        row("a method and no challenge",         "RFC 7636 §4.3",   push("code_challenge_method=S256"), missing("code_challenge")),
        row("a challenge without a method",      "RFC 7636 §4.3",   push("code_challenge=a"), no_method()),
        row("an empty method",                   "RFC 6749 §3.1",   push("code_challenge=a&code_challenge_method="), no_method()),
        row("the method plain",                  "RFC 9700 §2.1.1", push("code_challenge=a&code_challenge_method=plain"), no_method()),
        row("the method in lower case",          "RFC 7636 §4.3",   push("code_challenge=a&code_challenge_method=s256"), no_method()),
        row("the method in the query",           "RFC 9126 §2",     push("code_challenge=a").to("/par?code_challenge_method=S256"), no_method()),
        row("two methods",                       "RFC 6749 §3.1",   push("code_challenge=a&code_challenge_method=S256&code_challenge_method=plain"), repeated("code_challenge_method")),
        row("no challenge beside request",       "RFC 9126 §3",     post("request=a.b.c").to("/par").basic("svc:svc-secret"), svc()),
        row("no challenge before the scope",     "decisions",       push("scope=%22"), missing("code_challenge")),
        row("no challenge and a wrong secret",   "RFC 9126 §2.3",   post("response_type=code").to("/par").basic("svc:wrong"), invalid_client(WrongSecret)),
    ])
}
