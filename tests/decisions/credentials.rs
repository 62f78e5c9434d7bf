//! The credentials: one mechanism a request, and the two readings of Basic.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::{form_encode, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn credentials() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::whole()), credentials_rows())
}

#[rustfmt::skip]
fn credentials_rows() -> Vec<Row> {
    let url = "https://client.example/a?b=c&d";
    let url_secret = "s/e c+r:t%&=é";
    let multiple = || invalid_request(MultipleMechanisms);
    let mismatch = || invalid_request(ClientIdMismatch);
    let no_id = || invalid_request(MissingClientId).naming("client_id");
    let no_assertion = || invalid_request(MissingClientAssertion).naming("client_assertion");
    let no_type = || invalid_request(MissingClientAssertionType).naming("client_assertion_type");
    let by = |client, method| accepted(client, method, GRANT);
    let refresh = |more: &str| post(form(["grant_type=refresh_token&refresh_token=r", more]));
    vec![
        // one mechanism a request
        row("Basic and client_secret",               "RFC 6749 §2.3",     body("client_id=either&client_secret=either-secret").basic("either:either-secret"), multiple()),
        row("Basic and client_secret, no client_id", "RFC 6749 §2.3",     body("client_secret=svc-secret").basic("svc:svc-secret"), multiple()),
        row("Basic and another's client_secret",     "RFC 6749 §2.3",     body("client_id=poster&client_secret=post-secret").basic("svc:svc-secret"), multiple()),
        row("Basic and an assertion",                "RFC 6749 §2.3",     body(&form([JWT, ASSERTION])).basic("svc:svc-secret"), multiple()),
        row("client_secret and an assertion",        "RFC 6749 §2.3",     body(&form(["client_id=poster&client_secret=post-secret", JWT, ASSERTION])), multiple()),
        row("all three",                             "RFC 6749 §2.3",     body(&form(["client_id=svc&client_secret=svc-secret", JWT, ASSERTION])).basic("svc:svc-secret"), multiple()),
        row("Basic without a secret, client_secret", "RFC 6749 §2.3",     body("client_id=either&client_secret=either-secret").basic("either:"), multiple()),
        row("Basic without a secret, an assertion",  "RFC 6749 §2.3",     body(&form([JWT, ASSERTION])).basic("pub:"), multiple()),
        row("Basic and an empty client_secret",      "RFC 6749 §2.3",     body("client_secret=").basic("svc:svc-secret"), by("svc", BASIC)),
        row("Basic and an empty assertion",          "RFC 6749 §2.3",     body("client_assertion=&client_assertion_type=").basic("svc:svc-secret"), by("svc", BASIC)),
        // parts of a mechanism
        row("client_secret without client_id",       "RFC 6749 §2.3.1",   body("client_secret=post-secret"), no_id()),
        row("client_secret, an empty client_id",     "RFC 6749 §2.3.1",   body("client_id=&client_secret=post-secret"), no_id()),
        row("client_secret, client_id in the query", "RFC 6749 §2.3.1",   body("client_secret=post-secret").to("/token?client_id=poster"), in_query("client_id")),
        row("an assertion without its type",         "RFC 7521 §4.2",     body(ASSERTION), no_type()),
        row("an assertion with an empty type",       "RFC 7521 §4.2",     body(&form([ASSERTION, "client_assertion_type="])), no_type()),
        row("an assertion of nobody without type",   "RFC 7521 §4.2",     body(&form(["client_id=keyed", ASSERTION])), no_type()),
        row("an assertion type alone",               "RFC 7521 §4.2",     body(JWT), no_assertion()),
        row("an assertion type, an empty assertion", "RFC 7521 §4.2",     body(&form([JWT, "client_assertion="])), no_assertion()),
        row("an assertion type beside client_id",    "RFC 7521 §4.2",     body(&form([JWT, "client_id=pub"])), no_assertion()),
        row("an unknown type without an assertion",  "RFC 7521 §4.2",     body("client_assertion_type=x"), no_assertion()),
        row("an unknown assertion type",             "RFC 7521 §4.2.1",   body(&form(["client_assertion_type=urn%3Ax", ASSERTION])), invalid_client(UnknownAssertionType)),
        row("the assertion type of SAML",            "RFC 7522 §2.2",     body(&form([SAML, ASSERTION])), invalid_client(UnknownAssertionType)),
        row("an unknown type beside client_id",      "RFC 7521 §4.2.1",   body(&form(["client_id=keyed&client_assertion_type=jwt", ASSERTION])), invalid_client(UnknownAssertionType)),
        // no secret presented
        row("nothing",                               "RFC 6749 §5.2",     post(CC), invalid_client(NoCredentials)),
        row("an empty client_secret alone",          "RFC 6749 §2.3.1",   body("client_secret="), invalid_client(NoCredentials)),
        row("client_id of a public client",          "RFC 6749 §3.2.1",   refresh("client_id=pub"), accepted("pub", NONE, REFRESH)),
        row("client_id and an empty client_secret",  "RFC 6749 §2.3.1",   refresh("client_id=pub&client_secret="), accepted("pub", NONE, REFRESH)),
        row("client_id and a bare client_secret",    "RFC 6749 §2.3.1",   refresh("client_secret&client_id=pub"), accepted("pub", NONE, REFRESH)),
        row("Basic with an empty secret",            "RFC 6749 §2.3.1",   refresh("a=b").basic("pub:"), accepted("pub", NONE, REFRESH)),
        row("Basic with an empty secret, client_id", "RFC 6749 §2.3.1",   refresh("client_id=pub").basic("pub:"), accepted("pub", NONE, REFRESH)),
        row("Basic with an empty secret, another",   "RFC 6749 §2.3.1",   refresh("client_id=spa").basic("pub:"), mismatch()),
        row("Basic with an empty secret twice over", "RFC 6749 §2.3.1",   refresh("client_secret=").basic("pub:"), accepted("pub", NONE, REFRESH)),
        row("client_id of a confidential client",    "RFC 6749 §3.2.1",   body("client_id=svc"), invalid_client(MethodNotRegistered)),
        row("client_id of a confidential post one",  "RFC 6749 §3.2.1",   body("client_id=poster&client_secret="), invalid_client(MethodNotRegistered)),
        row("Basic with the secret left out",        "RFC 6749 §2.3.1",   basic("svc:"), invalid_client(MethodNotRegistered)),
        row("Basic without a secret, unknown",       "RFC 6749 §2.3.1",   basic("nobody:"), invalid_client(UnknownClient)),
        row("client_id of nobody",                   "RFC 6749 §3.2.1",   body("client_id=nobody"), invalid_client(UnknownClient)),
        row("a client of two methods, by none",      "RFC 6749 §3.2.1",   refresh("client_id=mixed"), accepted("mixed", NONE, REFRESH)),
        row("a public id as it is, and a plus in it", "decisions",        refresh("a=b").basic("p+q:"), accepted("p+q", NONE, REFRESH)),
        row("a public id encoded, and a plus in it", "RFC 6749 §2.3.1",   refresh("a=b").basic("p%2Bq:"), accepted("p+q", NONE, REFRESH)),
        // the two readings of Basic
        row("neither reading differs",               "RFC 6749 §2.3.1",   basic("svc:svc-secret"), by("svc", BASIC)),
        row("id and secret encoded",                 "RFC 6749 §2.3.1",   basic("a%2Bb:s%2Bt"), by("a+b", BASIC)),
        row("id and secret as they are",             "decisions",         basic("a+b:s+t"), by("a+b", BASIC)),
        row("an id encoded where it need not be",    "RFC 6749 §2.3.1",   basic("s%76c:svc-secret"), by("svc", BASIC)),
        row("an id with a dash encoded",             "RFC 6749 App. B",   basic("code%2Donly:code-secret"), unauthorized_client(GrantTypeNotRegistered)),
        row("escapes in lower case",                 "RFC 6749 App. B",   basic("a%2bb:s%2bt"), by("a+b", BASIC)),
        row("a URL as id, encoded",                  "RFC 6749 §2.3.1",   basic(format!("{}:{}", form_encode(url), form_encode(url_secret))), by(url, BASIC)),
        row("a URL as id, as it is",                 "RFC 7617 §2",       basic(format!("{url}:{url_secret}")), invalid_client(UnknownClient)),
        row("Unicode, encoded",                      "RFC 6749 App. B",   basic(format!("{}:{}", form_encode("ключ"), form_encode("пароль€𝄞"))), by("ключ", BASIC)),
        row("Unicode, as it is",                     "RFC 7617 §2.1",     basic("ключ:пароль€𝄞"), by("ключ", BASIC)),
        row("a colon in the id, encoded",            "RFC 6749 §2.3.1",   basic("a%3Ab:colon"), by("a:b", BASIC)),
        row("a colon in the id, as it is",           "RFC 7617 §2",       basic("a:b:colon"), invalid_client(UnknownClient)),
        row("colons in the secret, encoded",         "RFC 6749 §2.3.1",   basic("colons:se%3Acr%3Aet"), by("colons", BASIC)),
        row("colons in the secret, as they are",     "RFC 7617 §2",       basic("colons:se:cr:et"), by("colons", BASIC)),
        row("a secret that looks encoded, as it is", "decisions",         basic("pct:p%41q"), by("pct", BASIC)),
        row("a secret that looks encoded, encoded",  "RFC 6749 §2.3.1",   basic("pct:p%2541q"), by("pct", BASIC)),
        row("a secret encoded where it need not be", "RFC 6749 §2.3.1",   basic("decoded:p%41q"), by("decoded", BASIC)),
        row("a secret encoded twice",                "RFC 6749 §2.3.1",   basic("decoded:p%2541q"), invalid_client(WrongSecret)),
        row("a secret that does not decode",         "decisions",         basic("hundred:100%"), by("hundred", BASIC)),
        row("the same secret, encoded",              "RFC 6749 §2.3.1",   basic("hundred:100%25"), by("hundred", BASIC)),
        row("an id that does not decode",            "decisions",         basic("%zz:zz"), by("%zz", BASIC)),
        row("a wrong secret that does not decode",   "decisions",         basic("svc:100%"), invalid_client(WrongSecret)),
        row("an escape that is not UTF-8",           "decisions",         basic("svc:%FF"), invalid_client(WrongSecret)),
        row("an unknown id that does not decode",    "decisions",         basic("%:secret"), invalid_client(UnknownClient)),
        row("the decoded reading's client",          "decisions",         basic("x+y:space"), by("x y", BASIC)),
        row("the raw reading's client",              "decisions",         basic("x+y:plus"), by("x+y", BASIC)),
        row("both readings authenticate",            "decisions",         basic("twin+a:same"), by("twin a", BASIC)),
        row("the encoded id of the other",           "RFC 6749 §2.3.1",   basic("twin%2Ba:same"), by("twin+a", BASIC)),
        row("a wrong secret, and an id as it is",     "decisions",         basic("a+b:wrong"), invalid_client(WrongSecret)),
        row("a wrong secret, and an encoded id",     "decisions",         basic("x%20y:wrong"), invalid_client(WrongSecret)),
        row("neither reading authenticates",         "decisions",         basic("x+y:other"), invalid_client(WrongSecret)),
        row("a space as it is, as one",              "decisions",         basic("x y:space"), by("x y", BASIC)),
        // post decodes once, like every form
        row("post",                                  "RFC 6749 §2.3.1",   body("client_id=poster&client_secret=post-secret"), by("poster", POST)),
        row("post, encoded where it need not be",    "RFC 6749 App. B",   body("client_id=%70oster&client_secret=post%2Dsecret"), by("poster", POST)),
        row("post, encoded twice",                   "RFC 6749 App. B",   body("client_id=poster&client_secret=post%252Dsecret"), invalid_client(WrongSecret)),
        row("post, in another order",                "RFC 6749 §2.3.1",   post("client_secret=post-secret&scope=read&client_id=poster&grant_type=client_credentials"), by("poster", POST).scope("read")),
        row("post, of two methods registered",       "RFC 7591 §2",       body("client_id=either&client_secret=either-secret"), by("either", POST)),
        row("Basic, of two methods registered",      "RFC 7591 §2",       basic("either:either-secret"), by("either", BASIC)),
        // client_id beside Basic
        row("the same client_id beside Basic",       "RFC 6749 §3.2.1",   body("client_id=svc").basic("svc:svc-secret"), by("svc", BASIC)),
        row("another client_id beside Basic",        "RFC 6749 §3.2.1",   body("client_id=pub").basic("svc:svc-secret"), mismatch()),
        row("an unknown client_id beside Basic",     "RFC 6749 §3.2.1",   body("client_id=nobody").basic("svc:svc-secret"), mismatch()),
        row("client_id in another case",             "RFC 6749 §2.2",     body("client_id=SVC").basic("svc:svc-secret"), mismatch()),
        row("client_id with a space after it",       "RFC 6749 §2.2",     body("client_id=svc+").basic("svc:svc-secret"), mismatch()),
        row("Unicode as client_id beside Basic",     "RFC 6749 §3.2.1",   body("client_id=%D0%BA%D0%BB%D1%8E%D1%87").basic("ключ:пароль€𝄞"), by("ключ", BASIC)),
        row("client_id, a wrong secret",             "RFC 6749 §5.2",     body("client_id=svc").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("client_id, an unknown client",          "RFC 6749 §5.2",     body("client_id=nobody").basic("nobody:wrong"), invalid_client(UnknownClient)),
        row("another client_id, a wrong secret",     "RFC 6749 §3.2.1",   body("client_id=pub").basic("svc:wrong"), mismatch()),
        row("another client_id, an unknown client",  "RFC 6749 §3.2.1",   body("client_id=svc").basic("nobody:wrong"), mismatch()),
        row("client_id of the reading that did it",  "decisions",         body("client_id=x%2By").basic("x+y:plus"), by("x+y", BASIC)),
        row("client_id of the decoded reading",      "decisions",         body("client_id=x+y").basic("x+y:space"), by("x y", BASIC)),
        row("client_id of the reading that did not", "decisions",         body("client_id=x+y").basic("x+y:plus"), mismatch()),
        row("client_id raw, the decoded one did it", "decisions",         body("client_id=x%2By").basic("x+y:space"), mismatch()),
        row("client_id of one reading, none did it", "decisions",         body("client_id=x+y").basic("x+y:other"), invalid_client(WrongSecret)),
        row("client_id of the raw one, none did it", "decisions",         body("client_id=x%2By").basic("x+y:other"), invalid_client(WrongSecret)),
        row("client_id of neither, none did it",     "decisions",         body("client_id=xy").basic("x+y:other"), mismatch()),
    ]
}
