"""An authorization server on Authlib that leaves the clients to `../proxy.rs`.

    pip install authlib flask
    PROXY_SECRET=... python3 upstream.py PORT
"""

import hashlib
import hmac
import os
import sys
import time
from urllib.parse import unquote_plus

# The way from the proxy is plain HTTP. Clients use the TLS in front of the proxy.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Flask, request

SECRET = os.environ["PROXY_SECRET"]


def is_from_proxy():
    """Whether the proof is the secret or, with --sign, a signature that is not older than a minute."""
    proof = request.headers.get("X-Proxy-Proof", "")
    if hmac.compare_digest(proof.encode(), SECRET.encode()):
        return True
    parts = dict(part.partition("=")[::2] for part in proof.split(","))
    lines = [parts.get("t", ""), request.path]
    lines += [request.headers.get(name, "") for name in ("X-Verified-Client", "X-Verified-Method")]
    signed = "\n".join([*lines, request.get_data(as_text=True)]).encode()
    signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return (
        hmac.compare_digest(parts.get("v1", "").encode(), signature.encode())
        and abs(time.time() - int(parts["t"])) < 60
    )


class Client(ClientMixin):
    """A client that the proxy has authenticated, and whose grant and scope it has checked."""

    def __init__(self, client_id):
        self.client_id = client_id

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_grant_type(self, grant_type):
        return True

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "proxy"


class Token:
    def __init__(self, client_id):
        self.client_id = client_id

    def check_client(self, client):
        return self.client_id == client.client_id


def authenticated_by_proxy(query_client, _):
    if is_from_proxy():
        return query_client(unquote_plus(request.headers["X-Verified-Client"]))


class ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["proxy"]


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ["proxy"]

    def query_token(self, token, hint):
        return tokens.get(token)

    def revoke_token(self, token, _):
        for text in [text for text, kept in tokens.items() if kept is token]:
            del tokens[text]


app = Flask(__name__)
tokens = {}
server = AuthorizationServer(
    app,
    query_client=Client,
    save_token=lambda token, it: tokens.update({token["access_token"]: Token(it.client.client_id)}),
)
server.register_client_auth_method("proxy", authenticated_by_proxy)
server.register_grant(ClientCredentials)
server.register_endpoint(Revocation)


@app.before_request
def keep_body():
    """The signature is over the bytes, which Flask forgets when it reads them as a form."""
    request.get_data(cache=True)


@app.post("/token")
def issue():
    return server.create_token_response()


@app.post("/revoke")
def revoke():
    return server.create_endpoint_response("revocation")


@app.get("/tokens/<token>")
def show(token):
    return {"client_id": tokens[token].client_id} if token in tokens else ({}, 404)


app.run("127.0.0.1", int(sys.argv[1]))
