//! One `tracing` event for each decision.
//!
//! The only text from the request is the path, and for a client id that is a URL, where its document was looked
//! for. The `client_id` is that of a client that the store found, but for one event of level `DEBUG`, and the grant is
//! one that the server serves. The query is
//! left out, since it may contain a secret. The address of a request over the limit is what the
//! operator's own setting found, as it is counted. Texts are plain strings without quotes, so that a
//! log in JSON has none inside of its own. They are cut, and escaped, so that an event is one line.

use std::{borrow::Cow, error::Error};

use http::{StatusCode, Uri, request::Parts};

use super::parts_of;
use crate::{
    protocol::{
        accepted::attached::Accepted,
        auth_method::AuthMethod,
        client::Client,
        incoming::presented::CertificateProblem,
        jwt::key_set::{SkippedKey, StillUsedFor},
        outcome::OutcomeKind,
        outgoing::token_error::SentError,
        quoted,
        reason::RejectionReason,
        rejection::Rejection,
        settings::{Settings, endpoint::Endpoint},
        trace_id::TraceId,
        uri::without_query,
    },
    store::{key_cache::failure::FetchFailed, memory::clients::error::LoadProblem},
};

pub(super) fn decided(decided: &Result<Accepted, Rejection>, parts: &Parts, settings: &Settings) {
    match decided {
        Ok(request) => accepted(request, parts, settings.trace_id(&parts.extensions)),
        Err(rejection) => rejected(rejection, parts),
    }
}

/// Most ids that nobody has are mistakes of a client's developer. They are logged at this level only, since
/// anybody can send any.
pub(super) fn unknown_client(
    client_id: &str,
    method: Option<AuthMethod>,
    trace_id: Option<&TraceId>,
) {
    tracing::debug!(
        target: "tower_token_endpoint",
        client_id = &*quoted::bounded(client_id).escape_debug().to_string(),
        method = method.map(AuthMethod::as_str),
        trace_id = trace_id.map(TraceId::as_str),
        "no client is registered with this id"
    );
}

/// Most are mistakes in the configuration of a proxy. Nothing of the value is told.
pub(super) fn certificate_unread(
    problem: &CertificateProblem,
    uri: &Uri,
    trace_id: Option<&TraceId>,
    is_warning_due: bool,
) {
    // Called only if somebody wants the event.
    let path = || one_line(uri.path(), MAX_URI);
    let error = || one_line(&problem.to_string(), MAX_ERROR).into_owned();
    let trace_id = trace_id.map(TraceId::as_str);
    // The level of an event is a constant.
    if is_warning_due {
        tracing::warn!(
            target: "tower_token_endpoint",
            path = &*path(),
            error = &*error(),
            trace_id,
            "the certificate of a client cannot be read, so the request counts as one without"
        );
    } else {
        tracing::debug!(
            target: "tower_token_endpoint",
            path = &*path(),
            error = &*error(),
            trace_id,
            "the certificate of a client cannot be read, so the request counts as one without"
        );
    }
}

/// The server issued no token, and says why.
pub(super) fn inner_failed(error: &SentError, trace_id: Option<&TraceId>, endpoint: Endpoint) {
    let description = error.description.as_deref();
    tracing::debug!(
        target: "tower_token_endpoint",
        endpoint = endpoint.as_str(),
        error = error.code.as_str(),
        description = description.map(|text| one_line(text, MAX_ERROR)).as_deref(),
        trace_id = trace_id.map(TraceId::as_str),
        "the inner service responded with an error"
    );
}

/// If a set is kept, requests are accepted and do not mention the failure.
pub(super) fn key_set_not_fetched(jwks_uri: &str, failure: &FetchFailed, is_set_kept: bool) {
    tracing::warn!(
        target: "tower_token_endpoint",
        jwks_uri = &*one_line(without_query(jwks_uri), MAX_URI),
        error = &*one_line(&failure.to_string(), MAX_ERROR),
        cause = failure.source().map(causes).as_deref(),
        is_set_kept,
        "a client's key set could not be fetched"
    );
}

/// The text of each is one line, with all that comes from the registration in quotes.
pub(super) fn clients_warned(warnings: &[LoadProblem]) {
    for warning in warnings {
        tracing::warn!(
            target: "tower_token_endpoint",
            "probably a mistake in the clients: {warning}"
        );
    }
}

/// The key is not used, so the client may wonder why it is refused.
pub(super) fn key_skipped(jwks_uri: &str, key: &SkippedKey) {
    if key.is_used_for == StillUsedFor::OnlyCertificates {
        tracing::debug!(
            target: "tower_token_endpoint",
            jwks_uri = &*one_line(without_query(jwks_uri), MAX_URI),
            key = key.number,
            kid = key.kid.as_deref(),
            member = key.member,
            cause = ?key.cause,
            "{}",
            message_about(key)
        );
        return;
    }
    tracing::warn!(
        target: "tower_token_endpoint",
        jwks_uri = &*one_line(without_query(jwks_uri), MAX_URI),
        key = key.number,
        kid = key.kid.as_deref(),
        member = key.member,
        cause = ?key.cause,
        "{}",
        message_about(key)
    );
}

/// The message about a key that is not used, or only for some of what a key is for.
pub(super) const fn message_about(key: &SkippedKey) -> &'static str {
    match key.is_used_for {
        StillUsedFor::Nothing => "a key of a client's key set is not valid and was skipped",
        StillUsedFor::OnlyCertificates => {
            "a key of a client's key set is used only for certificates"
        }
        StillUsedFor::OnlyAssertions => {
            "a key of a client's key set is used only for assertions, because it contradicts its certificate"
        }
    }
}

/// No error for the layer, but one for the client if it did not mean it.
pub(super) fn key_set_gone(jwks_uri: &str) {
    tracing::warn!(
        target: "tower_token_endpoint",
        jwks_uri = &*one_line(without_query(jwks_uri), MAX_URI),
        "there is no key set at a client's `jwks_uri`, so its assertions and certificates are refused"
    );
}

/// The source is a setting, so that it is missing is a fault of the setting or of a proxy.
pub(super) fn source_missing(parts: &Parts, trace_id: Option<&TraceId>) {
    tracing::warn!(
        target: "tower_token_endpoint",
        path = &*one_line(parts.uri.path(), MAX_URI),
        trace_id = trace_id.map(TraceId::as_str),
        "a request has no source, so its failed authentications count for all such requests \
         together"
    );
}

pub(super) fn throttle_failed(error: &(dyn Error + 'static)) {
    tracing::warn!(
        target: "tower_token_endpoint",
        error = &*causes(error),
        "the store of failed authentications does not count, so this process counts by itself"
    );
}

fn accepted(accepted: &Accepted, parts: &Parts, trace_id: Option<&TraceId>) {
    let (request, grant_type) = parts_of(accepted);
    tracing::debug!(
        target: "tower_token_endpoint",
        outcome = OutcomeKind::Accepted.as_str(),
        path = &*one_line(parts.uri.path(), MAX_URI),
        method = request.method().as_str(),
        grant_type = grant_type.map(|grant_type| grant_type.as_str()),
        client_id = &*one_line(shown_id(request.client()), MAX_ID),
        trace_id = trace_id.map(TraceId::as_str),
        "token request"
    );
}

/// An event of one level, which must be known at compile time.
macro_rules! rejected {
    ($level:ident, $rejection:ident, $parts:ident) => {
        tracing::$level!(
            target: "tower_token_endpoint",
            outcome = OutcomeKind::of($rejection).as_str(),
            path = &*one_line($parts.uri.path(), MAX_URI),
            reason = $rejection.as_str(),
            method = $rejection.method().map(|method| method.as_str()),
            registered_methods = registered_methods($rejection).as_deref(),
            grant_type = $rejection.grant_type().map(|grant_type| grant_type.as_str()),
            client_id = client_id($rejection).as_deref(),
            parameter = $rejection.parameter(),
            error = $rejection.source().map(causes).as_deref(),
            address = $rejection.throttled_address().map(display),
            limit = $rejection.exceeded_limit().map(|exceeded| exceeded.as_str()),
            burst = $rejection.exceeded_limit().map(|exceeded| exceeded.limit().burst()),
            period = $rejection.exceeded_limit().map(|exceeded| debug(exceeded.limit().period())),
            retry_after = $rejection.retry_after().map(debug),
            trace_id = $rejection.trace_id().map(TraceId::as_str),
            "token request"
        )
    };
}

fn rejected(rejection: &Rejection, parts: &Parts) {
    // The operator has to fix an outage, the client all else.
    let is_outage = matches!(
        rejection.reason(),
        RejectionReason::StoreUnavailable
            | RejectionReason::KeySourceMissing
            | RejectionReason::KeySourceUnavailable
            | RejectionReason::ReplayStoreUnavailable
            | RejectionReason::SecretHashUnavailable
            | RejectionReason::DecisionTimeout
    );
    // Nothing is broken, but an operator has to know of an attack, or of a pool that is too small.
    let is_overload = matches!(
        rejection.reason(),
        RejectionReason::HashingOverloaded | RejectionReason::Throttled
    );
    if is_outage {
        rejected!(error, rejection, parts);
    } else if is_overload {
        rejected!(warn, rejection, parts);
    } else {
        rejected!(info, rejection, parts);
    }
}

/// Whether the response must not tell if the client exists, nor what is wrong. Then the event has
/// the same fields for all of these, since each field takes its time.
fn is_uniform(rejection: &Rejection) -> bool {
    rejection.status() == StatusCode::UNAUTHORIZED
}

/// Empty if no client is registered, which no id is.
fn client_id(rejection: &Rejection) -> Option<Cow<'_, str>> {
    let of_nobody = is_uniform(rejection).then_some("");
    let client_id = rejection.client().map(|client| shown_id(client));
    client_id.or(of_nobody).map(|id| one_line(id, MAX_ID))
}

/// A stranger chose the URL of a document.
fn shown_id(client: &Client) -> &str {
    match client.is_from_document() {
        true => without_query(client.client_id()),
        false => client.client_id(),
    }
}

/// Their names, whether or not one of them was used: to write a longer text takes longer.
fn registered_methods(rejection: &Rejection) -> Option<Cow<'static, str>> {
    if !is_uniform(rejection) {
        return None;
    }
    let methods = rejection.client().map(|client| client.auth_methods());
    let mut names = methods.into_iter().flatten().map(AuthMethod::as_str);
    Some(match (names.next(), names.next()) {
        (None, _) => Cow::Borrowed(""),
        // Nearly every client has one, and a text that need not be made.
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => {
            let names: Vec<_> = [first, second].into_iter().chain(names).collect();
            Cow::Owned(names.join(" "))
        }
    })
}

/// The text of the error and of all its causes.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let own = error.to_string();
        // Some errors repeat the text of their cause.
        if !text.ends_with(&own) {
            text = format!("{text}: {own}");
        }
        if text.len() > MAX_ERROR {
            break;
        }
        cause = error.source();
    }
    one_line(&text, MAX_ERROR).into_owned()
}

/// How long the fields of an event may be, in bytes and with escapes, also those that a log in JSON adds:
/// all of them together have less than 4 KiB.
pub(super) const MAX_URI: usize = 512;
const MAX_ID: usize = 512;
pub(super) const MAX_ERROR: usize = 1536;

/// The beginning of a text that may be long, with what a reader of the log must not take for the end of
/// a line or of the text escaped.
pub(super) fn one_line(text: &str, max_len: usize) -> Cow<'_, str> {
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_printable && text.len() + escaped_by_log(text) <= max_len {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut escapes = 0;
    for character in text.chars() {
        let is_plain = !character.is_control() && !is_invisible(character);
        let before = shown.len();
        match is_plain {
            true => shown.push(character),
            false => shown.extend(character.escape_default()),
        }
        escapes += escaped_by_log(&shown[before..]);
        if shown.len() + escapes > max_len {
            shown.truncate(before);
            shown.push('…');
            break;
        }
    }
    Cow::Owned(shown)
}

/// How many of the bytes get a backslash from whoever writes the text in quotes.
fn escaped_by_log(text: &str) -> usize {
    let needs_escape = |byte: &u8| matches!(byte, b'"' | b'\\');
    text.bytes().filter(needs_escape).count()
}

/// Characters that end a line or change the direction of a text, and are not control characters.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_of_bounded_length() {
        for (text, expected) in [
            ("", ""),
            ("/token", "/token"),
            ("a \"b\" \\", "a \"b\" \\"),
            (&"\"".repeat(32), &"\"".repeat(32)),
            (&"\\".repeat(33), &format!("{}…", "\\".repeat(32))),
            ("ключ", "ключ"),
            ("a\nb\u{1b}[31m", "a\\nb\\u{1b}[31m"),
            ("a\u{2028}b\u{202e}", "a\\u{2028}b\\u{202e}"),
        ] {
            assert_eq!(one_line(text, 64), expected);
        }
        for text in
            ["a", "é", "\u{7f}", "\u{10ffff}", "😀", "\"", "\\", "\n"].map(|it| it.repeat(1000))
        {
            let shown = one_line(&text, 64);
            let logged = serde_json::to_string(&shown).expect("JSON").len() - 2;
            assert!(logged <= 64 + '…'.len_utf8(), "{shown}");
            assert!(shown.ends_with('…'));
            assert!(!shown.contains(char::is_control));
        }
    }
}
