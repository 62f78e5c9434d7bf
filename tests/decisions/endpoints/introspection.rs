//! Introspection.

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::common::{FORM, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn introspection() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    super::table(Endpoint::Introspection, "/introspect", rows())
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
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
