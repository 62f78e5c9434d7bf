//! A client that drives the reference server over HTTP.

use reqwest::{Response, StatusCode, header};
use serde_json::Value;

use super::process::Server;
use crate::common::{Reply, basic_value, form_encode};

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://localhost:8080/callback";

pub(crate) const BASIC: Who = Who::Basic("demo-basic", "demo-basic-secret");
pub(crate) const POST: Who = Who::Post("demo-post", "demo-post-secret");
pub(crate) const PUBLIC: Who = Who::Public("demo-public");
pub(crate) const URL_ID: Who = Who::Basic("https://client.example.com/demo", "demo-url-secret");
pub(crate) const UNICODE: Who = Who::Basic("démo-ключ", "s p+a%c:e/s & ключ €");
pub(crate) const ARGON2: Who = Who::Basic("demo-argon2", "demo-argon2-secret");
pub(crate) const BCRYPT: Who = Who::Basic("demo-bcrypt", "demo-bcrypt-secret");
pub(crate) const PBKDF2: Who = Who::Basic("demo-pbkdf2", "demo-pbkdf2-secret");
pub(crate) const NEW_SECRET: Who = Who::Basic("demo-rotation", "demo-rotation-new-secret");
pub(crate) const OLD_SECRET: Who = Who::Basic("demo-rotation", "demo-rotation-old-secret");

#[derive(Clone, Copy)]
pub(crate) enum Who {
    /// Both form-urlencoded first, as RFC 6749 §2.3.1 has it.
    Basic(&'static str, &'static str),
    /// As they are: what half of all clients send.
    RawBasic(&'static str, &'static str),
    Post(&'static str, &'static str),
    Public(&'static str),
}

impl Who {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Basic(id, _) | Self::RawBasic(id, _) | Self::Post(id, _) | Self::Public(id) => id,
        }
    }

    pub(crate) fn with_secret(self, secret: &'static str) -> Self {
        match self {
            Self::Basic(id, _) => Self::Basic(id, secret),
            Self::RawBasic(id, _) => Self::RawBasic(id, secret),
            Self::Post(id, _) | Self::Public(id) => Self::Post(id, secret),
        }
    }
}

/// Reads a response that must be JSON.
pub(crate) async fn read(response: Response) -> Reply {
    let reply = Reply::read(http::Response::from(response)).await;
    assert_eq!(reply.header(header::CONTENT_TYPE), "application/json");
    reply.json();
    reply
}

impl Server {
    pub(crate) async fn post(&self, path: &str, who: Who, form: &[(&str, &str)]) -> Reply {
        self.post_with(path, who, form, &[]).await
    }

    /// With these headers as well.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        who: Who,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut form = form.to_vec();
        let mut basic = None;
        match who {
            Who::Basic(id, secret) => {
                basic = Some(format!("{}:{}", form_encode(id), form_encode(secret)))
            }
            Who::RawBasic(id, secret) => basic = Some(format!("{id}:{secret}")),
            Who::Post(id, secret) => form.extend([("client_id", id), ("client_secret", secret)]),
            Who::Public(id) => form.push(("client_id", id)),
        }
        self.send_with(path, basic.map(basic_value), &form, headers)
            .await
    }

    pub(crate) async fn send(
        &self,
        path: &str,
        authorization: Option<String>,
        form: &[(&str, &str)],
    ) -> Reply {
        self.send_with(path, authorization, form, &[]).await
    }

    pub(crate) async fn send_with(
        &self,
        path: &str,
        authorization: Option<String>,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = self.http.post(format!("{}{path}", self.base)).form(form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        read(request.send().await.expect("the server answers")).await
    }

    pub(crate) async fn token(&self, who: Who, form: &[(&str, &str)]) -> Reply {
        self.post("/token", who, form).await
    }

    pub(crate) async fn authorize(&self, query: &[(&str, &str)]) -> Response {
        let request = self
            .http
            .get(format!("{}/authorize", self.base))
            .query(query);
        request.send().await.expect("the server answers")
    }

    pub(crate) async fn code(&self, who: Who, redirect_uri: &str, scope: &str) -> String {
        let response = self
            .authorize(&[
                ("response_type", "code"),
                ("client_id", who.id()),
                ("redirect_uri", redirect_uri),
                ("scope", scope),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ])
            .await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let (_, query) = location(&response);
        value(&query, "code")
            .expect("an approval carries a code")
            .to_owned()
    }

    pub(crate) async fn redeem(&self, who: Who, code: &str) -> Reply {
        self.token(who, &exchange(code)).await
    }

    /// Tokens of a new grant: access and refresh token.
    pub(crate) async fn grant(&self, who: Who, scope: &str) -> (String, String) {
        let code = self.code(who, CALLBACK, scope).await;
        pair(&self.redeem(who, &code).await.granted())
    }

    pub(crate) async fn refresh(&self, who: Who, token: &str) -> Reply {
        self.token(
            who,
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        )
        .await
    }

    pub(crate) async fn introspect(&self, who: Who, token: &str) -> Value {
        self.post("/introspect", who, &[("token", token)])
            .await
            .granted()
            .json()
            .clone()
    }

    pub(crate) async fn is_active(&self, who: Who, token: &str) -> bool {
        self.introspect(who, token).await["active"]
            .as_bool()
            .expect("`active` is a boolean")
    }

    pub(crate) async fn discovery(&self) -> Value {
        let url = format!("{}/.well-known/oauth-authorization-server", self.base);
        read(self.http.get(url).send().await.expect("the server answers"))
            .await
            .json()
            .clone()
    }
}

pub(crate) fn exchange(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) fn pair(reply: &Reply) -> (String, String) {
    (
        reply.text("access_token").to_owned(),
        reply.text("refresh_token").to_owned(),
    )
}

/// Where a redirect leads: up to the query, and the query.
pub(crate) fn location(response: &Response) -> (String, Vec<(String, String)>) {
    let location = response.headers()[header::LOCATION]
        .to_str()
        .expect("ASCII");
    let (path, query) = location.split_once('?').expect("every answer has a query");
    (
        path.to_owned(),
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
    )
}

pub(crate) fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

pub(crate) const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");
