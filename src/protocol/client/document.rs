//! Reads a client from its metadata document (draft-ietf-oauth-client-id-metadata-document §4).
//!
//! | in the document | what comes of it |
//! |---|---|
//! | not one JSON object, a member twice at any depth, or more than [`MAX_VALUES`](shape) values | an error |
//! | `client_id` is not the URL, byte for byte | an error |
//! | a secret, or when a secret expires | an error |
//! | `token_endpoint_auth_method` is absent | `none`, unlike in RFC 7591 |
//! | `token_endpoint_auth_method` is `client_secret_*` | an error |
//! | `token_endpoint_auth_methods_supported` | those of them that the document has what they need for |
//! | a private or symmetric key, or a `jwks_uri` that is not https | an error |
//! | the grant `client_credentials` | left out: anybody could get tokens without a user |
//! | the extensions of this crate | ignored: they are for the operator to set |
//! | all else | as in a registration |

mod shape;

use serde_json::Value;

use super::{
    Client, encoding,
    error::ClientMetadataError,
    id_url::ClientIdUrl,
    keys::{JWKS, JWKS_URI, MAX_RSA_BITS_MEMBER, SIGNING_ALG, member},
    members::{AUTH_METHOD, AUTH_METHODS, CLIENT_SECRETS, ENDPOINT_AUDIENCE, Members, wipe},
    problem::{ClientProblem, Found, kind},
};
use crate::{
    crypto::{HashLimits, SigningAlgorithm},
    protocol::{
        auth_method::AuthMethod,
        grant::GrantType,
        jwt::key_set,
        quoted::{Quoted, SingleQuoted},
        uri,
    },
};

/// OpenID Connect Relying Party Metadata Choices §2.
const METHODS_SUPPORTED: &str = "token_endpoint_auth_methods_supported";

/// Members that a document must not have, not even as `null`.
const SECRETS: [&str; 3] = ["client_secret", CLIENT_SECRETS, "client_secret_expires_at"];

/// Extensions of this crate, which only the operator may set.
const OPERATOR_ONLY: [&str; 3] = [AUTH_METHODS, ENDPOINT_AUDIENCE, MAX_RSA_BITS_MEMBER];

impl Client {
    /// Reads the document that a client publishes at its `client_id`, which is a URL (a Client ID Metadata
    /// Document).
    ///
    /// The members are those of [`from_json`](Self::from_json), with these differences:
    ///
    /// - Without `token_endpoint_auth_method`, the method is `none`.
    /// - If there is `token_endpoint_auth_methods_supported` (OpenID Connect Relying Party Metadata Choices), the
    ///   client may use those of its methods that are `none`, or `private_key_jwt` if it has keys.
    ///   `token_endpoint_auth_method` is then ignored, unless it is one of `client_secret_*`.
    /// - The client may not use `client_credentials`: otherwise, anybody who publishes a document gets tokens without
    ///   a user. If it is in `grant_types`, it is left out.
    /// - `token_endpoint_auth_methods`, `accept_endpoint_audience` and `max_rsa_bits`, which are extensions
    ///   of this crate, are ignored.
    ///
    /// This method only reads. With feature `client-documents`, `client::documents::ClientDocuments` fetches documents and
    /// keeps them. Only it fetches the key set at the `jwks_uri` of a document: with a client that you read yourself,
    /// an assertion gets a 503, since the [`jwks_source`](crate::layer::TokenEndpointLayerBuilder::jwks_source) of the
    /// layer may reach networks that strangers must not reach.
    ///
    /// ```
    /// use tower_token_endpoint::{Client, client::AuthMethod};
    ///
    /// let client = Client::from_document("https://app.example.com/client.json", br#"{
    ///     "client_id": "https://app.example.com/client.json",
    ///     "client_name": "Example",
    ///     "redirect_uris": ["http://127.0.0.1/callback"]
    /// }"#)?;
    /// assert!(client.allows_method(AuthMethod::None));
    /// # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error that lists what is wrong:
    ///
    /// - the document is not one JSON object in UTF-8, has a member twice, or has more than 256 values,
    /// - `client_id` in it is not the same text, or is not a [`ClientIdUrl`],
    /// - it has `client_secret`, `client_secrets` or `client_secret_expires_at`,
    /// - `token_endpoint_auth_method` is one of `client_secret_*`,
    /// - `jwks` has a private or a symmetric key, or `jwks_uri` is not https,
    /// - anything else that [`from_json`](Self::from_json) refuses.
    ///
    /// draft-ietf-oauth-client-id-metadata-document §4.1.
    pub fn from_document(client_id: &str, json: &[u8]) -> Result<Self, ClientMetadataError> {
        if let Err(error) = ClientIdUrl::parse(client_id) {
            return Err(ClientMetadataError::of_json(ClientProblem::new(
                "client_id",
                error.to_string(),
            )));
        }
        Self::from_document_of(client_id, json)
    }

    /// The same, for an id that was checked.
    pub(crate) fn from_document_of(
        client_id: &str,
        json: &[u8],
    ) -> Result<Self, ClientMetadataError> {
        let refused = |text| ClientMetadataError::of_json(ClientProblem::of_json(text));
        let text = encoding::decode_utf8(json).map_err(refused)?;
        shape::check(text).map_err(refused)?;
        let mut members: Members =
            serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
        if members.other.is_none() {
            check(client_id, &mut members).map_err(ClientMetadataError::new)?;
        }
        let mut client = Self::from_members(members, &HashLimits::new())?;
        client.is_from_document = true;
        let grants = client.grant_types.iter().cloned();
        client.grant_types = grants
            .filter(|it| *it != GrantType::ClientCredentials)
            .collect();
        Ok(client)
    }

    /// Returns whether the client was read from the document at its `client_id`: whoever controls the URL wrote the
    /// registration, and nobody at this server has seen it.
    ///
    /// `Serialize` does not write this, so what it has written loads as a registered client. Keep the document
    /// instead, and read it with [`from_document`](Self::from_document).
    #[must_use]
    pub const fn is_from_document(&self) -> bool {
        self.is_from_document
    }
}

/// Checks what holds only for documents, and turns the rest into a registration.
fn check(client_id: &str, members: &mut Members) -> Result<(), Vec<ClientProblem>> {
    let mut found = Found::default();
    match members.members.get("client_id") {
        Some(Value::String(own)) if own == client_id => {}
        Some(Value::String(own)) => {
            found.problem("client_id", another_url(own, client_id));
        }
        Some(_) | None => {
            found.problem("client_id", "it is missing: write the URL of the document");
        }
    }
    for name in SECRETS {
        if let Some(mut secret) = members.members.remove(name) {
            wipe(&mut secret);
            found.problem(
                name,
                "a document is public and cannot have a secret: use `none` or `private_key_jwt`",
            );
        }
    }
    for name in OPERATOR_ONLY {
        members.members.remove(name);
    }
    check_keys(client_id, members, &mut found);
    set_methods(members, &mut found);
    found.into_warnings().map(drop)
}

/// The error goes to the log, so it has no query, which may contain a secret.
fn another_url(own: &str, client_id: &str) -> String {
    let [own, url] = [own, client_id].map(uri::without_query);
    if own == url {
        return format!(
            "it is {} with another query: write the URL of the document",
            SingleQuoted(own)
        );
    }
    format!(
        "it is {}, and the document is that of {}: write the URL of the document",
        SingleQuoted(own),
        SingleQuoted(url)
    )
}

/// Checks the keys of a client with any method, since a private key that is public helps nobody.
fn check_keys(client_id: &str, members: &Members, found: &mut Found) {
    if let Some(jwks) = member(&members.members, JWKS) {
        if !jwks.get("keys").is_some_and(Value::is_array) {
            found.problem(
                JWKS,
                "it must be an object with an array `keys` (RFC 7517 §5)",
            );
        }
        for key in key_set::secret_keys(jwks) {
            found.key_problem(JWKS, key);
        }
    }
    // For tests, the document itself may be fetched over http.
    let is_secure = ClientIdUrl::parse(client_id).is_ok();
    if let Some(jwks_uri) = member(&members.members, JWKS_URI)
        && is_secure
        && !jwks_uri.as_str().is_some_and(uri::is_https_url)
    {
        let text = "it must be an https URL, such as https://client.example.org/jwks.json";
        found.problem(JWKS_URI, text);
    }
}

/// Sets the methods of the client where a registration has them.
fn set_methods(members: &mut Members, found: &mut Found) {
    let members = &mut members.members;
    let single = member(members, AUTH_METHOD);
    match single {
        Some(Value::String(name)) if name.starts_with("client_secret_") => {
            let text = format!(
                "{} needs a secret, which a document cannot have: use `none` or `private_key_jwt`",
                Quoted(name)
            );
            return found.problem(AUTH_METHOD, text);
        }
        Some(Value::String(_)) | None => {}
        Some(other) => {
            let text = format!("it is {}: write a string", kind(other));
            return found.problem(AUTH_METHOD, text);
        }
    }
    let names = match member(members, METHODS_SUPPORTED) {
        Some(Value::Array(names)) => names,
        Some(other) => {
            let text = format!("it is {}: write an array of strings", kind(other));
            return found.problem(METHODS_SUPPORTED, text);
        }
        None => {
            if single.is_none_or(|method| method == AuthMethod::None.as_str()) {
                members.insert(AUTH_METHOD.into(), AuthMethod::None.as_str().into());
                // It means nothing for `none`.
                members.remove(SIGNING_ALG);
            }
            return;
        }
    };
    let has_keys = [JWKS, JWKS_URI].map(|name| member(members, name).is_some());
    // A client may already sign by an algorithm that this crate does not know.
    let is_known = |name: &Value| name.as_str().map(str::parse::<SigningAlgorithm>);
    let algorithm = member(members, SIGNING_ALG).map(is_known);
    let can_sign = has_keys.contains(&true) && matches!(algorithm, None | Some(Some(Ok(_))));
    let is_usable = |name: &&Value| match name.as_str() {
        Some("none") => true,
        Some("private_key_jwt") => can_sign,
        Some(_) | None => false,
    };
    let names: Vec<Value> = names.iter().filter(is_usable).cloned().collect();
    if names.is_empty() {
        let text = "it has no method that can be used: add `none`, or `private_key_jwt` and keys";
        return found.problem(METHODS_SUPPORTED, text);
    }
    // It is one of these, or one that is not listed.
    members.remove(AUTH_METHOD);
    if !can_sign {
        members.remove(SIGNING_ALG);
    }
    members.insert(AUTH_METHODS.into(), Value::Array(names));
}
