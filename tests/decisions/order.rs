//! If several rows apply, the order of a request decides.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::{call, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn order_of_decisions() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::whole()), order_rows())
}

/// Each row is the one before with what decided it put right.
#[rustfmt::skip]
fn order_rows() -> Vec<Row> {
    let all_wrong = "grant_type=magic&scope=%22&client_secret=x&%zz";
    let two_mechanisms = "grant_type=magic&scope=%22&client_secret=x";
    vec![
        row("the path before the method",            "decisions",         call("GET", "/other"), PASSED),
        row("the method before the rest",            "decisions",         post(all_wrong).method("PUT").basic("nobody:x").set("content-type", "a/b"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("the head before the body",              "decisions",         post(all_wrong).basic("nobody:x").set("content-type", "a/b"), invalid_request(ContentTypeNotForm)),
        row("the header before the body",            "decisions",         post(all_wrong).add("authorization", "Bearer x"), invalid_client(UnsupportedScheme)),
        row("the header before the size",            "decisions",         post(padded(70_000)).basic("x"), invalid_request(BasicWithoutColon)),
        row("the body before the credentials",       "decisions",         post(all_wrong).basic("nobody:x"), invalid_request(BadPercentEncoding)),
        row("repetition before the credentials",     "decisions",         body("client_secret=x&client_secret=x").basic("nobody:x"), repeated("client_secret")),
        row("the credentials before the client",     "decisions",         post(two_mechanisms).basic("nobody:x"), invalid_request(MultipleMechanisms)),
        row("the client before the grant",           "decisions",         post("grant_type=magic&scope=%22").basic("nobody:x"), invalid_client(UnknownClient)),
        row("client_id before the grant",            "decisions",         post("grant_type=magic&scope=%22&client_id=pub").basic("svc:svc-secret"), invalid_request(ClientIdMismatch)),
        row("the method registered before the grant", "decisions",        post("grant_type=magic&scope=%22").basic("poster:post-secret"), invalid_client(MethodNotRegistered)),
        row("the proof before the grant",            "decisions",         post("grant_type=magic&scope=%22").basic("svc:x"), invalid_client(WrongSecret)),
        row("the expiry before the grant",           "decisions",         post("grant_type=magic&scope=%22").basic("expired:old-secret"), invalid_client(ExpiredSecret)),
        row("the grant before the scope",            "decisions",         svc("grant_type=magic&scope=%22"), unsupported_grant()),
        row("a grant served before its parameters",  "decisions",         svc("grant_type=password&scope=%22"), unsupported_grant()),
        row("the parameters before the scope",       "decisions",         svc("grant_type=refresh_token&scope=%22"), missing("refresh_token")),
        row("the scope last",                        "decisions",         svc("grant_type=refresh_token&scope=%22&refresh_token=r"), invalid_scope(MalformedScope)),
        row("nothing wrong",                         "decisions",         svc("grant_type=refresh_token&scope=read&refresh_token=r"), accepted("svc", BASIC, REFRESH).scope("read")),
    ]
}
