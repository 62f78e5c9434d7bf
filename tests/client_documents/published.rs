//! Documents in the shapes that clients of MCP publish, as of November 2026.

use std::collections::HashSet;

use tower_token_endpoint::Client;
use tower_token_endpoint::client::{AuthMethod, ClientIdUrl};

use crate::tables::Broken;

pub(crate) struct Published {
    name: &'static str,
    pub(crate) id: &'static str,
    /// The document without its `client_id`.
    members: &'static str,
    methods: &'static [AuthMethod],
    grants: &'static [&'static str],
    allowed: &'static [&'static str],
    not_allowed: &'static [&'static str],
}

const NONE: &[AuthMethod] = &[AuthMethod::None];
const CODE: &[&str] = &["authorization_code", "refresh_token"];

#[test]
fn documents_of_known_clients_are_clients_with_their_methods_grants_and_uris() {
    let mut broken = Broken::default();
    for published in PUBLISHED {
        if let Err(found) = published.judge() {
            broken.add(format!("{}: {found}", published.name));
        }
    }
    broken.assert_none();
}

#[test]
fn every_known_client_is_there_once() {
    let names: HashSet<_> = PUBLISHED.iter().map(|it| it.name).collect();
    let ids: HashSet<_> = PUBLISHED.iter().map(|it| it.id).collect();
    assert_eq!((names.len(), ids.len()), (PUBLISHED.len(), PUBLISHED.len()));
}

impl Published {
    pub(crate) fn document(&self) -> String {
        format!(r#"{{"client_id":"{}",{}}}"#, self.id, self.members)
    }

    fn judge(&self) -> Result<(), String> {
        ClientIdUrl::parse(self.id).map_err(|error| error.to_string())?;
        let client = Client::from_document(self.id, self.document().as_bytes());
        let client = client.map_err(|error| error.to_string())?;
        let grants = client.grant_types().iter().map(|it| it.as_str());
        let same = client.client_id() == self.id
            && client.is_from_document()
            && client.auth_methods().eq(self.methods.iter().copied())
            && grants.eq(self.grants.iter().copied())
            && client.warnings().is_empty();
        if !same {
            return Err(format!("{client:?} {:?}", client.warnings()));
        }
        let wrong = |uris: &[&'static str], is_allowed: bool| {
            let uris = uris.iter().copied();
            uris.filter(|uri| client.allows_redirect_uri(uri) != is_allowed)
                .collect::<Vec<_>>()
        };
        let wrong = [wrong(self.allowed, true), wrong(self.not_allowed, false)].concat();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(format!("{wrong:?}")),
        }
    }
}

pub(crate) const PUBLISHED: &[Published] = &[
    Published {
        name: "Claude",
        id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
        members: r#"
            "client_name": "Claude",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        "#,
        methods: NONE,
        grants: &[
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        allowed: &["https://claude.ai/api/mcp/auth_callback"],
        not_allowed: &[
            "https://claude.ai:443/api/mcp/auth_callback",
            "https://claude.ai/api/mcp/auth_callback/",
            "https://claude.com/api/mcp/auth_callback",
            "http://claude.ai/api/mcp/auth_callback",
            "http://localhost/callback",
        ],
    },
    Published {
        name: "Claude Code",
        id: "https://claude.ai/oauth/claude-code-client-metadata",
        members: r#"
            "client_name": "Claude Code",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        "#,
        methods: NONE,
        grants: CODE,
        allowed: &[
            "http://localhost/callback",
            "http://localhost:58135/callback",
            "http://localhost:1/callback",
            "http://127.0.0.1/callback",
            "http://127.0.0.1:65535/callback",
        ],
        not_allowed: &[
            "https://localhost:58135/callback",
            "http://localhost:58135/callback/",
            "http://localhost:58135/other",
            "http://localhost:65536/callback",
            "http://localhost:58135",
            "http://localhost.example:58135/callback",
            "http://localhost:58135@example.com/callback",
            "http://[::1]:58135/callback",
            "http://127.0.0.2:58135/callback",
            "https://claude.ai/api/mcp/auth_callback",
        ],
    },
    Published {
        name: "ChatGPT",
        id: "https://chatgpt.com/oauth/client.json",
        members: r#"
            "client_uri": "https://chatgpt.com/",
            "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "client_name": "ChatGPT",
            "logo_uri": "https://persistent.oaistatic.com/sonic/misc/openai-logo.png",
            "token_endpoint_auth_signing_alg": "RS256",
            "jwks_uri": "https://chatgpt.com/oauth/jwks.json"
        "#,
        methods: &[AuthMethod::PrivateKeyJwt, AuthMethod::None],
        grants: CODE,
        allowed: &["https://chatgpt.com/connector_platform_oauth_redirect"],
        not_allowed: &[
            "https://chatgpt.com:443/connector_platform_oauth_redirect",
            "https://chatgpt.com/connector_platform_oauth_redirect?x=1",
            "https://chatgpt.com/connector/oauth/kDmjx77UnKOM",
            "http://127.0.0.1/callback",
        ],
    },
    // Before it listed its methods, and with an id for each connector, as of May 2026.
    Published {
        name: "ChatGPT, for one connector",
        id: "https://chatgpt.com/oauth/kDmjx77UnKOM/client.json",
        members: r#"
            "client_uri": "https://chatgpt.com/",
            "redirect_uris": ["https://chatgpt.com/connector/oauth/kDmjx77UnKOM"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "client_name": "ChatGPT",
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "RS256",
            "jwks_uri": "https://chatgpt.com/oauth/jwks.json"
        "#,
        methods: &[AuthMethod::PrivateKeyJwt],
        grants: CODE,
        allowed: &["https://chatgpt.com/connector/oauth/kDmjx77UnKOM"],
        not_allowed: &[
            "https://chatgpt.com/connector/oauth/kdmjx77unkom",
            "https://chatgpt.com/connector/oauth/",
            "https://chatgpt.com/connector_platform_oauth_redirect",
        ],
    },
    Published {
        name: "Codex",
        id: "https://chatgpt.com/oauth/codex/client.json",
        members: r#"
            "client_name": "Codex",
            "client_uri": "https://chatgpt.com/",
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        "#,
        methods: NONE,
        grants: CODE,
        allowed: &[
            "http://127.0.0.1:43123/callback",
            "http://localhost:43123/callback",
        ],
        not_allowed: &[
            "https://127.0.0.1:43123/callback",
            "http://127.0.0.1:43123/callback/abc123",
            "http://127.0.0.1:43123/callback?x",
            "https://chatgpt.com/connector_platform_oauth_redirect",
        ],
    },
    Published {
        name: "Visual Studio Code",
        id: "https://vscode.dev/oauth/client-metadata.json",
        members: r#"
            "client_name": "Visual Studio Code",
            "logo_uri": "https://code.visualstudio.com/assets/branding/code-stable.png",
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "client_uri": "https://vscode.dev/product",
            "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"]
        "#,
        methods: NONE,
        grants: &[
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        allowed: &[
            "http://127.0.0.1:33418/",
            "http://127.0.0.1:51004/",
            "http://127.0.0.1/",
            "https://vscode.dev/redirect",
        ],
        not_allowed: &[
            "http://127.0.0.1:33418",
            "http://127.0.0.1:33418/callback",
            "http://localhost:33418/",
            "https://vscode.dev:443/redirect",
            "https://insiders.vscode.dev/redirect",
        ],
    },
    // Cursor publishes no document: this has the shape of its dynamic registration.
    Published {
        name: "Cursor",
        id: "https://cursor.example/oauth/client.json",
        members: r#"
            "client_name": "Cursor",
            "redirect_uris": [
                "http://localhost:8787/callback",
                "https://www.cursor.com/agents/mcp/oauth/callback",
                "cursor://anysphere.cursor-mcp/oauth/callback"
            ],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        "#,
        methods: NONE,
        grants: CODE,
        allowed: &[
            "http://localhost:8787/callback",
            "http://localhost:8788/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
        ],
        not_allowed: &[
            // Its scheme has no period (RFC 8252 §7.1).
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "http://127.0.0.1:8787/callback",
            "https://cursor.com/agents/mcp/oauth/callback",
            "cursor://anysphere.cursor-mcp:8787/oauth/callback",
            "cursor://other.extension/oauth/callback",
            "CURSOR://anysphere.cursor-mcp/oauth/callback",
        ],
    },
    Published {
        name: "opencode",
        id: "https://opencode.ai/oauth/opencode/client.json",
        members: r#"
            "client_name": "opencode",
            "client_uri": "https://opencode.ai",
            "logo_uri": "https://opencode.ai/web-app-manifest-512x512.png",
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "token_endpoint_auth_methods_supported": ["none"]
        "#,
        methods: NONE,
        grants: CODE,
        allowed: &[
            "http://127.0.0.1:19876/callback",
            "http://localhost:19876/callback",
        ],
        not_allowed: &[
            "http://127.0.0.1:19876/mcp/oauth/callback",
            "https://opencode.ai/callback",
        ],
    },
    Published {
        name: "Zed",
        id: "https://zed.dev/oauth/client-metadata.json",
        members: r#"
            "client_name": "Zed",
            "client_uri": "https://zed.dev",
            "redirect_uris": ["http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        "#,
        methods: NONE,
        grants: CODE,
        allowed: &[
            "http://127.0.0.1/callback",
            "http://127.0.0.1:27523/callback",
        ],
        not_allowed: &["http://localhost:27523/callback", "http://127.0.0.1:27523/"],
    },
];
