//! The discovery document (RFC 8414).

use serde_json::{Map, Value, json};

const ALIASES: &str = "mtls_endpoint_aliases";

/// The layers say what they decide, so the document never promises what they refuse.
/// The members here are those that this server decides itself.
pub(crate) fn document(
    issuer: &str,
    layers: impl Iterator<Item = Map<String, Value>>,
) -> Map<String, Value> {
    let (mut document, mut aliases) = (Map::new(), Map::new());
    for mut members in layers {
        // Each layer has its own endpoint there (RFC 8705 §5).
        if let Some(Value::Object(own)) = members.remove(ALIASES) {
            aliases.extend(own);
        }
        document.extend(members);
    }
    if !aliases.is_empty() {
        document.insert(ALIASES.to_owned(), aliases.into());
    }
    let mut add = |name: &str, value: Value| document.insert(name.to_owned(), value);
    let base = issuer.trim_end_matches('/');
    add("authorization_endpoint", json!(format!("{base}/authorize")));
    add("response_types_supported", json!(["code"]));
    add("response_modes_supported", json!(["query"]));
    add("code_challenge_methods_supported", json!(["S256"]));
    // CIBA Core §4.
    add(
        "backchannel_token_delivery_modes_supported",
        json!(["poll"]),
    );
    add(
        "authorization_response_iss_parameter_supported",
        json!(true),
    );
    document
}
