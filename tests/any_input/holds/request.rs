//! A request as a text, so that a corpus can be read, and what is in it.
//!
//! ```text
//! POST /token
//! content-type: application/x-www-form-urlencoded
//! basic: svc:svc-secret
//!
//! grant_type=client_credentials
//! ```
//!
//! Beside the headers, there are two kinds of lines that nobody could write by hand: after `basic:`,
//! credentials that are not in base64 yet, and after `sign:`, what an assertion is made of (see
//! [`Draft`]). In the body, `$assertion` stands for the assertion.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use crate::common::{Call, basic_value};
use crate::holds::assertion::{Draft, Signed};

/// A request, and the assertion that was signed for it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) call: Call,
    pub(crate) assertion: Option<Signed>,
}

/// Where the assertion stands in the body.
const ASSERTION: &[u8] = b"$assertion";

/// Reads the text. `None` if it has no method or no URI, as no server hands on.
pub(crate) fn read(text: &[u8]) -> Option<Sent> {
    let (head, body) = match find(text, b"\n\n") {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, &[][..]),
    };
    let mut lines = head.split(|&byte| byte == b'\n');
    let first = lines.next()?;
    let space = find(first, b" ")?;
    let method = Method::from_bytes(&first[..space]).ok()?;
    let uri = str::from_utf8(&first[space + 1..]).ok()?;
    uri.parse::<Uri>().ok()?;
    let mut headers = HeaderMap::new();
    let mut assertion = None;
    for line in lines {
        let Some(colon) = find(line, b":") else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii_start());
        match name {
            b"basic" => {
                let value = basic_value(value).parse();
                headers.append(header::AUTHORIZATION, value.expect("base64"));
            }
            b"sign" => assertion = Draft::read(value, b' ').map(|draft| draft.sign()),
            name => {
                let name = HeaderName::from_bytes(name);
                if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                    headers.append(name, value);
                }
            }
        }
    }
    let mut body = body.to_vec();
    if let (Some(assertion), Some(at)) = (&assertion, find(&body, ASSERTION)) {
        body.splice(at..at + ASSERTION.len(), assertion.token.bytes());
    }
    let call = Call {
        method,
        uri: uri.to_owned(),
        headers,
        body: Bytes::from(body),
    };
    Some(Sent { call, assertion })
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Ids and secrets, in each way in which somebody could read them.
pub(crate) type Credentials = Vec<(String, String)>;

/// What is after `Basic`, raw and decoded. The reader is more lenient than any server.
pub(crate) fn header_credentials(call: &Call) -> Credentials {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut found = Vec::new();
    for value in call.headers.get_all(header::AUTHORIZATION) {
        let Some((scheme, encoded)) = value.as_bytes().split_at_checked(5) else {
            continue;
        };
        if !scheme.eq_ignore_ascii_case(b"basic") {
            continue;
        }
        let decoded = LENIENT.decode(encoded.trim_ascii()).unwrap_or_default();
        let text = String::from_utf8_lossy(&decoded);
        let Some((id, secret)) = text.split_once(':') else {
            continue;
        };
        found.push((id.to_owned(), secret.to_owned()));
        found.push((form_decode(id), form_decode(secret)));
    }
    found
}

/// Each id in the body with each secret in it.
pub(crate) fn body_credentials(call: &Call) -> Credentials {
    let ids = values(call, "client_id");
    let secrets = values(call, "client_secret");
    let with_each = |id: &String| {
        let id = id.clone();
        secrets
            .iter()
            .map(move |secret| (id.clone(), secret.clone()))
    };
    ids.iter().flat_map(with_each).collect()
}

/// The values of a parameter of the body, as a lenient reader finds them.
pub(crate) fn values(call: &Call, name: &str) -> Vec<String> {
    let pairs = form_urlencoded::parse(&call.body).into_owned();
    let own = pairs.filter(|(own, _)| own == name);
    own.map(|(_, value)| value).collect()
}

fn form_decode(text: &str) -> String {
    // Everything after the first `=` is one value.
    let pair = format!("={}", text.replace('&', "%26"));
    let mut pairs = form_urlencoded::parse(pair.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
