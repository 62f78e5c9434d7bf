//! What the request says before anybody is looked up.

use super::causes;

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
}
