//! The registered name, and that of the certificate (RFC 8705 §2.1.2). Everything about how they are compared is tested
//! beside the code.

use serde_json::json;
use tower_token_endpoint::Client;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::issued::*;
use crate::judge::*;

#[tokio::test]
async fn names() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    Table::new(layer, vec![
        row("subject",                "RFC 8705 §2.1.2", id("named"),      verified(&GOOD),  By(BY_NAME)),
        row("another subject",        "RFC 8705 §2.1.2", id("other-name"), verified(&GOOD),  Refused(CertificateNotRegistered)),
        row("a part of the subject",  "RFC 8705 §2.1.2", id("other-name"), verified(&OTHER), Refused(CertificateNotRegistered)),
        row("DNS in another case",    "RFC 8705 §2.1.2", id("dns"),        verified(&GOOD),  By(BY_NAME)),
        row("another DNS name",       "RFC 8705 §2.1.2", id("dns"),        verified(&OTHER), Refused(CertificateNotRegistered)),
        row("the domain of the name", "RFC 8705 §2.1.2", id("other-dns"),  verified(&GOOD),  Refused(CertificateNotRegistered)),
        row("URI",                    "RFC 8705 §2.1.2", id("uri"),        verified(&GOOD),  By(BY_NAME)),
        row("another URI",            "RFC 8705 §2.1.2", id("uri"),        verified(&OTHER), Refused(CertificateNotRegistered)),
        row("IP address",             "RFC 8705 §2.1.2", id("ip"),         verified(&GOOD),  By(BY_NAME)),
        row("another IP address",     "RFC 8705 §2.1.2", id("ip"),         verified(&OTHER), Refused(CertificateNotRegistered)),
        row("email",                  "RFC 8705 §2.1.2", id("email"),      verified(&GOOD),  By(BY_NAME)),
        row("what stands in for a subject", "decisions", id("named"), verified(&DECOYS), Refused(CertificateNotRegistered)),
        row("for a DNS name",         "decisions",       id("dns"),        verified(&DECOYS), Refused(CertificateNotRegistered)),
        row("for a URI",              "decisions",       id("uri"),        verified(&DECOYS), Refused(CertificateNotRegistered)),
        row("for an IP address",      "decisions",       id("ip"),         verified(&DECOYS), Refused(CertificateNotRegistered)),
        row("for an email address",   "decisions",       id("email"),      verified(&DECOYS), Refused(CertificateNotRegistered)),
        row("another email",          "RFC 8705 §2.1.2", id("email"),      verified(&OTHER), Refused(CertificateNotRegistered)),
    ])
}

#[test]
fn a_client_without_exactly_one_name_does_not_load() {
    for (members, field) in [
        (json!({}), "tls_client_auth_subject_dn"),
        (
            json!({"tls_client_auth_subject_dn": ""}),
            "tls_client_auth_subject_dn",
        ),
        (
            json!({"tls_client_auth_subject_dn": "app"}),
            "tls_client_auth_subject_dn",
        ),
        (
            json!({"tls_client_auth_san_ip": "192.0.2.256"}),
            "tls_client_auth_san_ip",
        ),
        (
            json!({"tls_client_auth_san_dns": ["a.example"]}),
            "tls_client_auth_san_dns",
        ),
        (
            json!({"tls_client_auth_san_dns": "a.example", "tls_client_auth_san_uri": "https://a.example/"}),
            "tls_client_auth_san_uri",
        ),
    ] {
        for document in [false, true] {
            let mut metadata = members.clone();
            let client_id = "https://app.example.com/client.json";
            metadata["client_id"] = client_id.into();
            metadata["token_endpoint_auth_method"] = "tls_client_auth".into();
            let json = metadata.to_string();
            let client = match document {
                false => Client::from_json(json.as_bytes()),
                true => Client::from_document(client_id, json.as_bytes()),
            };
            let error = client.expect_err(&json);
            assert_eq!(error.field(), Some(field), "{error}");
            assert_eq!(error.problems().count(), 1, "{error}");
        }
    }
    let fine = br#"{"client_id": "https://app.example.com/client.json",
                    "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "a.example"}"#;
    assert!(Client::from_json(fine).is_ok());
    assert!(Client::from_document("https://app.example.com/client.json", fine).is_ok());
}
