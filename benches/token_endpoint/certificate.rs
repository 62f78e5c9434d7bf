//! Certificates as long as those of the field, for every measurement that one is part of.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType, date_time_ymd};
use serde_json::{Value, json};

/// The DER of a certificate with this common name, which has about 1,024 bytes: its names are long.
pub(crate) fn of_1_kb(name: &str, key: &KeyPair) -> Result<Vec<u8>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "DE"),
        (DnType::OrganizationName, "Example GmbH"),
        (DnType::OrganizationalUnitName, "Payments"),
        (DnType::CommonName, name),
    ] {
        params.distinguished_name.push(kind, value);
    }
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2100, 1, 1));
    params.subject_alt_names = vec![SanType::DnsName(format!("{name}.example.org").try_into()?)];
    loop {
        let der = params.self_signed(key)?.der().to_vec();
        let missing = 1024_usize.saturating_sub(der.len());
        // The head of one more name has 4 bytes.
        if missing < 16 {
            return Ok(der);
        }
        let path = "p".repeat((missing - 4).min(120).saturating_sub(21));
        let url = format!("https://example.org/{path}");
        params.subject_alt_names.push(SanType::URI(url.try_into()?));
    }
}

/// The public key of a certificate, which is one of P-256, in a set. Its point is 0x04, x, y.
pub(crate) fn jwks(key: &KeyPair) -> Value {
    let point = key.public_key_raw();
    let [x, y] = [&point[1..33], &point[33..]].map(|it| URL_SAFE_NO_PAD.encode(it));
    json!({"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y}]})
}
