//! What the pages say about each reason to refuse a request.
//!
//! Text between backticks is code. Each text is on one line, so that the table stays a table.

use crate::protocol::reason::RejectionReason;

/// The texts about one reason.
pub(super) struct Cause {
    pub(super) step: &'static str,
    pub(super) means: &'static str,
    /// How to tell it apart from other causes.
    pub(super) tell: &'static str,
    pub(super) client: &'static str,
    pub(super) operator: &'static str,
    pub(super) references: &'static [&'static str],
}

/// Declares the texts, by the step of the request that finds the cause. A reason without a row does not
/// compile.
macro_rules! causes {
    ($($step:literal {$(
        $reason:ident [$($reference:literal),+]
        means: $means:literal
        tell: $tell:literal
        client: $client:literal
        operator: $operator:literal
    )*})*) => {
        pub(super) fn cause(reason: RejectionReason) -> Cause {
            match reason {
                $($(RejectionReason::$reason => Cause {
                    step: $step,
                    means: $means,
                    tell: $tell,
                    client: $client,
                    operator: $operator,
                    references: &[$($reference),+],
                },)*)*
            }
        }
    };
}

causes! {
"The head of the request" {
    MethodNotAllowed ["RFC 6749 §3.2", "RFC 9110 §15.5.6"]
        means: "The request is not a `POST`. Its parameters belong in the body of a `POST`."
        tell: "The status is 405, and the header `Allow` says `POST`. If the client did send a `POST`, it has followed a redirect: many libraries turn a `POST` into a `GET` after a 301 or 302."
        client: "Send a `POST` to exactly the URL in the server metadata, so that there is no redirect."
        operator: "If many clients get this, look for a proxy that redirects, such as from http to https or to a path without a slash at its end. A 308 keeps the method."
    ContentTypeNotForm ["RFC 6749 §4.1.3", "RFC 6749 appendix B"]
        means: "The body is not declared as a form. OAuth uses JSON for responses, but not for these requests."
        tell: "The `Content-Type` is missing, or it is another type, such as `application/json` or `multipart/form-data`."
        client: "Send `Content-Type: application/x-www-form-urlencoded` and a body of `name=value` pairs, joined by `&`. Most HTTP libraries have an option for forms that does both."
        operator: "If the client sends the header and it does not arrive, look for a gateway that drops or rewrites it."
    RepeatedContentTypeHeader ["RFC 9110 §8.3"]
        means: "There are two `Content-Type` headers, or one that lists several types. So it is not clear which type holds."
        tell: "Print the headers as they leave the client. Often the HTTP library sets one, and the code of the client adds another."
        client: "Let the library set the header, or set it yourself, but not both."
        operator: "If the client sends it once, look for a gateway that adds the header instead of replacing it."
    CharsetInSingleQuotes ["RFC 9110 §5.6.4"]
        means: "The charset in the `Content-Type` is in single quotes. In a header, only double quotes quote something, so the charset would have the quotes in its name."
        tell: "The header is `charset='utf-8'` instead of `charset=utf-8`."
        client: "Leave the charset out, or send `charset=utf-8` without quotes."
        operator: "Nothing to do. The client has to change."
    CharsetNotUtf8 ["RFC 6749 appendix B"]
        means: "The `Content-Type` names a charset other than UTF-8. OAuth forms are always in UTF-8."
        tell: "The header has a charset such as `iso-8859-1` or `windows-1252`, which is often the default of an old library."
        client: "Encode the form in UTF-8. Then leave the charset out, or send `charset=utf-8`."
        operator: "Nothing to do. The client has to change."
    ContentEncodingPresent ["RFC 9110 §8.4"]
        means: "The body is compressed, or is declared to be. This endpoint reads only plain bodies, since a small compressed body can become a very large one."
        tell: "There is a `Content-Encoding` header with a value such as `gzip`."
        client: "Switch off the compression of request bodies. A token request is too short to gain from it."
        operator: "If the client did not compress the body, look for a gateway that does."
    CredentialsInQuery ["RFC 6749 §2.3.1", "RFC 9110 §17.9"]
        means: "`client_secret` or `client_assertion` is in the URI. Access logs, proxies and monitoring keep URIs, so what is in one is no longer secret."
        tell: "Something after the `?` of the URL has one of these two names. It does not matter whether it is right, or is also in the body."
        client: "Send it in the body or in the `Authorization` header. Then ask for a new secret, because the old one is in logs by now."
        operator: "Replace the secret of this client. Remove the query from the access logs that it reached."
    ParameterInQuery ["RFC 6749 §3.2", "RFC 6749 §2.3.1"]
        means: "`client_id` is in the query of the URI, or `grant_type` or `scope` is only there. What decides about a token must be in the body."
        tell: "`error_description` names the parameter."
        client: "Move the parameter from the URL to the body. If the URL comes from the server metadata, use it as it is, and add nothing to it."
        operator: "If the URL that you publish has a query of its own, such as `?tenant=a`, none of these names may be in it."
    RepeatedAuthorizationHeader ["RFC 9110 §11.6.2"]
        means: "There is more than one `Authorization` header, so it is not clear which one holds."
        tell: "Print the headers as they leave the client. Often a default of the HTTP client adds one, and the call adds another."
        client: "Send the header once. Take the default one away from calls of this endpoint."
        operator: "If the client sends it once, look for a gateway that adds its own header. It should use another name."
    UnsupportedScheme ["RFC 6749 §2.3.1", "RFC 7617 §2"]
        means: "The `Authorization` header has another scheme than Basic."
        tell: "The header starts with something else than `Basic`. Often it is `Bearer` with an access token, which an interceptor adds to every request."
        client: "Send `Authorization: Basic …` with the id and the secret of the client. If the client authenticates in the body, send no `Authorization` header at all."
        operator: "If a gateway in front adds a `Bearer` header, let it leave this endpoint out."
    BasicNotBase64 ["RFC 7617 §2", "RFC 4648 §4"]
        means: "What follows `Basic` is not base64."
        tell: "Decode the value by hand: `printf %s VALUE | base64 -d`. Usual mistakes are the plain `id:secret`, the URL-safe alphabet with `-` and `_`, and a line break in a long value."
        client: "Use the function for Basic authentication of your HTTP library, or encode with the standard alphabet and without line breaks."
        operator: "Nothing to do. The client has to change."
    BasicWithoutColon ["RFC 7617 §2"]
        means: "The decoded Basic credentials have no colon, so the id and the secret cannot be told apart."
        tell: "Decode the value by hand: only the id or only the secret is there, or the colon was percent-encoded together with both."
        client: "Form-urlencode the id and the secret, each by itself. Then join them with a plain colon, and encode the result as base64."
        operator: "Nothing to do. The client has to change."
    BasicEmptyClientId ["RFC 7617 §2"]
        means: "The decoded Basic credentials have nothing before the colon. No client has an empty id."
        tell: "The decoded value starts with a colon. Usually a variable of the client's configuration is not set."
        client: "Check that the setting for the client id is there in this environment, and has the name that your library reads."
        operator: "Nothing to do. The client has to change."
    BasicNotUtf8 ["RFC 7617 §2.1", "RFC 6749 appendix B"]
        means: "The decoded Basic credentials are not UTF-8."
        tell: "The id or the secret has letters outside of ASCII, which the client sent in another encoding, such as ISO 8859-1."
        client: "Encode the id and the secret in UTF-8, and form-urlencode them. Then everything is ASCII before base64."
        operator: "Nothing to do. A secret of ASCII characters avoids the problem: generate one."
    BasicNotFormEncoded ["RFC 6749 §2.3.1"]
        means: "The id or the secret in the Basic credentials was not form-urlencoded, and this server is set to require it."
        tell: "The id or the secret has a `%` without two hexadecimal digits after it. With a `+` or any other `%`, another secret is read, and the reason is `wrong_secret`. A secret of letters and digits has no such problem."
        client: "Form-urlencode the id and the secret, each by itself, before you join them with a colon. `curl -u` does not do this for you."
        operator: "The setting `strict_basic` is on. Without it, both readings of the credentials are tried."
}
"The body" {
    BodyTooLarge ["RFC 9110 §15.5.14"]
        means: "The body is larger than this endpoint reads."
        tell: "The status is 413, and the response is JSON. If it is not JSON, a proxy in front has a lower limit of its own."
        client: "Send only the parameters of the request. If a long parameter is needed, such as an assertion with a chain of certificates, ask the operator for the limit."
        operator: "The setting is `body_limit`, 64 KiB by default. Raise it only if clients need it, and check that the proxy in front reads as much."
    BodyUnreadable ["RFC 9112 §8"]
        means: "The connection ended, or failed, before the whole body had arrived."
        tell: "The log has the field `error`. A wrong `Content-Length`, a client that gives up early, and a proxy that restarts all look like this."
        client: "Send the request again. If it fails each time, check that `Content-Length` is the number of bytes and not of characters."
        operator: "If it happens to many clients at once, look at the timeouts and the log of the proxy in front."
    BodyTimeout ["RFC 9110 §15.5.9"]
        means: "The body did not arrive before the deadline."
        tell: "The status is 408. The head of the request arrived, and then bytes were missing: often `Content-Length` is larger than what was sent, so that the server waits for the rest."
        client: "Send the body together with the head, and check that `Content-Length` is right. Then try again."
        operator: "The setting is `deadline`. If clients are healthy, look for a proxy that holds bodies back."
    BadPercentEncoding ["RFC 6749 appendix B"]
        means: "The form has a `%` that is not followed by two hexadecimal digits. Repairing it could turn one secret into another, so the server does not."
        tell: "A value with a percent sign, often the secret, was put into the body as it is."
        client: "Let your library encode the form. By hand, a percent sign is `%25`. With curl, use `--data-urlencode` instead of `-d`."
        operator: "Nothing to do. The client has to change."
    FormNotUtf8 ["RFC 6749 appendix B"]
        means: "A name or a value in the form is not UTF-8 after percent-decoding."
        tell: "A value has letters outside of ASCII that were encoded as ISO 8859-1, such as `%E9` for é instead of `%C3%A9`, or it is binary data."
        client: "Encode text as UTF-8 before percent-encoding it. Encode binary data as base64url first."
        operator: "Nothing to do. The client has to change."
    RepeatedParameter ["RFC 6749 §3.2"]
        means: "A parameter is there twice: in the body, or in the body and in the query of the URI. Two servers could read two different values."
        tell: "`error_description` names the parameter. Often a library adds `client_id` or `scope`, and the code of the client adds it again."
        client: "Send the parameter once, in the body. Several scopes are one parameter, with spaces in between."
        operator: "If the URL that you publish has a query, or a gateway adds parameters, take the names away that clients send."
}
"The credentials" {
    MultipleMechanisms ["RFC 6749 §2.3"]
        means: "The request authenticates the client in more than one way, such as by the `Authorization` header and by `client_secret` in the body."
        tell: "Look for more than one of these: an `Authorization` header, `client_secret`, `client_assertion`."
        client: "Choose the method that the client is registered for, and switch the others off. Many libraries have a setting for it, such as “auth style” or “token endpoint auth method”."
        operator: "If a gateway adds an `Authorization` header of its own, let it leave this endpoint out."
    MissingClientId ["RFC 6749 §2.3.1"]
        means: "There is a `client_secret` in the body, but no `client_id`. A secret alone does not name a client."
        tell: "Often `client_id` is there without a value, because a setting of the client is empty."
        client: "Send `client_id` beside `client_secret`."
        operator: "Nothing to do. The client has to change."
    MissingClientAssertion ["RFC 7521 §4.2"]
        means: "There is a `client_assertion_type`, but no `client_assertion`."
        tell: "Often `client_assertion` is there without a value, because signing failed and the client went on."
        client: "Send the signed JWT as `client_assertion`. Check the log of the client for a key that could not be loaded."
        operator: "Nothing to do. The client has to change."
    MissingClientAssertionType ["RFC 7521 §4.2", "RFC 7523 §2.2"]
        means: "There is a `client_assertion`, but no `client_assertion_type`."
        tell: "The parameter is missing from the body, or has no value."
        client: "Also send `client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."
        operator: "Nothing to do. The client has to change."
    UnknownAssertionType ["RFC 7523 §2.2"]
        means: "`client_assertion_type` is not the one for JWTs."
        tell: "Compare it letter by letter. Usual mistakes are the URN of the grant (`…:grant-type:jwt-bearer`) and that of SAML."
        client: "Send `client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."
        operator: "Nothing to do. SAML assertions are not accepted for client authentication."
    ClientIdMismatch ["RFC 6749 §3.2.1", "RFC 7521 §4.2"]
        means: "`client_id` in the body is another client than the one of the `Authorization` header or of the assertion."
        tell: "Compare `client_id` with the decoded Basic credentials, or with the claim `sub` of the assertion. Often one of them is from another environment."
        client: "Send the same id in both places, or leave `client_id` out of the body."
        operator: "Nothing to do. The client has to change."
    NoCredentials ["RFC 6749 §5.2", "RFC 6749 §3.2.1"]
        means: "The request has neither credentials nor a `client_id`, so it does not say who sends it."
        tell: "Some libraries send credentials only after a first 401. Then a second request follows at once, and is accepted. If none follows, the credentials are not configured, or a proxy removed the header."
        client: "Send the credentials with the first request. A public client sends its `client_id` in the body."
        operator: "Check that no proxy takes the `Authorization` header away before the request reaches this server."
}
"The throttle" {
    Throttled ["RFC 6585 §4", "RFC 6749 §10.10"]
        means: "There were too many failed authentications from the same address, or for the same client from that address. The credentials of this request were not looked at, so they may be right."
        tell: "The status is 429. In the log, `limit` says which of the two limits it was, and `address` says where the failures came from."
        client: "Wait for the seconds in `Retry-After`. Then find out why the earlier requests failed: usually an old secret is still in use somewhere, in a loop without a pause."
        operator: "Look up the failures that came first, from the same `address`. If all clients seem to have one address, it is that of your proxy: let `ThrottleSource` take the address from the header that the proxy sets."
}
"The client and its secret" {
    UnknownClient ["RFC 6749 §5.2", "RFC 6749 §2.2"]
        means: "No client is registered with this id."
        tell: "Look the id up in the store of clients, letter by letter. Usual mistakes are an id of another environment, a space or a line break at its end, and the name of the client instead of its id."
        client: "Compare the id that is sent with the one that you were given. Check that the URL is that of the right server and the right tenant."
        operator: "If the client should exist, check that this process reads the same store as the one that registered it."
    WrongSecret ["RFC 6749 §2.3.1"]
        means: "The client exists, and the secret that was sent is not one of its secrets."
        tell: "The log names the `client_id`. Usual mistakes are a secret that was rotated, a line break at the end of a file that has the secret, and a secret that the shell changed because of `$` or `!`."
        client: "Compare the length of the secret that is sent with the one that you were given. In Basic credentials, form-urlencode it: a `+` or `%` in a secret becomes something else otherwise."
        operator: "If the secret was rotated, let both secrets be valid until all instances of the client have the new one. You cannot look the secret up if only its hash is kept: issue a new one."
    WhiteSpaceInSecret ["RFC 6749 §2.3.1"]
        means: "The client exists, and the secret would be right without the white space at its ends."
        tell: "The log names the `client_id`. Usually, the secret was read from a file that ends with a line break, or was made with `echo` instead of `printf`."
        client: "Remove the white space in front of the secret and behind it, such as with `printf %s` or with `trim` of your language."
        operator: "Tell the owner of the client. There is nothing to change on the server."
    ExpiredSecret ["RFC 7591 §3.2.1"]
        means: "The secret has expired."
        tell: "The log names the `client_id`. `client_secret_expires_at` of the client, or `expires_at` of this secret, is in the past."
        client: "Ask for a new secret, and use it in every instance of the client."
        operator: "Issue a new secret. Next time, add it before the old one expires: a client can have several."
    MethodNotRegistered ["RFC 7591 §2", "RFC 6749 §2.3"]
        means: "The client exists, but it is registered for another authentication method than the one that it used."
        tell: "In the log, `method` is what was used, and `registered_methods` is what the client may use. A client without a method in its metadata may use `client_secret_basic` only."
        client: "Change the method in the settings of your library. It is often called “token endpoint auth method”: `client_secret_basic` is the header, `client_secret_post` is the body."
        operator: "If the client cannot change, register the method that it uses as `token_endpoint_auth_method`."
    MethodNotVerifiable ["RFC 8414 §2", "RFC 7591 §2"]
        means: "The server does not verify the method of the request, or none of the methods that the client is registered for."
        tell: "If the log names the `client_id`, its registration is the problem, and `registered_methods` lists what it has. Otherwise it is the method of the request."
        client: "Use one of the methods in `token_endpoint_auth_methods_supported` of the server metadata."
        operator: "Switch the method on (`auth_methods`, `client_assertions`), or register another one for the client."
    PublicClientNotAllowed ["RFC 7662 §2.1", "RFC 6749 §2.1"]
        means: "The client is public, and this endpoint serves only clients that can prove who they are, such as the introspection endpoint."
        tell: "In the log, `method` is `none`, and `path` is that of the endpoint."
        client: "Use a confidential client, usually that of the API that has to check tokens. An app has no need to introspect its own token."
        operator: "Register a client with a secret or a key for the API that needs this endpoint."
    StoreUnavailable ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "The store of clients failed. The server does not know whether the client exists, so it says neither yes nor no."
        tell: "The status is 503. The log has the error of the store in the field `error`, at level `ERROR`."
        client: "Send the request again after the seconds in `Retry-After`. Do not ask your users to do anything: the credentials may be right."
        operator: "Read `error`, and look at the database and the way to it. A request that waits for a connection longer than the deadline is `decision_timeout`."
    DecisionTimeout ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "Something that the server had to ask did not respond before the deadline: a store, a source of keys, or a vault."
        tell: "The status is 503. In the log, `error` says what was late, by the name of the reason that its failure would have had."
        client: "Send the request again after the seconds in `Retry-After`, with a new assertion if you use one."
        operator: "Look at what `error` names. Check its connection pool first: a pool that is too small looks like this under load. The setting is `deadline`."
    SecretHashUnavailable ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "What verifies the secret of this client, such as a vault, could not tell whether the secret is right."
        tell: "The status is 503. In the log, `error` is the error of the vault, and `client_id` names the client."
        client: "Send the request again after the seconds in `Retry-After`. The secret may be right."
        operator: "Read `error`. If only some clients have it, look for a hash or a key in the vault that cannot be read."
    HashingOverloaded ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "Too many requests wanted a slow hash, such as Argon2, at the same time."
        tell: "The status is 503. In the log, at level `WARN`, `error` says how many hashes run and wait, and what the limits are."
        client: "Send the request again after the seconds in `Retry-After`. Keep a token until it expires, instead of asking for a new one for every call."
        operator: "Look for one client or address that causes most requests. Remembered secrets (`remember_verified_secrets`), a cheaper hash for generated secrets, and the throttle all help. The setting is `hash_pool`."
}
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
        means: "The keys of the client are at a URL (`jwks_uri`), and could not be fetched, or may not be fetched again so soon."
        tell: "The status is 503. In the log, `error` says what failed: the name, the connection, the certificate, or the content."
        client: "Check that the `jwks_uri` responds with a key set, over https, to everybody. Then send the request again, with a new assertion."
        operator: "Fetch the `jwks_uri` from this machine. Addresses that are not public are refused, unless the source of keys names their network."
    ReplayStoreUnavailable ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "The store of used assertions failed or is full. The server does not know whether the assertion is new, so it says neither yes nor no."
        tell: "The status is 503. In the log, `error` is the error of the store."
        client: "Send the request again after the seconds in `Retry-After`, with a new assertion: the store may have kept this one."
        operator: "Look at Redis, and at the way to it. If the store in memory is full, see which client sends so many assertions: each has a share."
}
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
        means: "The server serves the grant, but this client is not registered for it."
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
        tell: "`error_description` names it: `code` for an authorization code, and `code_verifier` if the client is public; `refresh_token` for a refresh; `token` for introspection and revocation."
        client: "Send the parameter. A value that should be there is often empty because an earlier step failed."
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::references;

    #[test]
    fn every_text_is_a_sentence_and_its_code_is_closed() {
        for &reason in RejectionReason::ALL {
            let cause = cause(reason);
            for text in [cause.means, cause.tell, cause.client, cause.operator] {
                assert!(text.ends_with('.'), "{reason}: {text}");
                assert!(text.len() > 20, "{reason}: {text}");
                assert_eq!(text.matches('`').count() % 2, 0, "{reason}: {text}");
                assert!(!text.contains("  "), "{reason}: {text}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for &reason in RejectionReason::ALL {
            for reference in cause(reason).references {
                assert!(references::url(reference).is_some(), "{reference}");
            }
        }
    }
}
