//! The client and its proof: who is registered, and by which method.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::form_encode;
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn client_and_proof() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::whole()), client_rows())
}

#[rustfmt::skip]
fn client_rows() -> Vec<Row> {
    let wrong = || invalid_client(WrongSecret);
    let space = || invalid_client(WhiteSpaceInSecret);
    let unknown = || invalid_client(UnknownClient);
    let method = || invalid_client(MethodNotRegistered);
    // No method that is registered would do.
    let unverified = || invalid_client(MethodNotVerifiable);
    let by = |client, method| accepted(client, method, GRANT);
    vec![
        row("an unknown client",                     "RFC 6749 §5.2",     basic("nobody:secret"), unknown()),
        row("an unknown client by post",             "RFC 6749 §5.2",     body("client_id=nobody&client_secret=secret"), unknown()),
        row("a client in another case",              "RFC 6749 §2.2",     basic("SVC:svc-secret"), unknown()),
        row("a client and a space",                  "RFC 6749 §2.2",     basic("svc :svc-secret"), unknown()),
        row("a client and a NUL",                    "RFC 6749 §2.2",     basic("svc\0:svc-secret"), unknown()),
        row("a client by its beginning",             "RFC 6749 §2.2",     basic("sv:svc-secret"), unknown()),
        row("a wrong secret",                        "RFC 6749 §5.2",     basic("svc:wrong"), wrong()),
        row("a wrong secret by post",                "RFC 6749 §5.2",     body("client_id=poster&client_secret=wrong"), wrong()),
        row("another client's secret",               "RFC 6749 §5.2",     basic("svc:unscoped-secret"), wrong()),
        row("a secret in another case",              "RFC 6749 §2.3.1",   basic("svc:SVC-SECRET"), wrong()),
        row("a secret cut short",                    "RFC 6749 §2.3.1",   basic("svc:svc-secre"), wrong()),
        row("a secret and more",                     "RFC 6749 §2.3.1",   basic("svc:svc-secret2"), wrong()),
        row("a secret and a space",                  "RFC 6749 §2.3.1",   basic("svc:svc-secret "), space()),
        row("a secret and a line break",             "RFC 6749 §2.3.1",   basic("svc:svc-secret\n"), space()),
        row("a secret and a line break of Windows",  "RFC 6749 §2.3.1",   basic("svc:svc-secret\r\n"), space()),
        row("a tab and a secret",                    "RFC 6749 §2.3.1",   basic("svc:\tsvc-secret"), space()),
        row("a secret and a space, by post",         "RFC 6749 §2.3.1",   body("client_id=poster&client_secret=post-secret+"), space()),
        row("a wrong secret and a space",            "RFC 6749 §2.3.1",   basic("svc:wrong "), wrong()),
        row("a secret of one space",                 "RFC 6749 §2.3.1",   basic("svc: "), wrong()),
        row("a secret and a space, unknown client",  "RFC 6749 §5.2",     basic("nobody:svc-secret "), unknown()),
        row("a secret and a space, wrong method",    "RFC 7591 §2",       basic("poster:post-secret "), method()),
        row("a secret and a NUL",                    "RFC 6749 §2.3.1",   basic("svc:svc-secret\0"), wrong()),
        row("a secret of one NUL",                   "RFC 6749 §2.3.1",   basic("svc:\0"), wrong()),
        row("a secret in another Unicode form",      "RFC 7617 §2.1",     basic(format!("{}:{}", form_encode("https://client.example/a?b=c&d"), form_encode("s/e c+r:t%&=e\u{301}"))), wrong()),
        row("a secret of a kibibyte",                "RFC 6749 §2.3.1",   basic(format!("svc:{}", "s".repeat(1024))), wrong()),
        row("an expired secret",                     "RFC 7591 §3.2.1",   basic("expired:old-secret"), invalid_client(ExpiredSecret)),
        row("an expired secret by post",             "RFC 7591 §3.2.1",   body("client_id=expired-post&client_secret=old-secret"), invalid_client(ExpiredSecret)),
        row("a wrong secret where one expired",      "RFC 7591 §3.2.1",   basic("expired:wrong"), wrong()),
        row("the new secret while rotating",         "RFC 7591 §3.2.1",   basic("rotating:new-secret"), by("rotating", BASIC)),
        row("a secret that expires later",           "RFC 7591 §3.2.1",   basic("lasting:new-secret"), by("lasting", BASIC)),
        row("the old secret while rotating",         "RFC 7591 §3.2.1",   basic("rotating:old-secret"), invalid_client(ExpiredSecret)),
        row("the first of two secrets",              "RFC 6749 §2.3.1",   basic("two-secrets:first-secret"), by("two-secrets", BASIC)),
        row("the second of two secrets",             "RFC 6749 §2.3.1",   basic("two-secrets:second-secret"), by("two-secrets", BASIC)),
        row("neither of two secrets",                "RFC 6749 §2.3.1",   basic("two-secrets:third-secret"), wrong()),
        row("two secrets in one",                    "RFC 6749 §2.3.1",   basic("two-secrets:first-secretsecond-secret"), wrong()),
        row("post where Basic is registered",        "RFC 7591 §2",       body("client_id=svc&client_secret=svc-secret"), method()),
        row("Basic where post is registered",        "RFC 7591 §2",       basic("poster:post-secret"), method()),
        row("a wrong secret by the wrong method",    "RFC 7591 §2",       basic("poster:wrong"), method()),
        row("nothing where two methods are registered", "RFC 7591 §2",    body("client_id=either"), method()),
        row("a wrong secret where none would do",    "RFC 7591 §2",       basic("mixed:wrong"), wrong()),
        row("a secret by post where none would do",  "RFC 7591 §2",       body("client_id=mixed&client_secret=mixed-secret"), method()),
        row("an expired one by the wrong method",    "RFC 7591 §2",       body("client_id=expired&client_secret=old-secret"), method()),
        row("a secret from a public client, Basic",  "RFC 7591 §2",       basic("pub:secret"), method()),
        row("a secret from a public client, post",   "RFC 7591 §2",       body("client_id=pub&client_secret=secret"), method()),
        row("a secret where a key is registered",    "RFC 7591 §2",       basic("keyed:secret"), unverified()),
        row("a secret of an assertion, by Basic",    "RFC 7591 §2",       basic("hmac:a-secret-of-thirty-two-bytes-here"), unverified()),
        row("nothing where a key is registered",     "RFC 7591 §2",       body("client_id=keyed"), unverified()),
        row("nothing where TLS is registered",       "RFC 8705 §2.1",     body("client_id=mtls"), unverified()),
        row("a secret where TLS is registered",      "RFC 8705 §2.1",     basic("mtls:secret"), unverified()),
        row("a secret by post where TLS is registered", "RFC 8705 §2.1",  body("client_id=mtls&client_secret=secret"), unverified()),
        row("an empty secret where TLS is registered", "RFC 8705 §2.1",   basic("mtls:"), unverified()),
        row("nothing where TLS and Basic are registered", "RFC 8705 §2.1", body("client_id=mtls-or-basic"), method()),
        row("post where TLS and Basic are registered", "RFC 8705 §2.1",   body("client_id=mtls-or-basic&client_secret=mtls-secret"), method()),
        row("Basic where TLS and Basic are registered", "RFC 8705 §2.1",  basic("mtls-or-basic:mtls-secret"), by("mtls-or-basic", BASIC)),
        // assertions are seen and refused
        row("an assertion of its client",            "RFC 7523 §3",       body(&form([JWT, ASSERTION, "client_id=keyed"])), invalid_client(MethodNotVerifiable)),
        row("an assertion of a client with a secret", "RFC 7523 §3",      body(&form([JWT, ASSERTION, "client_id=svc"])), invalid_client(None)),
        row("an assertion of a public client",       "RFC 7523 §3",       body(&form([JWT, ASSERTION, "client_id=pub"])), invalid_client(None)),
        row("an assertion of an unknown client",     "RFC 7523 §3",       body(&form([JWT, ASSERTION, "client_id=nobody"])), invalid_client(None)),
        row("an assertion without client_id",        "RFC 7521 §4.2",     body(&form([JWT, ASSERTION])), invalid_client(None)),
        row("an assertion that is no JWT",           "RFC 7523 §3",       body(&form([JWT, "client_assertion=x&client_id=keyed"])), invalid_client(None)),
        row("an assertion with alg none",            "RFC 7523 §3",       body(&form([JWT, "client_assertion=eyJhbGciOiJub25lIn0.e30.&client_id=keyed"])), invalid_client(None)),
    ]
}
