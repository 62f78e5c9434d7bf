//! An authorization server for MCP: clients that nobody has registered (feature `client-documents`).
//!
//! A client of the Model Context Protocol (MCP) meets your server for the first time when a user enters the URL of
//! an MCP server. Nobody has registered the client. Its `client_id` is the URL of its registration, a *Client
//! ID Metadata Document*, and your server fetches it. The specification of MCP recommends this since revision
//! 2025-11-25. In revision 2026-07-28, dynamic registration (RFC 7591) is deprecated.
//!
//! The example `mcp_server` is a whole server of this kind, with a small MCP server behind it. It is tested with the SDKs
//! of MCP for TypeScript and Python, with openid-client and with Authlib. This page follows the
//! [authorization of MCP](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization) and
//! draft-ietf-oauth-client-id-metadata-document-01. The decisions are at
//! [`decisions::client_documents`](crate::decisions::client_documents).
//!
//! ```toml
//! [dependencies]
//! axum = "0.8"
//! http = "1"
//! serde_json = "1"
//! tower-http = { version = "0.7", features = ["cors"] }
//! tower-token-endpoint = { version = "0.1", features = ["axum", "client-documents", "tracing"] }
//! ```
//!
//! # What a client does
//!
//! | step | who reads what |
//! |---|---|
//! | 1. It sends a request to the MCP server, without a token. | The MCP server responds with a 401. The client reads `resource_metadata` in `WWW-Authenticate` (RFC 9728 §5.1), and the `scope` that it should ask for. |
//! | 2. It fetches this metadata from the MCP server. | `resource` is the name of the MCP server, and `authorization_servers` has your issuer. |
//! | 3. It fetches your discovery document (RFC 8414). | `issuer` must be the one of step 2, byte for byte. `code_challenge_methods_supported` must have `S256`. `client_id_metadata_document_supported` must be `true`, and `none` must be in `token_endpoint_auth_methods_supported`. |
//! | 4. It opens your authorization endpoint in the browser of the user. | You read `client_id`, fetch the document, and compare `redirect_uri` with it. You also read `code_challenge`, `resource` and `scope`, and ask the user. Without `code_challenge_method=S256`, refuse the request. |
//! | 5. The browser is redirected to the client. | The client reads `code` and `state`, and compares `iss` with your issuer (RFC 9207). |
//! | 6. It sends the code to your token endpoint. | The layer authenticates the client. Your handler looks up the code. It compares the client, `redirect_uri` (if it is sent), `code_verifier` and `resource` with the authorization request. |
//! | 7. It sends the token to the MCP server. | The MCP server checks that the token is for it. |
//!
//! Clients in a browser also need CORS, at every endpoint except the authorization endpoint. They send headers such as
//! `MCP-Protocol-Version`, so let a `CorsLayer` of tower-http mirror what they ask for
//! (`AllowHeaders::mirror_request()`), and expose `WWW-Authenticate`.
//!
//! # The clients
//!
//! As of November 2026, these documents are published:
//!
//! | client | `client_id` | method | redirection URIs |
//! |---|---|---|---|
//! | Claude | `https://claude.ai/oauth/mcp-oauth-client-metadata` | `none` | `https://claude.ai/api/mcp/auth_callback` |
//! | Claude Code | `https://claude.ai/oauth/claude-code-client-metadata` | `none` | `http://localhost/callback` and `http://127.0.0.1/callback`, with any port |
//! | ChatGPT | `https://chatgpt.com/oauth/client.json` | `private_key_jwt` (RS256), with keys at its `jwks_uri`; or `none` | `https://chatgpt.com/connector_platform_oauth_redirect` |
//! | Codex | `https://chatgpt.com/oauth/codex/client.json` | `none` | `http://127.0.0.1/callback` and `http://localhost/callback`, with any port |
//! | VS Code | `https://vscode.dev/oauth/client-metadata.json` | `none` | `http://127.0.0.1:33418/`, also with another port, and `https://vscode.dev/redirect` |
//! | Cursor | none is known: register it yourself, see below | `none` | `cursor://anysphere.cursor-mcp/oauth/callback` and others |
//!
//! - **Claude needs `none`.** If discovery does not list it, Claude does not use its document, and does not say so. It
//!   tries to register instead. Codex decides in the same way. The layer lists `none` unless
//!   [`auth_methods`](crate::layer::TokenEndpointLayerBuilder::auth_methods) leaves it out.
//! - **ChatGPT prefers `private_key_jwt`.** It signs if discovery lists the method, so switch
//!   [`client_assertions`](crate::layer::TokenEndpointLayerBuilder::client_assertions) on. Its keys are fetched with the
//!   same checks as its document, and you need no
//!   [`jwks_source`](crate::layer::TokenEndpointLayerBuilder::jwks_source). Some of its documents do not allow `none`.
//! - **Cursor has no document.** Put it into the store that `ClientDocuments` wraps, with a `client_id` that you choose
//!   and that your users enter. You need not offer dynamic registration (RFC 7591). If you do, put the new clients
//!   into the same store, such as by [`MemoryClientStore::insert`](crate::MemoryClientStore::insert).
//! - **The document decides.** If it has only `private_key_jwt`, a request without an assertion gets a 401.
//!
//! # The code
//!
//! ```no_run
//! # #[cfg(feature = "client-documents")]
//! # mod server {
//! use std::sync::Arc;
//! use http::{StatusCode, request::Parts};
//! use serde_json::json;
//! use tower_token_endpoint::{
//!     BoxError, Client, ErrorCode, GrantType, MemoryClientStore, TokenEndpointLayer, TokenError,
//!     TokenRequest, client::AuthMethod, client::documents::ClientDocuments, layer::Profile,
//!     replay::MemoryReplayStore, store::ClientStore,
//! };
//!
//! type Clients = Arc<ClientDocuments<MemoryClientStore>>;
//!
//! type Metadata = serde_json::Map<String, serde_json::Value>;
//!
//! /// The layer, the store for the authorization endpoint, and the document to serve at
//! /// `/.well-known/oauth-authorization-server`.
//! fn layer() -> Result<(TokenEndpointLayer<Clients>, Clients, Metadata), BoxError> {
//!     // Clients that you have registered win, and nothing is fetched for them.
//!     let registered = MemoryClientStore::from_json(b"[]")?;
//!     let clients = Arc::new(ClientDocuments::new(registered)?);
//!     let layer = TokenEndpointLayer::builder(Arc::clone(&clients), "https://as.example.com")
//!         .path("/token")
//!         .profile(Profile::OAuth21) // also lists `S256` in discovery
//!         .auth_methods([AuthMethod::None, AuthMethod::PrivateKeyJwt])
//!         .client_assertions(MemoryReplayStore::new())
//!         .grant_types([GrantType::AuthorizationCode, GrantType::RefreshToken])
//!         .build()?;
//!     let mut discovery = layer.server_metadata(); // what the layer decides
//!     discovery.insert("authorization_endpoint".into(), json!("https://as.example.com/authorize"));
//!     discovery.insert("response_types_supported".into(), json!(["code"]));
//!     discovery.insert("authorization_response_iss_parameter_supported".into(), json!(true));
//!     Ok((layer, clients, discovery))
//! }
//!
//! /// The client of an authorization request, before the user is asked. `Parts` is an extractor of axum.
//! async fn client(clients: &Clients, id: &str, uri: &str, head: &Parts) -> Result<Arc<Client>, StatusCode> {
//!     let found = clients.find(id, head).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
//!     let client = found.ok_or(StatusCode::BAD_REQUEST)?; // `why_unknown` has the reason
//!     client.allows_redirect_uri(uri).then_some(client).ok_or(StatusCode::BAD_REQUEST)
//! }
//!
//! /// What you keep with a code.
//! struct Code { client_id: String, redirect_uri: String, challenge: String, resource: String }
//!
//! /// Whether a token request fits its authorization request. Only then, use the code up.
//! fn check(request: &TokenRequest, code: &Code) -> Result<(), TokenError> {
//!     let is_of_client = request.client().client_id() == code.client_id;
//!     if !is_of_client || request.redirect_uri().is_some_and(|uri| uri != code.redirect_uri) {
//!         return Err(ErrorCode::InvalidGrant.into());
//!     }
//!     request.verify_pkce(&code.challenge)?;
//!     let same = request.resource().all(|asked| asked == code.resource);
//!     same.then_some(()).ok_or(ErrorCode::InvalidTarget.into())
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! With several processes, use a `RedisReplayStore` (feature `redis`) instead of [`MemoryReplayStore`]. Each process keeps
//! documents of its own, and limits its fetches by itself.
//!
//! [`MemoryReplayStore`]: crate::replay::MemoryReplayStore
//!
//! # Redirection URIs
//!
//! [`Client::allows_redirect_uri`](crate::Client::allows_redirect_uri) compares byte for byte. Only the port may
//! differ, and only for `http` with `127.0.0.1`, `[::1]` or `localhost`. Claude Code needs that: its document has no
//! port, and it listens on any.
//!
//! Strangers write documents. So for a client from a document, it allows only `https`, `http` on the user's own machine,
//! and the schemes of apps, which have a period (RFC 8252 §7.1). Clients that you have registered, such as Cursor, may
//! use any scheme. [`Client::is_from_document`](crate::Client::is_from_document) tells which kind it is.
//!
//! Do not redirect before the user has approved, not even with an error. Otherwise, anybody can publish a document and
//! send people to your server with a link that leads to a page of the attacker (RFC 9700 §4.11.2). Show a page.
//!
//! # Resource and scope
//!
//! `resource` is the MCP server that the token is for (RFC 8707). Clients send it in steps 4 and 6. Compare it with the
//! list of your MCP servers, as each of them writes it in its own metadata. Refuse any other one with
//! `invalid_target`. Make it the audience of the token (`aud`), and let each MCP server refuse tokens with another
//! audience. Otherwise, one MCP server can use the tokens of its users at another one. Some clients add a slash to a
//! URL without a path, so give an MCP server a URL with a path, such as `https://mcp.example.com/mcp`.
//!
//! Most documents have no `scope`. The layer then lets every scope pass, and your handler decides. The client
//! asks for the scope of step 1, or for the `scopes_supported` of the MCP server. Grant what the user has approved, and say in
//! the response which scope that is. If the document has a `scope`, a token request for more gets
//! `invalid_scope`. It is still only what the client wrote about itself.
//!
//! Give a refresh token only to clients with `refresh_token` in their `grant_types`. Replace it with each use, since
//! most of these clients are public. If an old one is used again, revoke the grant (OAuth 2.1 §4.3.1). Accept a refresh
//! token only from the client and for the resource that it was issued for.
//!
//! # The consent page
//!
//! A document proves one thing: whoever wrote it controls the URL. Its name, its logo and its links are the claims
//! of a stranger. Anybody can publish a document with the name "Claude".
//!
//! - Show the host of the client id ([`ClientIdUrl::host`](crate::client::ClientIdUrl::host)), before the name.
//! - Show the host of the redirection URI as well.
//! - Warn if the redirection URI is on the user's own machine. The documents of Claude Code and VS Code are public,
//!   so any program of that machine can use their ids, and receives the code.
//! - Then ask each time, also if the user has approved the client before (RFC 8252 §8.6).
//! - Do not let the browser load the logo from the URL in the document. Fetch it yourself, or leave it out.
//!
//! # Why some errors are 503
//!
//! If the document cannot be fetched, your server does not know whether the client exists. The response is a 503
//! `temporarily_unavailable` with `Retry-After`, and never a 401 `invalid_client`. On `invalid_client`, the TypeScript
//! SDK of MCP throws away its registration and its tokens, and the user has to approve again. An outage of
//! `claude.ai` would do that to all users at once. While a copy of the document is kept, requests get no error: see
//! [`ClientDocuments`](crate::client::documents::ClientDocuments#what-a-request-gets).
//!
//! The authorization endpoint is yours, so do the same there: a 503 with `Retry-After` if
//! [`find`](crate::store::ClientStore::find) returns an error, and a 400 if there is no client. In both cases, show a page,
//! since no redirection URI is known. `find` takes up to 8 seconds. If `error.is::<ClientUnavailable>()`
//! ([`ClientUnavailable`](crate::store::ClientUnavailable)), a stranger may have caused the error; otherwise, your own
//! store is down.
//!
//! # Clients in a database
//!
//! ```no_run
//! # #[cfg(feature = "client-documents")]
//! # fn main() -> Result<(), tower_token_endpoint::BoxError> {
//! # let database = tower_token_endpoint::MemoryClientStore::new([])?;
//! use tower_token_endpoint::{client::documents::ClientDocuments, store::CachedClientStore};
//!
//! let clients = ClientDocuments::new(CachedClientStore::new(database))?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "client-documents"))]
//! # fn main() {}
//! ```
//!
//! The cache is inside. The database is asked first for every client id, also for one that is a URL. Without the cache,
//! each invented URL is a query.
//!
//! # Testing
//!
//! In a test, let the documents come from memory, with a [`DocumentSource`](crate::client::documents::DocumentSource) of your own:
//!
//! ```
//! # #[cfg(feature = "client-documents")]
//! # mod tests {
//! use std::convert::Infallible;
//! use tower_token_endpoint::client::documents::{DocumentSource, FetchedDocument};
//!
//! struct InMemory;
//!
//! impl DocumentSource for InMemory {
//!     type Error = Infallible;
//!
//!     async fn fetch(&self, client_id: &str) -> Result<FetchedDocument, Infallible> {
//!         Ok(FetchedDocument::new(format!(
//!             r#"{{"client_id": "{client_id}", "redirect_uris": ["http://127.0.0.1/callback"]}}"#
//!         )))
//!     }
//! }
//! # }
//! ```
//!
//! Then any id such as `https://localhost/app.json` is a client. To let a real client library run, serve its document on
//! this machine and set a [`GuardedFetch`](crate::jwks::fetch::GuardedFetch) with `dangerously_allow_loopback_and_http`. With
//! it, an id may also start with `http://`, but [`ClientIdUrl::parse`](crate::client::ClientIdUrl::parse) refuses such an
//! id. The SDKs of MCP want `https` in any case: use a certificate of your own for `localhost`, and trust it by the
//! variable `SSL_CERT_FILE`.
//!
//! # Limits
//!
//! Anybody can make your server fetch a URL. What limits that is at
//! [`ClientDocuments`](crate::client::documents::ClientDocuments#what-a-stranger-can-do): only public addresses, a bounded size and
//! time, and so many fetches for a URL, for a host, and at once.
//!
//! If you know your clients, allow only their hosts. For all others, nothing is fetched, and they are unknown:
//!
//! ```no_run
//! # #[cfg(feature = "client-documents")]
//! # fn main() -> Result<(), tower_token_endpoint::BoxError> {
//! use tower_token_endpoint::{MemoryClientStore, client::documents::ClientDocuments};
//!
//! let clients = ClientDocuments::builder(MemoryClientStore::new([])?)
//!     .hosts(["claude.ai", "chatgpt.com", "vscode.dev"])
//!     .build()?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "client-documents"))]
//! # fn main() {}
//! ```
//!
//! [`allow_where`](crate::client::documents::ClientDocumentsBuilder::allow_where) takes a function instead. Note that a host is
//! not one client: Claude and Claude Code share one.
//!
//! # What the log says
//!
//! | event | level | what to look at |
//! |---|---|---|
//! | reason `invalid_registration` (401) | `INFO` | `error` tells what is wrong with the document, or why it is not fetched |
//! | reason `client_unavailable` (503) | `INFO` | `error` tells why the document, or the key set that it names, was not fetched. A stranger can cause it, so do not raise an alarm |
//! | `a client's document could not be fetched, so its last copy is used` | `WARN` | the server of a client that is in use is down |
//! | `a client's document is not valid any more, so the client is refused` | `WARN` | a client that was in use has published a mistake, or is gone |
//!
//! All events are at [`rejection`](crate::rejection#events-feature-tracing). The layer does not see the authorization
//! endpoint: log there what `find` and [`why_unknown`](crate::store::ClientStore::why_unknown) return, with the
//! [sources](std::error::Error::source) of these errors. The metrics do not
//! count clients from documents by their id.
