//! What a server needs before it goes live: a proxy in front, several processes, Redis, and what to watch.
//!
//! # Behind a proxy
//!
//! - **TLS.** The layer does not know whether a request came over TLS. RFC 6749 §3.2 requires it.
//! - **The issuer** is what clients see, not the address that the server listens on. The layer never reads
//!   `Host` or `X-Forwarded-*`.
//! - **Limits on guesses** need the address of the client, which is not the peer of the connection behind a
//!   proxy. [`throttle`](crate::throttle#which-source) says how to choose it.
//! - **Paths.** If the proxy rewrites the path, the layer must have the path that the server gets. If proxy and
//!   server disagree about `//token` or `/%74oken`, the server decides. See
//!   [`composing`](super::composing#paths).
//! - **Connections.** Limit the connections of one address, and end a connection whose header does not end in
//!   time. `axum::serve` does not. The examples accept connections in `examples/serve/`, which you can copy: a
//!   header may take 10 s, and if no file descriptor is left, the server waits until connections end.
//! - **Client certificates** come in a header that the proxy must replace: see the next section.
//! - **Error ids.** A request id in a header is only as good as who can send it: let the proxy replace it.
//!   See [`TraceIds`](crate::layer::TraceIds).
//!
//! # Client certificates behind a proxy
//!
//! With the feature `mtls`, clients can authenticate by the certificate of their TLS connection (RFC 8705). If a
//! proxy ends the connections, it sends the certificate in a header.
#![cfg_attr(
    feature = "mtls",
    doc = "[`ClientCertificates`](crate::client::certificates::ClientCertificates) has one constructor for each format:"
)]
#![cfg_attr(
    not(feature = "mtls"),
    doc = "`ClientCertificates` has one constructor for each format:"
)]
//!
//! | proxy | constructor | `tls_client_auth` | `self_signed_tls_client_auth` |
//! |---|---|---|---|
//! | nginx | `nginx` | yes: a second header says whether the chain was verified | yes |
//! | HAProxy | `haproxy` | yes, by a second header | yes |
//! | Envoy | `envoy` | yes | no |
//! | AWS Application Load Balancer, mode `verify` | `aws_alb` | yes | no |
//! | the same, mode `passthrough` | `aws_alb_passthrough` | no | yes |
//! | Traefik | `traefik` | no | yes |
//! | Traefik, if it verifies every chain | `traefik_verified` | yes | no |
//! | any that sends `Client-Cert` (RFC 9440) | `rfc9440` | no | yes |
//! | the same, if it sends only certificates whose chain it has verified | `rfc9440_verified` | yes | no |
//!
//! The docs of each constructor have the lines for the configuration of the proxy. Those of nginx and HAProxy are
//! tested with the proxies. Tokens that are bound to a certificate work with all of them.
//!
//! **With `envoy`, `aws_alb`, `traefik_verified` and `rfc9440_verified`, every certificate counts as verified.** So
//! the proxy must refuse a certificate that your authority of clients has not signed, or not forward it. Otherwise, anybody
//! can make a certificate with the name of a client. If you have clients of both methods, take nginx or HAProxy.
//!
//! **If the proxy itself has a certificate** for its connection to the server, the acceptor of the server must not put
//! that one into the extensions. The layer would treat it as the certificate of every client.
//!
//! The headers of a certificate are long: one of 16 KiB has about 25 KB in PEM with its escapes. Most have 2 to 4 KB. Over HTTP/2,
//! hyper accepts headers of 16 KiB together, unless `max_header_list_size` is set.
//!
//! If a client gets a 401, the log tells what the proxy has forgotten:
//!
//! | event | cause, with nginx or HAProxy |
//! |---|---|
//! | `certificate_missing`, and nothing else | neither header came, or the client presented no certificate |
//! | `certificate_missing`, after `the certificate of a client cannot be read` | the header with the certificate is missing, or in another format; the event says which |
//! | `certificate_not_verified` | the second header is missing, or says that the verification failed. The proxy has logged why, if you let it |
//! | `certificate_not_registered` | the name or the key is another one; the event has both |
//!
//! **Whoever can set the header can be any of these clients.** Before it goes live:
//!
//! 1. On every port, and in every virtual host and location that leads to the server, the proxy replaces or removes
//!    the header. It also does so if the connection has no certificate or no TLS.
//! 2. All sites of one nginx or HAProxy trust the same authorities of clients. Other sites have a proxy of their own. A client
//!    can name one site in the handshake (SNI) and another one in `Host`, and it can begin a TLS session at one site and resume it
//!    at another, also on another port. Its certificate was then verified by the authorities of the wrong site.
//! 3. Only the proxy can reach the server. Let it listen on the loopback address, or on a private network.
//! 4. Send the header yourself, in the name of a client that exists. First send it to the server, on its own address: the
//!    response must be a 200, or the next steps prove nothing. Then send it through the proxy, over each port: the response
//!    must be the 401 of the server. Another response, such as a 421, is from the proxy and proves nothing. Last, do so
//!    with a certificate of another client, by `--cert` and `--key` of curl: some configurations replace the
//!    header only for such connections, or only for others.
//!
//! ```bash
//! der=$(openssl x509 -in app.pem -outform der | openssl base64 -A) # app.pem: the certificate of the client `app`
//! pem=$(openssl x509 -in app.pem | sed 's/ /%20/g; s/+/%2B/g; s/$/%0A/' | tr -d '\n')
//! haproxy=(-H "X-SSL-Client-Cert: $der" -H 'X-SSL-Client-Verify: 0')
//! nginx=(-H "X-SSL-Client-Cert: $pem" -H 'X-SSL-Client-Verify: SUCCESS')
//! envoy=(-H "X-Forwarded-Client-Cert: Cert=\"$pem\"")
//! aws_alb=(-H "X-Amzn-Mtls-Clientcert-Leaf: $pem" -H "X-Amzn-Mtls-Clientcert: $pem")
//! traefik=(-H "X-Forwarded-Tls-Client-Cert: $der")
//! rfc9440=(-H "Client-Cert: :$der:")
//!
//! curl "${nginx[@]}" -d grant_type=client_credentials -d client_id=app http://127.0.0.1:3000/token
//! curl "${nginx[@]}" -d grant_type=client_credentials -d client_id=app https://as.example.com/token
//! ```
//!
//! # Several processes
//!
//! | what | shared by | without it |
//! |---|---|---|
//! | used assertions | [`RedisReplayStore`](crate::replay::RedisReplayStore), or a [`ReplayStore`](crate::replay::ReplayStore) of your own | an assertion could be used once at each process |
//! | failed authentications | [`RedisThrottle`](crate::throttle::RedisThrottle), or a [`Throttle`](crate::throttle::Throttle) of your own | each process counts by itself, so an attacker has the limit as often as there are processes |
//! | remembered secrets, fetched key sets, permits of slow hashes | nothing: each process has its own | |
//! | clients, codes and tokens | your own database | |
//! | documents of clients (`ClientDocuments`), and how often they are fetched | nothing: call `invalidate` in each process | a host is asked as often as there are processes |
//! | clients that a [`CachedClientStore`](crate::store::CachedClientStore) keeps | nothing: call `invalidate` in each process | a changed client gets the old answer for one minute more |
//!
//! All processes must have the same issuer, limits and key prefix. A server with both stores can use one
//! connection: [`RedisThrottle::with_connection_of`](crate::throttle::RedisThrottle::with_connection_of).
//!
//! # Redis
//!
//! - Redis must not forget values. Set its `maxmemory-policy` to `noeviction`, and do not use the same Redis as
//!   a cache.
//! - Its replication is asynchronous, so a failover may lose the most recent values. The assertions that belong
//!   to these values could then be used a second time, for as long as they are valid. Two things limit this:
//!   `min-replicas-to-write 1`, and clients whose assertions are valid for only a minute.
//! - Give it a password, an ACL and a private network: who can write to it can reset limits.
//! - While it is down, requests with an assertion get a 503, and failed authentications are counted in the
//!   process. Nothing needs a restart.
//!
//! # What to watch
//!
//! | question | where |
//! |---|---|
//! | Why was this request refused? | the event of the request ([table of events](crate::rejection#events-feature-tracing)), found by the `trace_id` of the error response: [`trace_ids`](crate::layer::TokenEndpointLayerBuilder::trace_ids). If your own service refused it, such as with `invalid_grant`, the event is at level `DEBUG` |
//! | Is something down? | events at level `ERROR`; the [metric](crate::rejection::metrics) `oauth_client_authentication_total` with one of their reasons. The outcome `unavailable` also has three reasons that strangers cause while nothing is down: `client_unavailable`, `hashing_overloaded` and `key_fetch_paused` |
//! | Is somebody guessing secrets? | the outcome `throttled`, the gauge `oauth_sources_throttled`, and the share of `rejected` |
//! | Are there enough permits for slow hashes? | the reason `hashing_overloaded`, and the gauges `oauth_secret_hashes_running` and `oauth_secret_hashes_waiting` |
//! | Is a setting or a client probably a mistake? | `WARN` events at the start |
//!
//! Do not let strangers read the metrics: the label `reason` is the cause of a 401. Serve them on an address
//! that only Prometheus can reach, and let the proxy not forward their path.
//!
//! `examples/grafana` has a dashboard and alerts for these metrics. `examples/observability.rs` shows a log in
//! JSON, OpenTelemetry and Prometheus together. [`rejection::pages`](crate::rejection::pages) explains every
//! error code and reason, for whoever gets one.
//!
//! # Before it goes live
//!
//! 1. Call the endpoint with a wrong secret, an unknown client and no body, and look at the responses and at
//!    the log.
//! 2. Stop the database and Redis: the responses must be 503, never 401.
//! 3. Behind a proxy, with a throttle: send 30 wrong secrets with an invented `X-Forwarded-For` in each. The last
//!    ones must be 429.
//! 4. Browser apps: send a preflight, and look for `Access-Control-Allow-Origin` on a 401.
