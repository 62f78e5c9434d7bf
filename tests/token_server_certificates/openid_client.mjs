// openid-client with undici, which presents the certificate: `use_mtls_endpoint_aliases`, a bound token, the resource.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as openid from 'openid-client';
import { Agent, fetch } from 'undici';

const [issuer, clientId] = process.argv.slice(2);
const { CA_FILE, CERT_FILE, KEY_FILE, THUMBPRINT, MTLS_BASE } = process.env;
const [ca, cert, key] = [CA_FILE, CERT_FILE, KEY_FILE].map((file) => readFileSync(file));
const without = new Agent({ connect: { ca } });
const agent = new Agent({ connect: { ca, cert, key } });
const by = (dispatcher) => (url, options) => fetch(url, { ...options, dispatcher });

const metadata = { client_id: clientId, use_mtls_endpoint_aliases: true };
const discover = async (dispatcher) => {
  const options = { algorithm: 'oauth2', [openid.customFetch]: by(dispatcher) };
  const config = await openid.discovery(new URL(issuer), clientId, metadata, openid.TlsClientAuth(), options);
  config[openid.customFetch] = by(dispatcher);
  return config;
};
const config = await discover(agent);
const server = config.serverMetadata();
assert.equal(server.mtls_endpoint_aliases.token_endpoint, `${MTLS_BASE}/token`);
assert.equal(server.tls_client_certificate_bound_access_tokens, true);
assert(server.token_endpoint_auth_methods_supported.includes('tls_client_auth'));

const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'read' });
const { active, cnf } = await openid.tokenIntrospection(config, token);
assert.equal(active, true);
assert.deepEqual(cnf, { 'x5t#S256': THUMBPRINT });

const resource = async (dispatcher) => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${MTLS_BASE}/resource`, { headers, dispatcher })).status;
};
assert.equal(await resource(agent), 200);
assert.equal(await resource(without), 401);
await assert.rejects(openid.clientCredentialsGrant(await discover(without)), { status: 401 });
await openid.tokenRevocation(config, token);
assert.equal(await resource(agent), 401);
