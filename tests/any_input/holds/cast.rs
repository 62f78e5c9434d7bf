//! Who is registered, as a table that the assertions look up. It knows nothing of the layer.

use std::cell::RefCell;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::json;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::layer::Endpoint;
use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, builder};
use crate::sign::{ED25519, Key, P256, P384, P521, RSA, SECRET, SECRET_TEXT, jwk};

use AuthMethod::{
    ClientSecretBasic as Basic, ClientSecretJwt as SecretJwt, ClientSecretPost as Post,
    None as Public, PrivateKeyJwt as KeyJwt,
};

/// With the smallest parameters.
const ARGON2: &str =
    "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw";
const CC: &str = "client_credentials";
const CODE: &str = "authorization_code";
const REFRESH: &str = "refresh_token";
pub(crate) const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(crate) const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// The client that the server calls when the user has decided.
const NOTIFIED: &str = "notified";

/// What a client proves itself by.
#[derive(Clone, Copy)]
pub(crate) enum Proof {
    Nothing,
    Secret(&'static str),
    /// No longer.
    Expired(&'static str),
    /// Of two secrets, the one that is live, and the one that is not.
    Rotated(&'static str, &'static str),
    /// With a slow hash of it.
    Hashed(&'static str, &'static str),
    Key(&'static Key),
}

/// A registered client.
pub(crate) struct Registered {
    pub(crate) id: &'static str,
    pub(crate) methods: &'static [AuthMethod],
    pub(crate) proof: Proof,
    pub(crate) grants: &'static [&'static str],
    /// `None` if it may ask for any.
    pub(crate) scope: Option<&'static [&'static str]>,
}

#[rustfmt::skip]
pub(crate) static CAST: [Registered; 19] = [
    client("svc",      &[Basic],             Proof::Secret("svc-secret"),       &[CC, CODE, REFRESH, DEVICE, CIBA], Some(&["read", "write"])),
    client("post",     &[Post],              Proof::Secret("post-secret"),      &[CC],                None),
    client("either",   &[Basic, Post],       Proof::Secret("either-secret"),    &[CC],                None),
    client("mixed",    &[Basic, Public],     Proof::Secret("mixed-secret"),     &[CC, CODE, CIBA],    None),
    client("pub",      &[Public],            Proof::Nothing,                    &[CODE, REFRESH, DEVICE], Some(&["read"])),
    client("expired",  &[Basic, Post],       Proof::Expired("old-secret"),      &[CC],                None),
    client("rotated",  &[Basic, Post],       Proof::Rotated("new", "old"),      &[CC],                None),
    client("x y",      &[Basic, Post],       Proof::Secret("s p"),              &[CC],                None),
    client("x+y",      &[Basic, Post],       Proof::Secret("s+p%41&="),         &[CC],                None),
    client("ключ:%",   &[Basic, Post],       Proof::Secret("пароль"),           &[CC],                None),
    client("argon2",   &[Basic, Post],       Proof::Hashed("gX1fBat3bV", ARGON2), &[CC],              None),
    client("rsa",      &[KeyJwt],            Proof::Key(&RSA),                  &[CC],                None),
    client("p256",     &[KeyJwt],            Proof::Key(&P256),                 &[CC, DEVICE, CIBA],  None),
    client("p384",     &[KeyJwt],            Proof::Key(&P384),                 &[CC],                None),
    client("p521",     &[KeyJwt],            Proof::Key(&P521),                 &[CC],                None),
    client("ed25519",  &[KeyJwt],            Proof::Key(&ED25519),              &[CC],                None),
    client("hmac",     &[SecretJwt],         Proof::Key(&SECRET),               &[CC],                None),
    client("same-key", &[KeyJwt],            Proof::Key(&P256),                 &[CC],                None),
    client(NOTIFIED,   &[Basic, Post],       Proof::Secret("ping-secret"),      &[CIBA],              Some(&["read"])),
];

const fn client(
    id: &'static str,
    methods: &'static [AuthMethod],
    proof: Proof,
    grants: &'static [&'static str],
    scope: Option<&'static [&'static str]>,
) -> Registered {
    Registered {
        id,
        methods,
        proof,
        grants,
        scope,
    }
}

impl Registered {
    pub(crate) fn find(id: &str) -> &'static Self {
        let found = CAST.iter().find(|client| client.id == id);
        found.unwrap_or_else(|| panic!("nobody registered {id}"))
    }

    /// The secret that is accepted.
    pub(crate) fn secret(&self) -> Option<&'static str> {
        match self.proof {
            Proof::Secret(live) | Proof::Rotated(live, _) | Proof::Hashed(live, _) => Some(live),
            Proof::Nothing | Proof::Expired(_) | Proof::Key(_) => None,
        }
    }

    pub(crate) fn is_notified(&self) -> bool {
        self.id == NOTIFIED
    }

    fn build(&self) -> Client {
        let grants = self.grants.iter().map(|name| name.parse::<GrantType>());
        let grants = grants.map(|grant| grant.expect("a grant"));
        let mut client = Client::builder(self.id)
            .auth_methods(self.methods.iter().copied())
            .grant_types(grants);
        if let Some(scope) = self.scope {
            client = client.scope(scope.join(" "));
        }
        if self.is_notified() {
            client = client.metadata("backchannel_token_delivery_mode", json!("ping"));
        }
        let expired = |secret| {
            let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
            ClientSecret::sha256_of(secret).expires_at(past)
        };
        let client = match self.proof {
            Proof::Nothing => client,
            Proof::Secret(secret) => client.secret(ClientSecret::sha256_of(secret)),
            Proof::Expired(secret) => client.secret(expired(secret)),
            Proof::Rotated(live, dead) => client
                .secret(expired(dead))
                .secret(ClientSecret::sha256_of(live)),
            Proof::Hashed(_, hash) => client.secret(ClientSecret::from_hash(hash).expect("a hash")),
            Proof::Key(_) if self.methods == [SecretJwt] => {
                client.secret(ClientSecret::plain(SECRET_TEXT))
            }
            Proof::Key(key) => client.metadata("jwks", json!({"keys": [jwk(key)]})),
        };
        client.build().expect("a client")
    }
}

/// Remembers what was used until it is told to forget.
#[derive(Default)]
pub(crate) struct Used(Mutex<HashSet<[u8; 32]>>);

impl Used {
    pub(crate) fn forget(&self) {
        self.0.lock().expect("no panic before").clear();
    }
}

impl ReplayStore for Used {
    type Error = Infallible;

    async fn remember(&self, key: &ReplayKey<'_>, _: SystemTime) -> Result<Remembered, Infallible> {
        let is_new = self.0.lock().expect("no panic before").insert(key.digest());
        Ok(if is_new {
            Remembered::New
        } else {
            Remembered::Known
        })
    }
}

pub(crate) type Layer = TokenEndpointLayer<MemoryClientStore>;

/// A server with all endpoints.
pub(crate) struct Server {
    token: Layer,
    others: [(Layer, Endpoint, &'static str); 5],
    pub(crate) used: Arc<Used>,
}

impl Server {
    fn new() -> Self {
        let used = Arc::new(Used::default());
        let token = builder(CAST.iter().map(Registered::build))
            .client_assertions(Arc::clone(&used))
            .grant_type(GrantType::Password)
            .built();
        let others = [
            (Endpoint::Introspection, "/introspect"),
            (Endpoint::Revocation, "/revoke"),
            (Endpoint::PushedAuthorization, "/par"),
            (Endpoint::DeviceAuthorization, "/device"),
            (Endpoint::BackchannelAuthentication, "/backchannel"),
        ];
        Self {
            others: others.map(|(endpoint, path)| {
                let layer = token.for_endpoint(endpoint, path);
                (layer.expect("a layer"), endpoint, path)
            }),
            token,
            used,
        }
    }

    /// The layer of the endpoint at this path, and its path. For any other path, it is that of the
    /// token endpoint.
    pub(crate) fn at(&self, path: &str) -> (&Layer, Endpoint, &'static str) {
        match self.others.iter().find(|other| other.2 == path) {
            Some((layer, endpoint, path)) => (layer, *endpoint, path),
            None => (&self.token, Endpoint::Token, "/token"),
        }
    }

    /// Calls this with the server of the thread, where nothing was used.
    pub(crate) fn with<T>(call: impl FnOnce(&Self) -> T) -> T {
        thread_local! {
            static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
        }
        SERVER.with_borrow_mut(|server| {
            let server = server.get_or_insert_with(Self::new);
            server.used.forget();
            call(server)
        })
    }
}
