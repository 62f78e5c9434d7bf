//! The names of the members, and names that nearly are one.

use serde_json::{Map, Value};

use super::{members::is_omitted, problem::Found};

/// The members that this crate reads.
const READ: [&str; 15] = [
    "client_id",
    "client_secret",
    "client_secrets",
    "client_secret_expires_at",
    "token_endpoint_auth_method",
    "token_endpoint_auth_methods",
    "token_endpoint_auth_signing_alg",
    "accept_endpoint_audience",
    "max_rsa_bits",
    "grant_types",
    "scope",
    "redirect_uris",
    "jwks",
    "jwks_uri",
    "backchannel_token_delivery_mode",
];

/// The other members of the IANA registry "OAuth Dynamic Client Registration Metadata".
const REGISTERED: [&str; 62] = [
    "response_types",
    "client_name",
    "client_uri",
    "logo_uri",
    "contacts",
    "tos_uri",
    "policy_uri",
    "software_id",
    "software_version",
    "software_statement",
    "client_id_issued_at",
    "registration_access_token",
    "registration_client_uri",
    "application_type",
    "sector_identifier_uri",
    "subject_type",
    "id_token_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_signed_response_alg",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_signing_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "initiate_login_uri",
    "request_uris",
    "claims_redirect_uris",
    "post_logout_redirect_uris",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "tls_client_certificate_bound_access_tokens",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
    "require_signed_request_object",
    "require_pushed_authorization_requests",
    "introspection_signed_response_alg",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "authorization_details_types",
    "dpop_bound_access_tokens",
    "backchannel_client_notification_endpoint",
    "backchannel_authentication_request_signing_alg",
    "backchannel_user_code_parameter",
    "authorization_signed_response_alg",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "use_mtls_endpoint_aliases",
    "client_registration_types",
    "organization_name",
    "signed_jwks_uri",
    "nfv_token_signed_response_alg",
    "nfv_token_encrypted_response_alg",
    "nfv_token_encrypted_response_enc",
];

/// What other systems call a member that this crate reads, without signs and in lower case.
const ELSEWHERE: [(&str, &str); 7] = [
    ("secret", "client_secret"),
    ("secrets", "client_secrets"),
    ("callbacks", "redirect_uris"),
    ("replyurls", "redirect_uris"),
    ("allowedscopes", "scope"),
    ("allowedgranttypes", "grant_types"),
    (
        "tokenendpointauthsigningalgorithm",
        "token_endpoint_auth_signing_alg",
    ),
];

/// The short names of grants, without signs and in lower case.
const GRANTS: [(&str, &str); 11] = [
    ("authorizationcode", "authorization_code"),
    ("code", "authorization_code"),
    ("refreshtoken", "refresh_token"),
    ("clientcredentials", "client_credentials"),
    ("password", "password"),
    ("implicit", "implicit"),
    ("devicecode", "urn:ietf:params:oauth:grant-type:device_code"),
    (
        "tokenexchange",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ),
    ("jwtbearer", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
    (
        "saml2bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
    ),
    ("ciba", "urn:openid:params:grant-type:ciba"),
];

/// No member has a longer name, so a longer one is not compared.
const MAX_LEN: usize = 64;

/// Warns of each member whose name nearly is one of the registered names.
pub(super) fn check(metadata: &Map<String, Value>, found: &mut Found) {
    for (name, value) in metadata {
        if let Some(meant) = meant(name).filter(|_| !is_omitted(value)) {
            found.warning(
                name,
                format!("no member has this name, so it has no effect: was `{meant}` meant?"),
            );
        }
    }
}

/// The name in `metadata` that was probably meant to be this one.
pub(super) fn instead_of<'m>(metadata: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    let mut names = metadata.keys().map(String::as_str);
    names.find(|it| meant(it) == Some(name) || (name == "client_secret" && is_secret(it)))
}

/// The member that was probably meant by a name that is not registered.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    // A member in one language: `client_name#de` (RFC 7591 §2.2).
    let base = name.split('#').next().unwrap_or_default();
    if name.len() > MAX_LEN || READ.contains(&base) || REGISTERED.contains(&base) {
        return None;
    }
    let mut all = READ.into_iter().chain(REGISTERED);
    let elsewhere = || ELSEWHERE.into_iter().find(|(it, _)| is_same(it, name));
    all.find(|it| is_same(it, name))
        .or_else(|| elsewhere().map(|(_, meant)| meant))
        .or_else(|| nearest(name))
}

/// Whether a member that was probably meant has secrets.
pub(super) fn is_secret(name: &str) -> bool {
    meant(name).is_some_and(|name| ["client_secret", "client_secrets"].contains(&name))
}

/// The grant that was probably meant by a name that is not registered.
pub(super) fn meant_grant(name: &str) -> Option<&'static str> {
    if name.len() > MAX_LEN {
        return None;
    }
    let mut grants = GRANTS.into_iter();
    grants
        .find(|(it, _)| is_same(it, name))
        .map(|(_, meant)| meant)
}

/// A typing error: one letter in a short name, two in a long one.
fn nearest(name: &str) -> Option<&'static str> {
    let name: Vec<u8> = folded(name).collect();
    let distances = READ.into_iter().filter_map(|it| {
        let other: Vec<u8> = folded(it).collect();
        let allowed = if other.len() > 8 { 2 } else { 1 };
        let may_be = name.len().abs_diff(other.len()) <= allowed;
        let distance = may_be.then(|| distance(&name, &other));
        distance
            .filter(|distance| *distance <= allowed)
            .map(|distance| (distance, it))
    });
    distances
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Whether two names differ only in case and signs, as `redirectUris` and `redirect-uris`.
fn is_same(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

/// The letters and digits, in lower case.
fn folded(name: &str) -> impl Iterator<Item = u8> {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase())
}

/// The number of letters to add, remove or change.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nearly_is_a_member_is_known_as_it() {
        for (name, expected) in [
            ("scopes", "scope"),
            ("Scope", "scope"),
            ("SCOPE", "scope"),
            ("scoep", ""),
            ("redirect_uri", "redirect_uris"),
            ("redirectUris", "redirect_uris"),
            ("redirectURIs", "redirect_uris"),
            ("redirect-uris", "redirect_uris"),
            ("Redirect URIs", "redirect_uris"),
            ("redirect_urls", "redirect_uris"),
            ("redirect_url", "redirect_uris"),
            ("grant_type", "grant_types"),
            ("grantTypes", "grant_types"),
            ("client_secrets_expire_at", "client_secret_expires_at"),
            ("client_secret_expires", "client_secret_expires_at"),
            ("clientSecretExpiresAt", "client_secret_expires_at"),
            ("clientId", "client_id"),
            ("ClientID", "client_id"),
            ("clientSecret", "client_secret"),
            ("clientSecrets", "client_secrets"),
            ("client_secretes", "client_secrets"),
            ("secrets", "client_secrets"),
            ("secret", "client_secret"),
            ("jwk", "jwks"),
            ("JWKS", "jwks"),
            ("jwksUri", "jwks_uri"),
            ("jwks_url", "jwks_uri"),
            ("tokenEndpointAuthMethod", "token_endpoint_auth_method"),
            ("token_endpoint_authentication_methods", ""),
            (
                "token_endpoint_auth_signing_algs",
                "token_endpoint_auth_signing_alg",
            ),
            ("clientName", "client_name"),
            ("postLogoutRedirectUris", "post_logout_redirect_uris"),
        ] {
            let expected = Some(expected).filter(|it| !it.is_empty());
            assert_eq!(meant(name), expected, "{name}");
        }
    }

    #[test]
    fn other_members_are_left_alone() {
        let own = [
            "client_name#de",
            "redirect_uris#de",
            "audience",
            "owner",
            "created_at",
            "enabled",
            "protocol",
            "attributes",
            "public_client",
            "callback_urls",
            "allowed_cors_origins",
            "skip_consent",
            "metadata",
            "is_first_party",
            "web_origins",
            "tenant_id",
            "app_id",
            // Two letters from `client_id`.
            "client_no",
            "launch_uri",
            "token_lifetime",
            "",
            "_",
            "é",
            "introspection_endpoint_auth_method",
        ];
        for name in READ.into_iter().chain(REGISTERED).chain(own) {
            assert_eq!(meant(name), None, "{name}");
        }
        assert_eq!(meant(&"scope".repeat(100)), None);
        let signs = |name, len| format!("{name:-<len$}");
        assert_eq!(meant(&signs("scope", 64)), Some("scope"));
        assert_eq!(meant(&signs("scope", 65)), None);
        assert_eq!(meant(&signs("scope", 100)), None);
        assert_eq!(
            meant_grant(&signs("ciba", 64)),
            Some("urn:openid:params:grant-type:ciba")
        );
        assert_eq!(meant_grant(&signs("ciba", 65)), None);
        assert_eq!(meant_grant(&signs("ciba", 100)), None);
    }

    #[test]
    fn a_distance_counts_letters() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("scope", "scopes", 1),
            ("scope", "slope", 1),
            ("scpoe", "scope", 2),
            ("kitten", "sitting", 3),
        ] {
            let found = distance(one.as_bytes(), other.as_bytes());
            assert_eq!(found, expected, "{one} {other}");
        }
    }
}
