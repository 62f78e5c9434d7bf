//! Root certificates, and TLS that trusts them.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore, client::Resumption, crypto::aws_lc_rs, pki_types::CertificateDer,
};

use super::error::{Cause, FetchError};

/// Those of the system.
pub(super) fn of_system() -> Result<RootCertStore, FetchError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Systems ship some that cannot be used: the others are enough.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let error = found.errors.into_iter().next();
        return Err(Cause::NoRoots(error).into());
    }
    Ok(roots)
}

/// Adds one, as X.509 in DER.
pub(super) fn add(roots: &mut RootCertStore, der: &[u8]) -> Result<(), FetchError> {
    let added = roots.add(CertificateDer::from(der.to_vec()));
    added.map_err(|error| Cause::BadRoot(error).into())
}

/// The provider is named here: if another crate enables a second one, there is no
/// default, and asking for it panics.
pub(super) fn tls(roots: &Arc<RootCertStore>) -> Result<Arc<ClientConfig>, FetchError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Cause::Tls)?
        .with_root_certificates(Arc::clone(roots))
        .with_no_client_auth();
    // A host is asked every few minutes: there is no session to resume.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}
