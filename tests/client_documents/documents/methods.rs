//! How the client authenticates, and that it has no secret.

use tower_token_endpoint::client::AuthMethod;

use super::{BOTH, Field, KEYS, Methods, NONE, Row, row, with};

const METHOD: &str = "token_endpoint_auth_method";
const METHODS: &str = "token_endpoint_auth_methods_supported";

/// A document with these two members, of which the second may be missing, and with keys.
fn keyed(method: &str, methods: &str) -> String {
    let uri = r#""jwks_uri":"https://app.example/jwks.json""#;
    let list = match methods {
        "" => String::new(),
        methods => format!(r#","{METHODS}":{methods}"#),
    };
    with(format!(r#"{uri},"{METHOD}":{method}{list}"#))
}

#[rustfmt::skip]
pub(super) fn rows() -> Vec<Row> {
    let method = |method: &str| with(format!(r#""{METHOD}":{method}"#));
    let methods = |methods: &str| with(format!(r#""{METHODS}":{methods}"#));
    vec![
        // Secrets.
        row("client_secret", with(r#""client_secret":"s3cr3t""#), Field("client_secret"), "CIMD §4.1"),
        row("client_secret empty", with(r#""client_secret":"""#), Field("client_secret"), "CIMD §4.1"),
        row("client_secret null", with(r#""client_secret":null"#), Field("client_secret"), "CIMD §4.1"),
        row("client_secret with an escape", with(r#""client\u005fsecret":"s3cr3t""#), Field("client_secret"), "CIMD §4.1"),
        row("client_secret beside the method none", with(r#""client_secret":"s","token_endpoint_auth_method":"none""#), Field("client_secret"), "CIMD §4.1"),
        row("client_secret_expires_at 0", with(r#""client_secret_expires_at":0"#), Field("client_secret_expires_at"), "CIMD §4.1"),
        row("client_secret_expires_at null", with(r#""client_secret_expires_at":null"#), Field("client_secret_expires_at"), "CIMD §4.1"),
        row("client_secret_expires_at a time", with(r#""client_secret_expires_at":1893456000"#), Field("client_secret_expires_at"), "CIMD §4.1"),
        // The member of this crate for several secrets is no way around that.
        row("client_secrets", with(r#""client_secrets":[{"secret":"s3cr3t"}]"#), Field("client_secrets"), "decisions"),
        row("client_secrets empty", with(r#""client_secrets":[]"#), Field("client_secrets"), "decisions"),
        row("a secret in an unknown member", with(r#""x":{"client_secret":"s","client_secrets":[{"secret":"s"}]}"#), NONE, "CIMD §4.1"),
        // One method.
        row("no method", with(r#""client_name":"A""#), NONE, "decisions"),
        row("no method, with keys", with(r#""jwks_uri":"https://app.example/jwks.json""#), NONE, "decisions"),
        row("the method null", method("null"), NONE, "RFC 7592 §2.2"),
        row("the method none", method(r#""none""#), NONE, "CIMD §4.1"),
        row("the method none, with keys", keyed(r#""none""#, ""), NONE, "RFC 7591 §2"),
        row("the method private_key_jwt", keyed(r#""private_key_jwt""#, ""), KEYS, "CIMD §6.2"),
        row("the method private_key_jwt without keys", method(r#""private_key_jwt""#), Field("jwks"), "RFC 7591 §2"),
        row("the method client_secret_basic", method(r#""client_secret_basic""#), Field(METHOD), "CIMD §4.1"),
        row("the method client_secret_post", method(r#""client_secret_post""#), Field(METHOD), "CIMD §4.1"),
        row("the method client_secret_jwt", method(r#""client_secret_jwt""#), Field(METHOD), "CIMD §4.1"),
        row("the method client_secret_jwt, with keys", keyed(r#""client_secret_jwt""#, ""), Field(METHOD), "CIMD §4.1"),
        row("a method with a secret that nobody knows yet", method(r#""client_secret_sha256""#), Field(METHOD), "CIMD §4.1"),
        row("an unknown method", method(r#""attest_jwt_client_auth""#), Field(METHOD), "RFC 7591 §2"),
        row("a method of certificates", with(r#""token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":"app.example""#), Methods(&[AuthMethod::TlsClientAuth]), "RFC 8705 §2.1"),
        row("a method of certificates without a name", method(r#""tls_client_auth""#), Field("tls_client_auth_subject_dn"), "RFC 8705 §2.1.2"),
        row("a method in capitals", method(r#""NONE""#), Field(METHOD), "RFC 7591 §2"),
        row("a method with a space", method(r#""none ""#), Field(METHOD), "RFC 7591 §2"),
        // A member that is empty counts as absent, as in any registration.
        row("a method that is empty", method(r#""""#), NONE, "RFC 7592 §2.2"),
        row("a list of methods", method(r#"["none"]"#), Field(METHOD), "RFC 7591 §2"),
        row("a method that is a number", method("0"), Field(METHOD), "RFC 7591 §2"),
        row("a method that is false", method("false"), Field(METHOD), "RFC 7591 §2"),
        // The list.
        row("both methods, with keys", keyed(r#""private_key_jwt""#, r#"["none","private_key_jwt"]"#), BOTH, "decisions"),
        row("both methods in the other order", keyed("null", r#"["private_key_jwt","none"]"#), BOTH, "decisions"),
        row("both methods, without keys", methods(r#"["none","private_key_jwt"]"#), NONE, "decisions"),
        row("the list says none, the member private_key_jwt", keyed(r#""private_key_jwt""#, r#"["none"]"#), NONE, "decisions"),
        row("the list says private_key_jwt, the member none", keyed(r#""none""#, r#"["private_key_jwt"]"#), KEYS, "decisions"),
        row("the list says none, the member private_key_jwt without keys", with(r#""token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_methods_supported":["none"]"#), NONE, "decisions"),
        row("a list of private_key_jwt without keys", methods(r#"["private_key_jwt"]"#), Field(METHODS), "decisions"),
        row("a list with unknown methods", methods(r#"["attest_jwt_client_auth","none","tls_client_auth"]"#), NONE, "decisions"),
        row("a list with methods of secrets", methods(r#"["client_secret_basic","none","client_secret_post"]"#), NONE, "CIMD §4.1"),
        row("a list of methods of secrets alone", methods(r#"["client_secret_basic","client_secret_jwt"]"#), Field(METHODS), "CIMD §4.1"),
        row("a list of methods of secrets alone, with keys", keyed("null", r#"["client_secret_jwt"]"#), Field(METHODS), "CIMD §4.1"),
        row("a list of unknown methods alone", methods(r#"["attest_jwt_client_auth"]"#), Field(METHODS), "decisions"),
        row("a list of certificates alone", methods(r#"["tls_client_auth","self_signed_tls_client_auth"]"#), Field(METHODS), "decisions"),
        row("a list of a method twice", methods(r#"["none","none"]"#), NONE, "decisions"),
        row("an empty list", methods("[]"), NONE, "RFC 7592 §2.2"),
        row("an empty list beside private_key_jwt", keyed(r#""private_key_jwt""#, "[]"), KEYS, "RFC 7592 §2.2"),
        row("an empty list beside private_key_jwt without keys", with(r#""token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_methods_supported":[]"#), Field("jwks"), "RFC 7592 §2.2"),
        row("a list that is null", methods("null"), NONE, "RFC 7592 §2.2"),
        row("a list that is a text", methods(r#""none""#), Field(METHODS), "decisions"),
        row("a list that is an object", methods(r#"{"none":true}"#), Field(METHODS), "decisions"),
        row("a list beside a method with a secret", keyed(r#""client_secret_post""#, r#"["none"]"#), Field(METHOD), "CIMD §4.1"),
        row("a list beside an unknown method", keyed(r#""attest_jwt_client_auth""#, r#"["none"]"#), NONE, "decisions"),
        row("a list beside several methods, one with a secret", keyed(r#"["none","client_secret_post"]"#, r#"["none"]"#), Field(METHOD), "CIMD §4.1"),
        row("both methods, and a jwks_uri that is empty", with(r#""jwks_uri":"","token_endpoint_auth_methods_supported":["none","private_key_jwt"]"#), NONE, "decisions"),
        row("both methods, and a set without keys", with(r#""jwks":{"keys":[]},"token_endpoint_auth_methods_supported":["none","private_key_jwt"]"#), NONE, "decisions"),
        // Members of this crate, which only the operator may set.
        row("token_endpoint_auth_methods of a secret", with(r#""token_endpoint_auth_methods":["client_secret_basic"]"#), NONE, "decisions"),
        row("token_endpoint_auth_methods of keys", with(r#""token_endpoint_auth_methods":["private_key_jwt"],"jwks_uri":"https://app.example/jwks.json""#), NONE, "decisions"),
        row("token_endpoint_auth_methods wrong", with(r#""token_endpoint_auth_methods":1"#), NONE, "decisions"),
        row("accept_endpoint_audience", with(r#""accept_endpoint_audience":true"#), NONE, "decisions"),
        row("accept_endpoint_audience wrong", with(r#""accept_endpoint_audience":"yes""#), NONE, "decisions"),
        row("max_rsa_bits wrong", with(r#""max_rsa_bits":"many""#), NONE, "decisions"),
        row("an issuer", with(r#""issuer":"https://other.example""#), NONE, "decisions"),
    ]
}
