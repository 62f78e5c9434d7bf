//! The table of requests to the proxy.

use std::fmt;

use crate::common::{CC, Call, FORM, body, by_assertion, call, form_encode, hs256, post};
use crate::setup::{PROOF, SECRET};

/// What reaches the upstream server.
pub(crate) enum Arrives {
    Nothing,
    /// A new request: path, form, client and method.
    Checked(&'static str, String, &'static str, &'static str),
    /// The request as it was, with this path and query.
    Passed(&'static str),
}

pub(crate) struct Row {
    name: &'static str,
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) arrives: Arrives,
    pub(crate) with: Vec<(&'static str, &'static str)>,
    pub(crate) without: Vec<&'static str>,
}

impl Row {
    /// It must arrive with this header, once.
    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.with.push((name, value));
        self
    }

    /// It must arrive without this header.
    fn without(mut self, names: &[&'static str]) -> Self {
        self.without.extend(names);
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn row(name: &'static str, call: Call, status: u16, arrives: Arrives) -> Row {
    let (with, without) = (Vec::new(), Vec::new());
    Row {
        name,
        call,
        status,
        arrives,
        with,
        without,
    }
}

fn refused(name: &'static str, call: Call, status: u16) -> Row {
    row(name, call, status, Arrives::Nothing)
}

fn passed(name: &'static str, call: Call, path: &'static str) -> Row {
    row(name, call, 200, Arrives::Passed(path))
}

/// A token request of `app`.
fn checked(name: &'static str, call: Call, form: &str) -> Row {
    let form = format!("client_id=app&{form}");
    let arrives = Arrives::Checked("/token", form, "app", "client_secret_basic");
    row(name, call, 200, arrives)
}

/// A form of `app` with Basic.
pub(crate) fn app(form: &str) -> Call {
    post(form).basic(format!("app:{SECRET}"))
}

fn get(path: &str) -> Call {
    call("GET", path).set("host", "evil.example")
}

pub(crate) fn accepted() -> Vec<Row> {
    let by =
        |client, method, form: &str| Arrives::Checked("/token", form.to_owned(), client, method);
    let encoded = "https%3A%2F%2F%D0%BA%D0%BB%D1%8E%D1%87.example%2Fa+b";
    let at = |path, form: &str| {
        Arrives::Checked(
            path,
            format!("client_id=app&{form}"),
            "app",
            "client_secret_basic",
        )
    };
    vec![
        checked("Basic", app(CC), CC).without(&["authorization"]),
        row(
            "a secret in the body",
            body(&format!("client_id=app&client_secret={SECRET}")),
            200,
            by("app", "client_secret_post", &format!("client_id=app&{CC}")),
        ),
        row(
            "a secret in the body, its name escaped",
            body(&format!("client_id=app&client%5Fsecret={SECRET}")),
            200,
            by("app", "client_secret_post", &format!("client_id=app&{CC}")),
        ),
        row(
            "an assertion",
            body(&by_assertion(&hs256("signer", SECRET, ""))),
            200,
            by(
                "signer",
                "client_secret_jwt",
                &format!("client_id=signer&{CC}"),
            ),
        ),
        row(
            "a public client",
            post("grant_type=authorization_code&code=c&code_verifier=v&client_id=spa"),
            200,
            by(
                "spa",
                "none",
                "client_id=spa&code=c&code_verifier=v&grant_type=authorization_code",
            ),
        ),
        row(
            "a client_id outside ASCII",
            post(CC).basic(format!(
                "{}:{SECRET}",
                form_encode("https://ключ.example/a b")
            )),
            200,
            by(
                encoded,
                "client_secret_basic",
                &format!("client_id={encoded}&{CC}"),
            ),
        ),
        checked(
            "a client_id beside Basic",
            app(&format!("{CC}&client_id=app")),
            CC,
        ),
        checked(
            "values that need escapes",
            app(&format!("{CC}&x-note=a%20b%26c%3D%C3%A9%2B")),
            &format!("{CC}&x-note=a+b%26c%3D%C3%A9%2B"),
        ),
        checked(
            "a parameter that may repeat",
            app(&format!(
                "resource=https%3A%2F%2Fb.example&{CC}&resource=https%3A%2F%2Fa.example"
            )),
            &format!("{CC}&resource=https%3A%2F%2Fb.example&resource=https%3A%2F%2Fa.example"),
        ),
        checked(
            "a parameter without a value",
            app(&format!("{CC}&scope=&x=")),
            CC,
        ),
        checked(
            "names that some servers read as client_id",
            app(&format!(
                "{CC}&client.id=spa&Client_Id=spa&client+id=spa&client_id%5B%5D=spa&%00=spa"
            )),
            CC,
        ),
        checked("a query", app(CC).to("/token?tenant=a"), CC),
        checked("cookies", app(CC).add("cookie", "session=1"), CC).without(&["cookie"]),
        checked("a proof of DPoP", app(CC).add("dpop", "e30.e30.e30"), CC)
            .with("dpop", "e30.e30.e30"),
        checked(
            "headers of the proxy, forged",
            app(CC)
                .add("x-proxy-proof", "forged")
                .add("X_Proxy_Proof", "forged")
                .add("x-verified-client", "spa")
                .add("x_verified_client", "spa")
                .add("x-verified-method", "none"),
            CC,
        )
        .without(&["x_proxy_proof", "x_verified_client"]),
        checked(
            "headers of the proxy, named in Connection",
            app(CC).add(
                "connection",
                "x-proxy-proof, x-verified-client, content-type",
            ),
            CC,
        ),
        checked(
            "another method by a header",
            app(CC).add("x-http-method-override", "GET"),
            CC,
        )
        .without(&["x-http-method-override"]),
        row(
            "revocation",
            app("token=t").to("/revoke"),
            200,
            at("/revoke", "token=t"),
        ),
        row(
            "introspection",
            app("token=t").to("/introspect"),
            200,
            at("/introspect", "token=t"),
        ),
    ]
}

pub(crate) fn refused_by_the_layer() -> Vec<Row> {
    vec![
        refused("a wrong secret", post(CC).basic("app:wrong"), 401),
        refused("no credentials", post(CC), 401),
        refused(
            "no credentials and a proof",
            post(CC)
                .add("x-verified-client", "app")
                .add("x-proxy-proof", "x"),
            401,
        ),
        refused(
            "no credentials at introspection",
            post("token=t").to("/introspect"),
            401,
        ),
        refused(
            "a public client at introspection",
            post("token=t&client_id=spa").to("/introspect"),
            401,
        ),
        refused(
            "two mechanisms",
            app(&format!("{CC}&client_secret={SECRET}")),
            400,
        ),
        refused(
            "a client_id of another client",
            app(&format!("{CC}&client_id=spa")),
            400,
        ),
        refused(
            "a secret in the query",
            app(CC).to("/token?client_secret=a"),
            400,
        ),
        refused(
            "a scope beyond the registered one",
            app(&format!("{CC}&scope=admin")),
            400,
        ),
        refused("a parameter twice", app(&format!("{CC}&{CC}")), 400),
        refused("GET", app("").method("GET"), 405),
        refused(
            "JSON",
            app("{}").set("content-type", "application/json"),
            400,
        ),
        refused("70,000 bytes", app(&"x".repeat(70_000)), 413),
        refused(
            "a preflight of a path that is not listed",
            call("OPTIONS", "/token").set("host", "x"),
            404,
        ),
    ]
}

/// With the right credentials, so that only the path can be the reason.
pub(crate) fn other_paths() -> Vec<Row> {
    [
        "/token/",
        "//token",
        "/%74oken",
        "/token%20",
        "/token;x",
        "/token;x=1",
        "/TOKEN",
        "/Token",
        "/./token",
        "/x/../token",
        "/token/.",
        "/token/x",
        "/token.json",
        "/token%00",
        "/token%2F",
        "/token%3Fx",
        "/",
        "/introspect/",
        "/%69ntrospect",
        "/Revoke",
        "/other",
        "/authorize/",
        "/Authorize",
        "/authorize/../token",
        "/assets/../token",
        "/assets/%2e%2e/token",
        "/assets/..%2ftoken",
        "/assets/.%2e/token",
        "/assets//token",
        "/assets/a;/../../token",
        "/assets/./a",
        "/assets/a%5c..%5ctoken",
        "/assets",
        "http://evil.example//token",
    ]
    .into_iter()
    .map(|path| refused(path, app(CC).to(path), 404))
    .collect()
}

pub(crate) fn passed_on() -> Vec<Row> {
    vec![
        passed("a listed path", get("/authorize"), "/authorize"),
        passed(
            "its query",
            get("/authorize?state=%2F%20&x=1+2"),
            "/authorize?state=%2F%20&x=1+2",
        ),
        passed(
            "a form",
            post("user=a&password=b").to("/authorize"),
            "/authorize",
        )
        .with("content-type", FORM),
        passed(
            "a path below a listed one",
            get("/assets/css/a-1.2.css?v=3"),
            "/assets/css/a-1.2.css?v=3",
        ),
        passed("the listed one itself", get("/assets/"), "/assets/"),
        passed(
            "a URL in the request line",
            get("http://evil.example/authorize"),
            "/authorize",
        ),
        passed(
            "a token",
            get("/userinfo").add("authorization", "Bearer t"),
            "/userinfo",
        )
        .with("authorization", "Bearer t"),
        passed(
            "cookies",
            get("/authorize").add("cookie", "a=1; b=2"),
            "/authorize",
        )
        .with("cookie", "a=1; b=2"),
        passed(
            "a preflight of an endpoint that is listed",
            call("OPTIONS", "/revoke"),
            "/revoke",
        ),
        passed(
            "headers of the proxy, forged",
            get("/authorize")
                .add("x-proxy-proof", PROOF)
                .add("x-proxy-proof", "twice")
                .add("x_proxy_proof", PROOF)
                .add("x-verified-client", "app")
                .add("x-verified-else", "app")
                .add("X_Verified_Client", "app")
                .add("forwarded", "for=10.0.0.1")
                .add("x-forwarded-prefix", "/x")
                .add("x-forwarded-for", "10.0.0.1"),
            "/authorize",
        )
        .without(&[
            "x_proxy_proof",
            "x_verified_client",
            "x-verified-else",
            "forwarded",
            "x-forwarded-prefix",
        ]),
        passed(
            "another path or method by a header",
            get("/authorize")
                .add("x-original-url", "/token")
                .add("x-rewrite-url", "/token")
                .add("x-http-method", "POST")
                .add("x-http-method-override", "POST")
                .add("x-method-override", "POST"),
            "/authorize",
        )
        .without(&[
            "x-original-url",
            "x-rewrite-url",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
        ]),
        passed(
            "headers of one connection",
            get("/authorize")
                .add("connection", "keep-alive, X-Hop")
                .add("connection", "x-other , x-proxy-proof")
                .add("keep-alive", "timeout=5")
                .add("proxy-connection", "keep-alive")
                .add("proxy-authorization", "Basic eDp5")
                .add("te", "trailers")
                .add("trailer", "x-t")
                .add("upgrade", "websocket")
                .add("x-hop", "1")
                .add("x-other", "1")
                .add("x-stays", "1"),
            "/authorize",
        )
        .with("x-stays", "1")
        .without(&[
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "te",
            "trailer",
            "upgrade",
            "x-hop",
            "x-other",
        ]),
    ]
}
