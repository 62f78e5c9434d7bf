//! Whether the client may be tried, exists, and has the secret.

use super::causes;

causes! {
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
        client: "Compare the id that is sent with the one that you were given. Check that the URL is that of the right server and the right tenant. An id with a colon, such as a URL, must be form-urlencoded for Basic: otherwise it ends at its first colon."
        operator: "If the client should exist, check that this process reads the same store as the one that registered it. At level `DEBUG`, the log has the id that was sent and the `method`: an id such as `https` by `client_secret_basic` was not form-urlencoded."
    InvalidRegistration ["RFC 7591 §2", "RFC 6749 §5.2"]
        means: "The server knows why there is no client with this id: usually, the `client_id` is the URL of a metadata document, and the document is not valid."
        tell: "In the log, `error` says what is wrong with the document, such as another `client_id` in it, a secret, or an address that is not public."
        client: "Open the URL that you send as `client_id`. It must respond with status 200 and one JSON object, whose `client_id` is this URL, letter by letter. A document cannot have a secret: use `none`, or `private_key_jwt` with `jwks_uri`. After a change, wait a minute."
        operator: "Send the `error` of the log to the client's developer. If the host should not have a client here, there is nothing to do."
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
    ClientUnavailable ["RFC 6749 §4.1.2.1", "RFC 9110 §15.6.4"]
        means: "The store of clients works, and cannot tell at the moment whether this client exists: usually, the `client_id` is the URL of a metadata document, and the document or its key set cannot be fetched."
        tell: "The status is 503. In the log, at level `INFO`, `error` says why: a name that does not resolve, a status that is not 200, HTML instead of JSON, or that it was fetched too often."
        client: "Keep the registration, and send the request again after the seconds in `Retry-After`. Check that the URL responds with status 200 and `application/json` to somebody who is not a browser, without a redirect and within 5 seconds."
        operator: "If `error` says so for every host, look at the resolver and at the way out of your network. If it is one host, its owner has to act. Strangers can cause this reason by inventing URLs."
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
}
