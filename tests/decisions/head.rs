//! The head: which requests are token requests, and what their headers must be.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::{FORM, call, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn head() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::whole()), head_rows())
}

#[rustfmt::skip]
fn head_rows() -> Vec<Row> {
    let ok = || accepted("svc", BASIC, GRANT);
    let not_form = || invalid_request(ContentTypeNotForm).naming(FORM);
    let not_allowed = || rejected(405, "invalid_request", MethodNotAllowed);
    let doubled = || invalid_request(RepeatedContentTypeHeader).naming(FORM);
    let single_quotes = || invalid_request(CharsetInSingleQuotes).naming("charset=utf-8");
    let encoded = || invalid_request(ContentEncodingPresent);
    let query = || invalid_request(CredentialsInQuery);
    let empty_id = || invalid_request(BasicEmptyClientId);
    vec![
        // which requests are token requests
        row("the token path",                        "RFC 6749 §3.2",     svc(CC), ok()),
        row("the token path with a query",           "RFC 6749 §3.2",     svc(CC).to("/token?tenant=a"), ok()),
        row("the token path in absolute form",       "RFC 9113 §8.3.1",   svc(CC).to("https://as.example.com/token"), ok()),
        row("another path",                          "decisions",         call("GET", "/other"), PASSED),
        row("another path, a token request else",    "decisions",         svc(CC).to("/other"), PASSED),
        row("another path, malformed in every way",  "decisions",         post("%zz&a=1&a=2").to("/?client_secret=x").add("authorization", "Basic ?").add("authorization", "?"), PASSED),
        row("a slash after the path",                "RFC 3986 §6.2.3",   svc(CC).to("/token/"), PASSED),
        row("a slash more before the path",          "RFC 3986 §3.3",     svc(CC).to("//token"), PASSED),
        row("the path in another case",              "RFC 3986 §6.2.2.1", svc(CC).to("/Token"), PASSED),
        row("the path percent-encoded",              "RFC 3986 §6.2.2.2", svc(CC).to("/%74oken"), PASSED),
        row("the path with dot segments",            "RFC 3986 §6.2.2.3", svc(CC).to("/./token"), PASSED),
        row("the path and more",                     "RFC 3986 §3.3",     svc(CC).to("/tokens"), PASSED),
        row("a part of the path",                    "RFC 3986 §3.3",     svc(CC).to("/toke"), PASSED),
        row("the path below another",                "RFC 3986 §3.3",     svc(CC).to("/a/token"), PASSED),
        row("the path in the query",                 "RFC 3986 §3.4",     svc(CC).to("/?/token"), PASSED),
        row("the root",                              "RFC 3986 §3.3",     svc(CC).to("/"), PASSED),
        row("a preflight",                           "RFC 9110 §9.3.7",   call("OPTIONS", "/token").add("origin", "https://spa.example.com").add("access-control-request-method", "POST"), PASSED),
        row("OPTIONS with all that is wrong",        "RFC 9110 §9.3.7",   svc("%zz").method("OPTIONS").to("/token?client_secret=x").add("authorization", "?"), PASSED),
        row("OPTIONS of the server",                 "RFC 9110 §9.3.7",   call("OPTIONS", "*"), PASSED),
        row("OPTIONS in lower case is not OPTIONS",  "RFC 9110 §9.1",     svc(CC).method("options"), not_allowed()),
        // the method
        row("GET",                                   "RFC 6749 §3.2",     svc(CC).method("GET"), not_allowed()),
        row("GET with the parameters in the query",  "RFC 6749 §3.2",     call("GET", "/token?grant_type=client_credentials&client_id=svc"), not_allowed()),
        row("HEAD",                                  "RFC 6749 §3.2",     call("HEAD", "/token"), not_allowed()),
        row("PUT",                                   "RFC 6749 §3.2",     svc(CC).method("PUT"), not_allowed()),
        row("PATCH",                                 "RFC 6749 §3.2",     svc(CC).method("PATCH"), not_allowed()),
        row("DELETE",                                "RFC 6749 §3.2",     svc(CC).method("DELETE"), not_allowed()),
        row("TRACE",                                 "RFC 6749 §3.2",     svc("").method("TRACE"), not_allowed()),
        row("a method of somebody's own",            "RFC 9110 §15.5.6",  svc(CC).method("TOKEN"), not_allowed()),
        row("POST in lower case is not POST",        "RFC 9110 §9.1",     svc(CC).method("post"), not_allowed()),
        // Content-Type and Content-Encoding
        row("no Content-Type",                       "RFC 6749 App. B",   svc(CC).without("content-type"), not_form()),
        row("an empty Content-Type",                 "RFC 9110 §8.3",     typed(""), not_form()),
        row("JSON",                                  "RFC 6749 §3.2",     svc(r#"{"grant_type":"client_credentials"}"#).set("content-type", "application/json"), not_form()),
        row("multipart",                             "RFC 6749 App. B",   typed("multipart/form-data; boundary=x"), not_form()),
        row("plain text",                            "RFC 6749 App. B",   typed("text/plain"), not_form()),
        row("a type that starts like the form's",    "RFC 9110 §8.3.1",   typed("application/x-www-form-urlencoded-2"), not_form()),
        row("a type that ends like the form's",      "RFC 9110 §8.3.1",   typed("xapplication/x-www-form-urlencoded"), not_form()),
        row("the subtype alone",                     "RFC 9110 §8.3.1",   typed("x-www-form-urlencoded"), not_form()),
        row("a list of types",                       "RFC 9110 §8.3",     typed("application/x-www-form-urlencoded, text/plain"), doubled()),
        row("a list of the form's type, twice",      "RFC 9110 §5.3",     typed("application/x-www-form-urlencoded,application/x-www-form-urlencoded"), doubled()),
        row("a list of types with charsets",         "RFC 9110 §5.3",     typed("application/x-www-form-urlencoded; charset=utf-8, application/x-www-form-urlencoded; charset=utf-8"), doubled()),
        row("two Content-Types that differ",         "RFC 9110 §5.3",     typed("text/plain").add("content-type", FORM), doubled()),
        row("two Content-Types, the form's first",   "RFC 9110 §5.3",     typed(FORM).add("content-type", "text/plain"), doubled()),
        row("the same Content-Type twice",           "RFC 9110 §5.3",     typed(FORM).add("content-type", FORM), doubled()),
        row("a Content-Type outside ASCII",          "RFC 9110 §5.5",     typed(b"application/x-www-form-urlencoded\xFF"), not_form()),
        row("the type in another case",              "RFC 9110 §8.3.1",   typed("Application/X-WWW-Form-Urlencoded"), ok()),
        row("charset=utf-8",                         "RFC 6749 App. B",   typed("application/x-www-form-urlencoded;charset=utf-8"), ok()),
        row("charset=UTF-8 after a space",           "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=UTF-8"), ok()),
        row("charset in quotes",                     "RFC 9110 §8.3.1",   typed(r#"application/x-www-form-urlencoded; charset="utf-8""#), ok()),
        row("Charset in mixed case and quotes",      "RFC 9110 §8.3.1",   typed(r#"application/x-www-form-urlencoded; Charset="Utf-8""#), ok()),
        row("charset with a quoted pair",            "RFC 9110 §5.6.4",   typed(r#"application/x-www-form-urlencoded; charset="utf\-8""#), ok()),
        row("spaces around the semicolon",           "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded \t; \tcharset=utf-8"), ok()),
        row("an empty parameter of the type",        "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded;"), ok()),
        row("another parameter of the type",         "RFC 9110 §8.3.1",   typed("application/x-www-form-urlencoded; version=1"), ok()),
        row("charset after another parameter",       "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded; version=1; charset=utf-8"), ok()),
        row("a charset in another one's quotes",     "RFC 9110 §5.6.6",   typed(r#"application/x-www-form-urlencoded; v="; charset=latin1""#), ok()),
        row("charset=utf8",                          "decisions",         typed("application/x-www-form-urlencoded; charset=utf8"), ok()),
        row("charset=UTF8 in quotes",                "decisions",         typed(r#"application/x-www-form-urlencoded; charset="UTF8""#), ok()),
        row("Charset=Utf8 after another parameter",  "decisions",         typed("application/x-www-form-urlencoded; version=1; Charset=Utf8"), ok()),
        row("charset in single quotes",              "RFC 9110 §5.6.4",   typed("application/x-www-form-urlencoded; charset='utf-8'"), single_quotes()),
        row("another charset in single quotes",      "RFC 9110 §5.6.4",   typed("application/x-www-form-urlencoded; charset='latin1'"), single_quotes()),
        row("a comma in another one's quotes",       "RFC 9110 §5.6.4",   typed(r#"application/x-www-form-urlencoded; v=","; charset=utf-8"#), ok()),
        row("charset=iso-8859-1",                    "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=iso-8859-1"), invalid_request(CharsetNotUtf8)),
        row("charset=utf-16 in quotes",              "RFC 6749 App. B",   typed(r#"application/x-www-form-urlencoded; charset="utf-16""#), invalid_request(CharsetNotUtf8)),
        row("Charset in mixed case, another one",    "RFC 9110 §8.3.1",   typed("application/x-www-form-urlencoded; CharSet=Latin1"), invalid_request(CharsetNotUtf8)),
        row("charset=us-ascii",                      "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=us-ascii"), invalid_request(CharsetNotUtf8)),
        row("an empty charset",                      "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded; charset="), invalid_request(CharsetNotUtf8)),
        row("charset=utf_8",                         "RFC 3629 §8",       typed("application/x-www-form-urlencoded; charset=utf_8"), invalid_request(CharsetNotUtf8)),
        row("charset=utf-16",                        "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=utf-16"), invalid_request(CharsetNotUtf8)),
        row("charset=windows-1252",                  "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=windows-1252"), invalid_request(CharsetNotUtf8)),
        row("charset=utf8 and another one",          "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded; charset=utf8; charset=latin1"), invalid_request(CharsetNotUtf8)),
        row("another charset after a parameter",     "RFC 9110 §5.6.6",   typed(r#"application/x-www-form-urlencoded; v="a;b"; charset=latin1"#), invalid_request(CharsetNotUtf8)),
        row("a second charset",                      "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded; charset=utf-8; charset=latin1"), invalid_request(CharsetNotUtf8)),
        row("Content-Encoding: gzip",                "RFC 9110 §8.4",     svc(CC).add("content-encoding", "gzip"), encoded()),
        row("Content-Encoding: br",                  "RFC 9110 §8.4",     svc(CC).add("content-encoding", "br"), encoded()),
        row("Content-Encoding: aws-chunked",         "RFC 9110 §8.4",     svc(CC).add("content-encoding", "aws-chunked"), encoded()),
        row("Content-Encoding: identity",            "RFC 9110 §8.4.1",   svc(CC).add("content-encoding", "identity"), ok()),
        row("Content-Encoding: Identity",            "RFC 9110 §8.4.1",   svc(CC).add("content-encoding", "Identity"), ok()),
        row("an empty Content-Encoding",             "RFC 9110 §8.4",     svc(CC).add("content-encoding", ""), ok()),
        row("identity and gzip in one",              "RFC 9110 §8.4",     svc(CC).add("content-encoding", "identity, gzip"), encoded()),
        row("identity, and gzip in another header",  "RFC 9110 §8.4",     svc(CC).add("content-encoding", "identity").add("content-encoding", "gzip"), encoded()),
        row("gzip, and nothing in another header",   "RFC 9110 §8.4",     svc(CC).add("content-encoding", "gzip").add("content-encoding", ""), encoded()),
        row("a coding that begins like identity",    "RFC 9110 §8.4.1",   svc(CC).add("content-encoding", "identity2"), encoded()),
        // the query
        row("client_secret in the query",            "RFC 6749 §2.3.1",   body("client_id=poster").to("/token?client_secret=post-secret"), query()),
        row("client_secret in query and body",       "RFC 6749 §2.3.1",   body("client_id=poster&client_secret=post-secret").to("/token?client_secret=post-secret"), query()),
        row("client_secret late in the query",       "RFC 6749 §2.3.1",   svc(CC).to("/token?a=1&b&client_secret=x"), query()),
        row("client_secret encoded in the query",    "RFC 6749 App. B",   svc(CC).to("/token?client%5Fsecre%74=x"), query()),
        row("client_secret of an absolute URI",      "RFC 6749 §2.3.1",   svc(CC).to("https://as.example.com/token?client_secret=x"), query()),
        row("client_assertion in the query",         "RFC 7521 §4.2",     svc(CC).to("/token?client_assertion=a.b.c"), query()),
        row("a secret before client_id in the query", "RFC 6749 §2.3.1",  body("").to("/token?client_id=poster&client_secret=post-secret"), query()),
        row("client_id in the query",                "RFC 6749 §2.3.1",   svc(CC).to("/token?client_id=svc"), in_query("client_id")),
        row("another client_id in the query",        "RFC 6749 §2.3.1",   svc(CC).to("/token?client_id=other"), in_query("client_id")),
        row("an empty client_id in the query",       "RFC 6749 §2.3.1",   svc(CC).to("/token?client_id="), in_query("client_id")),
        row("a bare client_id in the query",         "RFC 6749 §2.3.1",   svc(CC).to("/token?a=1&client_id"), in_query("client_id")),
        row("client_id encoded in the query",        "RFC 6749 App. B",   svc(CC).to("/token?%63lient%5Fid=svc"), in_query("client_id")),
        row("client_id in query and body",           "RFC 6749 §2.3.1",   body("client_id=pub").to("/token?client_id=pub"), in_query("client_id")),
        row("a name that only starts like client_id", "RFC 6749 §2.3.1",  svc(CC).to("/token?client_ids=a&client_id_issued_at=0"), ok()),
        row("client_id as a value in the query",     "RFC 6749 §2.3.1",   svc(CC).to("/token?a=client_id"), ok()),
        row("a name that only starts like it",       "RFC 6749 §2.3.1",   svc(CC).to("/token?client_secret_expires_at=0"), ok()),
        row("client_secret as a value in the query", "RFC 6749 §2.3.1",   svc(CC).to("/token?a=client_secret&b=client_assertion"), ok()),
        row("a name in another case in the query",   "RFC 6749 §2.3.1",   svc(CC).to("/token?Client_Secret=x"), ok()),
        row("a query that does not decode",          "decisions",         svc(CC).to("/token?%zz=%ff"), ok()),
        row("an empty query",                        "RFC 3986 §3.4",     svc(CC).to("/token?"), ok()),
        row("client_id in the query identifies none", "RFC 6749 §3.2",    post(CC).to("/token?client_id=pub"), in_query("client_id")),
        row("grant_type in the query",               "RFC 6749 §3.2",     svc("").to("/token?grant_type=client_credentials"), in_query("grant_type")),
        row("grant_type in the query, more in the body", "RFC 6749 §4.1.3", svc("code=a").to("/token?grant_type=authorization_code"), in_query("grant_type")),
        row("grant_type encoded in the query",       "RFC 6749 App. B",   svc("scope=read").to("/token?grant%5Ftype=client_credentials"), in_query("grant_type")),
        row("grant_type in the query, from nobody",  "RFC 6749 §3.2",     post("").to("/token?grant_type=client_credentials"), in_query("grant_type")),
        row("grant_type in query and body",          "RFC 6749 §3.2",     svc(CC).to("/token?grant_type=password"), repeated("grant_type")),
        row("the same grant_type in query and body", "RFC 6749 §3.2",     svc(CC).to("/token?grant_type=client_credentials"), repeated("grant_type")),
        row("grant_type in the query, empty in the body", "RFC 6749 §3.2", svc("grant_type=").to("/token?grant_type=client_credentials"), repeated("grant_type")),
        row("scope in query and body",               "RFC 6749 §3.2",     svc(form([CC, "scope=read"])).to("/token?scope=admin"), repeated("scope")),
        row("scope in query and body, encoded",      "RFC 6749 App. B",   svc(form([CC, "sco%70e=read"])).to("/token?%73cope=admin"), repeated("scope")),
        row("scope in query and body, both empty",   "RFC 6749 §3.2",     svc(form([CC, "scope="])).to("/token?scope"), repeated("scope")),
        row("code in query and body",                "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a").to("/token?code=b"), repeated("code")),
        row("resource in query and body",            "RFC 6749 §3.2",     svc(form([CC, "resource=urn:a"])).to("/token?resource=urn:b"), repeated("resource")),
        row("an assertion type in query and body",   "RFC 6749 §3.2",     body(JWT).to(&format!("/token?{JWT}")), repeated("client_assertion_type")),
        row("an unknown name in query and body",     "RFC 6749 §3.2",     svc(form([CC, "tenant=a"])).to("/token?tenant=b"), repeated("tenant")),
        row("in query and body, of an unknown client", "decisions",       post(form([CC, "tenant=a"])).basic("nobody:x").to("/token?tenant=b"), repeated("tenant")),
        row("a percent sign in query and body",      "decisions",         svc(form([CC, "100%25=a"])).to("/token?100%=b"), repeated("100%")),
        row("a value in the query, a name in the body", "RFC 6749 §3.2",  svc(form([CC, "tenant=a"])).to("/token?a=tenant"), ok()),
        row("another case in query and body",        "RFC 6749 §3.2",     svc(form([CC, "tenant=a"])).to("/token?Tenant=b"), ok()),
        row("other parameters in the query",         "RFC 6749 §3.2",     svc(form([CC, "state=a"])).to("/token?tenant=a&policy=b&tenant=c&resource=urn:a"), ok()),
        row("scope in the query is ignored",         "RFC 6749 §3.3",     svc(CC).to("/token?scope=admin"), ok()),
        // Authorization
        row("two Authorization headers",             "RFC 9110 §5.3",     svc(CC).basic("svc:svc-secret"), invalid_request(RepeatedAuthorizationHeader)),
        row("Basic and Bearer",                      "RFC 9110 §5.3",     svc(CC).add("authorization", "Bearer x"), invalid_request(RepeatedAuthorizationHeader)),
        row("Bearer and Digest",                     "RFC 9110 §5.3",     authorization("Bearer x").add("authorization", "Digest x"), invalid_request(RepeatedAuthorizationHeader)),
        row("Bearer",                                "RFC 6749 §5.2",     authorization("Bearer c3ZjOnN2Yy1zZWNyZXQ"), invalid_client(UnsupportedScheme)),
        row("Bearer beside credentials in the body", "RFC 6749 §2.3",     body("client_id=poster&client_secret=post-secret").add("authorization", "Bearer x"), invalid_client(UnsupportedScheme)),
        row("Digest",                                "RFC 6749 §5.2",     authorization(r#"Digest username="svc""#), invalid_client(UnsupportedScheme)),
        row("a scheme that starts like Basic",       "RFC 9110 §11.1",    authorization("Basically c3ZjOnN2Yy1zZWNyZXQ="), invalid_client(UnsupportedScheme)),
        row("a scheme that Basic starts like",       "RFC 9110 §11.1",    authorization("Basi c3ZjOnN2Yy1zZWNyZXQ="), invalid_client(UnsupportedScheme)),
        row("a token without a scheme",              "RFC 9110 §11.4",    authorization("c3ZjOnN2Yy1zZWNyZXQ="), invalid_client(UnsupportedScheme)),
        row("an empty Authorization",                "RFC 9110 §11.6.2",  authorization(""), invalid_client(UnsupportedScheme)),
        row("Authorization outside ASCII",           "RFC 9110 §5.5",     authorization(b"\xFF\xFE"), invalid_client(UnsupportedScheme)),
        // Basic
        row("basic in lower case",                   "RFC 9110 §11.1",    authorization("basic c3ZjOnN2Yy1zZWNyZXQ="), ok()),
        row("BASIC in upper case",                   "RFC 9110 §11.1",    authorization("BASIC c3ZjOnN2Yy1zZWNyZXQ="), ok()),
        row("bAsIc in mixed case",                   "RFC 9110 §11.1",    authorization("bAsIc c3ZjOnN2Yy1zZWNyZXQ="), ok()),
        row("three spaces after Basic",              "RFC 9110 §11.4",    authorization("Basic   c3ZjOnN2Yy1zZWNyZXQ="), ok()),
        row("Basic without padding",                 "decisions",         authorization("Basic c3ZjOnN2Yy1zZWNyZXQ"), ok()),
        row("Basic in the URL alphabet",             "RFC 7617 §2",       authorization("Basic _zpw"), invalid_request(BasicNotBase64)),
        row("Basic in plain text",                   "RFC 7617 §2",       authorization("Basic svc:svc-secret"), invalid_request(BasicNotBase64)),
        row("Basic with a space inside",             "RFC 7617 §2",       authorization("Basic c3ZjOnN2 Yy1zZWNyZXQ="), invalid_request(BasicNotBase64)),
        row("Basic with too much padding",           "RFC 4648 §4",       authorization("Basic c3ZjOnN2Yy1zZWNyZXQ=="), invalid_request(BasicNotBase64)),
        row("Basic with padding inside",             "RFC 4648 §4",       authorization("Basic c3Zj=OnN2Yy1zZWNyZXQ"), invalid_request(BasicNotBase64)),
        row("Basic with one character",              "RFC 4648 §4",       authorization("Basic c"), invalid_request(BasicNotBase64)),
        row("Basic with a second parameter",         "RFC 7617 §2",       authorization("Basic c3ZjOnN2Yy1zZWNyZXQ=, charset=utf-8"), invalid_request(BasicNotBase64)),
        row("Basic outside ASCII",                   "RFC 7617 §2",       authorization(b"Basic \xC3\xA9"), invalid_request(BasicNotBase64)),
        row("Basic and nothing",                     "RFC 7617 §2",       authorization("Basic"), rejected(400, "invalid_request", None)),
        row("Basic without a colon",                 "RFC 7617 §2",       basic("svc"), invalid_request(BasicWithoutColon)),
        row("Basic with its colon encoded",          "RFC 7617 §2",       basic("svc%3Asvc-secret"), invalid_request(BasicWithoutColon)),
        row("Basic with an empty id",                "RFC 6749 §2.3.1",   basic(":svc-secret"), empty_id()),
        row("Basic with a colon alone",              "RFC 6749 §2.3.1",   basic(":"), empty_id()),
        row("Basic with an id in Latin-1",           "RFC 7617 §2.1",     basic(b"caf\xE9:secret"), invalid_request(BasicNotUtf8)),
        row("Basic with a secret in Latin-1",        "RFC 7617 §2.1",     basic(b"svc:caf\xE9"), invalid_request(BasicNotUtf8)),
        row("Basic with a surrogate in UTF-8",       "RFC 3629 §3",       basic(b"svc:\xED\xA0\x80"), invalid_request(BasicNotUtf8)),
    ]
}
