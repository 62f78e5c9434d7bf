"""requests with `cert=`: a code, bound tokens, a refresh, and the resource with and without the certificate."""

import os
import sys
from urllib.parse import parse_qs, urlsplit

import requests

issuer, client_id = sys.argv[1:]
ca, own = os.environ["CA_FILE"], (os.environ["CERT_FILE"], os.environ["KEY_FILE"])
bare, certified = requests.Session(), requests.Session()
# The environment would come before `verify`.
bare.trust_env = certified.trust_env = False
bare.verify = certified.verify = ca
certified.cert = own

query = {
    "response_type": "code",
    "client_id": client_id,
    "redirect_uri": os.environ["CALLBACK"],
    "scope": "read",
    "code_challenge": os.environ["CHALLENGE"],
    "code_challenge_method": "S256",
}
at = bare.get(f"{issuer}/authorize", params=query, allow_redirects=False)
assert at.status_code == 303, at.text
code = parse_qs(urlsplit(at.headers["location"]).query)["code"][0]
form = {
    "grant_type": "authorization_code",
    "client_id": client_id,
    "code": code,
    "redirect_uri": os.environ["CALLBACK"],
    "code_verifier": os.environ["VERIFIER"],
}
refused = bare.post(f"{issuer}/token", data=form)
assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), refused.text
# It used nothing up.
tokens = certified.post(f"{issuer}/token", data=form)
assert tokens.status_code == 200, tokens.text
form = {
    "grant_type": "refresh_token",
    "client_id": client_id,
    "refresh_token": tokens.json()["refresh_token"],
}
refreshed = certified.post(f"{issuer}/token", data=form)
assert refreshed.status_code == 200, refreshed.text

for token in (tokens, refreshed):
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    found = certified.get(f"{issuer}/resource", headers=headers)
    assert found.status_code == 200 and found.json()["client_id"] == client_id, found.text
    stolen = bare.get(f"{issuer}/resource", headers=headers)
    assert stolen.status_code == 401, stolen.text
