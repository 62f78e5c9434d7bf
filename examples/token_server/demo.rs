//! The demo clients, and commands to try them with.

use std::io::Write;

use tower_token_endpoint::{Client, MemoryClientStore, layer::Profile};

use crate::paths::Paths;

/// The clients that are served if no `--clients` file is given: those that the profile accepts.
pub(crate) fn clients(profile: Option<Profile>) -> MemoryClientStore {
    let clients: Result<Vec<Client>, _> = serde_json::from_slice(include_bytes!("clients.json"));
    let clients = clients.expect("the demo clients are part of this program and load in its tests");
    let is_accepted = |client: &Client| match profile {
        Some(profile) => client.check_profile(profile).is_ok(),
        None => true,
    };
    MemoryClientStore::new(clients.into_iter().filter(is_accepted)).expect("no id is there twice")
}

/// Writes to stdout at once. The server goes on if nobody reads it.
pub(crate) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Commands for the demo clients.
pub(crate) fn commands(profile: Option<Profile>) -> String {
    match profile {
        Some(Profile::Fapi2) => FAPI.to_owned(),
        Some(_) => DEMO.replace(NOT_ENCODED, ENCODED),
        None => DEMO.to_owned(),
    }
}

/// The commands for the server at `address`.
pub(crate) fn at(address: &str, paths: &Paths, commands: &str) -> String {
    commands
        .replace("$DISCOVERY", &format!("{address}{}", paths.discovery))
        .replace("$BASE", &format!("{address}{}", paths.base))
}

/// What the commands need before they work over https.
pub(crate) const TRUST: &str = "
# First: the file with the authority of the server's certificate
export CURL_CA_BUNDLE=ca.pem
";

/// They never contain secrets from a `--clients` file.
pub(crate) const OWN: &str = r#"
# Set CLIENT_ID and CLIENT_SECRET to a client of your file, then: a token for the client itself
curl -s -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials $BASE/token

# What clients can discover
curl -s $DISCOVERY
"#;

/// OAuth 2.1 accepts Basic credentials only form-urlencoded.
const NOT_ENCODED: &str = "'démo-ключ:s p+a%c:e/s & ключ €'";
const ENCODED: &str = "'d%C3%A9mo-%D0%BA%D0%BB%D1%8E%D1%87:s+p%2Ba%25c%3Ae%2Fs+%26+%D0%BA%D0%BB%D1%8E%D1%87+%E2%82%AC'";

/// The verifier and the challenge are those of RFC 7636, appendix B. The private key
/// belongs to a demo client, and is used for nothing else.
const DEMO: &str = r#"
# A token for the client itself
curl -s -u demo-basic:demo-basic-secret -d grant_type=client_credentials -d scope=read $BASE/token

# The same, credentials in the body; and with an id and a secret that need care
curl -s -d grant_type=client_credentials -d client_id=demo-post -d client_secret=demo-post-secret $BASE/token
curl -s -u 'démo-ключ:s p+a%c:e/s & ключ €' -d grant_type=client_credentials $BASE/token

# Clients whose secrets are registered as hashes: Argon2, bcrypt and PBKDF2
curl -s -u demo-argon2:demo-argon2-secret -d grant_type=client_credentials $BASE/token
curl -s -u demo-bcrypt:demo-bcrypt-secret -d grant_type=client_credentials $BASE/token
curl -s -u demo-pbkdf2:demo-pbkdf2-secret -d grant_type=client_credentials $BASE/token

# A client that changes its secret: the new one and the old one
curl -s -u demo-rotation:demo-rotation-new-secret -d grant_type=client_credentials $BASE/token
curl -s -u demo-rotation:demo-rotation-old-secret -d grant_type=client_credentials $BASE/token

# A wrong secret: 401 with a challenge
curl -si -u demo-basic:wrong -d grant_type=client_credentials $BASE/token

# More than the client may have
curl -s -u demo-basic:demo-basic-secret -d grant_type=client_credentials -d scope=admin $BASE/token

# An authorization code for a public client, with PKCE, and its exchange for tokens
CODE=$(curl -s -o /dev/null -w '%{redirect_url}' '$BASE/authorize?response_type=code&client_id=demo-public&redirect_uri=http://localhost:8080/callback&scope=read+write&state=xyz&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256' | sed 's/.*[?&]code=\([^&]*\).*/\1/')
TOKENS=$(curl -s -d grant_type=authorization_code -d client_id=demo-public -d code="$CODE" -d redirect_uri=http://localhost:8080/callback -d code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk $BASE/token); echo "$TOKENS"

# Its refresh token works once, here for less than was granted; used again it ends all tokens of the grant
REFRESH=$(echo "$TOKENS" | sed 's/.*"refresh_token":"\([^"]*\)".*/\1/')
curl -s -d grant_type=refresh_token -d client_id=demo-public -d refresh_token="$REFRESH" -d scope=read $BASE/token
curl -s -d grant_type=refresh_token -d client_id=demo-public -d refresh_token="$REFRESH" $BASE/token

# A request for a code that was pushed before, with the secret of the client: its request_uri is good once
PUSHED=$(curl -s -u demo-basic:demo-basic-secret -d response_type=code -d redirect_uri=http://localhost:8080/callback -d scope=read -d code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM -d code_challenge_method=S256 $BASE/par); echo "$PUSHED"
REQUEST_URI=$(echo "$PUSHED" | sed 's/.*"request_uri":"\([^"]*\)".*/\1/')
CODE=$(curl -s -o /dev/null -w '%{redirect_url}' "$BASE/authorize?client_id=demo-basic&request_uri=$REQUEST_URI" | sed 's/.*[?&]code=\([^&]*\).*/\1/')
curl -s -u demo-basic:demo-basic-secret -d grant_type=authorization_code -d code="$CODE" -d redirect_uri=http://localhost:8080/callback -d code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk $BASE/token

# A device without a browser: its user opens a page elsewhere; before that, the device gets no token
DEVICE=$(curl -s -d client_id=demo-device -d scope=read $BASE/device_authorization); echo "$DEVICE"
DEVICE_CODE=$(echo "$DEVICE" | sed 's/.*"device_code":"\([^"]*\)".*/\1/')
USER_CODE=$(echo "$DEVICE" | sed 's/.*"user_code":"\([^"]*\)".*/\1/')
curl -s -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d client_id=demo-device -d device_code="$DEVICE_CODE" $BASE/token
curl -s "$BASE/device?user_code=$USER_CODE"
curl -s -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d client_id=demo-device -d device_code="$DEVICE_CODE" $BASE/token

# A user who decides elsewhere, by backchannel authentication (CIBA); this one approves at the second poll
REQUEST=$(curl -s -u demo-ciba:demo-ciba-secret -d scope=read -d login_hint=demo-user $BASE/backchannel_authentication); echo "$REQUEST"
AUTH_REQ_ID=$(echo "$REQUEST" | sed 's/.*"auth_req_id":"\([^"]*\)".*/\1/')
curl -s -u demo-ciba:demo-ciba-secret -d grant_type=urn:openid:params:grant-type:ciba -d auth_req_id="$AUTH_REQ_ID" $BASE/token
sleep "$(echo "$REQUEST" | sed 's/.*"interval":\([0-9]*\).*/\1/')"
curl -s -u demo-ciba:demo-ciba-secret -d grant_type=urn:openid:params:grant-type:ciba -d auth_req_id="$AUTH_REQ_ID" $BASE/token

# A token of the client for one with less scope (token exchange)
TOKEN=$(curl -s -u demo-exchange:demo-exchange-secret -d grant_type=client_credentials $BASE/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl -s -u demo-exchange:demo-exchange-secret -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d subject_token="$TOKEN" -d subject_token_type=urn:ietf:params:oauth:token-type:access_token -d scope=read $BASE/token

# What the server knows about a token of the client, before and after its revocation
TOKEN=$(curl -s -u demo-basic:demo-basic-secret -d grant_type=client_credentials $BASE/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl -s -u demo-basic:demo-basic-secret -d token="$TOKEN" $BASE/introspect
curl -s -u demo-basic:demo-basic-secret -d token="$TOKEN" $BASE/revoke
curl -s -u demo-basic:demo-basic-secret -d token="$TOKEN" $BASE/introspect

# A client whose secret is never sent: it signs an assertion (client_secret_jwt)
ISSUER=$(curl -s $DISCOVERY | sed 's/.*"issuer":"\([^"]*\)".*/\1/')
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
claims() { printf '{"iss":"%s","sub":"%s","aud":"%s","jti":"%s","exp":%d}' "$1" "$1" "$ISSUER" "$(openssl rand -hex 16)" $(($(date +%s) + 60)) | base64url; }
TYPE=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
SIGNED=$(printf '{"alg":"HS256"}' | base64url).$(claims demo-client-secret-jwt)
SIGNATURE=$(printf %s "$SIGNED" | openssl dgst -sha256 -hmac demo-client-secret-jwt-secret-of-32-bytes-or-more -binary | base64url)
curl -s -d grant_type=client_credentials -d client_assertion_type=$TYPE -d client_assertion="$SIGNED.$SIGNATURE" $BASE/token

# The same assertion again: it was good once
curl -s -d grant_type=client_credentials -d client_assertion_type=$TYPE -d client_assertion="$SIGNED.$SIGNATURE" $BASE/token

# A client that has a key and no secret (private_key_jwt); this takes OpenSSL 3
SIGNED=$(printf '{"alg":"Ed25519"}' | base64url).$(claims demo-private-key-jwt)
FILES=$(mktemp -d)
printf '%s\n' '-----BEGIN PRIVATE KEY-----' MC4CAQAwBQYDK2VwBCIEIGGMeBkI/rmHlI1bJUh9IbUNvpZlCPzj2uZEZexfnNJL '-----END PRIVATE KEY-----' > "$FILES/key"
printf %s "$SIGNED" > "$FILES/signed"
SIGNATURE=$(openssl pkeyutl -sign -rawin -inkey "$FILES/key" -in "$FILES/signed" | base64url)
rm -r "$FILES"
curl -s -d grant_type=client_credentials -d client_assertion_type=$TYPE -d client_assertion="$SIGNED.$SIGNATURE" $BASE/token

# A client with a key sends a proof in the header DPoP (RFC 9449): its token is good at $BASE/resource with another proof

# What clients can discover
curl -s $DISCOVERY
"#;

/// For FAPI 2.0, which accepts only clients that sign.
const FAPI: &str = r#"
# A client that has a key: it signs an assertion, and a proof that the token is bound to (DPoP). This takes OpenSSL 3
ISSUER=$(curl -s $DISCOVERY | sed 's/.*"issuer":"\([^"]*\)".*/\1/')
TYPE=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
FILES=$(mktemp -d)
printf '%s\n' '-----BEGIN PRIVATE KEY-----' MC4CAQAwBQYDK2VwBCIEIGGMeBkI/rmHlI1bJUh9IbUNvpZlCPzj2uZEZexfnNJL '-----END PRIVATE KEY-----' > "$FILES/key"
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
sign() { printf %s "$1" > "$FILES/signed"; printf %s. "$1"; openssl pkeyutl -sign -rawin -inkey "$FILES/key" -in "$FILES/signed" | base64url; }
assertion() { sign "$(printf '{"alg":"EdDSA"}' | base64url).$(printf '{"iss":"demo-private-key-jwt","sub":"demo-private-key-jwt","aud":"%s","jti":"%s","exp":%d}' "$ISSUER" "$(openssl rand -hex 16)" $(($(date +%s) + 60)) | base64url)"; }
proof() { sign "$(printf '{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"UgEnI1cuTXumNBNGGlG0qDBug2nIGnya4-kW-rP7qhk"}}' | base64url).$(printf '{"jti":"%s","htm":"POST","htu":"%s/token","iat":%d}' "$(openssl rand -hex 16)" "${ISSUER%/}" "$(date +%s)" | base64url)"; }
curl -s -H "DPoP: $(proof)" -d grant_type=client_credentials -d client_assertion_type=$TYPE -d client_assertion="$(assertion)" $BASE/token

# Without a proof, there is no token
curl -s -d grant_type=client_credentials -d client_assertion_type=$TYPE -d client_assertion="$(assertion)" $BASE/token
rm -r "$FILES"

# What clients can discover
curl -s $DISCOVERY
"#;
