// openid-client with `private_key_jwt`. The server gets the key by the `jwks_uri` of the document.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import * as openid from 'openid-client';

const [issuer, clientId] = process.argv.slice(2);
const jwk = createPrivateKey(process.env.CLIENT_KEY).export({ format: 'jwk' });
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const config = await openid.discovery(new URL(issuer), clientId, undefined, openid.PrivateKeyJwt({ key, kid: 'key' }), {
  algorithm: 'oauth2',
  execute: [openid.allowInsecureRequests], // the server is on this machine
});
assert.equal(config.serverMetadata().client_id_metadata_document_supported, true);

const resource = `${issuer}/mcp`;
const state = openid.randomState();
const verifier = openid.randomPKCECodeVerifier();
const to = openid.buildAuthorizationUrl(config, {
  redirect_uri: 'http://127.0.0.1:49152/callback',
  code_challenge: await openid.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  resource,
  state,
});
const response = await fetch(to, { redirect: 'manual' });
assert.equal(response.status, 303, await response.text());
const callback = new URL(response.headers.get('location'));
const checks = { pkceCodeVerifier: verifier, expectedState: state };
const grant = () => openid.authorizationCodeGrant(config, callback, checks, { resource });
const tokens = await grant();
const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token, { resource });

for (const { access_token: token } of [tokens, refreshed]) {
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const headers = new Headers({ 'content-type': 'application/json' });
  const pong = await openid.fetchProtectedResource(config, token, new URL(resource), 'POST', ping, headers);
  assert.deepEqual(await pong.json(), { jsonrpc: '2.0', id: 1, result: {} });
}
// A code works once.
await assert.rejects(grant(), { error: 'invalid_grant' });
