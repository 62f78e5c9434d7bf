//! Who evidence is of, and what proves it.

use std::{iter, sync::Arc};

use super::assertion::Assertion;
use crate::protocol::presented::PresentedCertificate;

/// Who the evidence is of, by one way to read it.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) credential: Credential<'a>,
}

/// Who it is of, by each way to read it.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a> {
    pub(crate) preferred: Claim<'a>,
    pub(crate) alternative: Option<Claim<'a>>,
}

impl<'a> Claims<'a> {
    /// The ids that they name: one, or two if they differ in it.
    #[inline]
    pub(crate) fn client_ids(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let first = self.preferred.client_id;
        let second = self.alternative.map(|claim| claim.client_id);
        iter::once(first).chain(second.filter(move |&id| id != first))
    }
}

/// What proves a claim.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    Secret(&'a str),
    Assertion(&'a Assertion),
    /// Or nothing, if the client is public.
    Certificate(&'a Arc<PresentedCertificate>),
    Nothing,
}
