//! Certificates: a client is accepted by one only if it has the registered name or key, as another library reads it.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use serde_json::{Value, json};
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};
use x509_parser::asn1_rs::Tag;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::common::{Built, builder};
use crate::holds::lines::are_short;
use crate::holds::presented;

/// The names of `tests/certificates/plain.der`, each registered by one client.
const SUBJECT: [(&str, &str); 6] = [
    ("2.5.4.6", "DE"),
    ("2.5.4.8", "Bayern"),
    ("2.5.4.7", "München"),
    ("2.5.4.10", "Example GmbH"),
    ("2.5.4.11", "Payments"),
    ("2.5.4.3", "client.example.org"),
];
const DNS: &str = "client.example.org";
const URI: &str = "spiffe://example.org/client";
const IP: &str = "2001:db8::1";
const EMAIL: &str = "Client@example.org";
/// Its key, which is one of P-256.
const POINT: [&str; 2] = [
    "9WzBHGgeuIXvz_sDXRdRXFzjK8Gmvpord9n8vLeFiyM",
    "WER-0i_MpVl_HK2QSoEQcdj_6yyjZ616jWZXvCjHij8",
];

/// `data` is a certificate.
pub(crate) fn check(data: &[u8]) -> bool {
    thread_local! {
        static LAYER: TokenEndpointLayer<MemoryClientStore> = layer();
    }
    LAYER.with(|layer| check_with(layer, data))
}

fn layer() -> TokenEndpointLayer<MemoryClientStore> {
    let registered = |id: &str, method: &str, member: &str, value: Value| {
        Client::from_json(
            json!({
                "client_id": id,
                "token_endpoint_auth_method": method,
                "grant_types": ["client_credentials"],
                member: value,
            })
            .to_string()
            .as_bytes(),
        )
        .expect("a client")
    };
    let [x, y] = POINT;
    let subject = "CN=client.example.org,OU=Payments,O=Example GmbH,L=München,ST=Bayern,C=DE";
    let by_name = [
        ("subject", "tls_client_auth_subject_dn", subject),
        ("dns", "tls_client_auth_san_dns", DNS),
        ("uri", "tls_client_auth_san_uri", URI),
        ("ip", "tls_client_auth_san_ip", IP),
        ("email", "tls_client_auth_san_email", EMAIL),
    ];
    let by_name =
        by_name.map(|(id, member, name)| registered(id, "tls_client_auth", member, json!(name)));
    let jwks = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y}]});
    let by_key = registered("key", "self_signed_tls_client_auth", "jwks", jwks);
    builder(by_name.into_iter().chain([by_key]))
        .client_certificates(ClientCertificates::from_acceptor())
        .built()
}

fn check_with(layer: &TokenEndpointLayer<MemoryClientStore>, der: &[u8]) -> bool {
    let certificate = ClientCertificate::from_der(der.to_vec());
    let mut request = Request::new(());
    request.extensions_mut().insert(certificate.clone());
    let thumbprint = ClientCertificates::from_acceptor().take_thumbprint(&mut request);
    let is_read = match thumbprint {
        Ok(thumbprint) => {
            // RFC 8705 §3.1
            let expected = URL_SAFE_NO_PAD.encode(digest(&SHA256, der));
            assert_eq!(thumbprint, Some(expected));
            true
        }
        Err(problem) => {
            assert!(are_short(&problem.to_string(), 1), "{problem}");
            false
        }
    };
    let other = X509Certificate::from_der(der).ok();
    let other = other.filter(|(rest, _)| rest.is_empty()).map(|it| it.1);
    let mut is_accepted = false;
    for (id, has) in [
        (
            "subject",
            has_subject as fn(&X509Certificate<'_>) -> Option<bool>,
        ),
        ("dns", |it| has_name(it, is_dns)),
        ("uri", |it| has_name(it, is_uri)),
        ("ip", |it| has_name(it, is_ip)),
        ("email", |it| has_name(it, is_email)),
        ("key", has_key),
    ] {
        let verified = presented::is_accepted(layer, id, Some(certificate.clone().verified(true)));
        let unverified = presented::is_accepted(layer, id, Some(certificate.clone()));
        assert!(is_read || !verified, "{id} by what is not a certificate");
        // The chain of a certificate counts for names only.
        assert_eq!(unverified, verified && id == "key", "{id}");
        let expected = other.as_ref().and_then(|other| {
            let is_in_time = id == "key" || other.validity().is_valid();
            has(other).map(|has| has && is_in_time)
        });
        // Not the other way round: the other library also reads what is not DER, such as strings with another tag.
        assert!(!verified || expected != Some(false), "{id}");
        is_accepted |= verified;
    }
    is_accepted
}

/// `None` if the other library does not know.
fn has_subject(certificate: &X509Certificate<'_>) -> Option<bool> {
    let relative = certificate.subject().iter_rdn().map(|relative| {
        let mut attributes = relative.iter();
        let only = attributes.next().filter(|_| attributes.next().is_none());
        only.map(|it| Some((it.attr_type().to_id_string(), folded(it.as_str().ok()?))))
    });
    let mut own = Vec::new();
    for attribute in relative {
        match attribute {
            // Several attributes in one relative name.
            None => return Some(false),
            Some(attribute) => own.push(attribute?),
        }
    }
    let expected = SUBJECT.map(|(oid, text)| (oid.to_owned(), folded(text)));
    Some(own == expected)
}

fn folded(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

fn has_name(certificate: &X509Certificate<'_>, is: fn(&GeneralName<'_>) -> bool) -> Option<bool> {
    let names = certificate.subject_alternative_name().ok()?;
    Some(names.is_some_and(|names| names.value.general_names.iter().any(is)))
}

fn is_dns(name: &GeneralName<'_>) -> bool {
    matches!(name, GeneralName::DNSName(name) if name.eq_ignore_ascii_case(DNS))
}

fn is_uri(name: &GeneralName<'_>) -> bool {
    matches!(name, GeneralName::URI(name) if *name == URI)
}

fn is_ip(name: &GeneralName<'_>) -> bool {
    let ip: IpAddr = IP.parse().expect("an address");
    let IpAddr::V6(ip) = ip else {
        unreachable!("one of IPv6")
    };
    matches!(name, GeneralName::IPAddress(octets) if *octets == ip.octets())
}

/// The domain has no case.
fn is_email(name: &GeneralName<'_>) -> bool {
    let (own, domain) = EMAIL.split_once('@').expect("an address");
    let GeneralName::RFC822Name(name) = name else {
        return false;
    };
    name.rsplit_once('@')
        .is_some_and(|it| it.0 == own && it.1.eq_ignore_ascii_case(domain))
}

/// The whole point (SEC 1 §2.3.3).
fn has_key(certificate: &X509Certificate<'_>) -> Option<bool> {
    let info = certificate.public_key();
    let curve = info.algorithm.parameters.as_ref();
    let curve = curve.filter(|it| it.header.tag() == Tag::Oid);
    let curve = curve.and_then(|it| it.as_oid().ok());
    let is_curve = curve.is_some_and(|it| it.to_id_string() == "1.2.840.10045.3.1.7")
        && info.algorithm.algorithm.to_id_string() == "1.2.840.10045.2.1";
    let [x, y] = POINT.map(|it| URL_SAFE_NO_PAD.decode(it).expect("base64url"));
    let whole = [&[4], &x[..], &y].concat();
    let point = &*info.subject_public_key.data;
    let is_whole_bytes = info.subject_public_key.unused_bits == 0;
    Some(is_curve && is_whole_bytes && point == whole)
}
