//! The server metadata that follows from the settings (RFC 8414).

use serde_json::{Map, Value, json};

use super::Settings;
use crate::{crypto::SigningAlgorithm, protocol::auth_method::AuthMethod};

impl Settings {
    /// Returns the members of RFC 8414 metadata that these settings decide.
    pub(crate) fn server_metadata(&self) -> Map<String, Value> {
        let endpoint = self.endpoint.row();
        let assertions = &self.assertions;
        let taken = assertions.accepted.then_some(assertions.algorithms);
        let methods: Vec<_> = self.verified_methods().map(AuthMethod::as_str).collect();
        let mut metadata = Map::new();
        let mut insert = |name: String, value| metadata.insert(name, value);
        insert("issuer".into(), json!(self.issuer));
        if let Some(url) = self.location.url(&self.issuer) {
            insert(endpoint.name.into(), json!(url));
        }
        if let Some(url) = self.mtls_alias() {
            insert(
                "mtls_endpoint_aliases".into(),
                json!({ endpoint.name: url }),
            );
        }
        if self.requires_pushed_requests {
            insert("require_pushed_authorization_requests".into(), json!(true));
        }
        if self.requires_pkce {
            insert("code_challenge_methods_supported".into(), json!(["S256"]));
        }
        if let Some(dpop) = self.dpop() {
            let algorithms = dpop.accepted().flat_map(SigningAlgorithm::names);
            let algorithms: Vec<_> = algorithms.collect();
            insert(
                "dpop_signing_alg_values_supported".into(),
                json!(algorithms),
            );
        }
        if !endpoint.lists_methods {
            return metadata;
        }
        insert(
            format!("{}_auth_methods_supported", endpoint.name),
            json!(methods),
        );
        let algorithms: Vec<_> = taken
            .iter()
            .flat_map(|taken| taken.iter())
            .filter(|&algorithm| {
                let method = AuthMethod::of_assertion(algorithm);
                self.auth_methods.contains(method)
            })
            .flat_map(SigningAlgorithm::names)
            .collect();
        if !algorithms.is_empty() {
            insert(
                format!("{}_auth_signing_alg_values_supported", endpoint.name),
                json!(algorithms),
            );
        }
        if endpoint.grants {
            if self.client_certificates.is_some() {
                let name = "tls_client_certificate_bound_access_tokens";
                insert(name.into(), json!(true));
            }
            let grants: Vec<_> = self.grants.types().map(|grant| grant.as_str()).collect();
            insert("grant_types_supported".into(), json!(grants));
            if self.accepts_client_documents {
                insert("client_id_metadata_document_supported".into(), json!(true));
            }
        }
        metadata
    }
}
