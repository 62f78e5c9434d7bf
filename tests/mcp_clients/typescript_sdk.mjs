// The MCP TypeScript SDK: from a 401 to a list of tools, and a refresh. Its own `clientMetadataUrl` makes it
// use the document, so there is no registration.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { UnauthorizedError, auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [issuer, clientMetadataUrl] = process.argv.slice(2);
const url = new URL('/mcp', issuer);
const state = randomUUID();
// The document has no port.
const redirectUrl = 'http://localhost:58135/callback';
const kept = {};
const provider = {
  redirectUrl,
  clientMetadataUrl,
  clientMetadata: { client_name: 'test', redirect_uris: [redirectUrl] },
  state: () => state,
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client; },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens; },
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
  invalidateCredentials: () => { delete kept.tokens; },
  // What the browser of the user does.
  redirectToAuthorization: async (to) => {
    const response = await fetch(to, { redirect: 'manual' });
    assert.equal(response.status, 303, await response.text());
    kept.callback = new URL(response.headers.get('location'));
  },
};
const client = new Client({ name: 'test', version: '1.0.0' });

const first = new StreamableHTTPClientTransport(url, { authProvider: provider });
await assert.rejects(client.connect(first), UnauthorizedError);
assert.equal(kept.client.client_id, clientMetadataUrl);
const answer = kept.callback.searchParams;
assert.equal(kept.callback.href.split('?')[0], redirectUrl);
assert.deepEqual([answer.get('state'), answer.get('iss')], [state, issuer]);
await first.finishAuth(answer.get('code'));

await client.connect(new StreamableHTTPClientTransport(url, { authProvider: provider }));
assert.deepEqual((await client.listTools()).tools, []);

const old = kept.tokens;
assert.equal(await auth(provider, { serverUrl: url }), 'AUTHORIZED');
assert.notEqual(kept.tokens.refresh_token, old.refresh_token);
assert.notEqual(kept.tokens.access_token, old.access_token);
assert.deepEqual(await client.ping(), {});

// An old refresh token ends its grant, and the SDK asks the user again.
kept.tokens = old;
assert.equal(await auth(provider, { serverUrl: url }), 'REDIRECT');
await client.close();
