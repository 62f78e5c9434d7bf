//! Requests with proofs, at the token endpoint and at the protected resource.

use http::Method;
use sha2::{Digest as _, Sha256};

use crate::common::Reply;
use crate::common::draft::{Draft, quoted};
use crate::common::proof::proof_for;
use crate::common::sign::{Key, base64url};
use crate::common::token_server::*;

/// A sound proof for a request of the token endpoint of this server.
pub(crate) fn token_proof(server: &Server, key: &'static Key) -> Draft {
    proof_for("ES256", key, "POST", &format!("{}/token", server.base))
}

/// A sound proof for `GET /resource` with this token.
pub(crate) fn resource_proof(server: &Server, key: &'static Key, token: &str) -> Draft {
    let url = format!("{}/resource", server.base);
    proof_for("ES256", key, "GET", &url).claim("ath", ath(token))
}

/// RFC 9449 §4.2.
pub(crate) fn ath(token: &str) -> String {
    quoted(&base64url(Sha256::digest(token)))
}

pub(crate) fn refresh_form(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

impl Server {
    /// A token request with a proof by this key, or with none.
    pub(crate) async fn token_by(
        &self,
        who: Who,
        form: &[(&str, &str)],
        key: Option<&'static Key>,
    ) -> Reply {
        let proof = key.map(|key| token_proof(self, key).text());
        let header = proof.as_deref().map(|proof| ("dpop", proof));
        self.post_with("/token", who, form, header.as_slice()).await
    }

    pub(crate) async fn token_with(&self, who: Who, form: &[(&str, &str)], proof: &Draft) -> Reply {
        self.post_with("/token", who, form, &[("dpop", &proof.text())])
            .await
    }

    /// A code that is bound to a key, if a thumbprint is named.
    pub(crate) async fn code_for(&self, who: Who, dpop_jkt: Option<&str>) -> String {
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", who.id()),
            ("redirect_uri", CALLBACK),
            ("scope", "read"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        query.extend(dpop_jkt.map(|jkt| ("dpop_jkt", jkt)));
        let (_, query) = location(&self.authorize(&query).await);
        let code = value(&query, "code");
        code.unwrap_or_else(|| panic!("no code: {query:?}"))
            .to_owned()
    }

    /// Tokens of a new grant, by a request with a proof by this key, or with none.
    pub(crate) async fn grant_by(&self, who: Who, key: Option<&'static Key>) -> (String, String) {
        let code = self.code_for(who, None).await;
        pair(&self.token_by(who, &exchange(&code), key).await.granted())
    }

    pub(crate) async fn resource(&self, method: Method, headers: &[(&str, &str)]) -> Reply {
        let url = format!("{}/resource", self.base);
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.expect("the server answers")).await
    }

    /// `GET /resource` with a token and this proof.
    pub(crate) async fn get_with(&self, token: &str, proof: &Draft) -> Reply {
        let authorization = format!("DPoP {token}");
        let headers = [("authorization", &*authorization), ("dpop", &proof.text())];
        self.resource(Method::GET, &headers).await
    }

    /// The same with a proof by this key, or as a bearer token.
    pub(crate) async fn get_by(&self, token: &str, key: Option<&'static Key>) -> Reply {
        match key {
            Some(key) => {
                self.get_with(token, &resource_proof(self, key, token))
                    .await
            }
            None => {
                let authorization = format!("Bearer {token}");
                self.resource(Method::GET, &[("authorization", &authorization)])
                    .await
            }
        }
    }
}
