//! Writing a client as RFC 7591 metadata.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value, json};

use super::Client;
use crate::protocol::grant::GrantType;

/// Writes the metadata without the secrets. Issuer and extensions are no part
/// of it, and of several methods it writes the first, since
/// `token_endpoint_auth_method` takes one.
impl Serialize for Client {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("client_id", &self.client_id)?;
        if let Some(method) = self.auth_methods().next() {
            map.serialize_entry("token_endpoint_auth_method", method.as_str())?;
        }
        let grant_types: Vec<&str> = self.grant_types.iter().map(GrantType::as_str).collect();
        map.serialize_entry("grant_types", &grant_types)?;
        if let Some(scope) = &self.scope {
            map.serialize_entry("scope", scope)?;
        }
        if !self.redirect_uris.is_empty() {
            map.serialize_entry("redirect_uris", &self.redirect_uris)?;
        }
        for (name, value) in &self.metadata {
            match name.as_str() {
                // The secret of the registration itself (RFC 7592 §3).
                "registration_access_token" => {}
                "jwks" => map.serialize_entry(name, &public_part(value))?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// A key set without the members that are secret (RFC 7518 §6.2.2, §6.3.2 and
/// §6.4.1, RFC 8037 §2, and `priv` of newer types). Of what is no key set, which a
/// client of another method may have, nothing: nobody knows what is secret in it.
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
    use crate::ClientError;

    fn load(metadata: Value) -> Result<Client, ClientError> {
        Client::from_json(metadata.to_string().as_bytes())
    }

    #[test]
    fn writing_reads_back_and_leaves_secrets_out() {
        let metadata = json!({
            "client_id": "a",
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "urn:x:y"],
            "scope": "b a",
            "redirect_uris": ["https://a.example/cb"],
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
