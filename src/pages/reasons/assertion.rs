//! The assertion that a client signs.

use super::causes;

causes! {
"The signed assertion" {
    MalformedAssertion ["RFC 7519 §7.2", "RFC 7515 §5.2"]
        means: "The assertion is not a JWT that can be read in one way only: it is too long, is not three parts of base64url without padding, or has a member twice or of the wrong type."
        tell: "Split it at the dots and decode each part. Usual mistakes are padding with `=`, an encrypted token of five parts, and `exp` as a string."
        client: "Let a JOSE library make the assertion. Times are numbers of seconds, not strings and not milliseconds."
        operator: "Nothing to do, unless assertions with certificate chains are longer than `assertion_limit`."
    CriticalHeader ["RFC 7515 §4.1.11", "RFC 7797 §7"]
        means: "The header of the assertion has `crit` or `b64`. They ask for extensions that the server does not have."
        tell: "Decode the first part of the assertion, and look for one of these members."
        client: "Sign without `crit` and `b64`."
        operator: "Nothing to do. The client has to change."
    WrongTokenType ["RFC 8725 §3.11", "RFC 7519 §5.1"]
        means: "The header `typ` says that the token was made for another purpose, so it proves nothing here."
        tell: "Decode the first part of the assertion. An access token has `at+jwt`, and a DPoP proof has `dpop+jwt`."
        client: "Send an assertion that was made for client authentication, with `typ` as `JWT` or `client-authentication+jwt`, or without `typ`."
        operator: "Nothing to do. The client has to change."
    UnsupportedAlgorithm ["RFC 8725 §3.1", "RFC 8414 §2"]
        means: "The algorithm of the assertion is `none`, unknown, or not one that the server accepts."
        tell: "Decode the first part of the assertion, and compare `alg` with `token_endpoint_auth_signing_alg_values_supported` of the server metadata."
        client: "Sign with an algorithm of that list. `ES256` is a good choice."
        operator: "The setting is `signing_algorithms`. Never add an algorithm only because one client uses it: ask for another key first."
    AlgorithmNotRegistered ["OpenID Connect Registration §2", "RFC 8725 §3.1"]
        means: "The algorithm is one that the server accepts, but not the one that this client is registered for."
        tell: "Compare `alg` in the header of the assertion with `token_endpoint_auth_signing_alg` of the client."
        client: "Sign with the algorithm that is registered."
        operator: "Change `token_endpoint_auth_signing_alg` of the client, or leave it out, so that the client can use every algorithm that the server accepts."
    UnknownKey ["OpenID Connect Core §10.1", "RFC 7517 §4.5"]
        means: "The client has no key with this `kid` for this algorithm."
        tell: "Compare `kid` and `alg` in the header of the assertion with the key set of the client. A key with `use` other than `sig`, or with another `alg`, does not count."
        client: "Publish the new public key before you sign with it, and keep the old one until nothing is signed with it any more."
        operator: "If the client has a `jwks_uri`, fetch it from this machine and look for the key. If the keys are registered, register the new one. An RSA key may have more bits than `max_rsa_bits`."
    AmbiguousKey ["OpenID Connect Core §10.1"]
        means: "The client has several keys for this algorithm, and the assertion does not say which one it is signed with."
        tell: "Decode the first part of the assertion: there is no `kid`, or none of the keys has it."
        client: "Send the `kid` of the key in the header of the assertion, exactly as it is in the key set."
        operator: "Check that each key in the registered set has a `kid` of its own."
    KeySourceMissing ["RFC 7591 §2"]
        means: "The client has its keys at a URL (`jwks_uri`), and this server does not fetch keys."
        tell: "The log has this reason at level `ERROR`, for every assertion of such a client."
        client: "Register the keys themselves (`jwks`), or wait until the server fetches them."
        operator: "Set `jwks_source`, or register the keys of the client as `jwks`."
    WrongSignature ["RFC 7523 §3", "RFC 7515 §5.2"]
        means: "The signature does not fit the key of the client. For `client_secret_jwt`, the key is the secret."
        tell: "Verify the assertion with the registered key in another tool. Usual mistakes are a private key of another environment, an ECDSA signature in DER instead of two numbers, and a secret that was base64-decoded first."
        client: "Check that the public half of the key you sign with is the registered one."
        operator: "If the client has rotated its key, register the new one. Compare the thumbprint of both keys (RFC 7638)."
    MissingClaim ["RFC 7523 §3", "OpenID Connect Core §9"]
        means: "The assertion lacks one of the claims that it must have: `iss`, `sub`, `aud`, `exp`, `jti`. A claim without characters counts as missing."
        tell: "Decode the second part of the assertion. Most often it is `jti` that is missing."
        client: "Send all five. `jti` is a random text, a new one for each request."
        operator: "Nothing to do. The client has to change."
    IssuerNotSubject ["RFC 7523 §3", "OpenID Connect Core §9"]
        means: "The claims `iss` and `sub` are not the same. In client authentication, both are the id of the client."
        tell: "Decode the second part of the assertion, and compare the two. Often `iss` is a URL, or `sub` is a user."
        client: "Send the `client_id` as `iss` and as `sub`."
        operator: "Nothing to do. The client has to change."
    WrongAudience ["RFC 7523 §3", "RFC 10070"]
        means: "The assertion is for another server: its claim `aud` is not the issuer of this one, or it has several values."
        tell: "In the log, `error` says what `aud` is, and what is accepted. Usual mistakes are the URL of the token endpoint, a slash at the end, and http instead of https."
        client: "Send the `issuer` of the server metadata as `aud`, byte for byte, and nothing else."
        operator: "If a client cannot send the issuer, `accept_endpoint_audience` accepts the URL of the endpoint, for this client only. Check that the issuer is the address that clients use, and not one behind the proxy."
    ExpiredAssertion ["RFC 7519 §4.1.4", "RFC 7523 §3"]
        means: "The claim `exp` of the assertion has passed, by more than 60 seconds."
        tell: "Decode the second part of the assertion, and compare `exp` with the time of the server in its header `Date`."
        client: "Make a new assertion for each request. If it was new, the clock of the client is slow: synchronise it."
        operator: "If many clients have this at once, the clock of the server is fast."
    LongLivedAssertion ["RFC 7523 §3"]
        means: "The claim `exp` is more than one hour ahead. An assertion is for one request, so it needs no longer life."
        tell: "Decode the second part of the assertion. A value of 13 digits is in milliseconds instead of seconds."
        client: "Set `exp` to one minute from now, in seconds since 1970."
        operator: "Nothing to do, unless the clock of the server is slow."
    AssertionNotYetValid ["RFC 7519 §4.1.5", "RFC 7523 §3"]
        means: "The claim `nbf` or `iat` is in the future, by more than 60 seconds."
        tell: "Decode the second part of the assertion, and compare both with the time of the server in its header `Date`."
        client: "Synchronise the clock of the client. `nbf` can be left out."
        operator: "If many clients have this at once, the clock of the server is slow."
    ReplayedAssertion ["OpenID Connect Core §9", "RFC 7523 §3"]
        means: "An assertion with this `jti` was accepted before. Each one counts once, so that nobody can use one that was overheard."
        tell: "The same `client_id` has an accepted request shortly before. Usual causes are a retry that sends the same bytes, and a client that keeps its assertion until it expires."
        client: "Make a new assertion, with a new `jti`, for each request, also for a retry."
        operator: "If the client makes a new one each time, ask whether somebody else has sent the first one."
    KeySourceUnavailable ["RFC 7591 §2", "RFC 9110 §15.6.4"]
        means: "The keys of the client are at a URL (`jwks_uri`), and could not be fetched."
        tell: "The status is 503. In the log, `error` says what failed: the name, the connection, the certificate, or the content."
        client: "Check that the `jwks_uri` responds with a key set, over https, to everybody. Then send the request again, with a new assertion."
        operator: "Fetch the `jwks_uri` from this machine. Addresses that are not public are refused, unless the source of keys names their network."
    KeyFetchPaused ["RFC 7591 §2", "RFC 9110 §15.6.4"]
        means: "The assertion is signed with a key that is not in the key set at the `jwks_uri` of the client, and the set was fetched so often for such keys that it is fetched again only after a pause of up to 15 seconds."
        tell: "The status is 503, and the log has this reason at level `INFO`. Nothing is down. Either the client has just changed its keys, or somebody sends assertions with a `kid` that it does not have."
        client: "Publish a new key before you sign with it. Then send the request again after the seconds in `Retry-After`, with a new assertion."
        operator: "If it lasts, look for events with the reason `unknown_key` of this client: somebody invents keys, or a part of the client signs with an old key. Neither is an outage."
    ReplayStoreUnavailable ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "The store of used assertions failed or is full. The server does not know whether the assertion is new, so it says neither yes nor no."
        tell: "The status is 503. In the log, `error` is the error of the store."
        client: "Send the request again after the seconds in `Retry-After`, with a new assertion: the store may have kept this one."
        operator: "Look at Redis, and at the way to it. If the store in memory is full, see which client sends so many assertions: each has a share."
}
}
