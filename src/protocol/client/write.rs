//! Writes a client as RFC 7591 metadata.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value, json};

use super::{
    Client,
    members::{AUTH_METHOD, AUTH_METHODS, CERTIFICATE_BOUND, DPOP_BOUND, ENDPOINT_AUDIENCE},
    names,
};
use crate::protocol::{auth_method::AuthMethod, grant::GrantType};

/// Writes the client metadata without the secrets, the issuer and the extensions.
///
/// Several methods are written as `token_endpoint_auth_methods`, the extension that
/// [`Client::from_json`] reads. The first of them is also written as
/// `token_endpoint_auth_method`. The extension `accept_endpoint_audience` is written if it is
/// true.
impl Serialize for Client {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("client_id", &self.client_id)?;
        let methods: Vec<&str> = self.auth_methods().map(AuthMethod::as_str).collect();
        if let Some(first) = methods.first() {
            map.serialize_entry(AUTH_METHOD, first)?;
        }
        if methods.len() > 1 {
            map.serialize_entry(AUTH_METHODS, &methods)?;
        }
        let grant_types: Vec<&str> = self.grant_types.iter().map(GrantType::as_str).collect();
        map.serialize_entry("grant_types", &grant_types)?;
        if let Some(scope) = &self.scope {
            map.serialize_entry("scope", scope)?;
        }
        if !self.redirect_uris.is_empty() {
            map.serialize_entry("redirect_uris", &self.redirect_uris)?;
        }
        if self.accepts_endpoint_audience {
            map.serialize_entry(ENDPOINT_AUDIENCE, &true)?;
        }
        if self.dpop_bound_access_tokens {
            map.serialize_entry(DPOP_BOUND, &true)?;
        }
        if self.certificate_bound_access_tokens {
            map.serialize_entry(CERTIFICATE_BOUND, &true)?;
        }
        for (name, value) in &self.metadata {
            match name.as_str() {
                // The secret of the registration itself (RFC 7592 §3).
                "registration_access_token" => {}
                // A secret under a wrong name, such as `clientSecret`.
                name if names::is_secret(name) => {}
                "jwks" => map.serialize_entry(name, &public_part(value))?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// A key set without the secret members (RFC 7518 §6.2.2, §6.3.2 and §6.4.1, RFC 8037 §2,
/// and `priv` of newer types). If the value is not a key set, as a client of another method
/// may have it, all of it is left out: any part could be secret.
fn public_part(jwks: &Value) -> Value {
    const SECRET: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(Value::as_object);
    let public: Vec<Map<_, _>> = keys
        .map(|key| {
            let members = key
                .iter()
                .filter(|(name, _)| !SECRET.contains(&name.as_str()));
            members
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        })
        .collect();
    json!({ "keys": public })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientMetadataError;

    fn load(metadata: Value) -> Result<Client, ClientMetadataError> {
        Client::from_json(metadata.to_string().as_bytes())
    }

    #[test]
    fn several_methods_read_back() {
        let metadata = json!({
            "client_id": "a",
            "client_secret": "s",
            "token_endpoint_auth_methods": ["none", "client_secret_post"],
        });
        let written = serde_json::to_value(load(metadata).expect("loads")).expect("JSON");
        assert_eq!(written["token_endpoint_auth_method"], "client_secret_post");
        let several = json!(["client_secret_post", "none"]);
        assert_eq!(written["token_endpoint_auth_methods"], several);

        let Value::Object(written) = written else {
            panic!("an object")
        };
        let client = Client::from_metadata(written, [crate::client::ClientSecret::sha256_of("s")])
            .expect("loads");
        assert_eq!(json!(client)["token_endpoint_auth_methods"], several);
    }

    #[test]
    fn writing_reads_back_and_leaves_secrets_out() {
        let metadata = json!({
            "client_id": "a",
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "urn:x:y"],
            "scope": "b a",
            "redirect_uris": ["https://a.example/cb"],
            "accept_endpoint_audience": true,
            "jwks": {"keys": [{
                "kty": "EC", "crv": "P-256",
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            }]},
            "client_name#de": "Ä",
        });
        let mut registered = metadata.clone();
        registered["client_secret"] = json!("canary");
        registered["client_secret_expires_at"] = json!(5);
        registered["registration_access_token"] = json!("canary");
        registered["clientSecret"] = json!("canary");
        registered["clientSecrets"] = json!([{"secret": "canary"}]);
        registered["client_secrets"] = json!([{"secret": "canary"}]);
        registered["jwks"]["keys"][0]["d"] = json!("canary");
        registered["jwks"]["keys"][0]["priv"] = json!("canary");
        let client = load(registered).expect("loads");
        assert_eq!(serde_json::to_value(&client).expect("JSON"), metadata);
        assert!(!format!("{client:?}").contains("canary"));

        for jwks in [
            json!("canary"),
            json!({"kty": "EC", "d": "canary"}),
            json!([{"d": "canary"}]),
            json!({"keys": ["canary"], "d": "canary"}),
        ] {
            let client = json!({"client_id": "a", "client_secret": "s", "jwks": jwks});
            let written = serde_json::to_value(load(client).expect("loads")).expect("JSON");
            assert_eq!(written["jwks"], json!({"keys": []}));
        }
    }
}
