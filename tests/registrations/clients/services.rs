//! As services in the cloud write them: Auth0, Okta, Entra.

use serde_json::{Value, json};

use super::{SECRET, products::over};
use crate::keys::{rsa, set};
use crate::verdict::{Row, loads, refused, row, warns};

/// An application of Auth0 as its management API shows it.
fn auth0(members: Value) -> Value {
    over(
        json!({
            "tenant": "example",
            "global": false,
            "is_token_endpoint_ip_header_trusted": false,
            "name": "My App",
            "is_first_party": true,
            "oidc_conformant": true,
            "sso_disabled": false,
            "cross_origin_auth": false,
            "refresh_token": {"expiration_type": "non-expiring", "leeway": 0},
            "callbacks": [],
            "allowed_logout_urls": [],
            "web_origins": [],
            "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36_000},
            "signing_keys": [{"cert": "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----", "subject": "/CN=example"}],
            "client_metadata": {},
            "client_id": "8BHL1cMtV8c5qHkQ7t8jFkqOmXbUQ1aE",
            "client_secret": SECRET,
            "callback_url_template": false,
            "app_type": "regular_web",
            "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": "client_secret_post",
            "custom_login_page_on": true,
        }),
        members,
    )
}

/// What Okta answers to a registration.
fn okta(members: Value) -> Value {
    over(
        json!({
            "client_id": "0oabskvc6442nkvQO0h7",
            "client_secret": SECRET,
            "client_id_issued_at": 1_764_000_000,
            "client_secret_expires_at": 0,
            "client_name": "My App",
            "client_uri": null,
            "logo_uri": null,
            "tos_uri": null,
            "policy_uri": null,
            "initiate_login_uri": null,
            "redirect_uris": ["https://www.example-application.com/oauth2/redirectUri"],
            "post_logout_redirect_uris": [],
            "response_types": ["code", "token", "id_token"],
            "grant_types": ["authorization_code", "refresh_token", "implicit", "password"],
            "token_endpoint_auth_method": "client_secret_post",
            "application_type": "web",
            "wildcard_redirect": "DISABLED",
            "jwks": {"keys": []},
            "jwks_uri": null,
            "dpop_bound_access_tokens": false,
        }),
        members,
    )
}

/// An application of Entra, which somebody wrote as metadata.
fn entra(members: Value) -> Value {
    over(
        json!({
            "client_id": "00001111-aaaa-2222-bbbb-3333cccc4444",
            "client_name": "An app",
            "client_secret": SECRET,
            "grant_types": ["client_credentials"],
            "scope": "https://graph.microsoft.com/.default",
            "tenant_id": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
        }),
        members,
    )
}

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    vec![
        // Auth0
        row("Auth0", "an application", auth0(json!({})), loads()),
        row("Auth0", "callbacks", auth0(json!({"callbacks": ["https://app.example.org/cb"]})),
            warns([("callbacks", "`redirect_uris`")])),
        row("Auth0", "grants of its own", auth0(json!({"grant_types": [
            "authorization_code", "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/mfa-otp",
        ]})), loads()),
        row("Auth0", "a single-page application", auth0(json!({"app_type": "spa", "token_endpoint_auth_method": "none", "client_secret": null})), loads()),
        row("Auth0", "credentials instead of a method", auth0(json!({
            "token_endpoint_auth_method": null, "client_secret": null,
            "client_authentication_methods": {"private_key_jwt": {"credentials": [{"id": "cred_1"}]}},
        })), refused([("client_secret", "`client_secret_basic` needs it")])),
        row("Auth0", "its key in PEM", auth0(json!({
            "token_endpoint_auth_method": "private_key_jwt", "jwks": "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----",
        })), refused([("jwks", "PEM")])),
        row("Auth0", "the fragment of a single-page application", auth0(json!({"redirect_uris": ["https://app.example.org/#/cb"]})),
            refused([("redirect_uris", "it has a fragment")])),
        // Okta
        row("Okta", "the answer to a registration", okta(json!({})), loads()),
        row("Okta", "interaction_code", okta(json!({"grant_types": [
            "authorization_code", "interaction_code", "urn:okta:params:oauth:grant-type:otp",
            "http://auth0.com/oauth/grant-type/mfa-oob", "urn:openid:params:grant-type:ciba",
        ]})), loads()),
        row("Okta", "private_key_jwt", okta(json!({
            "token_endpoint_auth_method": "private_key_jwt", "client_secret": null,
            "jwks": set([rsa(json!({"kid": "O4O", "alg": "RS256", "use": "sig", "status": "ACTIVE"}))]),
        })), loads()),
        row("Okta", "private_key_jwt, and the keys are not there yet", okta(json!({"token_endpoint_auth_method": "private_key_jwt"})),
            refused([("jwks", "add `jwks`, or `jwks_uri`")])),
        row("Okta", "an app of the management API", json!({
            "id": "0oabskvc6442nkvQO0h7", "name": "oidc_client", "label": "My App", "status": "ACTIVE",
            "credentials": {"oauthClient": {"client_id": "0oabskvc6442nkvQO0h7", "client_secret": SECRET}},
            "settings": {"oauthClient": {"redirect_uris": ["https://app.example.org/cb"], "grant_types": ["authorization_code"]}},
        }), refused([("client_id", "every client needs an id"), ("client_secret", "needs it")])),
        row("Okta", "a private-use scheme", okta(json!({"application_type": "native", "token_endpoint_auth_method": "none", "client_secret": null, "redirect_uris": ["com.okta.dev-1:/callback"]})), loads()),
        row("Okta", "a secret that is about to expire", okta(json!({"client_secret_expires_at": 1_893_456_000.0})), loads()),
        row("Okta", "milliseconds of JavaScript", okta(json!({"client_secret_expires_at": 1_893_456_000_000_u64})),
            refused([("client_secret_expires_at", "write the seconds since 1970, 1893456000")])),
        // Entra
        row("Entra", "an app by hand", entra(json!({})), loads()),
        row("Entra", "an application of Graph", json!({
            "id": "1", "appId": "00001111-aaaa-2222-bbbb-3333cccc4444", "displayName": "An app", "identifierUris": [],
            "passwordCredentials": [{"secretText": null, "hint": "abc", "endDateTime": "2027-01-01T00:00:00Z"}],
            "web": {"redirectUris": ["https://app.example.org/signin-oidc"]}, "keyCredentials": [],
        }), refused([("client_id", "every client needs an id"), ("client_secret", "needs it")])),
        row("Entra", "the expiry as Graph writes it", entra(json!({"client_secret_expires_at": "2027-01-01T00:00:00Z"})),
            refused([("client_secret_expires_at", "write the seconds since 1970")])),
        row("Entra", "redirections of mobile and desktop", entra(json!({"redirect_uris": [
            "msal00001111-aaaa-2222-bbbb-3333cccc4444://auth", "ms-appx-web://Microsoft.AAD.BrokerPlugin/0000",
            "urn:ietf:wg:oauth:2.0:oob", "http://localhost",
        ]})), loads()),
        row("Entra", "replyUrls of an old manifest", entra(json!({"replyUrls": ["https://app.example.org/cb"]})),
            warns([("replyUrls", "`redirect_uris`")])),
        row("Entra", "scopes", entra(json!({"scope": null, "scopes": "https://graph.microsoft.com/.default"})),
            warns([("scopes", "`scope`")])),
        row("Entra", "localhost and a port", entra(json!({"redirect_uris": ["localhost:5001/signin-oidc"]})),
            refused([("redirect_uris", "a host and a port without a scheme")])),
    ]
}
