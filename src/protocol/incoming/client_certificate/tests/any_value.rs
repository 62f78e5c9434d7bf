//! Any bytes, and any certificate by way of any proxy.

use http::HeaderValue;
use proptest::{collection::vec, prelude::*, sample::select};

use super::{Proxy, Read, base64, proxies, take};

/// The headers that any setting looks at.
const NAMES: [&str; 8] = [
    "client-cert",
    "client-cert-chain",
    "x-ssl-client-cert",
    "x-ssl-client-verify",
    "x-forwarded-client-cert",
    "x-amzn-mtls-clientcert",
    "x-amzn-mtls-clientcert-leaf",
    "x-forwarded-tls-client-cert",
];

/// What the readers look for.
const PIECES: [&str; 26] = [
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "%0A",
    "%0D%0A",
    "%2B",
    "%3D",
    "%",
    "+",
    "/",
    "=",
    "MAAA",
    "MA==",
    "A",
    ":",
    ",",
    ";",
    "\"",
    "\\",
    " ",
    "Cert=",
    "Cert=\"",
    "By=x",
    "SUCCESS",
    "NONE",
    "0",
    "\u{e9}",
];

fn any_text() -> impl Strategy<Value = HeaderValue> {
    let pieces = vec(select(&PIECES[..]), 0..20).prop_map(|pieces| pieces.concat().into_bytes());
    let bytes = prop_oneof![pieces, vec(any::<u8>(), 0..200)];
    bytes.prop_filter_map("a value", |bytes| HeaderValue::from_bytes(&bytes).ok())
}

fn any_proxy() -> impl Strategy<Value = Proxy> {
    (0..proxies().len()).prop_map(|at| proxies()[at].clone())
}

/// The text of a certificate with one byte changed to another that a header can have.
fn changed(text: &str, at: prop::sample::Index, to: u8) -> Option<HeaderValue> {
    let mut bytes = text.as_bytes().to_vec();
    let byte = at.get_mut(&mut bytes[..]);
    if *byte == to {
        return None;
    }
    *byte = to;
    HeaderValue::from_bytes(&bytes).ok()
}

proptest! {
    #[test]
    fn any_headers_are_taken_and_none_panics(
        headers in vec((select(&NAMES[..]), any_text()), 0..4),
    ) {
        for (setting, ..) in proxies() {
            let mut map = http::HeaderMap::new();
            for (name, value) in &headers {
                map.append(*name, value.clone());
            }
            if let Err(problem) = setting.take(&mut map) {
                // A static text and the name.
                prop_assert!(problem.to_string().len() < 140, "{}", problem);
            }
            let header = setting.header.as_ref().expect("a header");
            prop_assert!(!map.contains_key(&header.name));
            prop_assert!(header.verify_header().is_none_or(|name| !map.contains_key(name)));
        }
    }

    #[test]
    fn what_is_read_is_what_the_proxy_was_given(
        (setting, header, encode, _) in any_proxy(),
        der in vec(any::<u8>(), 1..2000),
    ) {
        let value = HeaderValue::from_str(&encode(&der)).expect("a value");
        let read = take(&setting, &[(header, value)]).expect("no problem").expect("a certificate");
        prop_assert_eq!(read.der(), der);
    }

    /// Base64 has no checksum, so one of its characters that becomes another one is another certificate, whose
    /// signature is wrong. Every other byte is part of a form that is strict: a change of it is seen, or it
    /// changes nothing, as the case of `%0a` or what other pairs of Envoy have.
    #[test]
    fn a_changed_byte_is_seen_unless_it_is_one_of_base64(
        (setting, header, encode, _) in any_proxy(),
        der in vec(any::<u8>(), 1..300),
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
    ) {
        if let Some(value) = changed(&encode(&der), at, to)
            && let Read::Certificate(read, _) = take(&setting, &[(header, value)]).into()
            && read != der
        {
            let (before, after) = (base64(&der), base64(&read));
            prop_assert_eq!(before.len(), after.len());
            let other = before.bytes().zip(after.bytes()).filter(|(a, b)| a != b);
            prop_assert_eq!(other.count(), 1);
        }
    }

    /// Of base64 alone, as HAProxy and Traefik send it, a part can be base64 as well. It is never a whole certificate.
    #[test]
    fn a_part_of_a_header_is_not_a_certificate(
        (setting, header, encode, _) in any_proxy(),
        der in vec(any::<u8>(), 1..300),
        at in any::<prop::sample::Index>(),
    ) {
        let text = encode(&der);
        let part = &text[..at.index(text.len())];
        let value = HeaderValue::from_str(part).expect("a value");
        if let Read::Certificate(read, _) = take(&setting, &[(header, value)]).into() {
            let is_base64_alone = ["x-ssl-client-cert", "x-forwarded-tls-client-cert"].contains(&header)
                && !text.starts_with('-');
            // Without the last end of a line.
            prop_assert!(read == der || is_base64_alone && der.starts_with(&read));
        }
    }
}
