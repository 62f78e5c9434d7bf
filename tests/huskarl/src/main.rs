//! A client by mutual TLS (RFC 8705), made with the library huskarl: it gets a token by its certificate, and uses it.
//! `tests/token_server_certificates` runs it.
//!
//! ```text
//! CA_FILE=ca.pem CLIENT_FILE=client.pem huskarl-client ISSUER CLIENT_ID
//! ```

use std::{env, error::Error, fs};

use http::{Request, StatusCode, header::AUTHORIZATION};
use huskarl::{
    core::{
        OAuthError, OAuthErrorCode,
        client_auth::NoAuth,
        http::{HttpClient, HttpResponse, Idempotency},
        secrets::{ProvidedSecret, SecretString},
        server_metadata::AuthorizationServerMetadata as Metadata,
    },
    grant::client_credentials::{ClientCredentialsGrant, ClientCredentialsGrantParameters},
    prelude::*,
    token::AccessToken,
};
use huskarl_reqwest::{ReqwestClient, mtls::MtlsPem};
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(client_id)) = (arguments.next(), arguments.next()) else {
        return Err("usage: huskarl-client ISSUER CLIENT_ID".into());
    };
    let roots = reqwest::Certificate::from_pem_bundle(&fs::read(env::var("CA_FILE")?)?)?;
    let identity = SecretString::new(fs::read_to_string(env::var("CLIENT_FILE")?)?);

    // Two clients, so that requests without a certificate never share a connection that has shown it.
    let with = ReqwestClient::builder().root_certificates(roots.clone());
    let with = with.mtls(MtlsPem::new(ProvidedSecret::new(identity)));
    let with = with.build().await?;
    let without = ReqwestClient::builder().root_certificates(roots);
    let without = without.build().await?;

    let metadata = Metadata::fetch().http_client(&with).issuer(&issuer);
    let metadata = metadata.call().await?;

    // The library itself chooses the alias (RFC 8705 §5), if there is one, for a client with a certificate.
    let by_certificate = grant(&metadata, &client_id, with.clone());
    let aliases = metadata.mtls_endpoint_aliases.as_ref();
    let alias = aliases.and_then(|aliases| aliases.token_endpoint.as_ref());
    let endpoint = by_certificate.effective_token_endpoint();
    assert_eq!(endpoint, alias.unwrap_or(&metadata.token_endpoint));
    println!("token endpoint: {}", endpoint.as_uri());

    let issued = by_certificate.exchange(ClientCredentialsGrantParameters::new());
    let token = issued.await?.access_token().clone();
    assert!(matches!(token, AccessToken::Bearer(_)), "{token:?}");
    println!("token: {}", token.token_type());

    let found = resource(&with, &issuer, &token).await?;
    assert_eq!(found.status, StatusCode::OK, "with the certificate");
    let body: Value = serde_json::from_slice(&found.body)?;
    assert_eq!(body["client_id"], *client_id);
    println!("resource with the certificate: {body}");

    // The token is bound to the certificate: who has stolen only the token gets nothing (RFC 8705 §3).
    let status = resource(&without, &issuer, &token).await?.status;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "without a certificate");
    println!("resource without a certificate: {status}");

    let by_nothing = grant(&metadata, &client_id, without);
    let refused = by_nothing.exchange(ClientCredentialsGrantParameters::new());
    let error = refused.await.err().ok_or("a token without a certificate")?;
    let code = error.verdict().map(OAuthError::code);
    assert_eq!(code, Some(&OAuthErrorCode::InvalidClient), "{error:#}");
    println!("token without a certificate: {error:#}");
    Ok(())
}

/// `NoAuth` sends `client_id` and nothing else, as RFC 8705 §2 requires: the certificate authenticates.
fn grant(metadata: &Metadata, client_id: &str, client: ReqwestClient) -> ClientCredentialsGrant {
    let grant = ClientCredentialsGrant::builder_from_metadata(metadata).client_id(client_id);
    grant.http_client(client).client_auth(NoAuth).build()
}

async fn resource(by: &ReqwestClient, issuer: &str, token: &AccessToken) -> Result<HttpResponse> {
    let request = Request::get(format!("{issuer}/resource"));
    let request = request.header(AUTHORIZATION, token.expose_header_value()?);
    let request = request.body(Default::default())?;
    Ok(by.execute(request, Idempotency::Idempotent).await?)
}
