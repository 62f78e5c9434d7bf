//! The form: accepted is what `form_urlencoded` reads, and refused is only what has a mistake.

use http::Uri;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{CC, form_pairs, pairs, post};
use crate::holds::answer::{self, Outcome};
use crate::holds::cast::Server;

/// `data` is a query, a line feed and a form.
pub(crate) fn check(data: &[u8]) -> bool {
    let (query, form) = match data.iter().position(|&byte| byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (&[][..], data),
    };
    let query = str::from_utf8(query).unwrap_or_default();
    let uri = |path: &str| format!("{path}?{query}");
    if uri("/").parse::<Uri>().is_err() {
        return false;
    }
    // What is after `#` is not in the query.
    let query = query.split('#').next().unwrap_or_default();
    Server::with(|server| {
        let mut is_accepted = false;
        for (path, start) in [("/revoke", "token=x"), ("/token", CC)] {
            let body = [start.as_bytes(), b"&", form].concat();
            let call = post(&body).to(&uri(path)).basic("svc:svc-secret");
            let (layer, ..) = server.at(path);
            let exchange = answer::send(layer, &call);
            let mistakes = Mistakes::find(query, &body);
            match answer::outcome(layer, &call, &exchange) {
                Outcome::Accepted(request) => {
                    assert_eq!(mistakes.sure, [], "accepted: {call:?}");
                    assert_eq!(pairs(request.parameters()), form_pairs(&body));
                    is_accepted = true;
                }
                Outcome::Refused(reason) if path == "/revoke" => {
                    let is_mistake = mistakes.sure.contains(&reason);
                    assert!(
                        is_mistake || mistakes.perhaps == Some(reason),
                        "{reason}: {call:?}"
                    );
                }
                // The grant and the scope are read as well.
                Outcome::Refused(_) => {}
                Outcome::Untouched => panic!("passed through"),
            }
        }
        is_accepted
    })
}

/// Names that every specification defines, and that must not be sent twice.
const ONCE: [&str; 10] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "grant_type",
    "refresh_token",
    "scope",
    "token",
    "username",
];

/// What is wrong with a form, found with another parser.
struct Mistakes {
    /// At least one of these decides.
    sure: Vec<RejectionReason>,
    /// If a name is repeated that some other specification may define.
    perhaps: Option<RejectionReason>,
}

impl Mistakes {
    fn find(query: &str, body: &[u8]) -> Self {
        use RejectionReason::{
            BadPercentEncoding, ClientIdMismatch, CredentialsInQuery, FormNotUtf8,
            MissingClientAssertion, MultipleMechanisms, ParameterInQuery, RepeatedParameter,
        };
        let parse = |text: &[u8]| {
            form_urlencoded::parse(text)
                .into_owned()
                .collect::<Vec<_>>()
        };
        let (in_query, in_body) = (parse(query.as_bytes()), parse(body));
        let is_in_query = |name: &str| in_query.iter().any(|(own, _)| own == name);
        let count = |name: &str| in_body.iter().filter(|(own, _)| own == name).count();
        let value = |name: &str| {
            let mut values = in_body.iter().filter(|(own, _)| own == name);
            values
                .find(|(_, value)| !value.is_empty())
                .map(|(_, value)| &**value)
        };
        let is_in_both = in_query.iter().any(|(name, _)| count(name) > 0);
        let sure = [
            (has_bad_escape(body), BadPercentEncoding),
            (has_bad_utf8(body), FormNotUtf8),
            (
                ONCE.iter().any(|name| count(name) > 1) || is_in_both,
                RepeatedParameter,
            ),
            (
                is_in_query("client_secret") || is_in_query("client_assertion"),
                CredentialsInQuery,
            ),
            (is_in_query("client_id"), ParameterInQuery),
            // Beside the header.
            (
                value("client_secret").is_some() || value("client_assertion").is_some(),
                MultipleMechanisms,
            ),
            (
                value("client_assertion_type").is_some(),
                MissingClientAssertion,
            ),
            (
                value("client_id").is_some_and(|id| id != "svc"),
                ClientIdMismatch,
            ),
        ];
        let is_repeated = in_body.iter().any(|(name, _)| count(name) > 1);
        Self {
            sure: sure
                .into_iter()
                .filter_map(|(is_there, reason)| is_there.then_some(reason))
                .collect(),
            perhaps: is_repeated.then_some(RepeatedParameter),
        }
    }
}

/// Whether there is a `%` without two hexadecimal digits.
fn has_bad_escape(body: &[u8]) -> bool {
    let escapes = body.split(|&byte| byte == b'%').skip(1);
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    escapes
        .into_iter()
        .any(|after| !is_digit(after.first()) || !is_digit(after.get(1)))
}

/// Whether some name or value is not UTF-8, as it is sent or decoded.
fn has_bad_utf8(body: &[u8]) -> bool {
    str::from_utf8(body).is_err()
        || body.split(|byte| b"&=".contains(byte)).any(|part| {
            let mut decoded = Vec::new();
            let mut rest = part;
            while let [byte, after @ ..] = rest {
                let digits = after.get(..2).and_then(|two| str::from_utf8(two).ok());
                let escaped = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
                match escaped.filter(|_| *byte == b'%') {
                    Some(escaped) => {
                        decoded.push(escaped);
                        rest = &after[2..];
                    }
                    None => {
                        decoded.push(*byte);
                        rest = after;
                    }
                }
            }
            str::from_utf8(&decoded).is_err()
        })
}
