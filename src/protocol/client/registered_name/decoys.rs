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
        compared(own).fold(false, |is_named, (name, is_own)| {
            // What a decoy matches proves nothing.
            is_named | (name.is_of(certificate) & is_own)
        })
    }
}

/// The names that are compared, and whether each is that of the client.
fn compared(own: Option<&RegisteredName>) -> impl Iterator<Item = (&RegisteredName, bool)> {
    DECOYS.iter().map(move |decoy| {
        let own = own.filter(|own| mem::discriminant(*own) == mem::discriminant(decoy));
        (own.unwrap_or(decoy), own.is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_of_each_kind_is_compared_and_only_that_of_the_client_counts() {
        let all_decoys: Vec<_> = DECOYS.iter().map(|decoy| (decoy, false)).collect();
        assert_eq!(compared(None).collect::<Vec<_>>(), all_decoys);
        for (kind, own) in [
            RegisteredName::SubjectDn(DistinguishedName::empty()),
            RegisteredName::SanDns("own".into()),
            RegisteredName::SanUri("own:own".into()),
            RegisteredName::SanIp(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            RegisteredName::SanEmail("own@own".into()),
        ]
        .iter()
        .enumerate()
        {
            let mut expected = all_decoys.clone();
            expected[kind] = (own, true);
            assert_eq!(compared(Some(own)).collect::<Vec<_>>(), expected);
        }
    }
}
