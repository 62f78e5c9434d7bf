//! Clients whose `client_id` is the URL of their registration: Client ID Metadata Documents
//! (draft-ietf-oauth-client-id-metadata-document).
//!
//! [`ClientDocuments`] is put around a store of clients. Documents come from a [`DocumentSource`], by default over
//! https. Clients of the Model Context Protocol use them: see [`guide::mcp`](crate::guide::mcp).

pub use crate::store::documents::{
    ClientDocuments,
    builder::ClientDocumentsBuilder,
    http_source::HttpDocumentSource,
    source::{DocumentSource, FetchedDocument},
};
