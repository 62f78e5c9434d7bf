//! The DPoP proof of a client that has authenticated.

use super::causes;

causes! {
"The DPoP proof" {
    RepeatedDpopHeader ["RFC 9449 §4.3"]
        means: "There are two proofs, so it is not clear which key the token should be bound to."
        tell: "There is more than one `DPoP` header, or one whose value has a comma."
        client: "Send one `DPoP` header with one proof. Often a retry adds the new proof to the old one instead of replacing it."
        operator: "If the client sends it once, look for a gateway that adds the header or joins headers."
    MalformedDpopProof ["RFC 9449 §4.2", "RFC 7515 §7.1"]
        means: "The header `DPoP` is not a signed JWT that can be read."
        tell: "It is not three parts of base64url with dots between them, is longer than 8 KiB, or its JSON has a member twice or of the wrong type, such as an `iat` in quotes."
        client: "Make the proof with a library for JWTs, and send it as it is, without `Bearer` or another word in front."
        operator: "If the proof is cut off, look for a gateway that limits the length of a header."
    WrongDpopType ["RFC 9449 §4.2", "RFC 8725 §3.11"]
        means: "The JWT in the header `DPoP` does not say that it is a proof. A token made for something else is not accepted as one."
        tell: "In the log, `error` has the `typ` that was sent."
        client: "Set `typ` in the header of the JWT to `dpop+jwt`. Libraries set `JWT` unless they are told otherwise."
        operator: "Nothing to do. The client has to change."
    UnsupportedDpopAlgorithm ["RFC 9449 §4.2", "RFC 9449 §5.1"]
        means: "The proof is signed in a way that the server does not accept: without a signature, with a secret, or with an algorithm that is not in its list."
        tell: "In the log, `error` has the `alg` that was sent, or says that the header has `crit`."
        client: "Use an algorithm of `dpop_signing_alg_values_supported` in the server metadata, such as `ES256`."
        operator: "If the algorithm should be accepted, add it to `signing_algorithms` of `Dpop`."
    InvalidDpopKey ["RFC 9449 §4.2", "RFC 7518 §6"]
        means: "The proof brings the key that verifies it, in the header `jwk`, and this key is missing, broken, too weak, for another algorithm, or is the private key."
        tell: "In the log, `error` says what is wrong with the key. If it names `d`, the client has sent its private key: it has to throw the key away."
        client: "Send only the public members: `kty`, `crv`, `x` and `y` of an elliptic curve, or `kty`, `n` and `e` of RSA."
        operator: "Nothing to do. The client has to change."
    WrongDpopSignature ["RFC 9449 §4.3", "RFC 7515 §5.2"]
        means: "The proof is not signed with the private key of the `jwk` in its header."
        tell: "Everything else about the proof was in order. Often the client has made a new key and still sends the old `jwk`, or signs in the DER format of ECDSA."
        client: "Sign with the key that belongs to `jwk`. An ECDSA signature is `r` and `s` one after the other, not DER."
        operator: "Nothing to do. The client has to change."
    MissingDpopClaim ["RFC 9449 §4.2"]
        means: "A proof has an identifier, a method, a URL and a time, and one of them is missing."
        tell: "In the log, `parameter` is the claim. A `jti` is also refused if it is empty or longer than 256 bytes."
        client: "Send `jti`, `htm`, `htu` and `iat` in each proof."
        operator: "Nothing to do. The client has to change."
    WrongDpopMethod ["RFC 9449 §4.3"]
        means: "The proof is for another HTTP method than that of the request."
        tell: "In the log, `error` has the `htm` that was sent. It is compared byte for byte, so `post` is wrong."
        client: "Set `htm` to `POST`, in upper case."
        operator: "Nothing to do. The client has to change."
    WrongDpopUri ["RFC 9449 §4.3", "RFC 3986 §6.2"]
        means: "The proof is for another URL than that of this endpoint."
        tell: "In the log, `error` has the `htu` that was sent and the URL of the endpoint. Compare scheme, host, port and path."
        client: "Set `htu` to the URL of the endpoint in the server metadata. A proof is for one endpoint: make a new one for each."
        operator: "If every client fails, the issuer or the path of the layer is not what clients see, for example behind a proxy: set `endpoint_url`."
    ExpiredDpopProof ["RFC 9449 §11.1"]
        means: "The proof is too old. It is accepted for a short time, so that it cannot be stolen and used later."
        tell: "In the log, `error` has the time in the proof and the clock of the server, in seconds since 1970."
        client: "Make a new proof for each request, also for a retry. If it is new, set the clock."
        operator: "If many clients fail at once, look at the clock of the server. If requests wait in a queue in front of it, raise `window` of `Dpop`."
    DpopProofNotYetValid ["RFC 9449 §11.1"]
        means: "The proof is from the future. The clocks of client and server differ by more than a minute."
        tell: "In the log, `error` has the time in the proof and the clock of the server, in seconds since 1970."
        client: "Set the clock. `iat` is in seconds, not in milliseconds."
        operator: "If many clients fail at once, look at the clock of the server."
    MissingDpopNonce ["RFC 9449 §8"]
        means: "The server requires a nonce in each proof, and this one has none. The first request of a client usually has none, so this is not a failure."
        tell: "The response has the header `DPoP-Nonce`."
        client: "Send the request again, with a new proof that has the nonce. The assertion and the code of the first request are still good."
        operator: "Nothing to do, unless a client never comes back with the nonce: then it does not read the header, or a gateway or CORS hides it."
    WrongDpopNonce ["RFC 9449 §8"]
        means: "The nonce in the proof is not one that this server accepts: it is older than four minutes, or of another server."
        tell: "The response has the header `DPoP-Nonce` with a new one."
        client: "Keep the newest nonce of each server, and send the request again with a new proof."
        operator: "If clients get this again and again, the processes behind a load balancer have different secrets: use `DpopNonces::from_secrets` with the same list."
    ReplayedDpopProof ["RFC 9449 §11.1"]
        means: "The proof was used before. Each is accepted once, at one endpoint."
        tell: "Look for an earlier accepted request with the same `client_id`. Often the client sends the same request again after a network error."
        client: "Make a new proof with a new `jti` for each request, also for a retry."
        operator: "If the client sends each proof once, somebody else may have it: look for requests from other addresses."
    WrongDpopToken ["RFC 9449 §7"]
        means: "The proof is for another access token than the request has. Only a protected resource checks this, not the token endpoint."
        tell: "In the log, `error` has the `ath` that was sent, or says that there is none."
        client: "Set `ath` to the base64url of the SHA-256 of the access token that you send."
        operator: "Nothing to do. The client has to change."
    WrongDpopKey ["RFC 9449 §7"]
        means: "The access token is bound to a key, and the proof is by another one. Only a protected resource checks this, not the token endpoint."
        tell: "Everything else about the proof was in order."
        client: "Sign with the key with which you got the token. If that key is lost, get a new token."
        operator: "If the client still has its key, somebody else may have the token: it is of no use to them."
    DpopProofRequired ["RFC 9449 §5", "RFC 9449 §5.2"]
        means: "The token would not be bound to a key, and the client or the server requires that it is."
        tell: "There is no `DPoP` header. Either the client is registered with `dpop_bound_access_tokens`, or the server requires a proof of every client, or it has the profile FAPI 2.0, and the request has no certificate that binds the token either."
        client: "Send a DPoP proof with each token request."
        operator: "If the client does send one, look for a gateway that drops the header, and check that the layer has `dpop`: without it, no proof is accepted. With FAPI 2.0, a client that presents a certificate and authenticates with something else needs `tls_client_certificate_bound_access_tokens` in its registration."
}
}
