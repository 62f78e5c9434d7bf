//! Discovery follows the profile.

use serde_json::{Value, json};
use tower_token_endpoint::Endpoint;
use tower_token_endpoint::layer::Profile;

use crate::cast::layer;

#[test]
fn the_metadata_of_the_token_endpoint_follow_the_profile() {
    let all = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ];
    let fapi = json!(["ES256", "Ed25519", "EdDSA", "PS256"]);
    let member = "token_endpoint_auth_methods_supported";
    for (profile, methods, is_fapi) in [
        (None, json!(all), false),
        (Some(Profile::OAuth21), json!(all), false),
        (Some(Profile::Fapi2), json!(["private_key_jwt"]), true),
    ] {
        let metadata = layer(profile).server_metadata();
        assert_eq!(metadata[member], methods, "{profile:?}");
        let pkce = metadata.get("code_challenge_methods_supported");
        assert_eq!(pkce.cloned(), profile.map(|_| json!(["S256"])));
        let pushed = metadata.get("require_pushed_authorization_requests");
        assert_eq!(pushed.cloned(), is_fapi.then_some(json!(true)));
        for algorithms in [
            "token_endpoint_auth_signing_alg_values_supported",
            "dpop_signing_alg_values_supported",
        ] {
            let algorithms: &Value = &metadata[algorithms];
            assert_eq!(*algorithms == fapi, is_fapi, "{profile:?}: {algorithms}");
            let has_rs256 = algorithms
                .as_array()
                .expect("a list")
                .contains(&json!("RS256"));
            assert_eq!(has_rs256, !is_fapi);
        }
        let grants = metadata["grant_types_supported"]
            .as_array()
            .expect("a list");
        assert_eq!(grants.contains(&json!("password")), profile.is_none());
    }
}

#[test]
fn the_metadata_of_other_endpoints_follow_the_profile() {
    let token = layer(Some(Profile::Fapi2));
    let introspection = token.for_endpoint(Endpoint::Introspection, "/introspect");
    let metadata = introspection.expect("a layer").server_metadata();
    let methods = &metadata["introspection_endpoint_auth_methods_supported"];
    assert_eq!(*methods, json!(["private_key_jwt"]));
    let algorithms = &metadata["introspection_endpoint_auth_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!(["ES256", "Ed25519", "EdDSA", "PS256"]));
    let par = token.for_endpoint(Endpoint::PushedAuthorization, "/par");
    let metadata = par.expect("a layer").server_metadata();
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
}

#[test]
fn a_profile_has_a_short_name() {
    for (profile, name) in [(Profile::OAuth21, "oauth21"), (Profile::Fapi2, "fapi2")] {
        assert_eq!(profile.as_str(), name);
        assert_eq!(profile.to_string(), name);
    }
}
