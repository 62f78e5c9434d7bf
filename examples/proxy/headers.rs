//! Which headers are passed on.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers that mean one connection only (RFC 9110 §7.6.1). Hyper has responded to `Expect`.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// How headers start that the proxy sets, or by which some servers serve another path or method.
const FORGED: [&str; 8] = [
    "forwarded",
    "x-forwarded-",
    "x-http-method",
    "x-method-override",
    "x-original-",
    "x-real-ip",
    "x-rewrite-",
    "x-verified-",
];

/// A name with `_` is also refused: CGI and WSGI read it as the name with `-`.
pub(crate) fn is_forged(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.contains('_') || FORGED.iter().any(|start| name.starts_with(start))
}

/// Those that `Connection` names also mean this connection only.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<_> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .collect();
    for name in HOP_BY_HOP.map(HeaderName::from_static).iter().chain(&named) {
        headers.remove(name);
    }
}

/// HTTP/2 may send each cookie by itself (RFC 9113 §8.2.3).
pub(crate) fn join_cookies(headers: &mut HeaderMap) -> Result<(), String> {
    let cookies: Vec<_> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if cookies.len() > 1 {
        let joined = HeaderValue::from_bytes(&cookies.join(&b"; "[..]));
        headers.insert(header::COOKIE, joined.map_err(|error| error.to_string())?);
    }
    Ok(())
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    let essence = value
        .and_then(|it| it.split(';').next())
        .unwrap_or_default()
        .trim();
    essence.eq_ignore_ascii_case("application/json")
}
