"""Authlib with `private_key_jwt`. The server gets the key by the `jwks_uri` of the document."""

import os
import sys

import httpx
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

# The server is on this machine.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
ISSUER, DOCUMENT = sys.argv[1:]
MCP = f"{ISSUER}/mcp"

client = OAuth2Client(
    DOCUMENT,
    ECKey.import_key(os.environ["CLIENT_KEY"]),
    token_endpoint_auth_method=PrivateKeyJWT(ISSUER, alg="ES256", headers={"kid": "key"}),
    redirect_uri="http://127.0.0.1:49152/callback",
    code_challenge_method="S256",
    trust_env=False,
)
plain = httpx.Client(trust_env=False)
found = plain.get(f"{ISSUER}/.well-known/oauth-authorization-server").json()
verifier = generate_token(48)
url, state = client.create_authorization_url(
    found["authorization_endpoint"], code_verifier=verifier, resource=MCP
)
# What the browser of the user does.
browsed = plain.get(url)
assert browsed.status_code == 303, browsed.text
answer = browsed.headers["location"]


def fetch():
    return client.fetch_token(
        found["token_endpoint"],
        authorization_response=answer,
        code_verifier=verifier,
        resource=MCP,
        state=state,
    )


def ping():
    response = client.post(MCP, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert response.json() == {"jsonrpc": "2.0", "id": 1, "result": {}}, response.text


tokens = fetch()
ping()
refreshed = client.refresh_token(found["token_endpoint"], tokens["refresh_token"])
assert refreshed["access_token"] != tokens["access_token"]
ping()
try:
    fetch()
    raise AssertionError("a code works once")
except OAuthError as error:
    assert error.error == "invalid_grant", error
