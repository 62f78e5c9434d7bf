//! The classes of requests, and the clients that they are about.

use std::time::{Duration, UNIX_EPOCH};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;
use http::{HeaderName, Request, header};
use http_body_util::Full;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::Result;
use crate::random::Order;
use crate::requests::{FORM, ISSUER, TOKEN_PATH, basic, client_id, secret, with_headers};

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
    /// Registered by the subject of another certificate.
    Subject,
    /// Registered by a DNS name of another certificate.
    DnsName,
    /// Registered with another key, for certificates that nobody has signed.
    Key,
    /// Registered with a secret, and asked for without it.
    NoSecret,
}

impl Class {
    /// Of requests with a secret.
    pub(crate) const SECRETS: [Self; 4] = [Self::Wrong, Self::Unknown, Self::Method, Self::Expired];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong secret",
            Self::Unknown => "unknown client",
            Self::Method => "wrong method",
            Self::Expired => "expired secret",
            Self::Subject => "other subject",
            Self::DnsName => "other DNS name",
            Self::Key => "other key",
            Self::NoSecret => "no secret",
        }
    }
}

/// What differs from request to request: one header, and the form.
pub(crate) struct Sent {
    pub(crate) header: (HeaderName, String),
    pub(crate) form: String,
}

impl Sent {
    pub(crate) fn basic(client_id: &str, secret: &str) -> Self {
        Self {
            header: (header::AUTHORIZATION, basic(client_id, secret)),
            form: FORM.into(),
        }
    }

    pub(crate) fn request(&self) -> Request<Full<Bytes>> {
        let (name, value) = &self.header;
        let form = Bytes::copy_from_slice(self.form.as_bytes());
        let length = self.form.len().to_string();
        with_headers(TOKEN_PATH, (name.clone(), value), &length, form)
    }
}

/// A layer, and the requests that it refuses, by class.
pub(crate) struct Bench<C> {
    pub(crate) layer: TokenEndpointLayer<C>,
    pub(crate) classes: &'static [Class],
    pub(crate) sent: Vec<Vec<Sent>>,
}

impl<C> Bench<C> {
    pub(crate) fn order(&self) -> Order {
        Order::new(self.sent.iter().map(Vec::len))
    }
}

impl Bench<MemoryClientStore> {
    /// With so many clients of each class.
    pub(crate) fn new(kind: &Kind, clients_each: usize) -> Result<Self> {
        // The classes take turns in the numbers, so that none has the memory that was taken last.
        let number = |class: usize, n: usize| n * Class::SECRETS.len() + class;
        let mut clients = Vec::new();
        let mut sent = Class::SECRETS.map(|_| Vec::new());
        for n in 0..clients_each {
            for (place, class) in Class::SECRETS.into_iter().enumerate() {
                let number = number(place, n);
                // The same for all classes: the time of Argon2 depends on the secret.
                let presented = secret(n);
                let other = if class == Class::Wrong { 1_000_000 } else { 0 };
                let mut kept = (kind.kept)(&secret(n + other));
                if class == Class::Expired {
                    kept = kept.expires_at(UNIX_EPOCH + Duration::from_secs(1));
                }
                let method = if class == Class::Method {
                    AuthMethod::ClientSecretPost
                } else {
                    AuthMethod::ClientSecretBasic
                };
                sent[place].push(Sent::basic(&client_id(number), &presented));
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
            classes: &Class::SECRETS,
            sent: sent.into(),
        })
    }
}
