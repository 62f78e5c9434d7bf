//! Properties of the wire: no input breaks the layer, what is encoded comes back, and the four
//! answers that must not differ do not differ.

mod common;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::string::string_regex;
use tower_token_endpoint::{
    AuthMethod, Challenge, Client, ClientBuilder, ClientSecret, ClientStore, Endpoint, GrantType,
    MemoryClients, Reason, Scope, SecretHash, TokenEndpointLayer,
};

use common::{Call, Exchange, FORM, ISSUER, block_on, form_encode, form_pairs, layer, pairs, post};

const CC: &str = "grant_type=client_credentials";
const BOTH: [AuthMethod; 2] = [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost];

fn client(id: &str, secret: impl Into<ClientSecret>) -> ClientBuilder {
    let client = Client::builder(id).secret(secret);
    client.grant_types([GrantType::ClientCredentials])
}

fn layer_for(client: ClientBuilder) -> TokenEndpointLayer<MemoryClients> {
    layer([client.build().expect("a client")])
}

fn exchange(layer: &TokenEndpointLayer<MemoryClients>, call: &Call) -> Exchange {
    block_on(call.send(layer))
}

// ---- any input ------------------------------------------------------------------------------

/// Either the inner service was called once, or the answer keeps the rules of every error.
fn assert_answered(call: &Call) {
    let layer = layer_for(client("svc", "svc-secret").auth_methods(BOTH));
    let exchange = exchange(&layer, call);
    if exchange.rejection().is_some() {
        exchange.error();
    } else {
        assert_eq!(exchange.token_request().client().client_id(), "svc");
    }
}

/// Bytes that may stand in a header value (RFC 9110 §5.5).
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop_oneof![Just(b'\t'), 0x20..=0x7Eu8, 0x80..=0xFFu8],
        0..60,
    )
}

/// Texts that a grammar is made of, in any order.
fn jumble(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    vec(prop::sample::select(words), 0..12).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_authorization_is_answered(value in header_bytes()) {
        assert_answered(&post(CC).add("authorization", value));
    }

    #[test]
    fn anything_after_basic_is_answered(token in header_bytes(), spaces in 0..3usize) {
        let start = format!("Basic{}", " ".repeat(spaces));
        assert_answered(&post(CC).add("authorization", [start.as_bytes(), &token].concat()));
    }

    #[test]
    fn any_credentials_are_answered(credentials: Vec<u8>) {
        assert_answered(&post(CC).basic(credentials));
    }

    #[test]
    fn credentials_near_the_right_ones_are_answered(
        credentials in jumble(&["svc", ":", "svc-secret", "%", "%73", "%3A", "+", "%FF", "%C3", "é", "\0"]),
    ) {
        assert_answered(&post(CC).basic(credentials));
    }

    #[test]
    fn any_content_type_is_answered(value in header_bytes()) {
        assert_answered(&post(CC).set("content-type", value).basic("svc:svc-secret"));
    }

    #[test]
    fn anything_after_the_form_type_is_answered(
        parameters in jumble(&[";", " ", "charset", "=", "utf-8", "UTF-8", "\"", "\\", "latin1", "v", ",", "\t"]),
    ) {
        assert_answered(&post(CC).set("content-type", format!("{FORM}{parameters}")).basic("svc:svc-secret"));
    }

    #[test]
    fn any_body_is_answered(body: Vec<u8>, authenticated: bool) {
        let call = post(body);
        assert_answered(&if authenticated { call.basic("svc:svc-secret") } else { call });
    }

    #[test]
    fn any_form_is_answered(
        form in jumble(&[
            "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "code",
            "client_credentials", "svc", "svc-secret", "=", "=", "=", "&", "&", "&", "%", "%41", "+", "%FF", "é",
        ]),
        authenticated: bool,
    ) {
        let call = post(form);
        assert_answered(&if authenticated { call.basic("svc:svc-secret") } else { call });
    }

    #[test]
    fn any_query_is_answered(query in "[!-~&&[^#<>\"{}|\\\\^`]]{0,40}") {
        assert_answered(&post(CC).to(&format!("/token?{query}")).basic("svc:svc-secret"));
    }
}

// ---- encode, then decode --------------------------------------------------------------------

proptest! {
    #[test]
    fn encoded_credentials_authenticate_by_basic(id in "\\PC+|(?s).+", secret in "(?s).+") {
        let layer = layer_for(client(&id, &*secret));
        let credentials = format!("{}:{}", form_encode(&id), form_encode(&secret));
        for layer in [layer.clone(), layer.strict_basic(true)] {
            let exchange = exchange(&layer, &post(CC).basic(&credentials));
            let request = exchange.token_request();
            prop_assert_eq!(request.client().client_id(), &*id);
            prop_assert_eq!(request.method(), AuthMethod::ClientSecretBasic);
        }
    }

    #[test]
    fn percent_encoded_credentials_authenticate_by_basic(id in "(?s).+", secret in "(?s).+") {
        let layer = layer_for(client(&id, &*secret)).strict_basic(true);
        let credentials = format!("{}:{}", percent_encode(&id), percent_encode(&secret));
        let exchange = exchange(&layer, &post(CC).basic(credentials));
        prop_assert_eq!(exchange.token_request().client().client_id(), &*id);
    }

    #[test]
    fn raw_credentials_authenticate_by_basic(id in "(?s)[^:]+", secret in "(?s).+") {
        let layer = layer_for(client(&id, &*secret));
        let exchange = exchange(&layer, &post(CC).basic(format!("{id}:{secret}")));
        prop_assert_eq!(exchange.token_request().client().client_id(), &*id);
    }

    #[test]
    fn raw_credentials_that_look_encoded_authenticate_by_basic(
        id in "[a%+4-6]{1,8}",
        secret in "[a%+4-6:]{1,8}",
    ) {
        let layer = layer_for(client(&id, &*secret));
        let exchange = exchange(&layer, &post(CC).basic(format!("{id}:{secret}")));
        prop_assert_eq!(exchange.token_request().client().client_id(), &*id);
    }

    #[test]
    fn encoded_credentials_authenticate_by_post(id in "(?s).+", secret in "(?s).+") {
        let layer = layer_for(client(&id, &*secret).auth_method(AuthMethod::ClientSecretPost));
        for encode in [form_encode, percent_encode] {
            let credentials = format!("client_id={}&client_secret={}", encode(&id), encode(&secret));
            let exchange = exchange(&layer, &post(format!("{CC}&{credentials}")));
            let request = exchange.token_request();
            prop_assert_eq!(request.client().client_id(), &*id);
            prop_assert_eq!(request.parameter("client_id"), Some(&*id));
        }
    }

    #[test]
    fn another_secret_does_not_authenticate(secret in "(?s).+", other in "(?s).+", by_basic: bool) {
        prop_assume!(secret != other);
        let layer = layer_for(client("svc", &*secret).auth_methods(BOTH));
        let other = form_encode(&other);
        let call = if by_basic {
            post(CC).basic(format!("svc:{other}"))
        } else {
            post(format!("{CC}&client_id=svc&client_secret={other}"))
        };
        // The raw reading of an encoded secret may be the right one.
        prop_assume!(!by_basic || secret != other);
        exchange(&layer, &call).rejected(401, "invalid_client", Reason::WrongSecret);
    }
}

/// Each byte escaped, as some clients do.
fn percent_encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

// ---- the form -------------------------------------------------------------------------------

/// A form that is more or less well encoded.
fn sloppy_form() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => string_regex("[a-z]{1,3}").expect("a pattern").prop_map(String::into_bytes),
        4 => any::<String>().prop_map(|text| form_encode(&text).into_bytes()),
        2 => any::<String>().prop_map(|text| percent_encode(&text).into_bytes()),
        2 => string_regex("[a=+;é€ %40]{0,4}").expect("a pattern").prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..3),
    ];
    let pair = (word.clone(), word).prop_map(|(name, value)| [name, value].join(&b'='));
    vec(pair, 0..6).prop_map(|pairs| pairs.join(&b'&'))
}

fn parameters(exchange: &Exchange) -> Vec<(String, String)> {
    pairs(exchange.token_request().parameters())
}

proptest! {
    #[test]
    fn an_accepted_form_is_read_as_form_urlencoded_reads_it(form in sloppy_form()) {
        let body = [CC.as_bytes(), b"&", &form].concat();
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        match exchange.rejection() {
            None => prop_assert_eq!(parameters(&exchange), form_pairs(&body)),
            Some(_) => prop_assert_eq!(exchange.error().status, StatusCode::BAD_REQUEST),
        }
    }

    #[test]
    fn a_well_encoded_form_of_distinct_names_is_accepted(
        pairs in prop::collection::btree_map("x(?s).{0,8}", any::<String>(), 0..8),
    ) {
        let mut form = form_urlencoded::Serializer::new(CC.to_owned());
        let body = form.extend_pairs(&pairs).finish();
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        prop_assert_eq!(parameters(&exchange), form_pairs(body.as_bytes()));
    }

    #[test]
    fn a_form_with_a_name_twice_is_refused(name in "x(?s).{0,8}", one: String, two: String) {
        let mut form = form_urlencoded::Serializer::new(CC.to_owned());
        let body = form.append_pair(&name, &one).append_pair(&name, &two).finish();
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        exchange.rejected(400, "invalid_request", Reason::RepeatedParameter);
    }

    #[test]
    fn the_inner_service_receives_the_body_as_sent(padding in "[a-z+]{0,300}") {
        let body = format!("&{CC}&padding={padding}&");
        let layer = layer_for(client("svc", "svc-secret"));
        let exchange = exchange(&layer, &post(&body).basic("svc:svc-secret"));
        prop_assert_eq!(exchange.inner_request().body(), &body);
    }
}

// ---- scope ----------------------------------------------------------------------------------

/// `scope-token *( SP scope-token )` (RFC 6749 §3.3).
fn is_scope(text: &str) -> bool {
    let is_nqchar = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    let is_token = |token: &str| !token.is_empty() && token.bytes().all(is_nqchar);
    text.split(' ').all(is_token)
}

proptest! {
    #[test]
    fn a_scope_is_accepted_where_the_grammar_allows_it(
        scope in prop_oneof!["(?s).{1,8}", "[ -~]{1,12}", "[!a-c\" \\\\~]{1,6}", "[a-c]{1,3}( [a-c]{1,3}){0,4}"],
    ) {
        let layer = layer_for(client("svc", "svc-secret"));
        let body = format!("{CC}&scope={}", form_encode(&scope));
        let exchange = exchange(&layer, &post(body).basic("svc:svc-secret"));
        prop_assert_eq!(Scope::parse(&scope).is_ok(), is_scope(&scope));
        if is_scope(&scope) {
            let granted = exchange.token_request().scope().expect("a scope");
            prop_assert_eq!(granted.as_str(), &*scope);
            prop_assert!(granted.iter().eq(scope.split(' ')));
        } else {
            exchange.rejected(400, "invalid_scope", Reason::MalformedScope);
        }
    }

    #[test]
    fn a_scope_is_accepted_where_each_token_is_registered(
        registered in vec("[a-c]{1,2}", 1..5),
        asked in vec("[a-c]{1,2}", 1..4),
    ) {
        let layer = layer_for(client("svc", "svc-secret").scope(registered.join(" ")));
        let body = format!("{CC}&scope={}", asked.join("+"));
        let exchange = exchange(&layer, &post(body).basic("svc:svc-secret"));
        if asked.iter().all(|token| registered.contains(token)) {
            let granted = exchange.token_request().scope().expect("a scope");
            prop_assert!(granted.iter().eq(&asked));
        } else {
            exchange.rejected(400, "invalid_scope", Reason::ScopeNotRegistered);
        }
    }
}

// ---- the four that must not differ ----------------------------------------------------------

/// All that is on the wire.
type Wire = (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes);

fn wire(exchange: &Exchange) -> Wire {
    let response = &exchange.response;
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.clone(), value.clone()));
    (
        response.status(),
        headers.collect(),
        response.body().clone(),
    )
}

fn expired(secret: &str) -> ClientSecret {
    ClientSecret::new(secret).expires_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
}

/// Clients that refuse, each for another reason, and one of a tenant.
fn refusing() -> TokenEndpointLayer<MemoryClients> {
    let clients = [
        client("basic", "right"),
        client("post", "right").auth_method(AuthMethod::ClientSecretPost),
        client("expired", expired("right")).auth_methods(BOTH),
        client("tenant", "right")
            .auth_methods(BOTH)
            .issuer("https://tenant.example.com"),
        Client::builder("public").auth_method(AuthMethod::None),
        Client::builder("mtls").auth_method(AuthMethod::TlsClientAuth),
    ];
    layer(clients.map(|client| client.build().expect("a client")))
}

fn by_basic(id: &str, secret: &str) -> Call {
    post(CC).basic(format!("{}:{}", form_encode(id), form_encode(secret)))
}

fn by_post(id: &str, secret: &str) -> Call {
    let (id, secret) = (form_encode(id), form_encode(secret));
    post(format!("{CC}&client_id={id}&client_secret={secret}"))
}

#[test]
fn the_401s_are_byte_identical_whatever_the_cause() {
    use Reason::{ExpiredSecret, MethodNotRegistered, UnknownClient, WrongSecret};
    let plain = refusing();
    let layers = [
        plain.clone(),
        plain.clone().strict_basic(true),
        plain.clone().error_uri("https://as.example.com/errors"),
        plain.challenge(Challenge::OnlyForHeader),
    ];
    let causes_by_basic = [
        (by_basic("nobody", "right"), UnknownClient),
        (by_basic("basic", "wrong"), WrongSecret),
        (by_basic("expired", "right"), ExpiredSecret),
        (by_basic("post", "right"), MethodNotRegistered),
        (by_basic("post", "wrong"), MethodNotRegistered),
        (by_basic("public", "any"), MethodNotRegistered),
        (by_basic("mtls", "any"), MethodNotRegistered),
        (
            by_basic("public", "any").set("x-forwarded-for", "::1"),
            MethodNotRegistered,
        ),
    ];
    let causes_by_post = [
        (by_post("nobody", "right"), UnknownClient),
        (by_post("post", "wrong"), WrongSecret),
        (by_post("expired", "right"), ExpiredSecret),
        (by_post("basic", "right"), MethodNotRegistered),
        (by_post("basic", "wrong"), MethodNotRegistered),
        (by_post("public", "any"), MethodNotRegistered),
        (by_post("mtls", "any"), MethodNotRegistered),
    ];
    for layer in &layers {
        assert_identical(layer, &causes_by_basic);
        assert_identical(layer, &causes_by_post);
    }
}

fn assert_identical(layer: &TokenEndpointLayer<MemoryClients>, causes: &[(Call, Reason)]) {
    let answers = causes.iter().map(|(call, reason)| {
        let exchange = exchange(layer, call);
        assert_eq!(exchange.error().rejection.reason(), *reason, "{call:?}");
        wire(&exchange)
    });
    let answers: Vec<Wire> = answers.collect();
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
}

#[test]
fn a_401_does_not_tell_that_a_tenant_knows_the_client() {
    for by in [by_basic, by_post] {
        let unknown = exchange(&refusing(), &by("nobody", "x"));
        let known = exchange(&refusing(), &by("tenant", "x"));
        assert_eq!(wire(&known), wire(&unknown));
    }
}

#[test]
fn a_401_without_a_secret_does_not_tell_that_the_client_is_known() {
    let causes = ["nobody", "basic", "post", "expired", "mtls"];
    let [unknown, known @ ..] = causes.map(|id| {
        let call = post(format!("{CC}&client_id={id}"));
        wire(&exchange(&refusing(), &call))
    });
    assert_eq!(unknown.0, StatusCode::UNAUTHORIZED);
    for known in known {
        assert_eq!(known, unknown);
    }
}

proptest! {
    #[test]
    fn the_401s_say_nothing_of_the_request(id in "[^:]+", secret in "(?s).+", by_header: bool) {
        let by = if by_header { by_basic } else { by_post };
        let known = if by_header { "basic" } else { "post" };
        prop_assume!(!["basic", "post"].contains(&&*id) && secret != "right");
        let unknown = exchange(&refusing(), &by(&id, &secret));
        let wrong = exchange(&refusing(), &by(known, &secret));
        prop_assert_eq!(wire(&unknown), wire(&wrong));
    }
}

// ---- the same work --------------------------------------------------------------------------

/// Counts how often a secret is compared, and finds each one wrong.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl SecretHash for Counting {
    fn kind(&self) -> &str {
        "counting"
    }

    fn matches(&self, _: &str) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst);
        false
    }
}

#[test]
fn every_refused_secret_costs_one_comparison_a_reading() {
    let counting = Counting::default();
    let secret = || ClientSecret::hashed(Arc::new(counting.clone()));
    let clients = [
        client("basic", secret()),
        client("post", secret()).auth_method(AuthMethod::ClientSecretPost),
        client("expired", secret().expires_at(SystemTime::UNIX_EPOCH)).auth_methods(BOTH),
        Client::builder("public").auth_method(AuthMethod::None),
        Client::builder("mtls").auth_method(AuthMethod::TlsClientAuth),
    ];
    let clients = clients.map(|client| client.build().expect("a client"));
    let layer = layer(clients).decoy_secret(secret());
    for id in ["nobody", "basic", "post", "expired", "public", "mtls"] {
        for (call, readings) in [
            (by_basic(id, "plain"), 1),
            (post(CC).basic(format!("{id}:a+b")), 2),
            (by_post(id, "plain"), 1),
        ] {
            let before = counting.0.load(Ordering::SeqCst);
            exchange(&layer, &call).error();
            let compared = counting.0.load(Ordering::SeqCst) - before;
            assert_eq!(compared, readings, "{call:?}");
        }
    }
}

impl Counting {
    fn secret(&self) -> ClientSecret {
        ClientSecret::hashed(Arc::new(self.clone()))
    }

    /// How many comparisons it takes to refuse this.
    fn of<C: ClientStore>(&self, layer: &TokenEndpointLayer<C>, call: &Call) -> usize {
        let before = self.0.load(Ordering::SeqCst);
        block_on(call.send(layer)).error();
        self.0.load(Ordering::SeqCst) - before
    }
}

/// Clients halfway through a rotation: from a digest to a slow hash, and from one to another.
fn rotating(counting: &Counting) -> [Client; 4] {
    [
        client("one", counting.secret()),
        client("two", counting.secret()).secret(counting.secret()),
        client("mixed", "digest").secret(counting.secret()),
        Client::builder("public").auth_method(AuthMethod::None),
    ]
    .map(|client| client.build().expect("a client"))
}

const ROTATING: [&str; 5] = ["one", "two", "mixed", "public", "nobody"];

#[test]
fn a_client_in_rotation_costs_what_an_unknown_one_costs() {
    let counting = Counting::default();
    let of_the_store = layer(rotating(&counting));
    let set = layer(rotating(&counting))
        .decoy_secret(counting.secret())
        .decoy_secret(counting.secret());
    for layer in [of_the_store, set] {
        for id in ROTATING {
            assert_eq!(counting.of(&layer, &by_basic(id, "plain")), 2, "{id}");
            let twice = post(CC).basic(format!("{id}:a+b"));
            assert_eq!(counting.of(&layer, &twice), 4, "{id}");
        }
    }
}

/// A store that says nothing of a decoy.
struct NoDecoy(MemoryClients);

impl ClientStore for NoDecoy {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        Ok(self.0.get(id))
    }
}

#[test]
fn a_store_without_a_decoy_lends_one_to_the_layers_of_all_endpoints() {
    let counting = Counting::default();
    let one = client("one", counting.secret()).build().expect("a client");
    let clients = NoDecoy(MemoryClients::new([one]).expect("clients"));
    let token = TokenEndpointLayer::new(clients, ISSUER).path("/token");
    let introspection = token.clone().endpoint(Endpoint::Introspection);
    let introspection = introspection.path("/token");

    assert_eq!(counting.of(&token, &by_basic("one", "plain")), 1);
    for layer in [&token, &introspection] {
        for id in ["one", "nobody"] {
            assert_eq!(counting.of(layer, &by_basic(id, "plain")), 1, "{id}");
        }
    }
}
