//! The subjects of `tests/certificates`, as OpenSSL and Java print them (`scripts/certificates`), and as
//! .NET does.

use std::{collections::BTreeMap, fs, path::Path};

use super::{read, registered};
use crate::crypto::samples::{self, CN, O, OU, UTF8};

const SUBJECT_DN: &str = "tls_client_auth_subject_dn";

fn printed() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/printed.tsv");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

#[test]
fn what_openssl_and_java_print_matches() {
    let mut counts = BTreeMap::new();
    for line in printed().lines() {
        let columns: Vec<_> = line.splitn(3, '\t').collect();
        let [certificate, form, text] = columns[..] else {
            panic!("{line}");
        };
        *counts.entry(form.to_owned()).or_insert(0) += 1;
        let name = read(serde_json::json!({ SUBJECT_DN: text }));
        match form {
            // With a `/` in front of each attribute.
            "openssl compat" => assert!(name.is_err(), "{line}"),
            // The first attribute first (RFC 4514 §2.1 has the last one first).
            "openssl oneline" => {
                let name = name.unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
                assert!(!name.is_of(&samples::read(certificate)), "{line}");
            }
            // It writes `ü` as a letter and an accent. Letters outside ASCII are compared as they are.
            "java CANONICAL" if certificate == "plain" => {
                let name = name.unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
                assert!(!name.is_of(&samples::read(certificate)), "{line}");
            }
            _ => {
                let name = name.unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
                assert!(name.is_of(&samples::read(certificate)), "{line}");
                for other in ["plain", "printable", "company", "person", "special"] {
                    let is_same = other == certificate;
                    assert_eq!(
                        name.is_of(&samples::read(other)),
                        is_same,
                        "{other}: {line}"
                    );
                }
            }
        }
    }
    assert_eq!(counts.len(), 13, "{counts:?}");
    assert!(counts.values().all(|&count| count >= 5), "{counts:?}");
}

/// `X500DistinguishedName.Name` and `X509Certificate2.Subject`: the last attribute first, `, ` between them
/// and ` + ` in a set. A value is in quotes if it is empty, has a space at an end or one of `,+="\n<>#;`, and a
/// `"` in it is doubled. A type without a name of Windows is `OID.` and its numbers
/// (learn.microsoft.com, `CertNameToStr` and `X500DistinguishedName.Name`; the names are those of `Oid.FriendlyName`).
const DOTNET: &[(&str, &str)] = &[
    (
        "plain",
        "CN=client.example.org, OU=Payments, O=Example GmbH, L=München, S=Bayern, C=DE",
    ),
    (
        "printable",
        "CN=Client, OU=Two, OU=One, O=Example  Inc., S=New York, C=US",
    ),
    (
        "company",
        "CN=bank.example.org, O=\"Example, Inc.\", OID.2.5.4.97=PSDDE-BAFIN-123456, \
         STREET=\"88 Colin P Kelly, Jr. Street\", PostalCode=94107, C=US, SERIALNUMBER=5157550, \
         OID.2.5.4.15=Private Organization, OID.1.3.6.1.4.1.311.60.2.1.1=Dover, \
         OID.1.3.6.1.4.1.311.60.2.1.2=Delaware, OID.1.3.6.1.4.1.311.60.2.1.3=US",
    ),
    (
        // On Linux, types without a name of Windows have that of OpenSSL.
        "company",
        "CN=bank.example.org, O=\"Example, Inc.\", organizationIdentifier=PSDDE-BAFIN-123456, \
         STREET=\"88 Colin P Kelly, Jr. Street\", PostalCode=94107, C=US, SERIALNUMBER=5157550, \
         businessCategory=Private Organization, jurisdictionLocalityName=Dover, \
         jurisdictionStateOrProvinceName=Delaware, jurisdictionCountryName=US",
    ),
    (
        "person",
        "OID.2.5.4.41=Jane, OID.2.5.4.44=III, dnQualifier=7, OID.2.5.4.65=J, I=JD, T=Dr, G=Jane, SN=Doe, \
         CN=Jane Doe + OID.0.9.2342.19200300.100.1.1=jdoe + E=jane@example.org, DC=example, DC=org",
    ),
    ("teletex", "CN=Zoë, O=Émile"),
    ("bmp", "CN=Zoë, O=Émile"),
];

#[test]
fn what_dotnet_prints_matches() {
    for (certificate, text) in DOTNET {
        let name = registered(SUBJECT_DN, text);
        assert!(name.is_of(&samples::read(certificate)), "{text}");
    }
}

#[test]
fn what_dotnet_puts_in_quotes_matches() {
    let text: &[u8] = b"a,b;c+d=\"e\" <f>#g";
    let subject = samples::of(&[
        &[(O, UTF8, text)],
        &[(OU, UTF8, b"#1")],
        &[(OU, UTF8, b" at the ends ")],
        &[(OU, UTF8, b"")],
        &[(CN, UTF8, b"two\nlines")],
    ]);
    let printed = "CN=\"two\nlines\", OU=\"\", OU=\" at the ends \", OU=\"#1\", \
                   O=\"a,b;c+d=\"\"e\"\" <f>#g\"";
    assert!(registered(SUBJECT_DN, printed).is_of(&subject));
    // It does not escape a `\`, which RFC 4514 requires.
    let backslash = samples::of(&[&[(CN, UTF8, b"a\\z")]]);
    let unescaped = read(serde_json::json!({ SUBJECT_DN: "CN=a\\z" }));
    let problems = unescaped.expect_err("a malformed escape");
    assert!(problems[0].contains("at character 5"), "{problems:?}");
    assert!(registered(SUBJECT_DN, "CN=a\\\\z").is_of(&backslash));
}
