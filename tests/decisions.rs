//! The decisions on the wire, one row each, as the RFCs and the design read: first the table,
//! then what a table cannot hold.

mod common;

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header, request};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::{Instant, Sleep, sleep};
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_token_endpoint::Reason::*;
use tower_token_endpoint::{
    AuthMethod, AuthenticatedRequest, Challenge, Client, ClientBuilder, ClientSecret, ClientStore,
    Endpoint, GrantType, Reason, Rejection, RequestBody, TokenEndpointLayer, TokenRequest,
};

use common::{
    Call, Exchange, FORM, ISSUED, ISSUER, call, form_encode, form_pairs, layer, pairs, post, send,
};

// ---- the rows -------------------------------------------------------------------------------

struct Row {
    name: &'static str,
    section: &'static str,
    call: Call,
    outcome: Outcome,
}

fn row(name: &'static str, section: &'static str, call: Call, outcome: Outcome) -> Row {
    Row {
        name,
        section,
        call,
        outcome,
    }
}

#[derive(Clone)]
enum Outcome {
    /// The inner service saw the request as if there were no layer.
    Passed,
    Accepted(Accepted),
    Rejected(Rejected),
}

#[derive(Clone)]
struct Accepted {
    client: &'static str,
    method: AuthMethod,
    /// None at an endpoint without grants.
    grant: Option<&'static str>,
    scope: Option<&'static str>,
    parameter: Option<(&'static str, &'static str)>,
}

#[derive(Clone)]
struct Rejected {
    status: u16,
    code: &'static str,
    /// None where the design leaves open which one it is.
    reason: Option<Reason>,
    naming: Option<&'static str>,
}

const PASSED: Outcome = Outcome::Passed;
const BASIC: AuthMethod = AuthMethod::ClientSecretBasic;
const POST: AuthMethod = AuthMethod::ClientSecretPost;
const NONE: AuthMethod = AuthMethod::None;

fn accepted(client: &'static str, method: AuthMethod, grant: &'static str) -> Outcome {
    Outcome::Accepted(Accepted {
        client,
        method,
        grant: Some(grant),
        scope: None,
        parameter: None,
    })
}

fn authenticated(client: &'static str, method: AuthMethod) -> Outcome {
    Outcome::Accepted(Accepted {
        client,
        method,
        grant: None,
        scope: None,
        parameter: None,
    })
}

fn rejected(status: u16, code: &'static str, reason: impl Into<Option<Reason>>) -> Outcome {
    Outcome::Rejected(Rejected {
        status,
        code,
        reason: reason.into(),
        naming: None,
    })
}

fn invalid_request(reason: Reason) -> Outcome {
    rejected(400, "invalid_request", reason)
}

fn invalid_client(reason: impl Into<Option<Reason>>) -> Outcome {
    rejected(401, "invalid_client", reason)
}

fn unauthorized_client(reason: Reason) -> Outcome {
    rejected(400, "unauthorized_client", reason)
}

fn unsupported_grant() -> Outcome {
    rejected(400, "unsupported_grant_type", UnsupportedGrantType)
}

fn invalid_scope(reason: Reason) -> Outcome {
    rejected(400, "invalid_scope", reason)
}

fn missing(parameter: &'static str) -> Outcome {
    invalid_request(MissingParameter).naming(parameter)
}

fn repeated(parameter: &'static str) -> Outcome {
    invalid_request(RepeatedParameter).naming(parameter)
}

impl Outcome {
    /// An error whose description names this.
    fn naming(self, name: &'static str) -> Self {
        let Self::Rejected(rejected) = self else {
            unreachable!("only an error has a description")
        };
        let naming = Some(name);
        Self::Rejected(Rejected { naming, ..rejected })
    }

    fn scope(self, scope: &'static str) -> Self {
        let scope = Some(scope);
        self.but(|accepted| Accepted { scope, ..accepted })
    }

    fn with(self, name: &'static str, value: &'static str) -> Self {
        let parameter = Some((name, value));
        self.but(|accepted| Accepted {
            parameter,
            ..accepted
        })
    }

    fn but(self, change: impl FnOnce(Accepted) -> Accepted) -> Self {
        let Self::Accepted(accepted) = self else {
            unreachable!("only an accepted request has parameters")
        };
        Self::Accepted(change(accepted))
    }
}

// ---- what holds for a row -------------------------------------------------------------------

/// Sends every row, then names those that do not hold.
async fn hold<C: ClientStore>(layer: TokenEndpointLayer<C>, rows: Vec<Row>) {
    let mut broken = Vec::new();
    for row in rows {
        let name = format!("{} ({})", row.name, row.section);
        let layer = layer.clone();
        let judged = tokio::spawn(async move { judge(&row, &row.call.send(&layer).await) });
        if judged.await.is_err() {
            eprintln!("    ^ {name}\n");
            broken.push(name);
        }
    }
    assert!(broken.is_empty(), "rows that do not hold: {broken:#?}");
}

fn judge(row: &Row, exchange: &Exchange) {
    match &row.outcome {
        Outcome::Passed => judge_passed(row, exchange),
        Outcome::Accepted(accepted) => judge_accepted(&row.call, accepted, exchange),
        Outcome::Rejected(rejected) => judge_rejected(rejected, exchange),
    }
}

fn judge_passed(row: &Row, exchange: &Exchange) {
    let inner = exchange.inner_request();
    assert_untouched(&row.call, inner);
    assert!(inner.extensions().get::<TokenRequest>().is_none());
    assert_eq!(exchange.response.status(), StatusCode::OK);
    assert_eq!(*exchange.response.headers(), HeaderMap::new());
}

fn judge_accepted(call: &Call, expected: &Accepted, exchange: &Exchange) {
    let inner = exchange.inner_request();
    assert_untouched(call, inner);
    let token_request = inner.extensions().get::<TokenRequest>();
    let request = match token_request {
        Some(request) => request.authenticated(),
        None => inner.extensions().get().expect("an authenticated request"),
    };
    assert_eq!(request.client().client_id(), expected.client);
    assert_eq!(request.method(), expected.method);
    assert_eq!(pairs(request.parameters()), form_pairs(&call.body));
    if let Some((name, value)) = expected.parameter {
        assert_eq!(request.parameter(name), Some(value), "{name}");
    }
    let grant = token_request.map(|request| request.grant_type().as_str());
    let scope = token_request.and_then(TokenRequest::scope);
    assert_eq!(grant, expected.grant);
    assert_eq!(
        scope.map(|scope| scope.to_string()).as_deref(),
        expected.scope
    );

    assert_eq!(exchange.response.status(), StatusCode::OK);
    assert_eq!(exchange.header(header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(exchange.header(header::PRAGMA), Some("no-cache"));
    assert_eq!(exchange.response.headers().len(), 2);
}

fn judge_rejected(expected: &Rejected, exchange: &Exchange) {
    let error = exchange.error();
    let got = (error.status.as_u16(), &*error.code);
    assert_eq!(got, (expected.status, expected.code), "{error:?}");
    let reason = error.rejection.reason();
    assert_eq!(reason, expected.reason.unwrap_or(reason), "{error:?}");
    assert_eq!(error.rejection.status(), error.status);
    assert_eq!(error.rejection.as_str(), snake_case(&format!("{reason:?}")));
    if let Some(name) = expected.naming {
        assert!(error.description.contains(name), "{error:?}");
    }
    if matches!(reason, MissingParameter | RepeatedParameter) {
        assert_eq!(error.rejection.parameter(), expected.naming);
    }
}

fn assert_untouched(sent: &Call, seen: &Request<Bytes>) {
    assert_eq!(*seen.method(), sent.method);
    assert_eq!(seen.uri().to_string(), sent.request().uri().to_string());
    assert_eq!(*seen.headers(), sent.headers);
    assert_eq!(*seen.body(), sent.body);
}

fn snake_case(variant: &str) -> String {
    let words = variant.chars().enumerate().map(|(at, letter)| {
        let gap = if at > 0 && letter.is_uppercase() {
            "_"
        } else {
            ""
        };
        format!("{gap}{}", letter.to_lowercase())
    });
    words.collect()
}

// ---- who is registered ----------------------------------------------------------------------

fn cast() -> Vec<Client> {
    let clients = [
        confidential("svc", "svc-secret").scope("read write"),
        confidential("poster", "post-secret")
            .auth_method(POST)
            .scope("read write"),
        confidential("either", "either-secret").auth_methods([BASIC, POST]),
        confidential("mixed", "mixed-secret").auth_methods([BASIC, NONE]),
        confidential("unscoped", "unscoped-secret"),
        public("pub").scope("read write"),
        public("p+q"),
        Client::builder("spa").auth_method(NONE),
        Client::builder("code-only").secret("code-secret"),
        confidential("no-grants", "idle-secret").grant_types([]),
        confidential("expired", expired("old-secret")),
        confidential("expired-post", expired("old-secret")).auth_method(POST),
        confidential("rotating", expired("old-secret")).secret("new-secret"),
        confidential("lasting", lasting("new-secret")),
        confidential("two-secrets", "first-secret").secret("second-secret"),
        keyed("keyed", AuthMethod::PrivateKeyJwt),
        confidential("hmac", "a-secret-of-thirty-two-bytes-here")
            .auth_method(AuthMethod::ClientSecretJwt),
        Client::builder("mtls")
            .auth_method(AuthMethod::TlsClientAuth)
            .metadata("tls_client_auth_subject_dn", "CN=client".into())
            .grant_types(served()),
        confidential("x y", "space"),
        confidential("x+y", "plus"),
        confidential("twin a", "same"),
        confidential("twin+a", "same"),
        confidential("a+b", "s+t"),
        confidential("pct", "p%41q"),
        confidential("decoded", "pAq"),
        confidential("hundred", "100%"),
        confidential("%zz", "zz"),
        confidential("a:b", "colon"),
        confidential("colons", "se:cr:et"),
        confidential("https://client.example/a?b=c&d", "s/e c+r:t%&=é"),
        confidential("ключ", "пароль€𝄞"),
        confidential("all", "all-secret").grant_types(known()),
        public("pub-all").grant_types(known()),
    ];
    clients
        .map(|client| client.build().expect("a client"))
        .into()
}

fn confidential(id: &str, secret: impl Into<ClientSecret>) -> ClientBuilder {
    Client::builder(id).secret(secret).grant_types(served())
}

fn public(id: &str) -> ClientBuilder {
    Client::builder(id).auth_method(NONE).grant_types(served())
}

fn keyed(id: &str, method: AuthMethod) -> ClientBuilder {
    let key = serde_json::json!({
        "kty": "EC", "crv": "P-256", "kid": "1",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    let keys = serde_json::json!({ "keys": [key] });
    Client::builder(id)
        .auth_method(method)
        .metadata("jwks", keys)
        .grant_types(served())
}

fn expired(secret: &str) -> ClientSecret {
    ClientSecret::new(secret).expires_at(SystemTime::now() - Duration::from_secs(1))
}

fn lasting(secret: &str) -> ClientSecret {
    ClientSecret::new(secret).expires_at(SystemTime::now() + Duration::from_secs(3600))
}

/// What the layer serves by default.
fn served() -> [GrantType; 3] {
    use GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
    [AuthorizationCode, RefreshToken, ClientCredentials]
}

/// Every grant that has a row for its parameters, and one of the server's own.
fn known() -> Vec<GrantType> {
    use GrantType::{Ciba, DeviceCode, JwtBearer, Password, Saml2Bearer, TokenExchange};
    let ticket = TICKET_GRANT.parse().expect("an absolute URI");
    let more = [
        Password,
        DeviceCode,
        JwtBearer,
        Saml2Bearer,
        TokenExchange,
        Ciba,
        ticket,
    ];
    served().into_iter().chain(more).collect()
}

const TICKET_GRANT: &str = "urn:example:ticket";

// ---- what they send -------------------------------------------------------------------------

const CC: &str = "grant_type=client_credentials";
const GRANT: &str = "client_credentials";
const CODE: &str = "authorization_code";
const REFRESH: &str = "refresh_token";
const JWT: &str =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
const SAML: &str =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Asaml2-bearer";
const ASSERTION: &str = "client_assertion=eyJhbGciOiJFUzI1NiJ9.e30.c2ln";

/// A form from the confidential client of most rows.
fn svc(body: impl AsRef<[u8]>) -> Call {
    post(body).basic("svc:svc-secret")
}

/// Client credentials after `Authorization: Basic` with these bytes (`id:secret`).
fn basic(credentials: impl AsRef<[u8]>) -> Call {
    post(CC).basic(credentials)
}

/// Client credentials with these parameters in the body.
fn body(parameters: &str) -> Call {
    post(form([CC, parameters]))
}

/// Client credentials with this `Authorization`.
fn authorization(value: impl AsRef<[u8]>) -> Call {
    post(CC).add("authorization", value)
}

/// Client credentials with this `Content-Type`.
fn typed(content_type: impl AsRef<[u8]>) -> Call {
    svc(CC).set("content-type", content_type)
}

fn form<const N: usize>(parts: [&str; N]) -> String {
    parts.join("&")
}

/// A form of exactly this size.
fn padded(size: usize) -> String {
    let start = form([CC, "padding="]);
    format!("{start}{}", "a".repeat(size - start.len()))
}

// ---- the table ------------------------------------------------------------------------------

#[tokio::test]
async fn head() {
    hold(layer(cast()), head_rows()).await;
}

#[rustfmt::skip]
fn head_rows() -> Vec<Row> {
    let ok = || accepted("svc", BASIC, GRANT);
    let not_form = || invalid_request(ContentTypeNotForm).naming(FORM);
    let not_allowed = || rejected(405, "invalid_request", MethodNotAllowed);
    let query = || invalid_request(CredentialsInQuery);
    let empty_id = || invalid_request(BasicEmptyClientId);
    vec![
        // which requests are token requests
        row("the token path",                        "RFC 6749 §3.2",     svc(CC), ok()),
        row("the token path with a query",           "RFC 6749 §3.2",     svc(CC).to("/token?tenant=a"), ok()),
        row("the token path in absolute form",       "RFC 9113 §8.3.1",   svc(CC).to("https://as.example.com/token"), ok()),
        row("another path",                          "DESIGN §2",         call("GET", "/other"), PASSED),
        row("another path, a token request else",    "DESIGN §2",         svc(CC).to("/other"), PASSED),
        row("another path, malformed in every way",  "DESIGN §2",         post("%zz&a=1&a=2").to("/?client_secret=x").add("authorization", "Basic ?").add("authorization", "?"), PASSED),
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
        row("a list of types",                       "RFC 9110 §8.3",     typed("application/x-www-form-urlencoded, text/plain"), not_form()),
        row("two Content-Types that differ",         "RFC 9110 §5.3",     typed("text/plain").add("content-type", FORM), not_form()),
        row("two Content-Types, the form's first",   "RFC 9110 §5.3",     typed(FORM).add("content-type", "text/plain"), not_form()),
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
        row("charset in single quotes is another name", "RFC 9110 §5.6.6", typed("application/x-www-form-urlencoded; charset='utf-8'"), invalid_request(CharsetNotUtf8)),
        row("charset=iso-8859-1",                    "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=iso-8859-1"), invalid_request(CharsetNotUtf8)),
        row("charset=utf-16 in quotes",              "RFC 6749 App. B",   typed(r#"application/x-www-form-urlencoded; charset="utf-16""#), invalid_request(CharsetNotUtf8)),
        row("Charset in mixed case, another one",    "RFC 9110 §8.3.1",   typed("application/x-www-form-urlencoded; CharSet=Latin1"), invalid_request(CharsetNotUtf8)),
        row("charset=us-ascii",                      "RFC 6749 App. B",   typed("application/x-www-form-urlencoded; charset=us-ascii"), invalid_request(CharsetNotUtf8)),
        row("charset=utf8 is no registered name",    "RFC 3629 §8",       typed("application/x-www-form-urlencoded; charset=utf8"), invalid_request(CharsetNotUtf8)),
        row("another charset after a parameter",     "RFC 9110 §5.6.6",   typed(r#"application/x-www-form-urlencoded; v="a;b"; charset=latin1"#), invalid_request(CharsetNotUtf8)),
        row("a second charset",                      "RFC 9110 §5.6.6",   typed("application/x-www-form-urlencoded; charset=utf-8; charset=latin1"), invalid_request(CharsetNotUtf8)),
        row("Content-Encoding: gzip",                "RFC 9110 §8.4",     svc(CC).add("content-encoding", "gzip"), invalid_request(ContentEncodingPresent)),
        row("Content-Encoding: identity",            "RFC 9110 §8.4.1",   svc(CC).add("content-encoding", "identity"), invalid_request(ContentEncodingPresent)),
        // the query
        row("client_secret in the query",            "RFC 6749 §2.3.1",   body("client_id=poster").to("/token?client_secret=post-secret"), query()),
        row("client_secret in query and body",       "RFC 6749 §2.3.1",   body("client_id=poster&client_secret=post-secret").to("/token?client_secret=post-secret"), query()),
        row("client_secret late in the query",       "RFC 6749 §2.3.1",   svc(CC).to("/token?a=1&b&client_secret=x"), query()),
        row("client_secret encoded in the query",    "RFC 6749 App. B",   svc(CC).to("/token?client%5Fsecre%74=x"), query()),
        row("client_secret of an absolute URI",      "RFC 6749 §2.3.1",   svc(CC).to("https://as.example.com/token?client_secret=x"), query()),
        row("client_assertion in the query",         "RFC 7521 §4.2",     svc(CC).to("/token?client_assertion=a.b.c"), query()),
        row("client_id in the query is ignored",     "RFC 6749 §2.3.1",   svc(CC).to("/token?client_id=other"), ok()),
        row("a name that only starts like it",       "RFC 6749 §2.3.1",   svc(CC).to("/token?client_secret_expires_at=0"), ok()),
        row("client_secret as a value in the query", "RFC 6749 §2.3.1",   svc(CC).to("/token?a=client_secret&b=client_assertion"), ok()),
        row("a name in another case in the query",   "RFC 6749 §2.3.1",   svc(CC).to("/token?Client_Secret=x"), ok()),
        row("a query that does not decode",          "DESIGN §2",         svc(CC).to("/token?%zz=%ff"), ok()),
        row("an empty query",                        "RFC 3986 §3.4",     svc(CC).to("/token?"), ok()),
        row("grant_type in the query",               "RFC 6749 §3.2",     svc("").to("/token?grant_type=client_credentials"), invalid_request(MissingGrantType)),
        row("client_id in the query identifies none", "RFC 6749 §3.2",    post(CC).to("/token?client_id=pub"), invalid_client(NoCredentials)),
        row("scope in the query is ignored",         "RFC 6749 §3.3",     svc(CC).to("/token?scope=admin"), ok()),
        row("repeated in query and body",            "RFC 6749 §3.2",     svc(CC).to("/token?grant_type=password"), ok()),
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
        row("Basic without padding",                 "DESIGN §2",         authorization("Basic c3ZjOnN2Yy1zZWNyZXQ"), ok()),
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

#[tokio::test]
async fn body_of_a_request() {
    hold(layer(cast()), body_rows()).await;
}

#[rustfmt::skip]
fn body_rows() -> Vec<Row> {
    let ok = || accepted("svc", BASIC, GRANT);
    let kept = |name, value| ok().with(name, value);
    let bad_escape = || invalid_request(BadPercentEncoding);
    let not_utf8 = || invalid_request(FormNotUtf8);
    let too_large = || rejected(413, "invalid_request", BodyTooLarge);
    let cc = |more: &str| svc(form([CC, more]));
    let cc_bytes = |more: &[u8]| svc([CC.as_bytes(), b"&", more].concat());
    vec![
        // size
        row("64 KiB",                                "DESIGN §2",         svc(padded(65_536)), ok()),
        row("64 KiB and one byte",                   "RFC 9110 §15.5.14", svc(padded(65_537)), too_large()),
        row("64 KiB and one byte by Content-Length", "RFC 9110 §15.5.14", svc(CC).add("content-length", "65537"), too_large()),
        row("a Content-Length beyond all numbers",   "RFC 9110 §15.5.14", svc(CC).add("content-length", "99999999999999999999999"), too_large()),
        row("an honest Content-Length",              "RFC 9110 §8.6",     svc(CC).add("content-length", "29"), ok()),
        row("a Content-Length of 64 KiB",            "DESIGN §2",         svc(padded(65_536)).add("content-length", "65536"), ok()),
        // percent-encoding and UTF-8
        row("an escape of nothing",                  "RFC 6749 App. B",   cc("a=%"), bad_escape()),
        row("an escape of one digit",                "RFC 6749 App. B",   cc("a=%4"), bad_escape()),
        row("an escape of one digit, then more",     "RFC 6749 App. B",   cc("a=%4&b=1"), bad_escape()),
        row("an escape that is not hexadecimal",     "RFC 6749 App. B",   cc("a=%zz"), bad_escape()),
        row("an escape with a sign",                 "RFC 6749 App. B",   cc("a=%+1"), bad_escape()),
        row("an escape with a space",                "RFC 6749 App. B",   cc("a=% 1"), bad_escape()),
        row("a bad escape in a name",                "RFC 6749 App. B",   cc("%g0=1"), bad_escape()),
        row("a bad escape in an unused parameter",   "RFC 6749 App. B",   cc("unused=100%"), bad_escape()),
        row("a bad escape in a secret",              "RFC 6749 App. B",   body("client_id=poster&client_secret=100%"), bad_escape()),
        row("a two-percent sign",                    "RFC 6749 App. B",   cc("a=%%41"), bad_escape()),
        row("an escape that is not UTF-8",           "RFC 6749 App. B",   cc("a=%FF"), not_utf8()),
        row("an escape of half a character",         "RFC 6749 App. B",   cc("a=%C3"), not_utf8()),
        row("an escape of an overlong character",    "RFC 3629 §3",       cc("a=%C0%80"), not_utf8()),
        row("an escape of a surrogate",              "RFC 3629 §3",       cc("a=%ED%A0%80"), not_utf8()),
        row("a character split by a separator",      "RFC 6749 App. B",   cc("a=%C3&%A9=1"), not_utf8()),
        row("a name that is not UTF-8",              "RFC 6749 App. B",   cc("%FF=1"), not_utf8()),
        row("raw bytes that are not UTF-8",          "RFC 6749 App. B",   cc_bytes(b"a=caf\xE9"), not_utf8()),
        row("a raw name that is not UTF-8",          "RFC 6749 App. B",   cc_bytes(b"\xFF\xFE=1"), not_utf8()),
        row("a plus is a space",                     "RFC 6749 App. B",   cc("state=a+b"), kept("state", "a b")),
        row("an escaped plus is a plus",             "RFC 6749 App. B",   cc("state=a%2Bb"), kept("state", "a+b")),
        row("an escaped space is a space",           "RFC 6749 App. B",   cc("state=a%20b"), kept("state", "a b")),
        row("an escaped percent sign is one",        "RFC 6749 App. B",   cc("state=100%2525"), kept("state", "100%25")),
        row("an escape in lower case",               "RFC 6749 App. B",   cc("state=%c3%bc"), kept("state", "ü")),
        row("an escape in upper case",               "RFC 6749 App. B",   cc("state=%E2%82%AC"), kept("state", "€")),
        row("the example of the appendix",           "RFC 6749 App. B",   cc("state=+%25%26%2B%C2%A3%E2%82%AC"), kept("state", " %&+£€")),
        row("raw UTF-8",                             "RFC 6749 App. B",   cc("state=ü€𝄞"), kept("state", "ü€𝄞")),
        row("an escaped letter in a name",           "RFC 6749 App. B",   svc("%67rant%5Ftype=client%5Fcredentials"), ok()),
        row("an escaped separator is a value",       "RFC 6749 App. B",   cc("state=a%26b%3Dc"), kept("state", "a&b=c")),
        row("an equals sign in a value",             "RFC 6749 App. B",   cc("state=a=b="), kept("state", "a=b=")),
        row("a semicolon separates nothing",         "RFC 6749 App. B",   cc("state=a;scope=admin"), kept("state", "a;scope=admin")),
        row("separators too many",                   "RFC 6749 App. B",   svc("&&grant_type=client_credentials&&state=a&"), kept("state", "a")),
        row("a line break after the form",           "RFC 6749 App. B",   svc(format!("{CC}\r\n")), unsupported_grant()),
        row("a space before the form",               "RFC 6749 App. B",   svc(format!(" {CC}")), invalid_request(MissingGrantType)),
        row("a byte order mark before the form",     "RFC 6749 App. B",   svc(format!("\u{FEFF}{CC}")), invalid_request(MissingGrantType)),
        row("a NUL is a character like others",      "RFC 6749 App. B",   cc("state=a%00b"), kept("state", "a\0b")),
        // repetition
        row("grant_type twice",                      "RFC 6749 §3.2",     cc(CC), repeated("grant_type")),
        row("grant_type of two kinds",               "RFC 6749 §3.2",     cc("grant_type=refresh_token"), repeated("grant_type")),
        row("second client_id in body",              "RFC 6749 §3.2",     body("client_id=pub&client_id=svc"), repeated("client_id")),
        row("client_id twice the same",              "RFC 6749 §3.2",     body("client_id=pub&client_id=pub"), repeated("client_id")),
        row("client_secret twice",                   "RFC 6749 §3.2",     body("client_id=poster&client_secret=post-secret&client_secret=x"), repeated("client_secret")),
        row("client_assertion twice",                "RFC 6749 §3.2",     body(&form([JWT, ASSERTION, ASSERTION])), repeated("client_assertion")),
        row("client_assertion_type twice",           "RFC 6749 §3.2",     body(&form([JWT, JWT, ASSERTION])), repeated("client_assertion_type")),
        row("scope twice",                           "RFC 6749 §3.2",     cc("scope=read&scope=write"), repeated("scope")),
        row("code twice",                            "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a&code=b"), repeated("code")),
        row("code_verifier twice",                   "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a&code_verifier=b&code_verifier=c"), repeated("code_verifier")),
        row("redirect_uri twice",                    "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a&redirect_uri=b&redirect_uri=c"), repeated("redirect_uri")),
        row("refresh_token twice",                   "RFC 6749 §3.2",     svc("grant_type=refresh_token&refresh_token=a&refresh_token=b"), repeated("refresh_token")),
        row("an unknown parameter twice",            "RFC 6749 §3.2",     cc("state=1&state=2"), repeated("state")),
        row("a parameter three times",               "RFC 6749 §3.2",     cc("state=1&state=2&state=3"), repeated("state")),
        row("repeated after others",                 "RFC 6749 §3.2",     cc("a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11&l=12&b=2"), repeated("b")),
        row("repeated in another encoding",          "RFC 6749 §3.2",     cc("scope=read&sc%6Fpe=read"), repeated("scope")),
        row("repeated without a value",              "RFC 6749 §3.2",     cc("scope=&scope=read"), repeated("scope")),
        row("repeated, the second without a value",  "RFC 6749 §3.2",     cc("scope=read&scope"), repeated("scope")),
        row("repeated twice without a value",        "RFC 6749 §3.2",     cc("scope=&scope="), repeated("scope")),
        row("resource twice",                        "RFC 8707 §2",       cc("resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example"), kept("resource", "https://a.example")),
        row("resource three times, two the same",    "RFC 8707 §2",       cc("resource=urn:b&resource=urn:a&resource=urn:b"), kept("resource", "urn:b")),
        row("audience twice",                        "RFC 8693 §2.1",     cc("audience=b&audience=a"), kept("audience", "b")),
        row("Scope is not scope",                    "RFC 6749 §3.2",     cc("scope=read&Scope=x"), ok().scope("read")),
        row("a name and its beginning",              "RFC 6749 §3.2",     cc("resources=1&resourc=2"), ok()),
        // no value
        row("an empty body",                         "RFC 6749 §3.2",     svc(""), invalid_request(MissingGrantType)),
        row("an empty body from nobody",             "RFC 6749 §3.2",     post(""), invalid_client(NoCredentials)),
        row("an empty scope is none",                "RFC 6749 §3.2",     cc("scope="), ok()),
        row("a bare scope is none",                  "RFC 6749 §3.2",     cc("scope"), ok()),
        row("an empty grant_type is none",           "RFC 6749 §3.2",     svc("grant_type="), invalid_request(MissingGrantType)),
        row("a bare grant_type is none",             "RFC 6749 §3.2",     svc("grant_type&scope=read"), invalid_request(MissingGrantType)),
        row("an empty code is none",                 "RFC 6749 §3.2",     svc("grant_type=authorization_code&code="), missing("code")),
        row("an empty client_id is none",            "RFC 6749 §3.2",     body("client_id="), invalid_client(NoCredentials)),
        row("an empty client_id beside Basic",       "RFC 6749 §3.2",     cc("client_id="), ok()),
        row("an empty unknown parameter is none",    "RFC 6749 §3.2",     cc("state="), ok()),
        row("an unknown parameter is ignored",       "RFC 6749 §3.2",     cc("color=green"), kept("color", "green")),
    ]
}

#[tokio::test]
async fn credentials() {
    hold(layer(cast()), credentials_rows()).await;
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
        row("client_secret, client_id in the query", "RFC 6749 §2.3.1",   body("client_secret=post-secret").to("/token?client_id=poster"), no_id()),
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
        row("a public id as it is, and a plus in it", "DESIGN §2",        refresh("a=b").basic("p+q:"), accepted("p+q", NONE, REFRESH)),
        row("a public id encoded, and a plus in it", "RFC 6749 §2.3.1",   refresh("a=b").basic("p%2Bq:"), accepted("p+q", NONE, REFRESH)),
        // the two readings of Basic
        row("neither reading differs",               "RFC 6749 §2.3.1",   basic("svc:svc-secret"), by("svc", BASIC)),
        row("id and secret encoded",                 "RFC 6749 §2.3.1",   basic("a%2Bb:s%2Bt"), by("a+b", BASIC)),
        row("id and secret as they are",             "DESIGN §2",         basic("a+b:s+t"), by("a+b", BASIC)),
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
        row("a secret that looks encoded, as it is", "DESIGN §2",         basic("pct:p%41q"), by("pct", BASIC)),
        row("a secret that looks encoded, encoded",  "RFC 6749 §2.3.1",   basic("pct:p%2541q"), by("pct", BASIC)),
        row("a secret encoded where it need not be", "RFC 6749 §2.3.1",   basic("decoded:p%41q"), by("decoded", BASIC)),
        row("a secret encoded twice",                "RFC 6749 §2.3.1",   basic("decoded:p%2541q"), invalid_client(WrongSecret)),
        row("a secret that does not decode",         "DESIGN §2",         basic("hundred:100%"), by("hundred", BASIC)),
        row("the same secret, encoded",              "RFC 6749 §2.3.1",   basic("hundred:100%25"), by("hundred", BASIC)),
        row("an id that does not decode",            "DESIGN §2",         basic("%zz:zz"), by("%zz", BASIC)),
        row("a wrong secret that does not decode",   "DESIGN §2",         basic("svc:100%"), invalid_client(WrongSecret)),
        row("an escape that is not UTF-8",           "DESIGN §2",         basic("svc:%FF"), invalid_client(WrongSecret)),
        row("an unknown id that does not decode",    "DESIGN §2",         basic("%:secret"), invalid_client(UnknownClient)),
        row("the decoded reading's client",          "DESIGN §2",         basic("x+y:space"), by("x y", BASIC)),
        row("the raw reading's client",              "DESIGN §2",         basic("x+y:plus"), by("x+y", BASIC)),
        row("both readings authenticate",            "DESIGN §2",         basic("twin+a:same"), by("twin a", BASIC)),
        row("the encoded id of the other",           "RFC 6749 §2.3.1",   basic("twin%2Ba:same"), by("twin+a", BASIC)),
        row("neither reading authenticates",         "DESIGN §2",         basic("x+y:other"), invalid_client(WrongSecret)),
        row("a space as it is, as one",              "DESIGN §2",         basic("x y:space"), by("x y", BASIC)),
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
        row("client_id of the reading that did it",  "DESIGN §2",         body("client_id=x%2By").basic("x+y:plus"), by("x+y", BASIC)),
        row("client_id of the decoded reading",      "DESIGN §2",         body("client_id=x+y").basic("x+y:space"), by("x y", BASIC)),
        row("client_id of the reading that did not", "DESIGN §2",         body("client_id=x+y").basic("x+y:plus"), mismatch()),
        row("client_id raw, the decoded one did it", "DESIGN §2",         body("client_id=x%2By").basic("x+y:space"), mismatch()),
        row("client_id of one reading, none did it", "DESIGN §2",         body("client_id=x+y").basic("x+y:other"), invalid_client(WrongSecret)),
        row("client_id of the raw one, none did it", "DESIGN §2",         body("client_id=x%2By").basic("x+y:other"), invalid_client(WrongSecret)),
        row("client_id of neither, none did it",     "DESIGN §2",         body("client_id=xy").basic("x+y:other"), mismatch()),
    ]
}

#[tokio::test]
async fn client_and_proof() {
    hold(layer(cast()), client_rows()).await;
}

#[rustfmt::skip]
fn client_rows() -> Vec<Row> {
    let wrong = || invalid_client(WrongSecret);
    let unknown = || invalid_client(UnknownClient);
    let method = || invalid_client(MethodNotRegistered);
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
        row("a secret and a space",                  "RFC 6749 §2.3.1",   basic("svc:svc-secret "), wrong()),
        row("a secret and a line break",             "RFC 6749 §2.3.1",   basic("svc:svc-secret\n"), wrong()),
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
        row("the first of two secrets",              "DESIGN §4",         basic("two-secrets:first-secret"), by("two-secrets", BASIC)),
        row("the second of two secrets",             "DESIGN §4",         basic("two-secrets:second-secret"), by("two-secrets", BASIC)),
        row("neither of two secrets",                "DESIGN §4",         basic("two-secrets:third-secret"), wrong()),
        row("two secrets in one",                    "DESIGN §4",         basic("two-secrets:first-secretsecond-secret"), wrong()),
        row("post where Basic is registered",        "RFC 7591 §2",       body("client_id=svc&client_secret=svc-secret"), method()),
        row("Basic where post is registered",        "RFC 7591 §2",       basic("poster:post-secret"), method()),
        row("a wrong secret by the wrong method",    "RFC 7591 §2",       basic("poster:wrong"), method()),
        row("nothing where two methods are registered", "RFC 7591 §2",    body("client_id=either"), method()),
        row("a wrong secret where none would do",    "RFC 7591 §2",       basic("mixed:wrong"), wrong()),
        row("a secret by post where none would do",  "RFC 7591 §2",       body("client_id=mixed&client_secret=mixed-secret"), method()),
        row("an expired one by the wrong method",    "RFC 7591 §2",       body("client_id=expired&client_secret=old-secret"), method()),
        row("a secret from a public client, Basic",  "RFC 7591 §2",       basic("pub:secret"), method()),
        row("a secret from a public client, post",   "RFC 7591 §2",       body("client_id=pub&client_secret=secret"), method()),
        row("a secret where a key is registered",    "RFC 7591 §2",       basic("keyed:secret"), method()),
        row("a secret of an assertion, by Basic",    "RFC 7591 §2",       basic("hmac:a-secret-of-thirty-two-bytes-here"), method()),
        row("nothing where a key is registered",     "RFC 7591 §2",       body("client_id=keyed"), method()),
        row("nothing where TLS is registered",       "RFC 8705 §2.1",     body("client_id=mtls"), invalid_client(None)),
        row("a secret where TLS is registered",      "RFC 8705 §2.1",     basic("mtls:secret"), method()),
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

#[tokio::test]
async fn grant_and_scope() {
    hold(layer(cast()), grant_rows()).await;
}

#[rustfmt::skip]
fn grant_rows() -> Vec<Row> {
    let no_grant = || invalid_request(MissingGrantType).naming("grant_type");
    let unregistered = || unauthorized_client(GrantTypeNotRegistered);
    let public = || unauthorized_client(PublicClientCredentials);
    let from = |credentials: &str, body: &str| post(body).basic(credentials);
    let malformed = || invalid_scope(MalformedScope);
    let outside = || invalid_scope(ScopeNotRegistered);
    let within = |scope| accepted("svc", BASIC, GRANT).scope(scope);
    let scope = |scope: &str| svc(form([CC, &format!("scope={scope}")]));
    let free = |scope: &str| from("unscoped:unscoped-secret", &form([CC, &format!("scope={scope}")]));
    let freely = |scope| accepted("unscoped", BASIC, GRANT).scope(scope);
    vec![
        // which grant
        row("no grant_type",                         "RFC 6749 §5.2",     svc("scope=read"), no_grant()),
        row("no grant_type from a public client",    "RFC 6749 §5.2",     post("client_id=pub"), no_grant()),
        row("no grant_type but a code",              "RFC 6749 §4.1.3",   svc("code=a&redirect_uri=b"), no_grant()),
        row("no grant_type and a bad scope",         "DESIGN §2",         svc("scope=%22"), no_grant()),
        row("grant-type with a dash",                "RFC 6749 §4.4.2",   svc("grant-type=client_credentials"), no_grant()),
        row("no grant_type and a wrong secret",      "DESIGN §2",         post("").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("an unknown grant",                      "RFC 6749 §5.2",     svc("grant_type=magic"), unsupported_grant()),
        row("an unknown grant, a wrong secret",      "DESIGN §2",         post("grant_type=magic").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("an unknown grant by a public client",   "RFC 6749 §5.2",     post("grant_type=magic&client_id=pub"), unsupported_grant()),
        row("an unknown grant by URI",               "RFC 6749 §4.5",     svc("grant_type=urn%3Aexample%3Amagic"), unsupported_grant()),
        row("a grant in another case",               "RFC 6749 §4.4.2",   svc("grant_type=Client_Credentials"), unsupported_grant()),
        row("a grant and a space",                   "RFC 6749 §4.4.2",   svc("grant_type=client_credentials+"), unsupported_grant()),
        row("two grants in one",                     "RFC 6749 §4.4.2",   svc("grant_type=client_credentials+refresh_token"), unsupported_grant()),
        row("a grant that is not printable",         "RFC 6749 §5.2",     svc("grant_type=%00%0A%22%5C%C3%A9"), unsupported_grant()),
        row("the password grant, off by default",    "RFC 9700 §2.4",     from("all:all-secret", "grant_type=password&username=a&password=b"), unsupported_grant()),
        row("the implicit grant is none",            "RFC 6749 §4.2",     svc("grant_type=implicit"), unsupported_grant()),
        row("a device code, off by default",         "RFC 8628 §3.4",     from("all:all-secret", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=a"), unsupported_grant()),
        row("a token exchange, off by default",      "RFC 8693 §2.1",     from("all:all-secret", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"), unsupported_grant()),
        row("a JWT bearer grant, off by default",    "RFC 7523 §2.1",     from("all:all-secret", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a"), unsupported_grant()),
        row("a grant not registered",                "RFC 6749 §5.2",     post(CC).basic("code-only:code-secret"), unregistered()),
        row("a grant not registered, no parameter",  "DESIGN §2",         post("grant_type=refresh_token").basic("code-only:code-secret"), unregistered()),
        row("a grant not registered, a bad scope",   "DESIGN §2",         post(form([CC, "scope=%22"])).basic("code-only:code-secret"), unregistered()),
        row("the grant registered by default",       "RFC 7591 §2",       post("grant_type=authorization_code&code=a").basic("code-only:code-secret"), accepted("code-only", BASIC, CODE)),
        row("no grant registered",                   "RFC 7591 §2",       post(CC).basic("no-grants:idle-secret"), unregistered()),
        row("no grant registered, a code",           "RFC 7591 §2",       post("grant_type=authorization_code&code=a").basic("no-grants:idle-secret"), unregistered()),
        row("no grant registered, an unknown one",   "RFC 6749 §5.2",     post("grant_type=magic").basic("no-grants:idle-secret"), unsupported_grant()),
        row("client_credentials, a public client",   "RFC 6749 §4.4",     body("client_id=pub"), public()),
        row("client_credentials, an empty secret",   "RFC 6749 §4.4",     basic("pub:"), public()),
        row("client_credentials, mixed, by none",    "RFC 6749 §4.4",     body("client_id=mixed"), public()),
        row("client_credentials, mixed, by Basic",   "RFC 6749 §4.4",     basic("mixed:mixed-secret"), accepted("mixed", BASIC, GRANT)),
        row("client_credentials, public, a scope",   "RFC 6749 §4.4",     body("client_id=pub&scope=read"), public()),
        row("client_credentials, not registered",    "RFC 6749 §4.4",     body("client_id=spa"), unregistered()),
        // what the grant needs
        row("a code",                                "RFC 6749 §4.1.3",   svc("grant_type=authorization_code&code=a%2Fb"), accepted("svc", BASIC, CODE).with("code", "a/b")),
        row("a code and all that goes with it",      "RFC 7636 §4.5",     svc("grant_type=authorization_code&code=a&redirect_uri=https%3A%2F%2Fc.example%2Fcb&code_verifier=v"), accepted("svc", BASIC, CODE).with("redirect_uri", "https://c.example/cb")),
        row("no code",                               "RFC 6749 §4.1.3",   svc("grant_type=authorization_code"), missing("code")),
        row("no code from a public client",          "RFC 6749 §4.1.3",   post("grant_type=authorization_code&client_id=pub&code_verifier=v"), missing("code")),
        row("no code_verifier, confidential",        "RFC 7636 §4.5",     svc("grant_type=authorization_code&code=a"), accepted("svc", BASIC, CODE)),
        row("no code_verifier, public",              "RFC 9700 §2.1.1",   post("grant_type=authorization_code&client_id=pub&code=a"), missing("code_verifier")),
        row("an empty code_verifier, public",        "RFC 9700 §2.1.1",   post("grant_type=authorization_code&client_id=spa&code=a&code_verifier="), missing("code_verifier")),
        row("no code_verifier, public by Basic",     "RFC 9700 §2.1.1",   post("grant_type=authorization_code&code=a").basic("pub:"), missing("code_verifier")),
        row("no code_verifier, mixed, by none",      "RFC 9700 §2.1.1",   post("grant_type=authorization_code&client_id=mixed&code=a"), missing("code_verifier")),
        row("no code_verifier, mixed, by Basic",     "RFC 7636 §4.5",     post("grant_type=authorization_code&code=a").basic("mixed:mixed-secret"), accepted("mixed", BASIC, CODE)),
        row("a code_verifier, public",               "RFC 7636 §4.5",     post("grant_type=authorization_code&client_id=pub&code=a&code_verifier=v"), accepted("pub", NONE, CODE).with("code_verifier", "v")),
        row("no refresh_token",                      "RFC 6749 §6",       svc("grant_type=refresh_token"), missing("refresh_token")),
        row("no refresh_token, public",              "RFC 6749 §6",       post("grant_type=refresh_token&client_id=pub"), missing("refresh_token")),
        row("a refresh_token",                       "RFC 6749 §6",       svc("grant_type=refresh_token&refresh_token=r"), accepted("svc", BASIC, REFRESH).with("refresh_token", "r")),
        row("a refresh_token, a code beside it",     "RFC 6749 §6",       svc("grant_type=refresh_token&code=a"), missing("refresh_token")),
        row("no code and a bad scope",               "DESIGN §2",         svc("grant_type=authorization_code&scope=%22"), missing("code")),
        // scope, held to the grammar and to the registration
        row("no scope",                              "RFC 6749 §3.3",     svc(CC), accepted("svc", BASIC, GRANT)),
        row("a scope",                               "RFC 6749 §3.3",     scope("read"), within("read")),
        row("all of the scope",                      "RFC 6749 §3.3",     scope("read+write"), within("read write")),
        row("all of the scope in another order",     "RFC 6749 §3.3",     scope("write%20read"), within("write read")),
        row("a scope token twice",                   "RFC 6749 §3.3",     scope("read+read"), within("read read")),
        row("a scope with a refresh_token",          "RFC 6749 §6",       svc("grant_type=refresh_token&refresh_token=r&scope=read"), accepted("svc", BASIC, REFRESH).scope("read")),
        row("another scope, with a refresh_token",   "RFC 6749 §6",       svc("grant_type=refresh_token&refresh_token=r&scope=admin"), outside()),
        row("another scope, by a public client",     "RFC 6749 §6",       post("grant_type=refresh_token&refresh_token=r&scope=admin&client_id=pub"), outside()),
        row("another scope",                         "RFC 6749 §5.2",     scope("admin"), outside()),
        row("one scope and another",                 "RFC 6749 §5.2",     scope("read+admin"), outside()),
        row("a scope in another case",               "RFC 6749 §3.3",     scope("Read"), outside()),
        row("a scope by its beginning",              "RFC 6749 §3.3",     scope("rea"), outside()),
        row("a scope and more",                      "RFC 6749 §3.3",     scope("reads"), outside()),
        row("a scope with a comma",                  "RFC 6749 §3.3",     scope("read,write"), outside()),
        row("the whole registration as one token",   "RFC 6749 §3.3",     scope("readwrite"), outside()),
        row("doubled spaces",                        "RFC 6749 §3.3",     scope("read++write"), malformed()),
        row("a space before",                        "RFC 6749 §3.3",     scope("+read"), malformed()),
        row("a space after",                         "RFC 6749 §3.3",     scope("read+"), malformed()),
        row("a space alone",                         "RFC 6749 §3.3",     scope("+"), malformed()),
        row("a tab between",                         "RFC 6749 §3.3",     scope("read%09write"), malformed()),
        row("a line break between",                  "RFC 6749 §3.3",     scope("read%0Awrite"), malformed()),
        row("a NUL",                                 "RFC 6749 §3.3",     scope("read%00"), malformed()),
        row("a quotation mark",                      "RFC 6749 §3.3",     scope("%22read%22"), malformed()),
        row("a backslash",                           "RFC 6749 §3.3",     scope("re%5Cad"), malformed()),
        row("a DEL",                                 "RFC 6749 §3.3",     scope("read%7F"), malformed()),
        row("a letter outside ASCII",                "RFC 6749 §3.3",     scope("r%C3%A9ad"), malformed()),
        row("a no-break space",                      "RFC 6749 §3.3",     scope("read%C2%A0write"), malformed()),
        row("malformed and not registered",          "RFC 6749 §3.3",     scope("admin++root"), malformed()),
        row("any scope without a registered one",    "RFC 6749 §3.3",     free("anything+at+all"), freely("anything at all")),
        row("every character of the grammar",        "RFC 6749 §3.3",     free("%21%23%24%25%26%27%28%29*%2B%2C-.%2F09%3A%3B%3C%3D%3E%3F%40AZ%5B%5D%5E_%60az%7B%7C%7D%7E"), freely("!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~")),
        row("a URL as scope",                        "RFC 6749 §3.3",     free("https%3A%2F%2Fapi.example%2Fread"), freely("https://api.example/read")),
        row("doubled spaces, no registered scope",   "RFC 6749 §3.3",     free("a++b"), malformed()),
        row("a quotation mark, no registered scope", "RFC 6749 §3.3",     free("%22"), malformed()),
    ]
}

#[tokio::test]
async fn every_known_grant() {
    let layer = known()
        .into_iter()
        .fold(layer(cast()), TokenEndpointLayer::grant_type);
    hold(
        layer.extension_grant(TICKET_GRANT, &["ticket", "venue"]),
        known_grant_rows(),
    )
    .await;
}

#[rustfmt::skip]
fn known_grant_rows() -> Vec<Row> {
    let urn = |name: &str| format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A{name}");
    let ask = |grant: &str, more: &str| post(form([grant, more])).basic("all:all-secret");
    let by = |grant| accepted("all", BASIC, grant);
    let ietf = |more: &str, grant: &str| ask(&urn(grant), more);
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let jwt = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let saml = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    let ciba = "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba";
    let ticket = "grant_type=urn%3Aexample%3Aticket";
    let password = "grant_type=password";
    vec![
        row("a password",                            "RFC 6749 §4.3.2",   ask(password, "username=a&password=b"), by("password").with("username", "a")),
        row("no username",                           "RFC 6749 §4.3.2",   ask(password, "password=b"), missing("username")),
        row("no password",                           "RFC 6749 §4.3.2",   ask(password, "username=a"), missing("password")),
        row("an empty password",                     "RFC 6749 §4.3.2",   ask(password, "username=a&password="), missing("password")),
        row("a password by a public client",         "RFC 6749 §4.3.2",   post("grant_type=password&username=a&password=b&client_id=pub-all"), accepted("pub-all", NONE, "password")),
        row("a device code",                         "RFC 8628 §3.4",     ietf("device_code=d", "device_code"), by(device).with("device_code", "d")),
        row("no device_code",                        "RFC 8628 §3.4",     ietf("code=d", "device_code"), missing("device_code")),
        row("a device code by a public client",      "RFC 8628 §3.4",     post(form([&urn("device_code"), "device_code=d&client_id=pub-all"])), accepted("pub-all", NONE, device)),
        row("an assertion of JWT",                   "RFC 7523 §2.1",     ietf("assertion=a", "jwt-bearer"), by(jwt).with("assertion", "a")),
        row("no assertion of JWT",                   "RFC 7523 §2.1",     ietf("scope=read", "jwt-bearer"), missing("assertion")),
        row("an assertion of SAML",                  "RFC 7522 §2.1",     ietf("assertion=a", "saml2-bearer"), by(saml).with("assertion", "a")),
        row("no assertion of SAML",                  "RFC 7522 §2.1",     ietf("assertion=", "saml2-bearer"), missing("assertion")),
        row("a token exchange",                      "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax", "token-exchange"), by(exchange).with("subject_token_type", "urn:x")),
        row("a token exchange for two audiences",    "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax&audience=b&audience=a&resource=urn:r&resource=urn:q", "token-exchange"), by(exchange)),
        row("no subject_token",                      "RFC 8693 §2.1",     ietf("subject_token_type=urn%3Ax", "token-exchange"), missing("subject_token")),
        row("no subject_token_type",                 "RFC 8693 §2.1",     ietf("subject_token=t", "token-exchange"), missing("subject_token_type")),
        row("subject_token twice",                   "RFC 6749 §3.2",     ietf("subject_token=t&subject_token=u", "token-exchange"), repeated("subject_token")),
        row("a CIBA request",                        "CIBA Core §10.1",   ask(ciba, "auth_req_id=r"), by("urn:openid:params:grant-type:ciba").with("auth_req_id", "r")),
        row("no auth_req_id",                        "CIBA Core §10.1",   ask(ciba, "a=b"), missing("auth_req_id")),
        row("a grant of the server's own",           "RFC 6749 §4.5",     ask(ticket, "ticket=t&venue=v"), by(TICKET_GRANT).with("ticket", "t")),
        row("its first parameter missing",           "RFC 6749 §4.5",     ask(ticket, "venue=v"), missing("ticket")),
        row("its second parameter missing",          "RFC 6749 §4.5",     ask(ticket, "ticket=t"), missing("venue")),
        row("it by one not registered",              "RFC 6749 §5.2",     svc(form([ticket, "ticket=t&venue=v"])), unauthorized_client(GrantTypeNotRegistered)),
        row("a URI in another case",                 "RFC 6749 §4.5",     ask("grant_type=urn%3Aexample%3ATicket", "ticket=t&venue=v"), unsupported_grant()),
        row("a password by one not registered",      "RFC 6749 §5.2",     svc("grant_type=password&username=a&password=b"), unauthorized_client(GrantTypeNotRegistered)),
        row("the grants of the default still do",    "RFC 6749 §4.4",     ask(CC, "scope=any"), by(GRANT).scope("any")),
        row("a bad scope, whatever the grant",       "RFC 6749 §3.3",     ietf("device_code=d&scope=a++b", "device_code"), invalid_scope(MalformedScope)),
    ]
}

#[tokio::test]
async fn order_of_decisions() {
    hold(layer(cast()), order_rows()).await;
}

/// Each row is the one before with what decided it put right.
#[rustfmt::skip]
fn order_rows() -> Vec<Row> {
    let all_wrong = "grant_type=magic&scope=%22&client_secret=x&%zz";
    let two_mechanisms = "grant_type=magic&scope=%22&client_secret=x";
    vec![
        row("the path before the method",            "DESIGN §2",         call("GET", "/other"), PASSED),
        row("the method before the rest",            "DESIGN §2",         post(all_wrong).method("PUT").basic("nobody:x").set("content-type", "a/b"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("the head before the body",              "DESIGN §2",         post(all_wrong).basic("nobody:x").set("content-type", "a/b"), invalid_request(ContentTypeNotForm)),
        row("the header before the body",            "DESIGN §2",         post(all_wrong).add("authorization", "Bearer x"), invalid_client(UnsupportedScheme)),
        row("the header before the size",            "DESIGN §2",         post(padded(70_000)).basic("x"), invalid_request(BasicWithoutColon)),
        row("the body before the credentials",       "DESIGN §2",         post(all_wrong).basic("nobody:x"), invalid_request(BadPercentEncoding)),
        row("repetition before the credentials",     "DESIGN §2",         body("client_secret=x&client_secret=x").basic("nobody:x"), repeated("client_secret")),
        row("the credentials before the client",     "DESIGN §2",         post(two_mechanisms).basic("nobody:x"), invalid_request(MultipleMechanisms)),
        row("the client before the grant",           "DESIGN §2",         post("grant_type=magic&scope=%22").basic("nobody:x"), invalid_client(UnknownClient)),
        row("client_id before the grant",            "DESIGN §2",         post("grant_type=magic&scope=%22&client_id=pub").basic("svc:svc-secret"), invalid_request(ClientIdMismatch)),
        row("the method registered before the grant", "DESIGN §2",        post("grant_type=magic&scope=%22").basic("poster:post-secret"), invalid_client(MethodNotRegistered)),
        row("the proof before the grant",            "DESIGN §2",         post("grant_type=magic&scope=%22").basic("svc:x"), invalid_client(WrongSecret)),
        row("the expiry before the grant",           "DESIGN §2",         post("grant_type=magic&scope=%22").basic("expired:old-secret"), invalid_client(ExpiredSecret)),
        row("the grant before the scope",            "DESIGN §2",         svc("grant_type=magic&scope=%22"), unsupported_grant()),
        row("a grant served before its parameters",  "DESIGN §2",         svc("grant_type=password&scope=%22"), unsupported_grant()),
        row("the parameters before the scope",       "DESIGN §2",         svc("grant_type=refresh_token&scope=%22"), missing("refresh_token")),
        row("the scope last",                        "DESIGN §2",         svc("grant_type=refresh_token&scope=%22&refresh_token=r"), invalid_scope(MalformedScope)),
        row("nothing wrong",                         "DESIGN §2",         svc("grant_type=refresh_token&scope=read&refresh_token=r"), accepted("svc", BASIC, REFRESH).scope("read")),
    ]
}

#[tokio::test]
async fn introspection() {
    let layer = layer(cast()).endpoint(Endpoint::Introspection);
    hold(layer.path("/introspect"), introspection_rows()).await;
}

#[rustfmt::skip]
fn introspection_rows() -> Vec<Row> {
    let ask = |body: &str| post(body).to("/introspect");
    let ask_svc = |body: &str| ask(body).basic("svc:svc-secret");
    let public = || invalid_client(PublicClientAtIntrospection);
    vec![
        row("a token by Basic",                      "RFC 7662 §2.1",     ask_svc("token=t"), authenticated("svc", BASIC).with("token", "t")),
        row("a token by post",                       "RFC 7662 §2.1",     ask("token=t&client_id=poster&client_secret=post-secret"), authenticated("poster", POST)),
        row("a token and its hint",                  "RFC 7662 §2.1",     ask_svc("token=t&token_type_hint=refresh_token"), authenticated("svc", BASIC).with("token_type_hint", "refresh_token")),
        row("no token",                              "RFC 7662 §2.1",     ask_svc(""), missing("token")),
        row("an empty token",                        "RFC 7662 §2.1",     ask_svc("token="), missing("token")),
        row("a token twice",                         "RFC 6749 §3.2",     ask_svc("token=t&token=t"), repeated("token")),
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
        row("the token path is another path",        "DESIGN §4",         svc(CC), PASSED),
        row("GET",                                   "RFC 7662 §2.1",     ask_svc("token=t").method("GET"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("JSON",                                  "RFC 7662 §2.1",     ask_svc(r#"{"token":"t"}"#).set("content-type", "application/json"), invalid_request(ContentTypeNotForm).naming(FORM)),
        row("a bearer token, as §2.1 allows others", "DESIGN §2",         ask("token=t").add("authorization", "Bearer x"), invalid_client(UnsupportedScheme)),
    ]
}

#[tokio::test]
async fn revocation() {
    let layer = layer(cast()).endpoint(Endpoint::Revocation);
    hold(layer.path("/revoke"), revocation_rows()).await;
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
        row("a secret in the query",                 "RFC 6749 §2.3.1",   ask_svc("token=t").to("/revoke?client_secret=x"), invalid_request(CredentialsInQuery)),
    ]
}

#[tokio::test]
async fn strict_basic() {
    hold(layer(cast()).strict_basic(true), strict_rows()).await;
}

#[rustfmt::skip]
fn strict_rows() -> Vec<Row> {
    let by = |client| accepted(client, BASIC, GRANT);
    vec![
        row("nothing to decode",                     "RFC 6749 §2.3.1",   basic("svc:svc-secret"), by("svc")),
        row("encoded",                               "RFC 6749 §2.3.1",   basic("a%2Bb:s%2Bt"), by("a+b")),
        row("as it is, and another when decoded",    "RFC 6749 §2.3.1",   basic("a+b:s+t"), invalid_client(UnknownClient)),
        row("a secret, another when decoded",        "RFC 6749 §2.3.1",   basic("pct:p%41q"), invalid_client(WrongSecret)),
        row("the decoded reading's client",          "RFC 6749 §2.3.1",   basic("x+y:space"), by("x y")),
        row("the raw reading's client",              "RFC 6749 §2.3.1",   basic("x+y:plus"), invalid_client(WrongSecret)),
        row("client_id of the raw reading",          "RFC 6749 §3.2.1",   body("client_id=x%2By").basic("x+y:other"), invalid_request(ClientIdMismatch)),
        row("a secret that does not decode",         "RFC 6749 §2.3.1",   basic("hundred:100%"), invalid_request(BasicNotFormEncoded)),
        row("an id that does not decode",            "RFC 6749 §2.3.1",   basic("%zz:zz"), invalid_request(BasicNotFormEncoded)),
        row("an escape that is not UTF-8",           "RFC 6749 §2.3.1",   basic("svc:%FF"), rejected(400, "invalid_request", None)),
        row("Unicode as it is, changed by nothing",  "RFC 7617 §2.1",     basic("ключ:пароль€𝄞"), by("ключ")),
        row("an empty secret",                       "RFC 6749 §2.3.1",   basic("pub:"), unauthorized_client(PublicClientCredentials)),
        row("post knows one reading anyway",         "RFC 6749 §2.3.1",   body("client_id=poster&client_secret=post-secret"), accepted("poster", POST, GRANT)),
    ]
}

// ---- what a table cannot hold: bodies -------------------------------------------------------

/// A body that does as it is told, frame by frame.
#[derive(Default)]
struct Scripted {
    steps: VecDeque<Step>,
    pause: Option<Pin<Box<Sleep>>>,
}

enum Step {
    Data(Bytes),
    Pause(Duration),
    Fail(BoxError),
    Hang,
    /// Nobody may read this far.
    Forbidden,
}

fn scripted<const N: usize>(steps: [Step; N]) -> Scripted {
    Scripted {
        steps: steps.into(),
        pause: None,
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            return match self.steps.pop_front() {
                None => Poll::Ready(None),
                Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
                Some(Step::Fail(error)) => Poll::Ready(Some(Err(error))),
                Some(Step::Pause(duration)) => {
                    self.pause = Some(Box::pin(sleep(duration)));
                    continue;
                }
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    Poll::Pending
                }
                Some(Step::Forbidden) => panic!("the body was read"),
            };
        }
    }
}

fn data(text: &'static str) -> Step {
    Step::Data(Bytes::from_static(text.as_bytes()))
}

/// An error of another layer, around the one that matters.
#[derive(Debug)]
struct Wrapped(BoxError);

impl fmt::Display for Wrapped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("wrapped")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

#[tokio::test]
async fn frames_make_one_body() {
    let steps = [
        data("grant_type=cli"),
        data(""),
        data("ent_credentials&scope=re"),
        data("ad"),
    ];
    let request = svc("").request_with(scripted(steps));
    let exchange = send(&layer(cast()), request).await;
    let inner = exchange.inner_request();
    assert_eq!(*inner.body(), "grant_type=client_credentials&scope=read");
}

#[tokio::test]
async fn a_stream_that_fails_is_400() {
    let failures: [BoxError; 2] = ["reset".into(), Wrapped("reset".into()).into()];
    for failure in failures {
        let steps = [data(CC), Step::Fail(failure)];
        let request = svc("").request_with(scripted(steps));
        let exchange = send(&layer(cast()), request).await;
        exchange.rejected(400, "invalid_request", BodyUnreadable);
    }
}

#[tokio::test]
async fn a_length_limit_of_another_layer_is_413() {
    let limited = || Limited::new(Full::from(CC), CC.len() - 1);
    let exchange = send(&layer(cast()), svc("").request_with(limited())).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);

    let wrapped = limited().map_err(|error| Wrapped(Wrapped(error).into()));
    let exchange = send(&layer(cast()), svc("").request_with(wrapped)).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

#[tokio::test]
async fn a_stream_above_the_limit_is_413_and_read_no_further() {
    let mebibyte = || Step::Data(Bytes::from(vec![b'a'; 1024 * 1024]));
    let request = svc("").request_with(scripted([mebibyte(), Step::Forbidden]));
    let exchange = send(&layer(cast()), request).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

#[tokio::test]
async fn a_content_length_above_the_limit_is_413_and_never_read() {
    let request = svc("").add("content-length", "65537");
    let exchange = send(
        &layer(cast()),
        request.request_with(scripted([Step::Forbidden])),
    )
    .await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

#[tokio::test]
async fn a_head_that_is_refused_leaves_its_body_unread() {
    let heads = [
        (svc("").method("PUT"), MethodNotAllowed),
        (
            svc("").set("content-type", "text/plain"),
            ContentTypeNotForm,
        ),
        (
            svc("").add("content-encoding", "br"),
            ContentEncodingPresent,
        ),
        (svc("").to("/token?client_secret=x"), CredentialsInQuery),
        (svc("").basic("svc:svc-secret"), RepeatedAuthorizationHeader),
        (authorization("Bearer x"), UnsupportedScheme),
        (basic("svc"), BasicWithoutColon),
    ];
    for (head, reason) in heads {
        let request = head.request_with(scripted([Step::Forbidden]));
        let exchange = send(&layer(cast()), request).await;
        assert_eq!(exchange.error().rejection.reason(), reason);
    }
}

#[tokio::test]
async fn body_limit_moves_the_limit_both_ways() {
    let tight = layer(cast()).body_limit(CC.len());
    svc(CC).send(&tight).await.inner_request();
    let exchange = svc(format!("{CC}&")).send(&tight).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);

    let wide = layer(cast()).body_limit(100_000);
    svc(padded(100_000)).send(&wide).await.inner_request();
    let exchange = svc(padded(100_001)).send(&wide).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

// ---- the deadline ---------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_body_unfinished_after_ten_seconds_is_408() {
    let start = Instant::now();
    let request = svc("").request_with(scripted([data(CC), Step::Hang]));
    let exchange = send(&layer(cast()), request).await;
    exchange.rejected(408, "invalid_request", BodyTimeout);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_held_to_the_same_deadline() {
    let pause = || Step::Pause(Duration::from_secs(4));
    let steps = [
        data("a=1"),
        pause(),
        data("&b=2"),
        pause(),
        data("&c=3"),
        pause(),
        data(CC),
    ];
    let exchange = send(&layer(cast()), svc("").request_with(scripted(steps))).await;
    exchange.rejected(408, "invalid_request", BodyTimeout);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_within_the_deadline_is_read() {
    let steps = [
        data("grant_type="),
        Step::Pause(Duration::from_secs(9)),
        data(GRANT),
    ];
    let exchange = send(&layer(cast()), svc("").request_with(scripted(steps))).await;
    exchange.inner_request();
}

#[tokio::test(start_paused = true)]
async fn the_deadline_can_be_set() {
    let start = Instant::now();
    let layer = layer(cast()).deadline(Duration::from_secs(3));
    let exchange = send(&layer, svc("").request_with(scripted([Step::Hang]))).await;
    exchange.rejected(408, "invalid_request", BodyTimeout);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn body_and_decision_share_one_deadline() {
    let start = Instant::now();
    let six_seconds = Duration::from_secs(6);
    let steps = [Step::Pause(six_seconds), data(CC)];
    let exchange = send(
        &over(SlowStore(six_seconds)),
        svc("").request_with(scripted(steps)),
    )
    .await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    assert_eq!(start.elapsed().as_secs(), 10);
}

/// The first poll of a whole request, on a thread without a runtime.
fn first_poll<B>(body: B) -> Poll<Exchange>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let layer = layer(cast());
    let exchange = pin!(send(&layer, svc("").request_with(body)));
    exchange.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn without_a_runtime_there_is_no_deadline_and_no_panic() {
    let Poll::Ready(exchange) = first_poll(Full::from(CC)) else {
        panic!("there was nothing to wait for")
    };
    exchange.inner_request();
    assert!(first_poll(scripted([data(CC), Step::Hang])).is_pending());
}

// ---- stores ---------------------------------------------------------------------------------

fn over<C: ClientStore>(clients: C) -> TokenEndpointLayer<C> {
    TokenEndpointLayer::new(clients, ISSUER).path("/token")
}

/// Answers as the function says, and notes for whom it was asked.
struct Asked<F> {
    answer: F,
    ids: Arc<Mutex<Vec<String>>>,
}

impl<F> ClientStore for Asked<F>
where
    F: Fn(&str) -> Result<Option<Arc<Client>>, BoxError> + Send + Sync + 'static,
{
    type Error = BoxError;

    async fn find(&self, id: &str, _: &request::Parts) -> Result<Option<Arc<Client>>, BoxError> {
        self.ids
            .lock()
            .expect("no panic before")
            .push(id.to_owned());
        (self.answer)(id)
    }
}

fn registered(id: &str) -> Option<Arc<Client>> {
    let client = cast().into_iter().find(|client| client.client_id() == id);
    client.map(Arc::new)
}

fn failing_for(broken: &'static str) -> impl ClientStore {
    let answer = move |id: &str| match id {
        _ if id == broken => Err("connection refused".into()),
        _ => Ok(registered(id)),
    };
    Asked {
        answer,
        ids: Arc::default(),
    }
}

/// Knows nobody, after a while.
struct SlowStore(Duration);

impl ClientStore for SlowStore {
    type Error = BoxError;

    async fn find(&self, _: &str, _: &request::Parts) -> Result<Option<Arc<Client>>, BoxError> {
        sleep(self.0).await;
        Ok(None)
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_503_for_every_mechanism() {
    let calls = [
        basic("svc:svc-secret"),
        basic("svc:wrong"),
        body("client_id=svc&client_secret=svc-secret"),
        body("client_id=svc"),
    ];
    for call in calls {
        let exchange = call.send(&over(failing_for("svc"))).await;
        let error = exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
        let cause = error.rejection.source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("connection refused"));
        assert!(!error.description.contains("refused"), "{error:?}");
        assert_eq!(exchange.header(header::RETRY_AFTER), Some("5"));
    }
}

#[tokio::test]
async fn a_store_that_fails_for_the_second_reading_is_503() {
    let store = failing_for("nobody+else");
    let exchange = basic("nobody+else:x").send(&over(store)).await;
    exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_503_at_the_deadline() {
    let start = Instant::now();
    let exchange = svc(CC).send(&over(SlowStore(Duration::MAX))).await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    assert_eq!(exchange.header(header::RETRY_AFTER), Some("5"));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn retry_after_can_be_set() {
    let layer = over(failing_for("svc")).retry_after(Duration::from_secs(42));
    let exchange = svc(CC).send(&layer).await;
    exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
    assert_eq!(exchange.header(header::RETRY_AFTER), Some("42"));
}

#[tokio::test]
async fn a_store_is_asked_for_each_reading_and_no_one_else() {
    let questions: [(Call, &[&str]); 11] = [
        (svc(CC), &["svc"]),
        (basic("nobody:x"), &["nobody"]),
        (basic("a+b:x"), &["a b", "a+b"]),
        (basic("svc:x%20y"), &["svc"]),
        (basic("twin+a:same"), &["twin a", "twin+a"]),
        (basic("%zz:x"), &["%zz"]),
        (body("client_id=x%2By&client_secret=plus"), &["x+y"]),
        (body("client_id=svc").basic("svc:x"), &["svc"]),
        (body("client_id=pub").basic("svc:svc-secret"), &[]),
        (body("client_id=svc&client_secret=x").basic("svc:x"), &[]),
        (svc("%zz"), &[]),
    ];
    for (call, expected) in questions {
        let ids = Arc::default();
        let store = Asked {
            answer: |id: &str| Ok(registered(id)),
            ids: Arc::clone(&ids),
        };
        call.send(&over(store)).await;
        assert_eq!(*ids.lock().expect("no panic before"), expected, "{call:?}");
    }
}

#[tokio::test]
async fn a_secret_expires_when_its_metadata_says() {
    let expiring = |at: u64| {
        let json = serde_json::json!({
            "client_id": "svc",
            "client_secret": "svc-secret",
            "client_secret_expires_at": at,
            "grant_types": [GRANT],
        });
        layer([Client::from_json(json.to_string().as_bytes()).expect("a client")])
    };
    svc(CC).send(&expiring(0)).await.inner_request(); // never (RFC 7591 §3.2.1)
    svc(CC)
        .send(&expiring(32_503_680_000))
        .await
        .inner_request();
    let exchange = svc(CC).send(&expiring(1)).await;
    exchange.rejected(401, "invalid_client", ExpiredSecret);
}

// ---- options --------------------------------------------------------------------------------

#[tokio::test]
async fn challenge_only_for_the_header_answers_the_others_with_400() {
    let layer = layer(cast()).challenge(Challenge::OnlyForHeader);
    let by_header = [
        (basic("svc:wrong"), WrongSecret),
        (basic("nobody:x"), UnknownClient),
        (basic("svc:"), MethodNotRegistered),
        (authorization("Bearer x"), UnsupportedScheme),
    ];
    for (call, reason) in by_header {
        call.send(&layer)
            .await
            .rejected(401, "invalid_client", reason);
    }
    let by_body = [
        (body("client_id=poster&client_secret=x"), WrongSecret),
        (body("client_id=nobody&client_secret=x"), UnknownClient),
        (body("client_id=svc"), MethodNotRegistered),
        (
            body(&form([JWT, ASSERTION, "client_id=keyed"])),
            MethodNotVerifiable,
        ),
        (post(CC), NoCredentials),
    ];
    for (call, reason) in by_body {
        call.send(&layer)
            .await
            .rejected(400, "invalid_client", reason);
    }
}

#[tokio::test]
async fn error_uri_stands_in_every_error_once_configured() {
    let plain = layer(cast());
    let layer = plain.clone().error_uri("https://as.example.com/errors");
    let calls = [
        call("GET", "/token"),
        svc("%"),
        basic("svc:x"),
        svc(""),
        svc("grant_type=a"),
    ];
    for call in calls {
        assert_eq!(call.send(&plain).await.error().uri, None);
        let uri = call.send(&layer).await.error().uri;
        assert_eq!(uri.as_deref(), Some("https://as.example.com/errors"));
    }
}

#[tokio::test]
async fn grant_types_replaces_what_is_served_and_grant_type_adds() {
    let code = || svc("grant_type=authorization_code&code=a");
    let only_cc = layer(cast()).grant_types([GrantType::ClientCredentials]);
    svc(CC).send(&only_cc).await.inner_request();
    let exchange = code().send(&only_cc).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);

    let both = only_cc.grant_type(GrantType::AuthorizationCode);
    svc(CC).send(&both).await.inner_request();
    code().send(&both).await.inner_request();

    let none = layer(cast()).grant_types([]);
    let exchange = svc(CC).send(&none).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);
}

#[tokio::test]
async fn an_extension_grant_is_served_once_switched_on() {
    let all = post(format!("grant_type={}", form_encode(TICKET_GRANT))).basic("all:all-secret");
    let exchange = all.send(&layer(cast())).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);

    let served = layer(cast()).extension_grant(TICKET_GRANT, &[]);
    let exchange = all.send(&served).await;
    let grant = exchange.token_request().grant_type();
    assert_eq!(*grant, GrantType::Other(TICKET_GRANT.into()));
}

#[tokio::test]
async fn without_a_path_every_request_is_a_token_request() {
    let everywhere = TokenEndpointLayer::new(failing_for("nobody"), ISSUER);
    for path in ["/", "/token", "/a/b/c?d"] {
        svc(CC).to(path).send(&everywhere).await.token_request();
        let exchange = call("GET", path).send(&everywhere).await;
        exchange.rejected(405, "invalid_request", MethodNotAllowed);
        let exchange = call("OPTIONS", path).send(&everywhere).await;
        exchange.inner_request();
    }
}

#[tokio::test]
async fn another_endpoint_leaves_the_first_as_it_was() {
    let token = layer(cast());
    let introspection = token.clone().endpoint(Endpoint::Introspection);
    let introspection = introspection.path("/introspect");
    let ask = svc("token=t").to("/introspect");
    let exchange = ask.send(&introspection).await;
    let seen = exchange.inner_request().extensions();
    assert!(seen.get::<AuthenticatedRequest>().is_some());
    assert!(seen.get::<TokenRequest>().is_none());

    let exchange = ask.send(&token).await;
    let seen = exchange.inner_request().extensions();
    assert!(seen.get::<AuthenticatedRequest>().is_none());
    let exchange = svc("token=t").send(&token).await;
    exchange.rejected(400, "invalid_request", MissingGrantType);
}

// ---- what an answer says --------------------------------------------------------------------

#[tokio::test]
async fn a_rejection_names_the_client_only_where_registered() {
    let cases = [
        (basic("svc:wrong"), Some("svc")),
        (svc("grant_type=magic"), Some("svc")),
        (body("client_id=svc"), Some("svc")),
        (basic("nobody:x"), None),
        (body("client_id=nobody"), None),
        (post(CC), None),
        (call("GET", "/token"), None),
    ];
    for (call, expected) in cases {
        let exchange = call.send(&layer(cast())).await;
        let client = exchange.error().rejection.client();
        assert_eq!(
            client.map(|client| client.client_id()),
            expected,
            "{call:?}"
        );
    }
}

#[tokio::test]
async fn a_name_from_the_request_is_repeated_only_if_short_and_printable() {
    let longest = "n".repeat(64);
    let repeated = ["x", "a b", "~!#$[]", &longest];
    let left_out = [
        &*"n".repeat(65),
        "say\"so",
        "back\\slash",
        "naïve",
        "tab\tbed",
        "line\nbreak",
        "\u{7F}",
    ];
    for (names, expected) in [(&repeated[..], true), (&left_out[..], false)] {
        for name in names {
            let parameter = form_encode(name);
            let body = format!("{CC}&{parameter}=1&{parameter}=2");
            let exchange = svc(body).send(&layer(cast())).await;
            let error = exchange.rejected(400, "invalid_request", RepeatedParameter);
            assert_eq!(error.description.contains(name), expected, "{error:?}");
        }
    }
}

#[tokio::test]
async fn no_answer_repeats_a_value_from_the_request() {
    let calls = [
        call("CANARY", "/token"),
        svc(CC).set("content-type", "text/canary"),
        svc(CC).set(
            "content-type",
            "application/x-www-form-urlencoded; charset=canary",
        ),
        svc(CC).set("content-encoding", "canary"),
        authorization("canary x"),
        basic("canary:canary"),
        body("client_id=canary&client_secret=canary"),
        body("client_id=canary"),
        body("client_id=canary").basic("svc:svc-secret"),
        body("client_assertion_type=canary&client_assertion=canary"),
        body("client_secret=canary"),
        svc("grant_type=canary"),
        svc("grant_type=client_credentials&scope=canary"),
        svc("grant_type=client_credentials&scope=%22canary"),
        svc("grant_type=client_credentials&state=canary&state=canary"),
        svc("grant_type=client_credentials&state=canary%"),
    ];
    for call in calls {
        let exchange = call.send(&layer(cast())).await;
        exchange.error();
        let answer = format!(
            "{:?} {:?}",
            exchange.response.headers(),
            exchange.response.body()
        );
        assert!(
            !answer.to_ascii_lowercase().contains("canary"),
            "{call:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn what_may_repeat_is_handed_on_whole_and_in_order() {
    let body = format!("{CC}&resource=urn%3Ab&audience=y&resource=urn%3Aa&resource=&audience=x");
    let exchange = svc(body).send(&layer(cast())).await;
    let request = exchange.token_request();
    assert!(request.resource().eq(["urn:b", "urn:a"]));
    assert!(request.audience().eq(["y", "x"]));
    assert!(
        request
            .parameters()
            .get_all("resource")
            .eq(["urn:b", "urn:a"])
    );
}

#[tokio::test]
async fn credentials_are_not_among_the_parameters() {
    let exchange = body("client_id=poster&client_secret=post-secret")
        .send(&layer(cast()))
        .await;
    let request = exchange.token_request();
    assert_eq!(request.parameter("client_secret"), None);
    assert_eq!(request.parameter("client_id"), Some("poster"));
}

// ---- the inner service ----------------------------------------------------------------------

/// What comes of an accepted request whose inner service answers this.
async fn answered(response: Response<&'static str>) -> Response<String> {
    let inner = service_fn(move |_: Request<RequestBody<Full<Bytes>>>| {
        let response = response.clone().map(Full::from);
        async move { Ok::<_, BoxError>(response) }
    });
    let service = layer(cast()).layer(inner);
    let response = service.oneshot(svc(CC).request()).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("an answer that reads");
    let body = String::from_utf8(body.to_bytes().into()).expect("UTF-8");
    Response::from_parts(parts, body)
}

fn says_of_caches(response: &Response<String>, cache_control: &str, pragma: &str) {
    let values = |name| response.headers().get_all(name).iter();
    assert!(values(header::CACHE_CONTROL).eq([cache_control]));
    assert!(values(header::PRAGMA).eq([pragma]));
}

#[tokio::test]
async fn the_inner_answer_is_untouched_but_for_two_headers() {
    for status in [200, 201, 302, 400, 401, 500, 503] {
        let inner = Response::builder().status(status).header("x-inner", "kept");
        let inner = inner.header("content-type", "a/b").body(ISSUED);
        let response = answered(inner.expect("a response")).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["x-inner"], "kept");
        assert_eq!(response.headers()["content-type"], "a/b");
        assert_eq!(response.headers().len(), 4, "{response:?}");
        says_of_caches(&response, "no-store", "no-cache");
        assert_eq!(response.body(), ISSUED);
        assert!(response.extensions().get::<Rejection>().is_none());
    }
}

#[tokio::test]
async fn the_inner_answers_own_cache_headers_stand() {
    let inner = Response::builder().header("cache-control", "private");
    let inner = inner.header("pragma", "x").body(ISSUED);
    says_of_caches(&answered(inner.expect("a response")).await, "private", "x");

    let inner = Response::builder().header("pragma", "x").body(ISSUED);
    says_of_caches(&answered(inner.expect("a response")).await, "no-store", "x");
}

#[tokio::test]
async fn the_inner_error_is_handed_on_as_it_is() {
    #[derive(Debug, PartialEq)]
    struct OutOfTokens(u8);

    let inner = service_fn(|_: Request<RequestBody<Full<Bytes>>>| async {
        Err::<Response<Full<Bytes>>, _>(OutOfTokens(7))
    });
    let service = layer(cast()).layer(inner);
    let error = service
        .oneshot(svc(CC).request())
        .await
        .expect_err("the inner error");
    assert_eq!(error, OutOfTokens(7));
}

#[tokio::test]
async fn other_extensions_of_the_request_are_handed_on() {
    let mut request = svc(CC).request();
    request.extensions_mut().insert("from outside");
    let exchange = send(&layer(cast()), request).await;
    let inner = exchange.inner_request();
    assert_eq!(inner.extensions().get(), Some(&"from outside"));
}
