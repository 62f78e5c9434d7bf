//! What the request asks for.

use super::causes;

causes! {
"The grant and the scope" {
    MissingGrantType ["RFC 6749 §5.2"]
        means: "The client is known, and the request does not say which grant it wants."
        tell: "`grant_type` is missing from the body, or has no value."
        client: "Send `grant_type`, such as `client_credentials` or `authorization_code`."
        operator: "Nothing to do. The client has to change."
    UnsupportedGrantType ["RFC 6749 §5.2", "RFC 8414 §2"]
        means: "The server does not serve the grant that the request asks for."
        tell: "Compare `grant_type` with `grant_types_supported` of the server metadata, letter by letter. Some grants are long URNs."
        client: "Use a grant of that list."
        operator: "Add the grant (`grant_type` or `extension_grant` of the builder) only if the server can issue tokens for it."
    GrantTypeNotRegistered ["RFC 6749 §5.2", "RFC 7591 §2"]
        means: "The server serves the grant, but this client is not registered for it. Device authorization and backchannel authentication are the first steps of a grant, so a client must be registered for this grant."
        tell: "In the log, `grant_type` is the grant, and `client_id` is the client. A client without `grant_types` in its metadata may use `authorization_code` only."
        client: "Ask the operator to register the grant for this client."
        operator: "Add the grant to `grant_types` of the client, if it should have it. `refresh_token` is a grant of its own."
    PublicClientCredentials ["RFC 6749 §4.4"]
        means: "A public client asked for `client_credentials`. A client that cannot prove who it is cannot get a token for itself."
        tell: "In the log, `method` is `none`, and `grant_type` is `client_credentials`. Often the secret was not sent, although the client has one."
        client: "Authenticate with a secret or a key. An app that runs on devices of its users cannot use this grant."
        operator: "If the client is a service, register it with a secret or a key."
    MissingParameter ["RFC 6749 §5.2"]
        means: "A parameter that the grant or the endpoint requires is missing, or has no value."
        tell: "`error_description` names it: `code` for an authorization code, and `code_verifier` if the client is public; `refresh_token` for a refresh; `token` for introspection and revocation; `response_type` for a pushed request, and `code_challenge` if the server requires PKCE there; `scope` and, with `ping` or `push`, `client_notification_token` for backchannel authentication."
        client: "Send the parameter. A value that should be there is often empty because an earlier step failed."
        operator: "Nothing to do. The client has to change."
    RequestUriPushed ["RFC 9126 §2.1"]
        means: "A pushed authorization request has `request_uri`. This parameter is what the response to a pushed request gives, so it cannot be pushed itself."
        tell: "The request went to `pushed_authorization_request_endpoint`. Often the client pushes a request that it has already pushed."
        client: "Push the parameters of the authorization request, or a signed one as `request`. Send the `request_uri` of the response to the authorization endpoint."
        operator: "Nothing to do. The client has to change."
    CodeChallengeMethodNotS256 ["RFC 7636 §4.3", "RFC 9700 §2.1.1"]
        means: "A pushed authorization request must have a code challenge by `S256`, and this one has another method or none. Without a method, the challenge is the code verifier itself, which whoever reads the request could then use."
        tell: "Look at `code_challenge_method` in the request: it is missing, or is `plain`. The letter of `S256` is in upper case."
        client: "Send `code_challenge_method=S256`, and the base64url of the SHA-256 of the code verifier as `code_challenge`."
        operator: "Nothing to do. The client has to change. The requirement is `require_pkce` of the builder, which a profile also sets."
    NotOneHint ["OpenID Connect CIBA Core §7.1"]
        means: "A backchannel authentication request has to say who the user is by one hint, and this one has none or several."
        tell: "Count `login_hint_token`, `id_token_hint` and `login_hint` in the request. One without a value does not count."
        client: "Send one of the three. In a signed request, they are claims of `request` instead."
        operator: "Nothing to do. The client has to change."
    MalformedNotificationToken ["OpenID Connect CIBA Core §7.1", "RFC 6750 §2.1"]
        means: "`client_notification_token` is longer than 1,024 characters, or has characters that a bearer token cannot have. The server will send it to the client in a header."
        tell: "The client is registered for `ping` or `push`. Usual mistakes are spaces, JSON, and a `+` that was not percent-encoded."
        client: "Send at most 1,024 letters, digits and `-._~+/`, with `=` only at the end. A random text of 32 characters is enough."
        operator: "Nothing to do. The client has to change."
    MalformedDpopThumbprint ["RFC 9449 §10", "RFC 7638 §3"]
        means: "`dpop_jkt` names the key that the code will be bound to, and it is not a thumbprint."
        tell: "A thumbprint is a SHA-256 in base64url without padding: 43 letters, digits, `-` and `_`. Usual mistakes are a hexadecimal digest, padding, and the key itself."
        client: "Send the thumbprint of the public key as RFC 7638 makes it, or send a `DPoP` header instead."
        operator: "Nothing to do. The client has to change."
    WrongDpopThumbprint ["RFC 9449 §10.1"]
        means: "The pushed request names one key in `dpop_jkt` and proves another one in the header `DPoP`. So it is not clear which key the code should be bound to."
        tell: "The proof itself was in order. Often the client has made a new key between the two."
        client: "Use one key for both, or send only the header."
        operator: "Nothing to do. The client has to change."
    MalformedScope ["RFC 6749 §3.3"]
        means: "`scope` does not follow the grammar: words of printable ASCII with one space between each two."
        tell: "Usual mistakes are commas between the words, a JSON array, two spaces, and letters outside of ASCII."
        client: "Send `scope=read write`, encoded as `scope=read+write` or `scope=read%20write`."
        operator: "Nothing to do. The client has to change."
    ScopeNotRegistered ["RFC 6749 §3.3", "RFC 7591 §2"]
        means: "`scope` has a word that this client is not registered for."
        tell: "Compare each word with `scope` of the client. Upper and lower case differ."
        client: "Leave the word out, or ask the operator to register it. Without `scope`, the server chooses."
        operator: "Add the word to `scope` of the client, if it should have it."
}
}
