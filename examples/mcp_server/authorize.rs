//! `GET /authorize` (OAuth 2.1 §4.1.1, RFC 8707, RFC 9207), which asks nobody.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, header, request::Parts};
use tower_token_endpoint::{Client, ErrorCode, GrantType, store::ClientStore};

use crate::{Server, token::Code};

pub(crate) async fn authorize(
    State(server): State<Arc<Server>>,
    Query(query): Query<Vec<(String, String)>>,
    head: Parts,
) -> Response {
    let one = |name| single(&query, name);
    let page = |status, text: String| (status, text).into_response();
    let client_id = one("client_id").unwrap_or_default();
    let client = match server.clients.find(client_id, &head).await {
        Ok(Some(client)) => client,
        Ok(None) => {
            // For the developer of the client.
            let why = server.clients.why_unknown(client_id, &head);
            let why = why.map_or_else(|| "unknown client_id".to_owned(), |why| why.to_string());
            return page(StatusCode::BAD_REQUEST, why);
        }
        // Not knowing the client is not the same as knowing that there is none.
        Err(error) => {
            tracing::info!(error, "the client cannot be found");
            let text =
                "the document of the client cannot be fetched at the moment: try again later";
            let retry_after = [(header::RETRY_AFTER, "5")];
            return (StatusCode::SERVICE_UNAVAILABLE, retry_after, text).into_response();
        }
    };
    let redirect_uri = one("redirect_uri").filter(|uri| is_target(&client, uri));
    let Some(redirect_uri) = redirect_uri else {
        let text = "the redirect_uri is not one of the client's".to_owned();
        return page(StatusCode::BAD_REQUEST, text);
    };
    // A real server asks its user here, once the user has logged in. The page shows the host of
    // `ClientIdUrl::parse(client_id)`, since the name and the logo are what a stranger claims. It also shows the
    // host of the redirection URI, and a warning if that is this machine: any program of the user can say that
    // it is this client. The user's answer must come from a form that other sites cannot send. Without it, show
    // an error as a page: a redirection would lead to wherever the stranger wants.
    let outcome = approve(&server, &client, redirect_uri, &query);

    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let location = format!("{redirect_uri}{separator}");
    let start = location.len();
    let mut location = form_urlencoded::Serializer::for_suffix(location, start);
    match &outcome {
        Ok(code) => location.append_pair("code", code),
        Err(error) => location.append_pair("error", error.as_str()),
    };
    if let Some(state) = one("state") {
        location.append_pair("state", state);
    }
    location.append_pair("iss", &server.issuer);
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Redirect::to(&location.finish())).into_response()
}

/// A code, if the request is right.
fn approve(
    server: &Server,
    client: &Client,
    redirect_uri: &str,
    query: &[(String, String)],
) -> Result<String, ErrorCode> {
    let one = |name| single(query, name);
    if one("response_type") != Some("code") {
        return Err(ErrorCode::UnsupportedResponseType);
    }
    if !client.allows_grant(&GrantType::AuthorizationCode) {
        return Err(ErrorCode::UnauthorizedClient);
    }
    let is_of_sha256 = |it: &&str| {
        let mut bytes = it.bytes();
        it.len() == 43 && bytes.all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
    };
    let challenge = one("code_challenge").filter(is_of_sha256);
    let challenge = challenge.filter(|_| one("code_challenge_method") == Some("S256"));
    let challenge = challenge.ok_or(ErrorCode::InvalidRequest)?;
    let is_resource = |(name, value): &&(String, String)| name == "resource" && !value.is_empty();
    let resources = query.iter().filter(is_resource);
    server.check_resource(resources.map(|(_, value)| &**value))?;
    Ok(server.issued().codes.insert(Code {
        client_id: client.client_id().to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
    }))
}

/// The value of a parameter that is there once.
fn single<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = query.iter().filter(|(key, _)| key == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

/// Whether a code may go to this URI, which must fit a header.
fn is_target(client: &Client, uri: &str) -> bool {
    let is_plain = !uri.contains('#') && uri.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain && client.allows_redirect_uri(uri)
}
