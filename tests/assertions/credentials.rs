//! What the client sends besides: the type of the assertion, its id, other mechanisms.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Call, form_encode};
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;
use crate::sign::*;

#[tokio::test]
async fn credentials() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, credential_rows())
}

#[rustfmt::skip]
fn credential_rows() -> Vec<Row> {
    let accepted = || by_key("p256");
    let unknown_type = || refused(UnknownAssertionType);
    let typed = |assertion_type: &'static str| move || of_type(assertion_type);
    let method = || refused(MethodNotRegistered);
    let and = |parameters: &'static str| move || send_with(&es256().text(), parameters);
    vec![
        // the type
        row("the type of RFC 7523",                   "RFC 7523 §2.2",    typed(JWT_BEARER), accepted()),
        row("a type of SAML",                         "RFC 7522 §2.2",    typed("urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), unknown_type()),
        row("a grant for a type",                     "RFC 7523 §2.1",    typed("urn:ietf:params:oauth:grant-type:jwt-bearer"), unknown_type()),
        row("a type in another case",                 "RFC 7523 §2.2",    typed("urn:ietf:params:oauth:client-assertion-type:JWT-bearer"), unknown_type()),
        row("a type and a space",                     "RFC 7523 §2.2",    typed("urn:ietf:params:oauth:client-assertion-type:jwt-bearer "), unknown_type()),
        row("a type by its last word",                "RFC 7523 §2.2",    typed("jwt-bearer"), unknown_type()),
        row("no type",                                "RFC 7521 §4.2",    || form(&[CC, &assertion_parameter()]), invalid(MissingClientAssertionType)),
        row("a type of no characters",                "RFC 7521 §4.2",    typed(""), invalid(MissingClientAssertionType)),
        row("a type and no assertion",                "RFC 7521 §4.2",    || form(&[CC, &type_parameter(JWT_BEARER)]), invalid(MissingClientAssertion)),
        row("an assertion of no characters",          "RFC 7521 §4.2",    || send(""), invalid(MissingClientAssertion)),
        row("the type twice",                         "RFC 6749 §3.2",    || form(&[CC, &type_parameter(JWT_BEARER), &type_parameter(JWT_BEARER), &assertion_parameter()]), invalid(RepeatedParameter)),
        row("two assertions",                         "RFC 7523 §2.2",    || form(&[CC, &type_parameter(JWT_BEARER), &assertion_parameter(), &assertion_parameter()]), invalid(RepeatedParameter)),
        row("the same assertion twice",               "RFC 6749 §3.2",    || {
            let parameter = assertion_parameter();
            form(&[CC, &type_parameter(JWT_BEARER), &parameter, &parameter])
        }, invalid(RepeatedParameter)),
        row("an assertion of bytes that are no UTF-8", "RFC 6749 App. B", || form(&[CC, &type_parameter(JWT_BEARER), "client_assertion=%ff"]), invalid(FormNotUtf8)),
        row("an assertion in bad escapes",            "RFC 6749 App. B",  || form(&[CC, &type_parameter(JWT_BEARER), "client_assertion=%zz"]), invalid(BadPercentEncoding)),
        // where it stands
        row("an assertion in the query",              "RFC 6749 §2.3.1",  || form(&[CC, &type_parameter(JWT_BEARER)]).to(&format!("/token?{}", assertion_parameter())), invalid(CredentialsInQuery)),
        row("an assertion in the query as well",      "RFC 6749 §2.3.1",  || es256().call().to(&format!("/token?{}", assertion_parameter())), invalid(CredentialsInQuery)),
        row("an assertion after Bearer",              "RFC 6749 §2.3",    || form(&[CC]).add("authorization", format!("Bearer {}", es256().text())), refused(UnsupportedScheme)),
        row("an assertion for a password, Basic",     "RFC 6749 §2.3.1",  || form(&[CC]).basic(format!("p256:{}", es256().text())), method()),
        row("an assertion for a secret, post",        "RFC 6749 §2.3.1",  || form(&[CC, "client_id=p256", &format!("client_secret={}", es256().text())]), method()),
        row("an assertion of a grant",                "RFC 7523 §2.1",    || form(&[CC, "client_id=p256", &format!("assertion={}", es256().text())]), method()),
        // client_id
        row("no client_id",                           "RFC 7521 §4.2",    || es256().call(), accepted()),
        row("client_id of the client",                "RFC 7521 §4.2",    and("grant_type=client_credentials&client_id=p256"), accepted()),
        row("client_id of no characters",             "RFC 6749 §3.2",    and("grant_type=client_credentials&client_id="), accepted()),
        row("client_id of another client",            "RFC 7521 §4.2",    and("grant_type=client_credentials&client_id=rsa"), invalid(ClientIdMismatch)),
        row("client_id that nobody has",              "RFC 7521 §4.2",    and("grant_type=client_credentials&client_id=nobody"), invalid(ClientIdMismatch)),
        row("client_id in another case",              "RFC 7521 §4.2",    and("grant_type=client_credentials&client_id=P256"), invalid(ClientIdMismatch)),
        row("client_id of another client, forged",    "RFC 7521 §4.2",    || {
            let forged = es256().signed_with(&OTHER_P256).text();
            send_with(&forged, "grant_type=client_credentials&client_id=rsa")
        }, invalid(ClientIdMismatch)),
        row("client_id of the key's other owner",     "RFC 7521 §4.2",    and("grant_type=client_credentials&client_id=same-p256"), invalid(ClientIdMismatch)),
        row("client_id of other letters",             "RFC 7521 §4.2",    || {
            let id = "клиент/€ 𝄞";
            let parameters = format!("{CC}&client_id={}", form_encode(id));
            send_with(&assertion(id, "ES256", &P256).text(), &parameters)
        }, by_key("клиент/€ 𝄞")),
        // other mechanisms
        row("Basic besides",                          "RFC 6749 §2.3",    || es256().call().basic("basic:secret"), invalid(MultipleMechanisms)),
        row("Basic of the same client besides",       "RFC 6749 §2.3",    || es256().call().basic("p256:"), invalid(MultipleMechanisms)),
        row("client_secret besides",                  "RFC 6749 §2.3",    and("grant_type=client_credentials&client_id=post&client_secret=secret"), invalid(MultipleMechanisms)),
        row("client_secret of no characters besides", "RFC 6749 §3.2",    and("grant_type=client_credentials&client_secret="), accepted()),
        row("all three",                              "RFC 6749 §2.3",    || send_with(&es256().text(), "grant_type=client_credentials&client_id=post&client_secret=secret").basic("basic:secret"), invalid(MultipleMechanisms)),
        row("Bearer besides",                         "RFC 6749 §2.3",    || es256().call().add("authorization", "Bearer x"), refused(UnsupportedScheme)),
        // methods
        row("a client of Basic",                      "RFC 7591 §2",      || assertion("basic", "ES256", &P256).call(), method()),
        row("a client of Basic, by its plain secret", "RFC 7591 §2",      || assertion("basic", "HS256", &SECRET).call(), method()),
        row("a client of post",                       "RFC 7591 §2",      || assertion("post", "ES256", &P256).call(), method()),
        row("a public client",                        "RFC 7591 §2",      || assertion("public", "ES256", &P256).call(), method()),
        row("a public client, by HMAC",               "RFC 7591 §2",      || assertion("public", "HS256", &SECRET).call(), method()),
        row("a client of TLS",                        "RFC 8705 §2.1",    || assertion("mtls", "ES256", &P256).call(), refused(MethodNotVerifiable)),
        row("a client of TLS, by its id",             "RFC 8705 §2",      || form(&[CC, "client_id=mtls"]), refused(MethodNotVerifiable)),
        row("a client of TLS and of keys, by its id", "RFC 8705 §2",      || form(&[CC, "client_id=mtls-and-key"]), method()),
        row("a client of private_key_jwt, by HMAC",   "RFC 7591 §2",      || assertion("p256", "HS256", &SECRET).call(), method()),
        row("a client of client_secret_jwt, by key",  "RFC 7591 §2",      || assertion("hmac", "RS256", &RSA).call(), method()),
        row("the secret of client_secret_jwt, Basic", "RFC 7591 §2",      || form(&[CC]).basic(format!("hmac:{SECRET_TEXT}")), method()),
        row("the secret of client_secret_jwt, post",  "RFC 7591 §2",      || form(&[CC, "client_id=hmac", &format!("client_secret={}", form_encode(SECRET_TEXT))]), method()),
        row("client_id alone, of private_key_jwt",    "RFC 7591 §2",      || form(&[CC, "client_id=p256"]), method()),
        row("client_id alone, of client_secret_jwt",  "RFC 7591 §2",      || form(&[CC, "client_id=hmac"]), method()),
        // what comes before
        row("a body that is no form",                 "RFC 6749 §4.1.3",  || es256().call().set("content-type", "application/json"), invalid(ContentTypeNotForm)),
        row("a charset of its own",                   "RFC 6749 App. B",  || es256().call().set("content-type", "application/x-www-form-urlencoded;charset=utf-16"), invalid(CharsetNotUtf8)),
    ]
}

fn of_type(assertion_type: &str) -> Call {
    form(&[CC, &type_parameter(assertion_type), &assertion_parameter()])
}

fn type_parameter(assertion_type: &str) -> String {
    format!("client_assertion_type={}", form_encode(assertion_type))
}

fn assertion_parameter() -> String {
    format!("client_assertion={}", form_encode(&es256().text()))
}
