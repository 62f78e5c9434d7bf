//! What the example refuses, and what browsers of clients may read.

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::common::token_server::Server;
use crate::documents::Documents;
use crate::started;

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.expect("a response")
}

/// `GET /authorize` with a right request, in which one parameter is another one.
async fn authorize(server: &Server, documents: &Documents, name: &str, value: &str) -> Response {
    let client_id = documents.client_id("public");
    let resource = format!("{}/mcp", server.base);
    let mut query = [
        ("client_id", &*client_id),
        ("redirect_uri", "http://localhost:58135/callback"),
        ("response_type", "code"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
        ("resource", &*resource),
        ("state", "a state"),
    ];
    for parameter in &mut query {
        if parameter.0 == name {
            parameter.1 = value;
        }
    }
    let url = format!("{}/authorize", server.base);
    sent(server.http.get(url).query(&query)).await
}

#[tokio::test]
async fn only_redirect_uris_of_the_document_get_a_code() {
    let documents = Documents::start("redirect_uris").await;
    let server = started(&documents);
    let uri = "redirect_uri";
    let response = authorize(&server, &documents, uri, "http://127.0.0.1:1/callback").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    for other in ["https://evil.example/callback", "http://localhost:1/", ""] {
        let response = authorize(&server, &documents, uri, other).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{other}");
        assert!(!response.headers().contains_key("location"), "{other}");
    }
}

#[tokio::test]
async fn errors_go_to_the_client_with_state_and_issuer() {
    let documents = Documents::start("errors").await;
    let server = started(&documents);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://other.example/mcp", "invalid_target"),
    ] {
        let response = authorize(&server, &documents, name, value).await;
        let location = response.headers()["location"].to_str().expect("a URI");
        let issuer: String = form_urlencoded::byte_serialize(server.base.as_bytes()).collect();
        let wanted =
            format!("http://localhost:58135/callback?error={error}&state=a+state&iss={issuer}");
        assert_eq!(location, wanted, "{name}");
    }
}

/// A client that cannot be known is not one that does not exist.
#[tokio::test]
async fn unreachable_document_is_503_and_bad_client_id_is_400() {
    let documents = Documents::start("unreachable").await;
    let server = started(&documents);
    for (id, status) in [
        (
            "https://localhost:1/client.json",
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        ("app", StatusCode::BAD_REQUEST),
    ] {
        let response = authorize(&server, &documents, "client_id", id).await;
        assert_eq!(response.status(), status, "{id}");
    }
}

#[tokio::test]
async fn discovery_says_what_clients_of_mcp_look_for() {
    let documents = Documents::start("discovery").await;
    let server = started(&documents);
    let get = async |path: &str| -> Value {
        let request = server.http.get(format!("{}{path}", server.base));
        let response = sent(request.header("origin", "https://app.example")).await;
        assert_eq!(
            response.headers()["access-control-allow-origin"],
            "*",
            "{path}"
        );
        response.json().await.expect("JSON")
    };
    let metadata = get("/.well-known/oauth-authorization-server").await;
    for (name, value) in [
        ("client_id_metadata_document_supported", json!(true)),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "token_endpoint_auth_methods_supported",
            json!(["private_key_jwt", "none"]),
        ),
        (
            "grant_types_supported",
            json!(["authorization_code", "refresh_token"]),
        ),
        ("registration_endpoint", Value::Null),
    ] {
        assert_eq!(metadata[name], value, "{name}");
    }
    for path in ["", "/mcp"] {
        let resource = get(&format!("/.well-known/oauth-protected-resource{path}")).await;
        assert_eq!(resource["resource"], format!("{}/mcp", server.base));
        assert_eq!(resource["authorization_servers"], json!([server.base]));
    }
}

#[tokio::test]
async fn mcp_without_a_valid_token_is_401_and_says_where_the_metadata_are() {
    let documents = Documents::start("resource").await;
    let server = started(&documents);
    let url = format!("{}/mcp", server.base);
    for request in [
        server.http.post(&url),
        server.http.get(&url),
        server.http.post(&url).bearer_auth("unknown"),
    ] {
        let response = sent(request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers()["www-authenticate"].to_str();
        let challenge = challenge.expect("text");
        let metadata = format!(
            r#"resource_metadata="{}/.well-known/oauth-protected-resource/mcp""#,
            server.base
        );
        assert!(challenge.contains(&metadata), "{challenge}");
    }
}

#[tokio::test]
async fn a_code_works_once_and_for_its_client_verifier_and_resource() {
    let documents = Documents::start("code").await;
    let server = started(&documents);
    let response = authorize(&server, &documents, "", "").await;
    let location = response.headers()["location"].to_str().expect("a URI");
    let location = url::Url::parse(location).expect("a URI");
    let mut answer = location.query_pairs();
    let code = answer.find(|(name, _)| name == "code").expect("a code").1;
    let right = [
        ("grant_type", "authorization_code"),
        ("client_id", &documents.client_id("public")),
        ("code", &code),
        (
            "code_verifier",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        ("redirect_uri", "http://localhost:58135/callback"),
        ("resource", &format!("{}/mcp", server.base)),
    ];
    let other_client = documents.client_id("other");
    let other_verifier = "a".repeat(43);
    // What does not fit the code does not use it up.
    for (name, value, error) in [
        ("client_id", &*other_client, "invalid_grant"),
        ("code_verifier", &*other_verifier, "invalid_grant"),
        (
            "redirect_uri",
            "http://localhost:1/callback",
            "invalid_grant",
        ),
        ("resource", "https://other.example/mcp", "invalid_target"),
        ("client_id", right[1].1, ""),
        ("client_id", right[1].1, "invalid_grant"),
    ] {
        let mut form = right;
        form.iter_mut()
            .filter(|it| it.0 == name)
            .for_each(|it| it.1 = value);
        let request = server
            .http
            .post(format!("{}/token", server.base))
            .form(&form);
        let told: Value = sent(request).await.json().await.expect("JSON");
        assert_eq!(
            told["error"].as_str().unwrap_or_default(),
            error,
            "{name}: {told}"
        );
    }
}
