//! Names that are compared instead of a client's own, so that the time does not tell whether there is such
//! a client, or which kind of name it has.

use std::{
    mem,
    net::{IpAddr, Ipv4Addr},
    sync::LazyLock,
};

use super::RegisteredName;
use crate::{crypto::Certificate, protocol::client::distinguished_name::DistinguishedName};

/// One of each kind.
static DECOYS: LazyLock<[RegisteredName; 5]> = LazyLock::new(|| {
    [
        RegisteredName::SubjectDn(DistinguishedName::empty()),
        RegisteredName::SanDns("decoy".into()),
        RegisteredName::SanUri("decoy:decoy".into()),
        RegisteredName::SanIp(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        RegisteredName::SanEmail("decoy@decoy".into()),
    ]
});

impl RegisteredName {
    /// Whether the certificate has this name. One name of each kind is compared, whoever the client is.
    pub(crate) fn is_among_names(own: Option<&Self>, certificate: &Certificate) -> bool {
        DECOYS.iter().fold(false, |is_named, decoy| {
            let own = own.filter(|own| mem::discriminant(*own) == mem::discriminant(decoy));
            // What a decoy matches proves nothing.
            is_named | (own.unwrap_or(decoy).is_of(certificate) & own.is_some())
        })
    }
}
