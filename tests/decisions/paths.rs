//! Which paths are those of the endpoint, for a server that normalises them.

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::{Built, call};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn paths_of_a_predicate() {
    table().hold().await;
}

/// Ignores case, doubled slashes, and one at the end.
fn is_token(path: &str) -> bool {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    parts
        .next()
        .is_some_and(|part| part.eq_ignore_ascii_case("token"))
        && parts.next().is_none()
}

pub(crate) fn table() -> Table {
    let layer = builder_over(Registry::whole()).path_where(is_token);
    Table::new(layer.built(), path_rows())
}

#[rustfmt::skip]
fn path_rows() -> Vec<Row> {
    let ok = || accepted("svc", BASIC, GRANT);
    vec![
        row("the path itself",                       "RFC 3986 §6.2",     svc(CC).to("/token"), ok()),
        row("the path with a slash after it",        "RFC 3986 §6.2.3",   svc(CC).to("/token/"), ok()),
        row("the path with a slash more before it",  "RFC 3986 §6.2.3",   svc(CC).to("//token"), ok()),
        row("the path in another case",              "RFC 3986 §6.2.2.1", svc(CC).to("/TOKEN"), ok()),
        row("the path in another case, with a query", "RFC 3986 §3.4",    svc(CC).to("/Token?tenant=a"), ok()),
        row("another spelling, a wrong method",      "RFC 6749 §3.2",     svc(CC).to("/token/").method("PUT"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("another spelling, a preflight",         "RFC 9110 §9.3.7",   call("OPTIONS", "/Token"), PASSED),
        row("a path that it is not",                 "RFC 3986 §6.2",     svc(CC).to("/tokens"), PASSED),
        row("a path below",                          "RFC 3986 §3.3",     svc(CC).to("/token/x"), PASSED),
        row("the path in the query",                 "RFC 3986 §3.4",     svc(CC).to("/?/token"), PASSED),
        row("the root",                              "RFC 3986 §3.3",     svc(CC).to("/"), PASSED),
    ]
}

#[tokio::test]
async fn a_predicate_needs_no_path_and_is_not_inherited() {
    let layer = builder_over(Registry::whole());
    let token = layer.path_where(is_token).built();
    let introspection = token.for_endpoint(Endpoint::Introspection, "/introspect");
    let introspection = introspection.expect("settings that agree");
    let ask = svc("token=t");
    ask.clone()
        .to("/introspect")
        .send(&introspection)
        .await
        .inner_request();
    for path in ["/token/", "/introspect/"] {
        let exchange = ask.clone().to(path).send(&introspection).await;
        assert_eq!(
            exchange.response.headers().len(),
            0,
            "{path} is another path"
        );
    }
    let builder = token.builder_for_endpoint(Endpoint::Introspection);
    let spelled = builder.path_where(|path| path.trim_matches('/') == "introspect");
    let spelled = spelled.built();
    let exchange = ask.to("/introspect/").send(&spelled).await;
    assert_eq!(
        exchange.response.headers().len(),
        2,
        "of an accepted request"
    );
}
