//! Revocation.

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::common::post;
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn revocation() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    super::table(Endpoint::Revocation, "/revoke", rows())
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
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
