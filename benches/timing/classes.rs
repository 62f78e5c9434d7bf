//! The classes of requests, and the clients that they are about.

use std::time::{Duration, UNIX_EPOCH};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::Result;
use crate::random::Order;
use crate::requests::{ISSUER, TOKEN_PATH, basic, client_id, secret};

/// How the secrets of all clients are kept.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    kept: fn(&str) -> ClientSecret,
}

pub(crate) const KINDS: [Kind; 3] = [
    Kind {
        name: "plain",
        kept: |secret| ClientSecret::plain(secret),
    },
    Kind {
        name: "sha256",
        kept: |secret| ClientSecret::sha256_of(secret),
    },
    Kind {
        name: "argon2",
        kept: argon2,
    },
];

/// With the least work that Argon2 can be, so that a difference of anything else shows. Its time depends
/// on the salt as well: this is the salt of a decoy.
fn argon2(secret: &str) -> ClientSecret {
    const SALT: &[u8; 16] = &[0; 16];
    let params = Params::new(8, 1, 1, None).expect("the least parameters");
    let mut output = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_bytes(), SALT, &mut output)
        .expect("a hash");
    let [salt, output] = [&SALT[..], &output].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    let hash = format!("$argon2id$v=19$m=8,t=1,p=1${salt}${output}");
    ClientSecret::from_hash(&hash).expect("a hash that can be verified")
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Class {
    Wrong,
    Unknown,
    Method,
    Expired,
}

impl Class {
    pub(crate) const ALL: [Self; 4] = [Self::Wrong, Self::Unknown, Self::Method, Self::Expired];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong secret",
            Self::Unknown => "unknown client",
            Self::Method => "wrong method",
            Self::Expired => "expired secret",
        }
    }
}

/// A layer, and the `Authorization` headers of requests that it refuses, by class.
pub(crate) struct Bench<C> {
    pub(crate) layer: TokenEndpointLayer<C>,
    pub(crate) classes: &'static [Class],
    pub(crate) headers: Vec<Vec<String>>,
}

impl<C> Bench<C> {
    pub(crate) fn order(&self) -> Order {
        Order::new(self.headers.iter().map(Vec::len))
    }
}

impl Bench<MemoryClientStore> {
    /// With so many clients of each class.
    pub(crate) fn new(kind: &Kind, clients_each: usize) -> Result<Self> {
        // The classes take turns in the numbers, so that none has the memory that was taken last.
        let number = |class: usize, n: usize| n * Class::ALL.len() + class;
        let mut clients = Vec::new();
        let mut headers = vec![Vec::new(); Class::ALL.len()];
        for n in 0..clients_each {
            for (place, class) in Class::ALL.into_iter().enumerate() {
                let number = number(place, n);
                // The same for all classes: the time of Argon2 depends on the secret.
                let presented = secret(n);
                let kept = match class {
                    Class::Wrong => secret(n + 1_000_000),
                    Class::Unknown | Class::Method | Class::Expired => secret(n),
                };
                let kept = (kind.kept)(&kept);
                let (kept, method) = match class {
                    Class::Expired => (
                        kept.expires_at(UNIX_EPOCH + Duration::from_secs(1)),
                        AuthMethod::ClientSecretBasic,
                    ),
                    Class::Method => (kept, AuthMethod::ClientSecretPost),
                    Class::Wrong | Class::Unknown => (kept, AuthMethod::ClientSecretBasic),
                };
                headers[place].push(basic(&client_id(number), &presented));
                if class == Class::Unknown {
                    continue;
                }
                let client = Client::builder(client_id(number)).secret(kept);
                let client = client.auth_method(method);
                clients.push(client.grant_types([GrantType::ClientCredentials]).build()?);
            }
        }
        let clients = MemoryClientStore::new(clients)?;
        let layer = TokenEndpointLayer::builder(clients, ISSUER)
            .path(TOKEN_PATH)
            .build()?;
        Ok(Self {
            layer,
            classes: &Class::ALL,
            headers,
        })
    }
}
