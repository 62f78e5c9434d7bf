//! The certificate of the TLS connection.

use super::causes;

causes! {
"The client certificate" {
    CertificateMissing ["RFC 8705 §2", "RFC 9440 §2.2"]
        means: "The client authenticates by the certificate of its TLS connection, and the request came without one, or with one that could not be read."
        tell: "Look for an event about a certificate that cannot be read, shortly before: it is a `WARN` once a minute, and otherwise a `DEBUG`. Without it, no certificate came: the client presented none, or the proxy did not hand it on."
        client: "Present the certificate in the TLS connection to this endpoint. If the metadata of the server has `mtls_endpoint_aliases`, use the URL there."
        operator: "Check that TLS asks for a certificate, and that the proxy sends the header that `client_certificates` names, in its format, to this path."
    CertificateNotVerified ["RFC 8705 §2.1"]
        means: "There is a certificate, but neither the acceptor nor the proxy has said that its chain leads to an authority that the server trusts. The method `tls_client_auth` requires that."
        tell: "With nginx or HAProxy, the second header has the result of the verification. With your own acceptor, look for `verified` of `ClientCertificate`."
        client: "Send the whole chain, without the root, and check that it is from the authority that the server names."
        operator: "Check the file of authorities of the proxy. The formats of RFC 9440 and Traefik say nothing about the chain: use the constructor of `ClientCertificates` for verified ones only if the proxy verifies. A client with a certificate of its own needs `self_signed_tls_client_auth`."
    CertificateExpired ["RFC 5280 §4.1.2.5", "RFC 8705 §2.1"]
        means: "The certificate has expired, or is not yet valid."
        tell: "In the log, `error` has both times and the clock of the server, in seconds since 1970."
        client: "Renew the certificate, and make sure that the program has loaded the new one."
        operator: "If many clients have this at once, look at the clock of the server. The proxy should refuse such certificates as well."
    CertificateNotRegistered ["RFC 8705 §2.1.2", "RFC 8705 §2.2"]
        means: "The certificate is not that of this client: it has another name than the registered one, or its key is not in the key set of the client."
        tell: "In the log, `error` has the registered name and that of the certificate, or the thumbprint of the certificate. For a name, look at the order of its parts first: the string starts with the last one of the certificate, as `openssl x509 -subject -nameopt RFC2253` prints it."
        client: "Check which certificate the program presents: often it is one of another environment. A new key for `self_signed_tls_client_auth` must be in the key set before it is used."
        operator: "Register the name that the certificate has, or the key of the certificate."
}
"The binding" {
    CertificateRequired ["RFC 8705 §3.4", "RFC 8705 §3.1"]
        means: "The client is registered for tokens that are bound to its certificate (`tls_client_certificate_bound_access_tokens`), and the request came without one."
        tell: "The status is 400: the client has authenticated. Look for an event about a certificate that cannot be read, shortly before: it is a `WARN` once a minute, and otherwise a `DEBUG`."
        client: "Present a certificate in the TLS connection to this endpoint. If the metadata of the server has `mtls_endpoint_aliases`, use the URL there."
        operator: "Check that `client_certificates` is set, and that the proxy sends its header to this path. If the client should not have a certificate, change its registration."
}
}
