//! `GET /authorize` (RFC 6749 §4.1.1, RFC 7636, RFC 9207), a demo. A real server asks
//! its user here; this one approves at once.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Query, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tower_token_endpoint::{Client, GrantType, grant::Scope};

use crate::{
    Server,
    scope::granted,
    vault::{Code, Vault},
};

/// An error of RFC 6749 §4.1.2.1 with its description.
type Refusal = (&'static str, &'static str);

pub(crate) async fn authorize(
    State(server): State<Arc<Server>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    // Do not redirect before the URI is known to belong to the client.
    let Some((client, redirect_uri)) = target(&server, &query) else {
        let page = "This request names no client and redirect URI that are registered together, \
                    or the URI is neither https nor on the user's own machine.\n";
        return (StatusCode::BAD_REQUEST, page).into_response();
    };
    let mut location = redirect_uri.to_owned();
    location.push(if redirect_uri.contains('?') { '&' } else { '?' });
    let start = location.len();
    let mut answer = form_urlencoded::Serializer::for_suffix(location, start);
    let issued = approve(&client, redirect_uri, &query).and_then(|code| {
        let issue = |vault: &mut Vault, now| vault.issue_code(code, now);
        server.vaults.of(&client, issue).ok_or((
            "temporarily_unavailable",
            "the client has too many codes that were not used: try again in a minute",
        ))
    });
    match issued {
        Ok(code) => {
            answer.append_pair("code", &code);
        }
        Err((error, description)) => {
            answer
                .append_pair("error", error)
                .append_pair("error_description", description);
        }
    }
    if let Ok(Some(state)) = single(&query, "state") {
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

/// The client and its redirect URI, which is compared byte for byte (RFC 9700 §4.1.3).
fn target<'a>(server: &Server, query: &'a [(String, String)]) -> Option<(Arc<Client>, &'a str)> {
    let client = server.clients.get(single(query, "client_id").ok()??)?;
    let redirect_uri = single(query, "redirect_uri").ok()??;
    let registered = client.redirect_uris().iter().any(|uri| uri == redirect_uri);
    // RFC 6749 §3.1.2 forbids fragments. A URI that does not fit a header is of no use.
    let usable = !redirect_uri.contains('#') && redirect_uri.bytes().all(|b| b.is_ascii_graphic());
    (registered && usable && is_safe(redirect_uri)).then_some((client, redirect_uri))
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

fn approve(
    client: &Client,
    redirect_uri: &str,
    query: &[(String, String)],
) -> Result<Code, Refusal> {
    // Checked first: if it is repeated, the response does not have it.
    single(query, "state")?;
    match single(query, "response_type")? {
        Some("code") => {}
        Some(_) => {
            return Err((
                "unsupported_response_type",
                "this server knows only code: send response_type=code",
            ));
        }
        None => {
            return Err((
                "invalid_request",
                "response_type is missing: send response_type=code",
            ));
        }
    }
    if !client.allows_grant(&GrantType::AuthorizationCode) {
        return Err((
            "unauthorized_client",
            "the client is not registered for authorization_code",
        ));
    }
    // Without a method it would be `plain`, which RFC 9700 §2.1.1 advises against.
    if single(query, "code_challenge_method")? != Some("S256") {
        return Err((
            "invalid_request",
            "this server wants PKCE: send code_challenge_method=S256",
        ));
    }
    let challenge = single(query, "code_challenge")?
        .and_then(|challenge| URL_SAFE_NO_PAD.decode(challenge).ok()?.try_into().ok())
        .ok_or((
            "invalid_request",
            "code_challenge is missing or malformed: send a SHA-256 in base64url",
        ))?;

    let scope = scope(client, single(query, "scope")?).ok_or((
        "invalid_scope",
        "the scope is malformed, too long or beyond the registered one: leave it out or ask for less",
    ))?;
    Ok(Code::new(redirect_uri.to_owned(), challenge, scope))
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
        Some(_) => Err(("invalid_request", "a parameter is repeated: send it once")),
        None => Ok(value),
    }
}
