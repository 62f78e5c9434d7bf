//! Who may have a document.

use std::sync::Arc;

use crate::protocol::client::id_url::ClientIdUrl;

pub(super) type Predicate = dyn Fn(ClientIdUrl<'_>) -> bool + Send + Sync;

#[derive(Clone, Default)]
pub(super) struct Allowed {
    /// For tests.
    pub(super) http: bool,
    /// `None`: every host.
    pub(super) hosts: Option<Vec<Box<str>>>,
    pub(super) predicate: Option<Arc<Predicate>>,
}

impl Allowed {
    /// The URL, if its document may be fetched.
    pub(super) fn parse<'a>(&self, client_id: &'a str) -> Option<ClientIdUrl<'a>> {
        let schemes: &[&str] = if self.http {
            &["https", "http"]
        } else {
            &["https"]
        };
        let url = ClientIdUrl::of_schemes(client_id, schemes).ok()?;
        let is_listed = self.hosts.as_ref().is_none_or(|hosts| {
            let mut hosts = hosts.iter();
            hosts.any(|host| host.eq_ignore_ascii_case(url.host()))
        });
        let is_allowed = |predicate: &Arc<Predicate>| predicate(url);
        (is_listed && self.predicate.as_ref().is_none_or(is_allowed)).then_some(url)
    }
}
