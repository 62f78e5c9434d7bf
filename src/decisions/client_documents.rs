//! Decisions about clients by URL.
//!
//! The columns are those of [`decisions`](super).
//!
//! These rows are for Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document), if the store of
//! clients is `ClientDocuments` (feature `client-documents`). The store that it is put around is asked first. A *copy*
//! is a document that was fetched at most 24 hours ago and is no longer fresh.
//!
//! # The client id
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | the client is registered | that client; nothing is fetched | the operator has decided about it | `a_registered_client_wins` |
//! | the store of registered clients fails | 503 `temporarily_unavailable`; nothing is fetched | not to know is not the same as unknown | `an_error_of_the_store_is_an_error_and_nothing_is_fetched` |
//! | the id is not `https`, has no path or only `/`, a user or a password, a fragment, or a segment `.` or `..`, also with `%2e` and if they are empty | the ordinary store decides; nothing is fetched | the draft, §3 | `an_id_that_is_not_the_url_of_a_document_is_for_the_ordinary_store_alone` |
//! | it is longer than 2,048 bytes, or has an empty port, or a port that starts with 0 | the same | no client needs such an id | `an_id_is_the_url_of_a_document_or_the_error_says_why_not` |
//! | a query, or a port | fetched as it is | the draft, §3 | `a_query_and_a_port_are_fetched_as_they_are_and_another_spelling_is_another_client` |
//! | the same URL in another spelling | another client | the draft, §4.1: simple string comparison | `a_query_and_a_port_are_fetched_as_they_are_and_another_spelling_is_another_client` |
//! | the host is an IP address, or a number that a resolver reads as one | 401; nothing is fetched | the draft, §6.5 | `an_ip_address_is_401_and_nothing_is_resolved_or_fetched` |
//! | any address of the name is not public | 401; no connection is made | the draft, §6.5 | `a_name_with_any_address_that_is_not_public_is_401_and_not_connected_to` |
//! | the host is not in `hosts`, or `allow_where` says no | unknown; nothing is fetched | the operator has decided | `only_hosts_of_the_list_may_have_a_document` |
//!
//! # The document
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | not one JSON object in UTF-8, a member twice at any depth, or more than 256 values | 401 | two readers could see two clients; a value takes up to a hundred times the memory of its text, and strangers write it | `a_document_is_a_client_or_has_a_problem` |
//! | `client_id` in it is absent, or not this URL byte for byte | 401 | the draft, §4.1 | `a_document_is_a_client_or_has_a_problem` |
//! | `client_secret`, `client_secrets` or `client_secret_expires_at`, also `null` or 0 | 401 | the draft, §4.1: everybody can read it | `a_document_is_a_client_or_has_a_problem` |
//! | no `token_endpoint_auth_method` | `none` | not the default of RFC 7591, which needs a secret | `a_client_with_a_document_is_a_public_client` |
//! | `token_endpoint_auth_method` is one of `client_secret_*` | 401 | the draft, §4.1 | `a_document_is_a_client_or_has_a_problem` |
//! | `token_endpoint_auth_methods_supported` | the methods of it that the document has keys for and the layer verifies; other names are ignored; it counts before the single method | OpenID Connect Relying Party Metadata Choices §2 | `a_client_has_the_methods_that_its_document_lists_and_the_layer_verifies` |
//! | the document has only `private_key_jwt`, and the request no assertion | 401 | the draft, §6.2 | `a_client_that_signs_does_not_come_without_a_signature` |
//! | a private or symmetric key in `jwks`, or `jwks` that is not a set, with any method | 401 | the key is public now | `a_document_is_a_client_or_has_a_problem` |
//! | both `jwks` and `jwks_uri` have keys; `jwks_uri` is not https | 401 | RFC 7591 §2 | `a_document_is_a_client_or_has_a_problem` |
//! | `token_endpoint_auth_methods`, `accept_endpoint_audience`, `max_rsa_bits` | ignored | these members of this crate are for the operator | `a_document_is_a_client_or_has_a_problem` |
//! | `client_credentials` in `grant_types` | left out: 400 `unauthorized_client` | anybody can publish a document, and would get tokens without a user | `a_document_does_not_get_tokens_without_a_user` |
//! | unknown members, and grants that the server does not serve | ignored | the draft, §4.1 | `members_and_grants_that_this_server_does_not_know_are_ignored` |
//! | the document is not valid, or its client is refused | the copy is dropped; for a minute, the client is refused without a fetch | the draft, §4.4: the document is not kept | `that_a_document_is_gone_or_not_valid_is_remembered_for_a_minute` |
//!
//! | a registered redirection URI that is neither https, nor http on the user's own machine, nor of an app, whose scheme has a period | never allowed | RFC 9700 §2.6, RFC 8252 §7.1: strangers write documents | `a_document_may_send_a_code_only_to_https_this_machine_or_an_app` |
//! | the document was read by the server itself, and names a `jwks_uri` | 503 for its assertions; nothing is fetched | the source of the layer may reach internal networks | `the_keys_of_a_document_that_the_server_read_itself_are_not_fetched` |
//!
//! # The fetch
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | a name that does not resolve, a wrong certificate, a redirect, a status other than 200 and 410, another media type than JSON, a `Content-Encoding`, more than 5 KiB, more than 5 s | the copy and an event, or 503 `temporarily_unavailable` with `Retry-After` | an outage often looks like that, and a client may throw its registration away if it gets `invalid_client` | `a_response_that_is_not_the_document_is_as_an_outage` |
//! | 410 | the copy is dropped; 401 | RFC 9110 §15.5.11: it is meant so | `a_document_that_is_gone_or_refused_is_401_as_for_a_client_that_does_not_exist` |
//! | an outage of an hour | the copy, at once while the outage is known | the client is not at fault | `in_an_outage_of_an_hour_the_copy_serves_and_of_25_hours_it_is_503` |
//! | a copy that is older than 24 hours | 503 | its registration may have changed | `in_an_outage_of_twenty_five_hours_the_copy_ends` |
//! | `Cache-Control` | fresh for as long, from 5 minutes to 24 hours; without it, for 5 minutes | the draft, §4.4 | `cache_control_says_how_long_a_document_is_fresh_within_the_limits` |
//! | a document that is no longer fresh | fetched before it is used | a key that was taken out must stop | `a_document_that_is_no_longer_fresh_is_fetched_before_it_is_used` |
//! | 200 requests for one new URL at once | one fetch | a stranger must not multiply it | `two_hundred_requests_at_once_for_a_new_url_are_one_fetch` |
//! | more than 64 fetches at once, or 4 from one host | the request waits for 3 s; then 503, or the copy | strangers cause them; of the 64, strangers who invent URLs get 48 | `at_most_64_documents_are_fetched_at_once` |
//! | more than 5 fetches of a URL in a minute, or 30 from a host | 503 at once, or the copy | as above; of the 30, strangers who invent URLs get 20 | `a_host_is_asked_at_most_30_times_a_minute_however_it_is_written` |
//! | 10,000 documents are kept, and there is one more | the one that was not used for the longest time goes; URLs without a document push out none | as above | `invented_urls_push_out_no_document` |
//! | a `jwks_uri` | fetched in the same way and within the same limits, never by the `jwks_source` of the layer | a stranger chooses it, and that source may reach internal networks | `a_jwks_uri_is_fetched_as_documents_are_at_whatever_host` |
//! | a `jwks_uri` that cannot be fetched | 503, and no event of an outage | as above | `a_jwks_uri_that_cannot_be_fetched_is_503_for_the_client_alone` |
//! | the request waits longer than the deadline | 503, and no event of an outage | as above | `a_fetch_that_is_later_than_the_deadline_is_503_for_the_client_alone` |
//! | discovery | `client_id_metadata_document_supported: true`, and `none` among the methods, unless `auth_methods` leaves it out | the draft, §5; some clients do not use documents otherwise | `discovery_says_that_documents_are_supported_and_clients_need_no_secret` |
//! | metrics with `count_clients` | the client has no label of its own | anybody can publish a document | `a_client_with_a_document_has_no_label` |
