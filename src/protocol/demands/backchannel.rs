//! What a backchannel authentication request must have (OpenID Connect CIBA Core §7.1).

use super::{check_scope, require};
use crate::protocol::{
    accepted::parameters::Parameters, client::Client, reason::RejectionReason, rejection::Rejection,
};

const HINTS: [&str; 3] = ["login_hint_token", "id_token_hint", "login_hint"];
const NOTIFICATION_TOKEN: &str = "client_notification_token";
const MAX_NOTIFICATION_TOKEN_LEN: usize = 1024;

pub(super) fn check(parameters: &Parameters, client: &Client) -> Result<(), Rejection> {
    let is_notified = client.backchannel_token_delivery_mode().is_notified();
    // Otherwise they are claims of the request object (§7.1.1).
    if parameters.get("request").is_none() {
        let hints = HINTS.iter().filter(|hint| parameters.get(hint).is_some());
        if hints.count() != 1 {
            return Err(RejectionReason::NotOneHint.into());
        }
        require(parameters, ["scope"])?;
        require(parameters, is_notified.then_some(NOTIFICATION_TOKEN))?;
    }
    let token = parameters.get(NOTIFICATION_TOKEN);
    if is_notified && token.is_some_and(|token| !is_notification_token(token)) {
        return Err(RejectionReason::MalformedNotificationToken.into());
    }
    check_scope(parameters, client)
}

/// Whether it is a b64token (RFC 6750 §2.1) that is not too long.
fn is_notification_token(token: &str) -> bool {
    let is_body = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let body = token.trim_end_matches('=');
    token.len() <= MAX_NOTIFICATION_TOKEN_LEN && !body.is_empty() && body.bytes().all(is_body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_token_is_a_b64token_of_1024_characters_at_most() {
        let long = |len| "a".repeat(len);
        for good in ["a", "0=", "A-._~+/z==", "a=====", &long(1024)] {
            assert!(is_notification_token(good), "{good}");
        }
        let padded = format!("{}=", long(1024));
        for bad in [
            "",
            "=",
            "==",
            "a=b",
            "=a",
            "a b",
            "a\n",
            "a,b",
            "a%",
            "é",
            "a\"",
            &long(1025),
            &padded,
        ] {
            assert!(!is_notification_token(bad), "{bad}");
        }
    }
}
