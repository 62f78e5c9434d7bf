//! Where the certificate of the client comes from.

mod names;

use http::HeaderName;

/// Setting that says where the certificate of a client comes from: the acceptor of the server, or the header of a
/// proxy.
///
/// If your own acceptor ends the TLS connections of clients, it puts a [`ClientCertificate`] into the extensions of
/// each request: see [`from_acceptor`](Self::from_acceptor). If a proxy ends them, there is one constructor for
/// each format of the header, with the configuration of the proxy. A header never completes or replaces a
/// certificate in the extensions.
///
/// If a request has no [`ClientCertificate`], the header is read. So never use the constructor of a proxy for a listener that
/// clients reach directly, also if the server ends its TLS connections itself.
///
/// Pass it to [`client_certificates`](crate::layer::TokenEndpointLayerBuilder::client_certificates).
///
/// **A header is believed.** Whoever can set it can be any client that authenticates by certificate. So the
/// proxy must remove or replace the header in *every* request, also if the connection has no certificate, and on
/// every port. And nobody may reach the server without the proxy. If the connections of the proxy to the server have a
/// certificate as well, the acceptor must not put that one into the extensions: it is not that of the client.
///
/// What the layer does with the header:
///
/// - It takes the header out of each request that it decides, before the inner service sees it. It does not remove it from a
///   request that passes through, such as one for another path. Handlers of those paths must not trust the header.
/// - A header with an empty value counts as none.
/// - Two headers of that name, a value that is not exactly in the format, or a certificate over 16 KiB
///   count as no certificate, and an event says what is wrong with which header: a `WARN` once a minute, and
///   otherwise a `DEBUG`.
/// - In PEM, lines end with LF or CR LF. There is no text outside of the blocks, and no other label than `CERTIFICATE`.
///
/// [RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2),
/// [RFC 9440 §4](https://www.rfc-editor.org/rfc/rfc9440#section-4).
///
/// ```
/// use tower_token_endpoint::{
///     MemoryClientStore, TokenEndpointLayer, client::certificates::ClientCertificates,
/// };
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .client_certificates(ClientCertificates::nginx())
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// [`ClientCertificate`]: crate::protocol::client_certificate::ClientCertificate
#[derive(Clone, Debug)]
#[must_use = "the setting does nothing until it is given to a builder"]
pub struct ClientCertificates {
    /// `None`: no header is looked at.
    pub(crate) header: Option<CertificateHeader>,
    /// Whether names were set for a format that has no second header.
    misnamed: bool,
}

/// A header with a certificate.
#[derive(Clone, Debug)]
pub(crate) struct CertificateHeader {
    pub(crate) format: Format,
    pub(crate) name: HeaderName,
}

/// What the header has, and how it is known whether the chain of the certificate was verified.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    Rfc9440 {
        verified: bool,
    },
    Nginx {
        verify: HeaderName,
    },
    HaProxy {
        verify: HeaderName,
    },
    /// Verified.
    Envoy,
    /// Verified.
    AlbLeaf,
    /// Not verified.
    AlbChain,
    Traefik {
        verified: bool,
    },
}

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
pub(crate) const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");
const X_SSL_CLIENT_CERT: HeaderName = HeaderName::from_static("x-ssl-client-cert");
const X_SSL_CLIENT_VERIFY: HeaderName = HeaderName::from_static("x-ssl-client-verify");
const XFCC: HeaderName = HeaderName::from_static("x-forwarded-client-cert");
const ALB_LEAF: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-leaf");
const ALB_CHAIN: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert");
const TRAEFIK: HeaderName = HeaderName::from_static("x-forwarded-tls-client-cert");

impl ClientCertificates {
    /// No header: the certificate is the [`ClientCertificate`] in the extensions of the request.
    ///
    /// It is for a server that ends the TLS connections itself. Its acceptor puts the certificate there. All
    /// other constructors also accept that one, before their header.
    ///
    /// [RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2).
    ///
    /// [`ClientCertificate`]: crate::protocol::client_certificate::ClientCertificate
    pub const fn from_acceptor() -> Self {
        Self {
            header: None,
            misnamed: false,
        }
    }

    /// The header `Client-Cert` of RFC 9440. The proxy does not say whether the chain was verified.
    ///
    /// Use it for `self_signed_tls_client_auth` and for bound access tokens. Clients of `tls_client_auth` get
    /// a 401: some proxies also fill the header if the verification failed.
    ///
    /// The value is base64 with padding between two colons, without parameters. `Client-Cert-Chain` is removed and
    /// not read. With HAProxy, in every frontend that leads to the server, with the `bind` of
    /// [`haproxy`](Self::haproxy):
    ///
    /// ```text
    /// http-request del-header Client-Cert
    /// http-request del-header Client-Cert-Chain
    /// http-request set-header Client-Cert :%[ssl_c_der,base64]: if { ssl_c_used }
    /// ```
    ///
    /// [RFC 9440 §2.2](https://www.rfc-editor.org/rfc/rfc9440#section-2.2).
    pub fn rfc9440() -> Self {
        Self::new(Format::Rfc9440 { verified: false }, CLIENT_CERT)
    }

    /// The header `Client-Cert` of RFC 9440, from a proxy that sends it only if the chain was verified.
    ///
    /// As [`rfc9440`](Self::rfc9440), but also for `tls_client_auth`. All sites of the proxy must trust the same authorities: see
    /// [`haproxy`](Self::haproxy). With HAProxy, in every frontend that leads to
    /// the server, with `ca-file clients-ca.pem verify optional` at its `bind`:
    ///
    /// ```text
    /// http-request del-header Client-Cert
    /// http-request del-header Client-Cert-Chain
    /// http-request set-header Client-Cert :%[ssl_c_der,base64]: if { ssl_c_used } { ssl_c_verify 0 }
    /// ```
    ///
    /// [RFC 9440 §2.2](https://www.rfc-editor.org/rfc/rfc9440#section-2.2),
    /// [RFC 8705 §2.1](https://www.rfc-editor.org/rfc/rfc8705#section-2.1).
    pub fn rfc9440_verified() -> Self {
        Self::new(Format::Rfc9440 { verified: true }, CLIENT_CERT)
    }

    /// The two headers that nginx is usually told to send: `X-SSL-Client-Cert` and `X-SSL-Client-Verify`.
    ///
    /// The certificate counts as verified only if the second header is `SUCCESS`. With `FAILED:…`, or without the
    /// second header, it is a certificate that is not verified. `NONE` is no certificate.
    ///
    /// Both `proxy_set_header` lines are needed in every `location` that leads to the server, also in those of port 80: they
    /// replace what the client sent. If a `location` has any `proxy_set_header` of its own, nginx does not inherit those
    /// outside of it, so repeat both.
    ///
    /// ```text
    /// server {
    ///     listen 443 ssl; # with ssl_certificate and ssl_certificate_key
    ///     ssl_trusted_certificate clients-ca.pem;
    ///     ssl_verify_client optional_no_ca;
    ///     location / {
    ///         proxy_pass http://127.0.0.1:3000;
    ///         proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
    ///         proxy_set_header X-SSL-Client-Verify $ssl_client_verify;
    ///     }
    /// }
    /// ```
    ///
    /// All servers of this nginx that ask for certificates of clients must trust the same authorities. Run another nginx for a
    /// site that trusts others. On one port, a client can name no server in its handshake, and this one in `Host`. On another
    /// port, it can still begin a TLS session there and resume it here. In both cases, nginx says `SUCCESS` of a certificate
    /// that only the other server trusts.
    ///
    /// `optional_no_ca` also accepts certificates that no authority has signed, for
    /// `self_signed_tls_client_auth`. Without such clients, write `optional` and `ssl_client_certificate`, which sends the
    /// names of the authorities to clients: many clients then present only a certificate of these. If there are intermediate
    /// authorities, set `ssl_verify_depth`. `$ssl_client_escaped_cert` is percent-encoded PEM, since nginx 1.13.5.
    /// `$ssl_client_cert` has another format, and is not read. Log `$ssl_client_verify`: only it says why a chain is not
    /// verified.
    ///
    /// [RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2).
    pub fn nginx() -> Self {
        let verify = X_SSL_CLIENT_VERIFY;
        Self::new(Format::Nginx { verify }, X_SSL_CLIENT_CERT)
    }

    /// The two headers that HAProxy is usually told to send: `X-SSL-Client-Cert` and `X-SSL-Client-Verify`.
    ///
    /// The certificate counts as verified only if the second header is `0`. With another number, or without the second
    /// header, it is a certificate that is not verified.
    ///
    /// Both lines are needed in every frontend that leads to the server, also in those without TLS: they
    /// replace what the client sent.
    ///
    /// ```text
    /// frontend https
    ///     bind :443 ssl crt server.pem ca-file clients-ca.pem verify optional ca-ignore-err all crt-ignore-err all
    ///     http-request set-header X-SSL-Client-Cert %[ssl_c_der,base64]
    ///     http-request set-header X-SSL-Client-Verify %[ssl_c_verify]
    ///     default_backend authorization_server
    /// ```
    ///
    /// The two `ignore-err` also accept certificates that no authority has signed, for
    /// `self_signed_tls_client_auth`. Leave them out if there are no such clients.
    ///
    /// All `ca-file` of this HAProxy must have the same authorities. Run another HAProxy for a site that trusts others. On
    /// one port, a client can name one site in its handshake, and another one in `Host`. On another port, it can still begin a
    /// TLS session there and resume it here. In both cases, a certificate that only the other site trusts counts as verified.
    ///
    /// [RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2).
    pub fn haproxy() -> Self {
        let verify = X_SSL_CLIENT_VERIFY;
        Self::new(Format::HaProxy { verify }, X_SSL_CLIENT_CERT)
    }

    /// The header `X-Forwarded-Client-Cert` of Envoy.
    ///
    /// The layer reads `Cert` of the last element, which the proxy nearest to the server adds. It counts as verified, so
    /// `trusted_ca` is required, and Envoy must not have `trust_chain_verification: ACCEPT_UNTRUSTED`. Clients without a
    /// certificate are let in unless `require_client_certificate` is set. In every listener that leads to the server:
    ///
    /// ```text
    /// # common_tls_context of the transport_socket
    /// validation_context: { trusted_ca: { filename: clients-ca.pem } }
    /// # http_connection_manager, also without TLS
    /// forward_client_cert_details: SANITIZE_SET
    /// set_current_client_cert_details: { cert: true }
    /// ```
    ///
    /// `SANITIZE_SET` replaces what the client sent. Switch on `cert` only: Envoy writes the names of a
    /// certificate (`uri`, `dns`) without quotes, so a name with a comma could begin an element of its own.
    ///
    /// [RFC 8705 §2.1](https://www.rfc-editor.org/rfc/rfc8705#section-2.1).
    pub fn envoy() -> Self {
        Self::new(Format::Envoy, XFCC)
    }

    /// The header `X-Amzn-Mtls-Clientcert-Leaf` of an AWS Application Load Balancer in the mode `verify`.
    ///
    /// The certificate counts as verified.
    ///
    /// ```text
    /// aws elbv2 modify-listener --listener-arn $LISTENER \
    ///     --mutual-authentication Mode=verify,TrustStoreArn=$TRUST_STORE
    /// ```
    ///
    /// A load balancer has no rule that removes a header of a request. So *every* listener that leads to the server must be one of
    /// HTTPS in this mode, none of HTTP, and the security group of the server must let in the load balancer only.
    ///
    /// [RFC 8705 §2.1](https://www.rfc-editor.org/rfc/rfc8705#section-2.1).
    pub fn aws_alb() -> Self {
        Self::new(Format::AlbLeaf, ALB_LEAF)
    }

    /// The header `X-Amzn-Mtls-Clientcert` of an AWS Application Load Balancer in the mode `passthrough`.
    ///
    /// The certificate is the first of the chain, and does not count as verified: it is enough for
    /// `self_signed_tls_client_auth` and for bound access tokens.
    ///
    /// ```text
    /// aws elbv2 modify-listener --listener-arn $LISTENER --mutual-authentication Mode=passthrough
    /// ```
    ///
    /// The same as for [`aws_alb`](Self::aws_alb) holds for the listeners and for the security group.
    /// AWS does not document what becomes of the header if a client without a certificate sends it. Try it as
    /// [`guide::deployment`](crate::guide::deployment) says. If the response is a 200, do not use this constructor.
    ///
    /// [RFC 8705 §2.2](https://www.rfc-editor.org/rfc/rfc8705#section-2.2).
    pub fn aws_alb_passthrough() -> Self {
        Self::new(Format::AlbChain, ALB_CHAIN)
    }

    /// The header `X-Forwarded-Tls-Client-Cert` of Traefik, which does not say whether the chain was verified.
    ///
    /// It is enough for `self_signed_tls_client_auth` and for bound access tokens. The certificate is the first of
    /// the chain. Both forms are read: the percent-encoded one of Traefik before 2.9.4, and the newer one.
    ///
    /// Without a certificate, the middleware leaves the header as it came. The entry point removes it, but not from clients whose
    /// forwarded headers it trusts. So remove it first, in every router that leads to the server:
    ///
    /// ```text
    /// http:
    ///   routers:
    ///     authorization-server:
    ///       middlewares: [no-client-cert, client-cert]   # in this order
    ///   middlewares:
    ///     no-client-cert:
    ///       headers:
    ///         customRequestHeaders:
    ///           X-Forwarded-Tls-Client-Cert: ""
    ///     client-cert:
    ///       passTLSClientCert:
    ///         pem: true
    /// tls:
    ///   options:
    ///     default:
    ///       clientAuth:
    ///         clientAuthType: RequestClientCert
    /// ```
    ///
    /// [RFC 8705 §2.2](https://www.rfc-editor.org/rfc/rfc8705#section-2.2).
    pub fn traefik() -> Self {
        Self::new(Format::Traefik { verified: false }, TRAEFIK)
    }

    /// The header `X-Forwarded-Tls-Client-Cert` of Traefik, if it verifies the chain.
    ///
    /// As [`traefik`](Self::traefik), but also for `tls_client_auth`. The `default` TLS option, and every one that a router
    /// to the server uses, must have one of the two types that verify:
    ///
    /// ```text
    /// clientAuth:
    ///   caFiles: [clients-ca.pem]
    ///   clientAuthType: VerifyClientCertIfGiven   # or RequireAndVerifyClientCert
    /// ```
    ///
    /// [RFC 8705 §2.1](https://www.rfc-editor.org/rfc/rfc8705#section-2.1).
    pub fn traefik_verified() -> Self {
        Self::new(Format::Traefik { verified: true }, TRAEFIK)
    }

    fn new(format: Format, name: HeaderName) -> Self {
        Self {
            header: Some(CertificateHeader { format, name }),
            misnamed: false,
        }
    }
}

impl CertificateHeader {
    /// The header that says whether the chain was verified, if there is one.
    pub(crate) fn verify_header(&self) -> Option<&HeaderName> {
        match &self.format {
            Format::Nginx { verify } | Format::HaProxy { verify } => Some(verify),
            Format::Rfc9440 { .. }
            | Format::Envoy
            | Format::AlbLeaf
            | Format::AlbChain
            | Format::Traefik { .. } => None,
        }
    }
}
