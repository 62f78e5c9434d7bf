//! Tokens that are bound to the certificate (RFC 8705 §3).

use serde_json::json;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::request::IntrospectionRequest;
use tower_token_endpoint::{Client, Endpoint, GrantType, TokenRequest};

use crate::cast::*;
use crate::common::{Built, Exchange, KEYED, Key, basic, body, builder, by_assertion, post};
use crate::issued::*;
use crate::judge::*;

#[tokio::test]
async fn bound_tokens() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    use AuthMethod::{ClientSecretBasic, None as Public};
    let public = || post("grant_type=authorization_code&code=a&code_verifier=b&client_id=public-bound");
    Table::new(layer, vec![
        row("a certificate",                       "RFC 8705 §3.4", basic("basic-bound:secret"), verified(&GOOD),    By(ClientSecretBasic)),
        row("one that nobody verified",            "RFC 8705 §3.4", basic("basic-bound:secret"), unverified(&EXPIRED), By(ClientSecretBasic)),
        row("no certificate",                      "RFC 8705 §3.4", basic("basic-bound:secret"), None,               Invalid(CertificateRequired)),
        row("no certificate and a wrong secret",   "RFC 6749 §5.2", basic("basic-bound:wrong"),  None,               Refused(WrongSecret)),
        row("a public client, with a certificate", "RFC 8705 §4",   public(),                    verified(&GOOD),    By(Public)),
        row("a public client without",             "RFC 8705 §3.4", public(),                    None,               Invalid(CertificateRequired)),
    ])
}

#[tokio::test]
async fn without_the_setting_a_client_with_bound_tokens_gets_none() {
    let layer = without_the_setting();
    let exchange = send_with(&layer, &basic("basic-bound:secret"), verified(&GOOD)).await;
    judge_answer(Invalid(CertificateRequired), &exchange);
}

#[tokio::test]
async fn a_certificate_is_required_only_at_the_token_endpoint() {
    let layer = layer();
    let layer = layer.for_endpoint(Endpoint::Introspection, "/introspect");
    let layer = layer.expect("settings that agree");
    let call = post("token=a")
        .basic("basic-bound:secret")
        .to("/introspect");
    let exchange = call.send(&layer).await;
    let request: Option<&IntrospectionRequest> = exchange.inner_request().extensions().get();
    assert_eq!(request.expect("accepted").certificate_thumbprint(), None);
    // And certificates authenticate there as well.
    let call = post("token=a&client_id=named").to("/introspect");
    let exchange = send_with(&layer, &call, verified(&GOOD)).await;
    let request: &IntrospectionRequest = exchange
        .inner_request()
        .extensions()
        .get()
        .expect("accepted");
    assert_eq!(request.method(), BY_NAME);
    assert_eq!(request.certificate_thumbprint(), Some(&*GOOD.thumbprint()));
    // It is the certificate of whoever asks, and not that of the token.
    assert_eq!(request.authenticated().confirmation(), None);
}

fn told(exchange: &Exchange) -> &TokenRequest {
    exchange.token_request()
}

/// What the token is bound to: by certificate, or because the client registered it.
#[tokio::test]
async fn the_thumbprint_is_handed_on_whatever_the_method() {
    let layer = layer();
    let public = post("grant_type=authorization_code&code=a&code_verifier=b&client_id=public");
    for (call, is_bound) in [
        (id("named"), true),
        (id("keyed"), true),
        (basic("basic-bound:secret"), true),
        (basic("basic:secret"), false),
        (body("client_id=post&client_secret=secret"), false),
        (public, false),
    ] {
        let exchange = send_with(&layer, &call, verified(&GOOD)).await;
        let request = told(&exchange);
        assert_eq!(request.certificate_thumbprint(), Some(&*GOOD.thumbprint()));
        let cnf = is_bound.then(|| json!({"x5t#S256": GOOD.thumbprint()}));
        assert_eq!(request.authenticated().confirmation(), cnf, "{call:?}");
        let shown = format!("{:?}", request.authenticated());
        assert!(shown.contains(&GOOD.thumbprint()), "{shown}");
    }
    let exchange = basic("basic:secret").send(&layer).await;
    assert_eq!(told(&exchange).certificate_thumbprint(), None);
    assert_eq!(told(&exchange).authenticated().confirmation(), None);
}

#[tokio::test]
async fn an_assertion_authenticates_and_the_token_is_bound_to_the_certificate() {
    let key = Key::new("1");
    let client = |id: &str| {
        Client::builder(id)
            .auth_method(AuthMethod::PrivateKeyJwt)
            .grant_types([GrantType::ClientCredentials])
            .metadata("jwks", set([key.jwk()]))
            .tls_client_certificate_bound_access_tokens(true)
    };
    let client = client(KEYED).build().expect("a client");
    let layer = builder([client])
        .client_assertions(tower_token_endpoint::replay::MemoryReplayStore::new())
        .client_certificates(ClientCertificates::from_acceptor())
        .built();
    let call = body(&by_assertion(&key.assertion()));
    // A request without a certificate uses nothing up.
    judge_answer(Invalid(CertificateRequired), &call.send(&layer).await);
    let exchange = send_with(&layer, &call, unverified(&EXPIRED)).await;
    judge_answer(By(AuthMethod::PrivateKeyJwt), &exchange);
    let cnf = json!({"x5t#S256": EXPIRED.thumbprint()});
    assert_eq!(told(&exchange).authenticated().confirmation(), Some(cnf));
    // The certificate does not stand in for the assertion.
    let exchange = send_with(&layer, &id(KEYED), verified(&GOOD)).await;
    judge_answer(Refused(MethodNotRegistered), &exchange);
}

#[tokio::test]
async fn a_token_can_be_bound_to_a_certificate_and_to_a_dpop_key() {
    let setting = ClientCertificates::from_acceptor();
    let layer = builder_of(setting).dpop(Dpop::new()).built();
    let call = id("named").add("dpop", proof());
    let exchange = send_with(&layer, &call, verified(&GOOD)).await;
    let request = told(&exchange);
    let jkt = request.dpop_thumbprint().expect("a proof");
    let cnf = json!({"jkt": jkt, "x5t#S256": GOOD.thumbprint()});
    assert_eq!(request.authenticated().confirmation(), Some(cnf));
}

#[test]
fn bound_tokens_are_client_metadata() {
    const NAME: &str = "tls_client_certificate_bound_access_tokens";
    let json =
        |value: &str| format!(r#"{{"client_id": "a", "client_secret": "s", "{NAME}": {value}}}"#);
    for (value, bound) in [("true", true), ("false", false), ("null", false)] {
        let client = Client::from_json(json(value).as_bytes()).expect("a client");
        assert_eq!(client.tls_client_certificate_bound_access_tokens(), bound);
        let written = serde_json::to_value(&client).expect("metadata");
        assert_eq!(written.get(NAME), bound.then_some(&json!(true)));
    }
    let error = Client::from_json(json("\"true\"").as_bytes()).expect_err("a string");
    assert_eq!(error.field(), Some(NAME));
}

/// A protected resource reads the certificate as the layer does.
#[test]
fn the_thumbprint_can_be_taken_without_a_layer() {
    let taken = |setting: ClientCertificates, header: Option<String>, certificate| {
        let mut request = id("named").request();
        if let Some(header) = header {
            request
                .headers_mut()
                .insert("client-cert", header.parse().expect("a value"));
        }
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate);
        }
        let taken = setting.take_thumbprint(&mut request);
        (
            taken.map_err(|error| error.to_string()),
            request.headers().contains_key("client-cert"),
        )
    };
    let header = || Some(format!(":{}:", OTHER.base64()));
    let malformed = || Some(ClientCertificate::from_der(&b"0"[..]));
    let (good, other) = (Some(GOOD.thumbprint()), Some(OTHER.thumbprint()));
    let [acceptor, proxy] = [
        ClientCertificates::from_acceptor,
        ClientCertificates::rfc9440,
    ];
    for (row, setting, header, certificate, expected, is_left) in [
        ("nothing", proxy(), None, None, Ok(None), false),
        (
            "of the connection",
            acceptor(),
            None,
            unverified(&GOOD),
            Ok(good.clone()),
            false,
        ),
        (
            "a header that is not configured",
            acceptor(),
            header(),
            None,
            Ok(None),
            true,
        ),
        ("a header", proxy(), header(), None, Ok(other), false),
        (
            "both",
            proxy(),
            header(),
            unverified(&GOOD),
            Ok(good),
            false,
        ),
        (
            "a wrong one of the connection",
            proxy(),
            header(),
            malformed(),
            Err("it is not a certificate in DER"),
            false,
        ),
        (
            "a wrong header",
            proxy(),
            Some("?".into()),
            None,
            Err("the header `client-cert` is not base64 between two colons"),
            false,
        ),
    ] {
        let (taken, left) = taken(setting, header, certificate);
        match (taken, expected) {
            (Ok(taken), Ok(expected)) => assert_eq!(taken, expected, "{row}"),
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{row}: {error}"),
            (taken, _) => panic!("{row}: {taken:?}"),
        }
        assert_eq!(left, is_left, "{row}");
    }
}

/// Whoever handed it on: for what the layer does not look at.
#[tokio::test]
async fn the_certificate_itself_is_handed_on() {
    let of_proxy = builder_of(ClientCertificates::rfc9440()).built();
    let value = format!(":{}:", GOOD.base64());
    let call = basic("basic:secret").add("client-cert", value);
    let exchange = call.send(&of_proxy).await;
    let certificate = told(&exchange).authenticated().client_certificate();
    let certificate = certificate.expect("a certificate");
    assert_eq!(certificate.der(), GOOD.der);
    assert!(!certificate.is_verified());
    let exchange = send_with(&layer(), &id("named"), verified(&GOOD)).await;
    let certificate = told(&exchange).authenticated().client_certificate();
    assert!(certificate.expect("a certificate").is_verified());
    let exchange = basic("basic:secret").send(&layer()).await;
    assert!(
        told(&exchange)
            .authenticated()
            .client_certificate()
            .is_none()
    );
}
