//! Who is registered, and where.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::request;
use tower::BoxError;
use tower_token_endpoint::client::{AuthMethod, ClientBuilder, ClientSecret, Decoy};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, ISSUER, Registered};
use crate::row::{BASIC, NONE, POST};

pub(crate) fn cast() -> Vec<Client> {
    let clients = [
        confidential("svc", "svc-secret").scope("read write"),
        confidential("poster", "post-secret")
            .auth_method(POST)
            .scope("read write"),
        confidential("either", "either-secret").auth_methods([BASIC, POST]),
        confidential("mixed", "mixed-secret").auth_methods([BASIC, NONE]),
        confidential("unscoped", "unscoped-secret"),
        confidential("scopeless", "no-secret").scope(""),
        public("pub").scope("read write"),
        public("p+q"),
        Client::builder("spa").auth_method(NONE),
        Client::builder("code-only").secret(ClientSecret::sha256_of("code-secret")),
        confidential("no-grants", "idle-secret").grant_types([]),
        confidential("expired", expired("old-secret")),
        confidential("expired-post", expired("old-secret")).auth_method(POST),
        confidential("rotating", expired("old-secret"))
            .secret(ClientSecret::sha256_of("new-secret")),
        confidential("lasting", lasting("new-secret")),
        confidential("two-secrets", "first-secret")
            .secret(ClientSecret::sha256_of("second-secret")),
        keyed("keyed", AuthMethod::PrivateKeyJwt),
        confidential("hmac", ClientSecret::plain(HMAC_SECRET))
            .auth_method(AuthMethod::ClientSecretJwt),
        Client::builder("mtls")
            .auth_method(AuthMethod::TlsClientAuth)
            .metadata("tls_client_auth_subject_dn", "CN=client".into())
            .grant_types(served()),
        confidential("mtls-or-basic", "mtls-secret")
            .auth_methods([AuthMethod::TlsClientAuth, BASIC])
            .metadata("tls_client_auth_subject_dn", "CN=client".into()),
        confidential("x y", "space"),
        confidential("x+y", "plus"),
        confidential("twin a", "same"),
        confidential("twin+a", "same"),
        confidential("a+b", "s+t"),
        confidential("pct", "p%41q"),
        confidential("decoded", "pAq"),
        confidential("hundred", "100%"),
        confidential("%zz", "zz"),
        confidential("a:b", "colon"),
        confidential("colons", "se:cr:et"),
        confidential("https://client.example/a?b=c&d", "s/e c+r:t%&=é"),
        confidential("ключ", "пароль€𝄞"),
        confidential("all", "all-secret").grant_types(known()),
        public("pub-all").grant_types(known()),
        confidential("device", "device-secret")
            .grant_types([GrantType::DeviceCode])
            .scope("read write"),
        public("tv")
            .grant_types([GrantType::DeviceCode])
            .scope("read write"),
        backchannel("poll", None),
        backchannel("polling", Some("poll")),
        backchannel("ping", Some("ping")),
        backchannel("push", Some("push")),
    ];
    clients
        .map(|client| client.build().expect("a client"))
        .into()
}

pub(crate) fn confidential(id: &str, secret: impl Registered) -> ClientBuilder {
    Client::builder(id)
        .secret(secret.registered())
        .grant_types(served())
}

pub(crate) fn public(id: &str) -> ClientBuilder {
    Client::builder(id).auth_method(NONE).grant_types(served())
}

pub(crate) fn keyed(id: &str, method: AuthMethod) -> ClientBuilder {
    let key = serde_json::json!({
        "kty": "EC", "crv": "P-256", "kid": "1",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    let keys = serde_json::json!({ "keys": [key] });
    Client::builder(id)
        .auth_method(method)
        .metadata("jwks", keys)
        .grant_types(served())
}

/// Registered for the CIBA grant, with this mode of delivery.
fn backchannel(id: &str, mode: Option<&str>) -> ClientBuilder {
    let client = confidential(id, "ciba-secret")
        .grant_types([GrantType::Ciba])
        .scope("openid read");
    match mode {
        Some(mode) => client.metadata("backchannel_token_delivery_mode", mode.into()),
        None => client,
    }
}

pub(crate) fn expired(secret: &str) -> ClientSecret {
    ClientSecret::sha256_of(secret).expires_at(SystemTime::now() - Duration::from_secs(1))
}

pub(crate) fn lasting(secret: &str) -> ClientSecret {
    ClientSecret::sha256_of(secret).expires_at(SystemTime::now() + Duration::from_secs(3600))
}

/// What the layer serves by default.
pub(crate) fn served() -> [GrantType; 3] {
    use GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
    [AuthorizationCode, RefreshToken, ClientCredentials]
}

/// Every grant that has a row for its parameters, and one of the server's own.
pub(crate) fn known() -> Vec<GrantType> {
    use GrantType::{Ciba, DeviceCode, JwtBearer, Password, Saml2Bearer, TokenExchange};
    let ticket = TICKET_GRANT.parse().expect("an absolute URI");
    let more = [
        Password,
        DeviceCode,
        JwtBearer,
        Saml2Bearer,
        TokenExchange,
        Ciba,
        ticket,
    ];
    served().into_iter().chain(more).collect()
}

pub(crate) const HMAC_SECRET: &str = "a-secret-of-thirty-two-bytes-here";

pub(crate) const TICKET_GRANT: &str = "urn:example:ticket";

/// The layer with its defaults, on `/token`.
pub(crate) fn over<C: ClientStore>(clients: C) -> TokenEndpointLayer<C> {
    builder_over(clients).built()
}

/// What makes [`over`], for more settings.
pub(crate) fn builder_over<C: ClientStore>(clients: C) -> TokenEndpointLayerBuilder<C> {
    TokenEndpointLayer::builder(clients, ISSUER).path("/token")
}

/// The cast, in a store that may fail when it is asked for one of them.
#[derive(Clone)]
pub(crate) struct Registry {
    clients: MemoryClientStore,
    broken: Option<&'static str>,
}

impl Registry {
    pub(crate) fn whole() -> Self {
        let clients = MemoryClientStore::new(cast()).expect("clients that load");
        Self {
            clients,
            broken: None,
        }
    }

    pub(crate) fn failing_for(client_id: &'static str) -> Self {
        let broken = Some(client_id);
        Self {
            broken,
            ..Self::whole()
        }
    }
}

impl ClientStore for Registry {
    type Error = BoxError;

    async fn find(&self, id: &str, _: &request::Parts) -> Result<Option<Arc<Client>>, BoxError> {
        match self.broken {
            Some(broken) if broken == id => Err("connection refused".into()),
            _ => Ok(self.clients.get(id)),
        }
    }

    fn decoy(&self) -> Option<Decoy> {
        self.clients.decoy()
    }
}
