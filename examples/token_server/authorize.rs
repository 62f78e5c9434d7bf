//! `GET /authorize` (RFC 6749 §4.1.1, RFC 7636, RFC 9207), a demo. A real server asks
//! its user here; this one approves at once.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Query, State},
    http::{StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use tower_token_endpoint::{Client, ErrorCode, GrantType, grant::Scope};

use crate::{
    Server,
    binding::is_thumbprint,
    page::Page,
    par,
    scope::granted,
    vault::{Code, Vault},
};

/// An error of RFC 6749 §4.1.2.1 with its description.
pub(crate) type Refusal = (ErrorCode, &'static str);

pub(crate) async fn authorize(
    State(server): State<Arc<Server>>,
    Query(query): Query<Vec<(String, String)>>,
    head: Parts,
) -> Response {
    // Do not redirect before the URI is known to belong to the client.
    let asked = match read(&server, &query, &head).await {
        Ok(asked) => asked,
        Err(page) => return page.into_response(),
    };
    let mut location = asked.redirect_uri;
    let separator = if location.contains('?') { '&' } else { '?' };
    location.push(separator);
    let start = location.len();
    let mut answer = form_urlencoded::Serializer::for_suffix(location, start);
    let issued = asked.code.and_then(|code| {
        let issue = |vault: &mut Vault, now| vault.issue_code(code, now);
        server.vaults.of(&asked.client, issue).ok_or((
            ErrorCode::TemporarilyUnavailable,
            "the client has too many codes that were not used: try again in a minute",
        ))
    });
    match issued {
        Ok(code) => {
            answer.append_pair("code", &code);
        }
        Err((error, description)) => {
            answer
                .append_pair("error", error.as_str())
                .append_pair("error_description", description);
        }
    }
    if let Some(state) = &asked.state {
        answer.append_pair("state", state);
    }
    answer.append_pair("iss", &server.issuer);
    (
        [
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
        ],
        Redirect::to(&answer.finish()),
    )
        .into_response()
}

/// A request of a client, with a redirect URI that is its own.
struct Asked {
    client: Arc<Client>,
    redirect_uri: String,
    state: Option<String>,
    code: Result<Code, Refusal>,
}

/// Reads the query, or takes what was pushed. Other parameters beside a `request_uri` are ignored
/// (RFC 9101 §5). An error is a page.
async fn read(server: &Server, query: &[(String, String)], head: &Parts) -> Result<Asked, Page> {
    let one = |name| single(query, name).ok().flatten();
    let client_id = one("client_id").ok_or_else(Page::no_target)?;
    let client = server.clients.find(client_id, head).await?;
    let request_uri = single(query, "request_uri");
    if request_uri != Ok(None) {
        let request_uri = request_uri.ok().flatten();
        let pushed = request_uri.and_then(|uri| par::take(server, &client, uri));
        let pushed = pushed.ok_or_else(|| {
            let text = "The request_uri is unknown, expired, used or another client's: push the \
                        request again.\n";
            Page::new(StatusCode::BAD_REQUEST, text)
        })?;
        return Ok(Asked {
            client,
            redirect_uri: pushed.redirect_uri,
            state: pushed.state,
            code: Ok(pushed.code),
        });
    }
    let redirect_uri = one("redirect_uri").filter(|uri| is_target(&client, uri));
    let redirect_uri = redirect_uri.ok_or_else(Page::no_target)?;
    let code = if server.par_required || requires_push(&client) {
        Err((
            ErrorCode::InvalidRequest,
            "authorization requests must be pushed: send it to the endpoint for that, and here \
             client_id and request_uri",
        ))
    } else {
        approve(&client, redirect_uri, |name| single(query, name))
    };
    Ok(Asked {
        redirect_uri: redirect_uri.to_owned(),
        state: one("state").map(str::to_owned),
        code,
        client,
    })
}

/// RFC 9126 §6.
fn requires_push(client: &Client) -> bool {
    let member = client
        .metadata()
        .get("require_pushed_authorization_requests");
    member.and_then(Value::as_bool) == Some(true)
}

/// Whether the client registered this redirect URI, and a code may go there.
pub(crate) fn is_target(client: &Client, redirect_uri: &str) -> bool {
    let registered = client.allows_redirect_uri(redirect_uri);
    // RFC 6749 §3.1.2 forbids fragments. A URI that does not fit a header is of no use.
    let usable = !redirect_uri.contains('#') && redirect_uri.bytes().all(|b| b.is_ascii_graphic());
    registered && usable && is_safe(redirect_uri)
}

/// Whether a code stays secret on its way to the URI: by https, to a program on the
/// user's own machine, or to an app (RFC 8252 §7). The scheme of an app is a domain in
/// reverse order, so it has a period.
fn is_safe(redirect_uri: &str) -> bool {
    let scheme = redirect_uri.split_once(':').map(|(scheme, _)| scheme);
    let uri = redirect_uri.parse::<Uri>().ok();
    let uri = uri.filter(|uri| uri.scheme().is_some());
    let host = uri.as_ref().and_then(Uri::host);
    match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("https") => host.is_some(),
        Some("http") => host.is_some_and(|host| {
            let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
            host.eq_ignore_ascii_case("localhost")
                || address.is_ok_and(|address| address.is_loopback())
        }),
        Some(scheme) => scheme.contains('.'),
        None => false,
    }
}

/// Makes a code for a request to this redirect URI.
pub(crate) fn approve<'a>(
    client: &Client,
    redirect_uri: &str,
    parameter: impl Fn(&str) -> Result<Option<&'a str>, Refusal>,
) -> Result<Code, Refusal> {
    // Checked first: if it is repeated, the response does not have it.
    parameter("state")?;
    match parameter("response_type")? {
        Some("code") => {}
        Some(_) => {
            return Err((
                ErrorCode::UnsupportedResponseType,
                "this server knows only code: send response_type=code",
            ));
        }
        None => {
            return Err((
                ErrorCode::InvalidRequest,
                "response_type is missing: send response_type=code",
            ));
        }
    }
    if !client.allows_grant(&GrantType::AuthorizationCode) {
        return Err((
            ErrorCode::UnauthorizedClient,
            "the client is not registered for authorization_code",
        ));
    }
    // Without a method it would be `plain`, which RFC 9700 §2.1.1 advises against.
    if parameter("code_challenge_method")? != Some("S256") {
        return Err((
            ErrorCode::InvalidRequest,
            "this server wants PKCE: send code_challenge_method=S256",
        ));
    }
    let challenge = parameter("code_challenge")?
        .filter(|challenge| is_sha256(challenge))
        .ok_or((
            ErrorCode::InvalidRequest,
            "code_challenge is missing or malformed: send a SHA-256 in base64url",
        ))?;

    // A pushed request was checked by the layer.
    let jkt = parameter("dpop_jkt")?;
    if jkt.is_some_and(|jkt| !is_thumbprint(jkt)) {
        return Err((
            ErrorCode::InvalidRequest,
            "dpop_jkt is malformed: send the SHA-256 thumbprint of the key in base64url",
        ));
    }
    let scope = scope(client, parameter("scope")?).ok_or((
        ErrorCode::InvalidScope,
        "the scope is malformed, too long or beyond the registered one: leave it out or ask for less",
    ))?;
    Ok(Code::new(redirect_uri.to_owned(), challenge.to_owned(), scope).bound_to(jkt))
}

/// The outer `None` means that the client may not have what it asks for.
fn scope(client: &Client, asked: Option<&str>) -> Option<Option<Arc<str>>> {
    let asked = asked.map(Scope::parse).transpose().ok()?;
    granted(client, asked).ok()
}

/// The value of a parameter that may be sent once (RFC 6749 §3.1). A parameter without
/// a value is treated as if it were left out. Unknown parameters are ignored.
fn single<'a>(query: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = query
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str());
    let value = values.next().filter(|value| !value.is_empty());
    match values.next() {
        Some(_) => Err((
            ErrorCode::InvalidRequest,
            "a parameter is repeated: send it once",
        )),
        None => Ok(value),
    }
}

/// A SHA-256 in base64url.
fn is_sha256(encoded: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(encoded)
        .is_ok_and(|hash| hash.len() == 32)
}
