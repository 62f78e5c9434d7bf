//! Decisions about client certificates (mutual TLS, RFC 8705).
//!
//! The columns are those of [`decisions`](super).
//!
//! These rows hold with the setting `client_certificates` (feature `mtls`). The layer does not end TLS
//! connections: it is told of the certificate, and compares it. A certificate is not a method by itself. If a
//! request has only `client_id`, the registration of the client decides the method. Any failure gets the same 401
//! `invalid_client` as all others.
//!
//! The certificate is read before the client is looked up. Then one name of each kind is compared: if the client has no
//! name of that kind, or does not exist, a decoy. With an acceptor, a certificate is read once for each connection. Some things
//! cannot be hidden:
//!
//! - That a client has its keys at a URI. With any certificate, a stranger can make the server fetch the set
//!   again: the response takes longer, or is a 503 instead of the 401. Such fetches are limited as for assertions.
//! - How many keys a set has. To compare one takes a few nanoseconds.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | the setting is not set, and a certificate is in the extensions or in a header | not looked at; a client of these methods gets a 401 | whoever has not set it up must not believe a header | `methods_without_the_setting` "a header is not looked at" |
//! | a certificate in the extensions and one in the header | the one of the extensions, also if it cannot be read | a header never completes or replaces what the connection had | `a_header_never_completes_or_replaces_what_the_connection_had` |
//! | the configured headers, in a request that the layer decides | taken out before the inner service sees it | nobody behind must believe what the layer has not | `a_header_is_read_and_taken_out_of_the_request` |
//! | the configured headers, in a request that passes through | left as they are | it is not for the layer | `a_request_that_passes_through_keeps_its_headers` |
//! | two headers of the name, or a value that is not in its format | no certificate, and an event without the value | two readers could see two certificates | `two_headers_of_the_name_are_no_certificate` |
//! | a certificate over 16 KiB, malformed, or with trailing bytes | no certificate, and an event: one warning a minute, and the others at level `DEBUG` | as above; a stranger can send as many as he likes | `what_is_not_exactly_one_certificate_counts_as_none` |
//! | a client of `tls_client_auth` with only `client_id` and its certificate | accepted | RFC 8705 §2.1 | `methods` "the certificate of the name" |
//! | a client of `self_signed_tls_client_auth`, the same | accepted | RFC 8705 §2.2 | `methods` "the certificate of the key" |
//! | no certificate | 401 | RFC 8705 §2 | `methods` "no certificate, by name" |
//! | no `client_id` | 401 | RFC 8705 §2: it names the client | `methods` "no client_id" |
//! | an unknown client, another certificate, one that is not verified or has expired | the same 401 | nobody must see which clients exist | `every_401_has_the_same_bytes_and_headers` |
//! | the same | the same allocations | neither by the work | `every_refused_certificate_allocates_the_same` |
//! | `tls_client_auth`, and nobody says that the chain was verified | 401 | RFC 8705 §2.1; a name in a certificate of anybody proves nothing | `methods` "the chain is not verified" |
//! | `tls_client_auth`, before `notBefore` or after `notAfter` | 401 | some proxies hand on what has expired | `methods` "expired" |
//! | `tls_client_auth`, another name | 401; the log has both | RFC 8705 §2.1.2 | `names` "another subject" |
//! | `tls_client_auth` registered with no name, with two, or with one that is malformed | does not load | RFC 8705 §2.1.2: exactly one | `a_client_without_exactly_one_name_does_not_load` |
//! | `self_signed_tls_client_auth` | the key of the certificate is that of a key in `jwks` or at `jwks_uri`, also if the key is for something else; chain and validity period are not checked | RFC 8705 §2.2 | `registered_keys` "its key in an expired certificate" |
//! | a JWK with `x5c` and without its numbers (`n`, `e`, `x`, `y`), or with only `x5t#S256` | the key of the first certificate, or the certificate itself | RFC 8705 §2.2.2, RFC 7517 §4.7 and §4.9 | `registered_keys` "x5c without the numbers" |
//! | a JWK whose `x5c` is of another key than its numbers, or than its `x5t#S256` | no certificate is that of this key, and a warning says so | two readers could see two keys | `a_key_that_contradicts_its_certificate_is_told` |
//! | the same, and the client signs an assertion with the key | accepted | without feature `mtls`, nobody reads `x5c`, and a feature must not change what a request gets | `a_key_that_contradicts_its_certificate_still_verifies_assertions` |
//! | a JWK with numbers, and the `x5t#S256` of a certificate with another key | certificates with the key of the numbers are accepted | without the certificate, nobody can know its key | `registered_keys` "x5t#S256 of another certificate beside numbers" |
//! | a JWK with numbers, and an `x5c` that cannot be read | the same | the numbers say which key it is | `registered_keys` "x5c that cannot be read beside numbers" |
//! | a JWK with `x5c`, and with numbers that are not those of a known kind of key | the same | RFC 7517 §4.7: they must be the same key, and nobody can compare them | `a_certificate_beside_numbers_must_be_of_them` |
//! | a certificate whose key is a compressed point | its key is that of a JWK with `x5c`, but not of one with numbers | the point would have to be computed; RFC 5480 §2.2 lets a reader refuse it | `a_point_must_be_whole` |
//! | a time before 1970 in a certificate | counts as 1970 | RFC 5280 §4.1.2.5.1 begins with 1950, and it is over in any case | `times_are_read_to_the_second_and_none_is_before_1970` |
//! | a `jwks` in which no key can be that of a certificate | does not load | such a client never authenticates | `a_set_that_no_certificate_can_be_of_does_not_load` |
//! | the set at `jwks_uri` cannot be had | 503 `temporarily_unavailable`, `Retry-After` | not knowing is never "wrong" | `fetched_keys` "a source that is down" |
//! | a key that the fetched set does not have | fetched again, as often as for an assertion with an unknown `kid`; 503 in the pause | the client may have changed its keys | `an_unknown_key_is_looked_for_and_is_503_in_the_pause` |
//! | a `jwks_uri`, and the layer has no source of keys | 401 | as for assertions | `without_a_source_of_keys_a_client_with_a_url_gets_a_401` |
//! | a client of both methods | accepted by either | the registration decides | `methods` "both methods, by the key" |
//! | a client of one of them and of `none`, with a certificate that is not its own | 401 | a client that presents a certificate means to authenticate by it | `methods` "both methods and none, neither fits" |
//! | the same, without a certificate | accepted as public | nothing contradicts it | `methods` "both methods and none, no certificate" |
//! | the `client_id` in Basic credentials without a secret, with a certificate | as `client_id` in the form | RFC 6749 §2.3.1: clients without a secret may send their id so | `methods` "client_id in Basic without a secret" |
//! | the same, and the id can be that of two clients (`a+b` and `a b`), with their keys at a `jwks_uri` | the keys of the second are fetched if the first is not proven | RFC 6749 §2.3.1 and many clients encode differently; not knowing is never "wrong" | `fetched_keys` "two clients, the key of the second" |
//! | a certificate beside Basic, a secret or an assertion | that authenticates, also if the certificate would be enough | RFC 6749 §2.3: one method; the connection may have a certificate for other reasons | `methods` "its certificate beside a wrong secret" |
//! | a client of `none`, with a certificate | accepted as public | as above | `methods` "a public client" |
//! | accepted, with a certificate | its thumbprint is handed on, with any method | RFC 8705 §3 and §4: the server decides what it binds | `the_thumbprint_is_handed_on_whatever_the_method` |
//! | the same | the certificate itself is handed on, also that of a header | roles and other names in it are for the server | `the_certificate_itself_is_handed_on` |
//! | the member `cnf` that `confirmation` returns | has `x5t#S256` if the client authenticated by it, or registered `tls_client_certificate_bound_access_tokens` | tokens of other clients are not bound | `the_thumbprint_is_handed_on_whatever_the_method` |
//! | the same, at another endpoint | `None` | it would be the keys of whoever asks, and not those of a token | `a_certificate_is_required_only_at_the_token_endpoint` |
//! | `tls_client_certificate_bound_access_tokens`, and no certificate, at the token endpoint | 400 `invalid_request`, and nothing is used up | RFC 8705 §3.4: a token that is not bound must not be issued | `bound_tokens` "no certificate" |
//! | the same, and the setting is not set | 400 `invalid_request` | as above | `without_the_setting_a_client_with_bound_tokens_gets_none` |
//! | FAPI 2.0: a token request with a certificate that tokens of the client are bound to, and without a DPoP proof | accepted | FAPI 2.0 Security Profile §5.3.2.1: mutual TLS or DPoP | `fapi_binds_tokens_to_a_certificate_or_to_a_key` |
//! | a second URL of the endpoint, `mtls_base_url` | in `mtls_endpoint_aliases`; a DPoP proof may be for either | RFC 8705 §5 | `a_second_url_is_in_discovery_and_good_for_proofs` |
//! | the same, as the audience of an assertion | accepted if the first URL is accepted as audience | RFC 7523 §3 | `a_second_url_is_an_audience_where_the_first_is` |
//! | a protected resource without a layer | `take_thumbprint` reads the same headers and extensions | RFC 8705 §3 | `the_thumbprint_can_be_taken_without_a_layer` |
