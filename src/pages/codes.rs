//! What the pages say about each error code.
//!
//! Text between backticks is code. Each text is on one line, as in `reasons/`.

use super::site::Site;
use crate::protocol::outgoing::error_code::ErrorCode;

/// The texts about one code.
pub(super) struct Explanation {
    /// What the code says, in a few words.
    pub(super) title: &'static str,
    pub(super) means: &'static str,
    pub(super) sender: Sender,
    pub(super) client: &'static str,
    pub(super) operator: &'static str,
    pub(super) references: &'static [&'static str],
    pub(super) requests: &'static [Example],
}

/// Who sends a code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// The layer. The log has one of its reasons.
    Layer,
    /// Only the service behind the layer.
    Service,
}

impl Sender {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Layer => "the checks of each request",
            Self::Service => "the service that issues and revokes tokens",
        }
    }
}

/// A request as it should look, for curl.
pub(super) struct Example {
    pub(super) caption: &'static str,
    /// `{token_endpoint}` and `{issuer}` stand for those of the server.
    command: &'static str,
}

impl Example {
    /// The command with the addresses of the server.
    pub(super) fn command_for(&self, site: &Site) -> String {
        self.command
            .replace("{token_endpoint}", &site.token_endpoint())
            .replace("{issuer}", site.origin())
    }
}

const BASIC: Example = Example {
    caption: "With the secret in the header (`client_secret_basic`)",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d grant_type=client_credentials \\\n  -d scope=read \\\n  {token_endpoint}",
};
const POST: Example = Example {
    caption: "With the secret in the body (`client_secret_post`)",
    command: "curl -i \\\n  -d client_id=s6BhdRkqt3 \\\n  --data-urlencode 'client_secret=gX1fBat3bV' \\\n  -d grant_type=client_credentials \\\n  {token_endpoint}",
};
const ASSERTION: Example = Example {
    caption: "With a signed assertion (`private_key_jwt`)",
    command: "curl -i \\\n  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n  -d client_assertion=\"$ASSERTION\" \\\n  -d grant_type=client_credentials \\\n  {token_endpoint}",
};
const PUBLIC: Example = Example {
    caption: "A public client, which has no secret (`none`)",
    command: "curl -i \\\n  -d client_id=s6BhdRkqt3 \\\n  -d grant_type=authorization_code \\\n  -d code=\"$CODE\" \\\n  -d redirect_uri=https://client.example.com/callback \\\n  -d code_verifier=\"$VERIFIER\" \\\n  {token_endpoint}",
};
const REFRESH: Example = Example {
    caption: "A refresh token",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d grant_type=refresh_token \\\n  -d refresh_token=\"$REFRESH_TOKEN\" \\\n  {token_endpoint}",
};
const CODE: Example = Example {
    caption: "An authorization code",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d grant_type=authorization_code \\\n  -d code=\"$CODE\" \\\n  -d redirect_uri=https://client.example.com/callback \\\n  -d code_verifier=\"$VERIFIER\" \\\n  {token_endpoint}",
};
const DEVICE: Example = Example {
    caption: "A device that asks again",
    command: "curl -i \\\n  -d client_id=s6BhdRkqt3 \\\n  -d grant_type=urn:ietf:params:oauth:grant-type:device_code \\\n  -d device_code=\"$DEVICE_CODE\" \\\n  {token_endpoint}",
};
const REVOCATION: Example = Example {
    caption: "A revocation: its address is `revocation_endpoint` of the metadata",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d token=\"$REFRESH_TOKEN\" \\\n  -d token_type_hint=refresh_token \\\n  {issuer}/revoke",
};
const PUSHED: Example = Example {
    caption: "A pushed authorization request: its address is `pushed_authorization_request_endpoint` of the metadata",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d response_type=code \\\n  --data-urlencode redirect_uri=https://client.example.com/callback \\\n  -d code_challenge=\"$CHALLENGE\" \\\n  -d code_challenge_method=S256 \\\n  {issuer}/par",
};
const BACKCHANNEL: Example = Example {
    caption: "Backchannel authentication: its address is `backchannel_authentication_endpoint` of the metadata",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d scope=openid \\\n  --data-urlencode login_hint=user@example.com \\\n  -d binding_message=W4SCT \\\n  {issuer}/backchannel_authentication",
};
const RESOURCE: Example = Example {
    caption: "A token for one API",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d grant_type=client_credentials \\\n  --data-urlencode 'resource=https://api.example.com/' \\\n  {token_endpoint}",
};
const DPOP: Example = Example {
    caption: "With a DPoP proof",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -H \"DPoP: $PROOF\" \\\n  -d grant_type=client_credentials \\\n  {token_endpoint}",
};
const DETAILS: Example = Example {
    caption: "With authorization details, which are a JSON array",
    command: "curl -i -u 's6BhdRkqt3:gX1fBat3bV' \\\n  -d grant_type=client_credentials \\\n  --data-urlencode 'authorization_details=[{\"type\":\"account_information\"}]' \\\n  {token_endpoint}",
};

/// Declares the texts. A code without a row does not compile.
macro_rules! codes {
    ($(
        $code:ident from $sender:ident [$($reference:literal),+] like [$($example:ident),+]
        title: $title:literal
        means: $means:literal
        client: $client:literal
        operator: $operator:literal
    )*) => {
        pub(super) fn explanation(code: ErrorCode) -> Explanation {
            match code {
                $(ErrorCode::$code => Explanation {
                    title: $title,
                    means: $means,
                    sender: Sender::$sender,
                    client: $client,
                    operator: $operator,
                    references: &[$($reference),+],
                    requests: &[$($example),+],
                },)*
            }
        }
    };
}

codes! {
    InvalidRequest from Layer ["RFC 6749 §5.2"] like [BASIC, POST]
        title: "The request cannot be read as it is"
        means: "Something about the form of the request is wrong: a parameter is missing or is there twice, the client authenticates in two ways, or the body is not a form. Nothing has been decided about the client."
        client: "Read `error_description`: it says what to change, and names the parameter. The same request will fail again, so do not repeat it unchanged."
        operator: "This is almost always a mistake of the client. If many clients get it at once, look at what stands in front of the server: redirects, gateways and compression change requests."
    InvalidClient from Layer ["RFC 6749 §5.2", "RFC 6749 §2.3"] like [BASIC, POST, ASSERTION, PUBLIC]
        title: "The client could not be authenticated"
        means: "The server does not accept that the request comes from the client that it names. The response is the same for every cause, so that nobody can find out which clients exist, or which part of a guess was right. Therefore this page cannot tell which cause yours is. The operator can: it is in the log."
        client: "Check these first: the id and the secret belong to this server and this environment, the authentication method is the one that the client is registered for, and nothing adds a line break or changes `+` and `%` on the way. If all of it looks right, give the operator the time of the request, the `client_id` and, if the response has one, the `trace_id`."
        operator: "Find the request in the log, by `trace_id` or by time. Its field `reason` is one of the names below. Tell the developer what to change, but do not put the reason into the response: it would help whoever guesses."
    InvalidGrant from Service ["RFC 6749 §5.2"] like [CODE, REFRESH]
        title: "The code or the token is not valid any more, or not for this client"
        means: "The client is authenticated, but what it wants to exchange is not accepted: the authorization code or the refresh token has expired, was used or revoked, or was issued to another client. For a code, `redirect_uri` or `code_verifier` may not be those of the authorization request."
        client: "Start again at the authorization endpoint, and do not repeat the request. If it happens every time, compare `redirect_uri` byte for byte with that of the authorization request, and check that `code_verifier` is kept from there to here. If a refresh token fails, check whether two processes use the same one: with rotation, the second of them loses."
        operator: "The client was accepted, so look in the log of the service that issues tokens. A refresh token that is used twice may have been stolen: find out who used it first."
    UnauthorizedClient from Layer ["RFC 6749 §5.2"] like [BASIC]
        title: "The client may not use this grant"
        means: "The client is authenticated, and the server serves the grant. But this client is not registered for it. The same holds for device authorization and backchannel authentication, at which a grant begins."
        client: "Ask for the grant to be registered, or use one that is. Another secret does not help."
        operator: "Compare `grant_types` of the client with the field `grant_type` in the log. Add a grant only if the client should have it."
    UnsupportedGrantType from Layer ["RFC 6749 §5.2"] like [BASIC, CODE, REFRESH]
        title: "The server does not serve this grant"
        means: "The value of `grant_type` is not one of those that this server serves."
        client: "Use one of `grant_types_supported` in the server metadata. Check the spelling: it is `client_credentials` and not `client-credentials`."
        operator: "If clients should be able to use the grant, switch it on. The metadata lists it then."
    InvalidScope from Layer ["RFC 6749 §5.2", "RFC 6749 §3.3"] like [BASIC]
        title: "The scope is malformed, or more than the client may have"
        means: "The client is authenticated. What it asks for in `scope` is not written as a scope, is unknown, or goes beyond what was registered or granted."
        client: "Leave `scope` out to get what the server gives by default, or ask only for what you were given. A refresh can narrow the scope, but not widen it."
        operator: "Compare the request with `scope` of the client. If the log has no reason for it, the service that issues tokens has refused it."
    AuthorizationPending from Service ["RFC 8628 §3.5"] like [DEVICE]
        title: "The user has not finished yet"
        means: "This is not a failure. A device asks for its token, and the user has not yet entered the code and approved."
        client: "Wait for `interval` seconds, which is 5 if the server did not say otherwise, and ask again."
        operator: "Nothing to do. Many of these are normal."
    SlowDown from Service ["RFC 8628 §3.5"] like [DEVICE]
        title: "The device asks too often"
        means: "The user has not finished yet, and the device asks more often than it may."
        client: "Add 5 seconds to the interval, for this and all further requests, and go on."
        operator: "If one client gets it all the time, it ignores the interval."
    AccessDenied from Service ["RFC 8628 §3.5"] like [DEVICE]
        title: "The user said no"
        means: "The user, or a rule of the server, has denied the authorization."
        client: "Stop asking. Tell the user that access was denied, and offer to start again."
        operator: "Nothing to do, unless users say that they approved. Then look in the log of the service for a rule that denied it."
    ExpiredToken from Service ["RFC 8628 §3.5"] like [DEVICE]
        title: "The device code has expired"
        means: "The user did not finish before the device code expired."
        client: "Start again with a new device code, but only when the user asks for it."
        operator: "If it happens often, the lifetime of device codes may be too short for your users."
    UnsupportedTokenType from Service ["RFC 7009 §2.2.1"] like [REVOCATION]
        title: "Tokens of this type cannot be revoked"
        means: "The server does not revoke tokens of the type that was sent, such as access tokens that are not kept anywhere."
        client: "Revoke the refresh token instead. An access token ends by itself."
        operator: "If access tokens should be revocable, the service has to keep them, or a list of the revoked ones."
    InvalidTarget from Service ["RFC 8707 §2"] like [RESOURCE]
        title: "The API that the token is for is not known"
        means: "The parameter `resource` or `audience` names an API that is unknown or malformed, or for which this client cannot get a token."
        client: "Send the identifier that the API publishes, as an absolute URI without a fragment."
        operator: "Register the API at the service that issues tokens, or allow this client to use it."
    InvalidDpopProof from Layer ["RFC 9449 §5", "RFC 9449 §4.3"] like [DPOP]
        title: "The DPoP proof is not valid"
        means: "The header `DPoP` should prove that the client has a key, and it does not: the proof is malformed, is for another method or URL, is too old, was used before, or is signed with another key."
        client: "Make a new proof for each request. `htm` is `POST`, and `htu` is the exact URL of this endpoint without its query. Synchronise the clock."
        operator: "If every client fails, compare `htu` with the URL that the server believes to have: behind a proxy, they often differ in scheme or host."
    UseDpopNonce from Layer ["RFC 9449 §8"] like [DPOP]
        title: "The DPoP proof needs a nonce of the server"
        means: "The server wants its own nonce in the DPoP proof. This is not a failure: the first request of a client usually gets it."
        client: "Take the nonce from the header `DPoP-Nonce`, put it into the claim `nonce` of a new proof, and send the request again. Keep the newest nonce for the next request."
        operator: "Nothing to do. If a client never gets beyond this, it does not read `DPoP-Nonce`. For clients in a browser, CORS has to expose the header."
    InvalidAuthorizationDetails from Service ["RFC 9396 §5"] like [DETAILS]
        title: "The authorization details are not accepted"
        means: "`authorization_details` is not a JSON array of objects, has a `type` that the server does not know, or does not follow the definition of its type."
        client: "Check that it is one JSON array, form-urlencoded, and that each element has a `type` of `authorization_details_types_supported`."
        operator: "If the type should be known, register it at the service that issues tokens, and list it in the metadata."
    UnsupportedResponseType from Service ["RFC 6749 §4.1.2.1"] like [PUSHED]
        title: "The server does not support this response type"
        means: "The value of `response_type` in a pushed authorization request is not one that the server supports."
        client: "Use one of `response_types_supported` in the server metadata, which is `code` in most cases."
        operator: "Nothing to do. The client has to change."
    InvalidRequestObject from Service ["RFC 9101 §7"] like [PUSHED]
        title: "The signed request is not valid"
        means: "`request` is not a JWT, has expired, is for another server, is signed with another key or algorithm, or its claims are not a valid request."
        client: "Check that the key is the registered one, that `aud` is the issuer of this server, and that the claims are new for each request."
        operator: "Look in the log of the service that verifies it. `request_object_signing_alg` of the client may be another algorithm."
    RequestNotSupported from Service ["RFC 9101 §7"] like [PUSHED]
        title: "The server does not read signed requests"
        means: "The request has the parameter `request`, and the server does not support it."
        client: "Send the parameters themselves."
        operator: "Nothing to do. The metadata should have `request_parameter_supported` with the value `false`."
    ExpiredLoginHintToken from Service ["OpenID Connect CIBA Core §13"] like [BACKCHANNEL]
        title: "The token about the user has expired"
        means: "`login_hint_token` of a backchannel authentication request has expired."
        client: "Get a new token from whoever issues it, and start again."
        operator: "If it happens often, compare the clocks of both servers."
    UnknownUserId from Service ["OpenID Connect CIBA Core §13"] like [BACKCHANNEL]
        title: "The server does not know the user"
        means: "The hint of a backchannel authentication request does not lead to a user of this server."
        client: "Ask the user for the name that they have at this server, and start again."
        operator: "Look in the log of the service for what the hint was read as."
    MissingUserCode from Service ["OpenID Connect CIBA Core §13"] like [BACKCHANNEL]
        title: "The code of the user is missing"
        means: "The user has a code that every backchannel authentication request must have, and `user_code` is missing."
        client: "Ask the user for the code, and send it as `user_code`."
        operator: "The client should be registered with `backchannel_user_code_parameter`."
    InvalidUserCode from Service ["OpenID Connect CIBA Core §13"] like [BACKCHANNEL]
        title: "The code of the user is wrong"
        means: "`user_code` of a backchannel authentication request is not the one of the user."
        client: "Ask the user again. Do not keep the code."
        operator: "If one client gets it for many users, somebody may be guessing."
    InvalidBindingMessage from Service ["OpenID Connect CIBA Core §13"] like [BACKCHANNEL]
        title: "The binding message cannot be shown"
        means: "`binding_message` is too long, or has characters that the device of the user cannot show."
        client: "Send a short text of letters, digits and simple signs."
        operator: "Nothing to do. The client has to change."
    ServerError from Service ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.1"] like [BASIC]
        title: "The server failed"
        means: "Something in the server went wrong. The request may be right."
        client: "Try again later, a few times and with growing pauses. Then tell the operator the time and, if the response has one, the `trace_id`."
        operator: "Look in the log of the service that issues tokens. If `error_description` speaks of a layer, the routes of the server are wired wrongly, and the description says how."
    TemporarilyUnavailable from Layer ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4", "RFC 6585 §4"] like [BASIC]
        title: "Not now: try again later"
        means: "The server could not decide about the request, because something that it depends on is down or overloaded (503), or it does not want to, because there were too many failures before (429). The credentials may be right."
        client: "Wait for the seconds in `Retry-After`, and send the request again, with a new assertion if you use one. Do not ask users to sign in again, and do not throw credentials away."
        operator: "Find the `reason` in the log. At level `ERROR`, it is an outage, and the field `error` says of what. `throttled` and `hashing_overloaded` are too many requests. `key_fetch_paused` is an unknown key, and nothing is down."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pages::references, protocol::reason::RejectionReason};

    #[test]
    fn every_text_is_a_sentence_and_its_code_is_closed() {
        for &code in ErrorCode::ALL {
            let it = explanation(code);
            for text in [it.means, it.client, it.operator] {
                assert!(text.ends_with('.'), "{code}: {text}");
                assert_eq!(text.matches('`').count() % 2, 0, "{code}: {text}");
            }
            assert!(!it.title.ends_with('.'), "{code}");
            for reference in it.references {
                assert!(references::url(reference).is_some(), "{reference}");
            }
        }
    }

    #[test]
    fn a_code_is_of_the_layer_if_there_is_a_reason_for_it() {
        for &code in ErrorCode::ALL {
            let mut reasons = RejectionReason::ALL.iter();
            let has_reason = reasons.any(|reason| reason.row().code == code);
            let is_of_layer = explanation(code).sender == Sender::Layer;
            assert_eq!(is_of_layer, has_reason, "{code}");
        }
    }
}
