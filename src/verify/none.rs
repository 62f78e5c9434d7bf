//! `none`: a public client has nothing to prove.

use crate::protocol::{
    auth_method::{AuthMethod, AuthMethods},
    candidate::Candidate,
    proof::Proof,
    reason::RejectionReason,
};

/// Returns the method that a request without any credential is by, as a set: `none`, unless the client has only
/// methods that need a certificate.
pub(super) fn check(
    candidate: &Candidate<'_>,
    methods: AuthMethods,
) -> (AuthMethods, Result<Proof, RejectionReason>) {
    let none = methods.and(AuthMethod::None.into());
    if candidate.may_use(methods) && !candidate.may_use(none) {
        return (methods, Err(RejectionReason::CertificateMissing));
    }
    let methods = if none.is_empty() { methods } else { none };
    (methods, Ok(Proof::default()))
}
