//! Which method a request is by: the registration decides (RFC 8705 §2).

use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{CC, basic, body, post};
use crate::issued::*;
use crate::judge::*;

#[tokio::test]
async fn methods() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    use AuthMethod::{ClientSecretBasic, ClientSecretPost, None as Public};
    let code = |id: &str| post(format!("grant_type=authorization_code&code=a&code_verifier=b&client_id={id}"));
    Table::new(layer, vec![
        row("the certificate of the name",          "RFC 8705 §2.1", id("named"),          verified(&GOOD),    By(BY_NAME)),
        row("the certificate of the key",           "RFC 8705 §2.2", id("keyed"),          unverified(&GOOD),  By(BY_KEY)),
        row("no certificate, by name",              "RFC 8705 §2",   id("named"),          None,               Refused(CertificateMissing)),
        row("no certificate, by key",               "RFC 8705 §2",   id("keyed"),          None,               Refused(CertificateMissing)),
        row("no certificate, keys at a URL",        "RFC 8705 §2",   id("down"),           None,               Refused(CertificateMissing)),
        row("another certificate, by name",         "RFC 8705 §2.1", id("named"),          verified(&OTHER),   Refused(CertificateNotRegistered)),
        row("another certificate, by key",          "RFC 8705 §2.2", id("keyed"),          verified(&OTHER),   Refused(CertificateNotRegistered)),
        row("the chain is not verified",            "RFC 8705 §2.1", id("named"),          unverified(&GOOD),  Refused(CertificateNotVerified)),
        row("expired",                              "RFC 8705 §2.1", id("named"),          verified(&EXPIRED), Refused(CertificateExpired)),
        row("not yet valid",                        "RFC 8705 §2.1", id("named"),          verified(&FUTURE),  Refused(CertificateExpired)),
        row("no client_id",                         "RFC 8705 §2",   post(CC),             verified(&GOOD),    Refused(NoCredentials)),
        row("an unknown client",                    "RFC 8705 §2",   id("nobody"),         verified(&GOOD),    Refused(UnknownClient)),
        row("an unknown client, no certificate",    "RFC 6749 §5.2", id("nobody"),         None,               Refused(UnknownClient)),
        row("client_id in Basic without a secret",  "RFC 6749 §2.3.1", basic("named:"),    verified(&GOOD),    By(BY_NAME)),
        row("both methods, by the name",            "RFC 8705 §2",   id("both"),           verified(&GOOD),    By(BY_NAME)),
        row("both methods, by the key",             "RFC 8705 §2",   id("both"),           unverified(&OTHER), By(BY_KEY)),
        row("both methods and none, neither fits",  "decisions",     code("both"),         verified(&FUTURE),  Refused(CertificateExpired)),
        row("both methods and none, no certificate", "decisions",    code("both"),         None,               By(Public)),
        row("a public client",                      "decisions",     code("public"),       verified(&GOOD),    By(Public)),
        row("a public client, an expired one",      "decisions",     code("public"),       verified(&EXPIRED), By(Public)),
        row("a certificate beside Basic",           "decisions",     basic("basic:secret"), verified(&GOOD),   By(ClientSecretBasic)),
        row("a certificate beside a wrong secret",  "RFC 6749 §5.2", basic("basic:wrong"), verified(&GOOD),    Refused(WrongSecret)),
        row("a certificate beside a secret",        "decisions",     body("client_id=post&client_secret=secret"), verified(&OTHER), By(ClientSecretPost)),
        row("its certificate beside its secret",    "decisions",     body("client_id=post-or-named&client_secret=secret"), verified(&GOOD), By(ClientSecretPost)),
        row("its certificate beside a wrong secret", "decisions",    body("client_id=post-or-named&client_secret=wrong"), verified(&GOOD), Refused(WrongSecret)),
        row("its certificate instead of its secret", "decisions",    id("post-or-named"),  verified(&GOOD),    By(BY_NAME)),
        row("another certificate instead of it",    "decisions",     id("post-or-named"),  verified(&OTHER),   Refused(CertificateNotRegistered)),
        row("a secret for a client of certificates", "RFC 8705 §2",  basic("named:secret"), verified(&GOOD),   Refused(MethodNotRegistered)),
        row("a certificate for a client of secrets", "decisions",    id("basic"),          verified(&GOOD),    Refused(MethodNotRegistered)),
    ])
}

#[tokio::test]
async fn methods_without_the_setting() {
    without_the_setting_table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn without_the_setting_table() -> Table {
    let header = id("named").add("client-cert", format!(":{}:", GOOD.base64()));
    Table::new(without_the_setting, vec![
        row("an extension is not looked at",  "decisions", id("named"),    verified(&GOOD), Refused(MethodNotVerifiable)),
        row("a header is not looked at",      "decisions", header,         None,            Refused(MethodNotVerifiable)),
        row("no certificate",                 "decisions", id("keyed"),    None,            Refused(MethodNotVerifiable)),
        row("beside a secret",                "decisions", basic("basic:secret"), verified(&GOOD), By(AuthMethod::ClientSecretBasic)),
    ])
}
