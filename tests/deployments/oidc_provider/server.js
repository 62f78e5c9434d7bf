// An authorization server on node-oidc-provider that leaves the clients to `examples/proxy.rs`.

import { createHash, timingSafeEqual } from 'node:crypto';
import Provider from 'oidc-provider';

const digest = (text) => createHash('sha256').update(text).digest();
const secret = digest(process.env.PROXY_SECRET);
const client = (ctx) => ctx.get('x-verified-client');

// These hooks are for a proxy that has checked the certificate of a client. Ours has checked what the
// client is registered for, and proves that the request is its own.
const mTLS = {
  enabled: true,
  tlsClientAuth: true,
  getCertificate: client,
  certificateAuthorized: (ctx) => timingSafeEqual(digest(ctx.get('x-proxy-proof')), secret),
  certificateSubjectMatches: (ctx, property, expected) => client(ctx) === expected,
};

const provider = new Provider('https://as.example.com', {
  clientAuthMethods: ['tls_client_auth'],
  clients: [{
    client_id: 'app',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'app',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'read',
  }],
  features: { clientCredentials: { enabled: true }, introspection: { enabled: true }, mTLS },
  routes: { token: '/token', introspection: '/introspect' },
  scopes: ['read', 'write'],
});

// The test asks how many requests came.
let requests = 0;
provider.use((ctx, next) => {
  if (ctx.path !== '/requests') {
    requests += 1;
    return next();
  }
  ctx.body = { requests };
});

provider.listen(Number(process.argv[2]), '127.0.0.1');
