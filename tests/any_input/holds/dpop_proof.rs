//! DPoP proofs: accepted is only what a key signed for this URL and this time, and it is bound to that key.

use std::cell::LazyCell;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use serde_json::Value;
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};
use url::Url;

use crate::common::{Call, ISSUER, basic};
use crate::holds::answer::{self, Outcome};
use crate::holds::assertion::{SKEW, SLOW, is_valid_json, sole_name, with_times};
use crate::holds::cast::Used;
use crate::sign::{SUITES, Suite, base64url, jwk, sha256, sign};

const WINDOW: f64 = 60.0;

/// What a proof is made of: as a [draft of an assertion](crate::holds::assertion::Draft), and `$jwk` in
/// the header is the public key that signs it.
struct Draft {
    suite: &'static Suite,
    /// Whether it is signed with another key than `$jwk`.
    is_forged: bool,
    header: Vec<u8>,
    claims: Vec<u8>,
    at: f64,
}

impl Draft {
    fn read(text: &[u8]) -> Option<Self> {
        let mut parts = text.splitn(3, |&byte| byte == b'\n');
        let (alg, header, claims) = (parts.next()?, parts.next()?, parts.next()?);
        let (alg, is_forged) = match alg.strip_prefix(b"!") {
            Some(alg) => (alg, true),
            None => (alg, false),
        };
        let suite = SUITES.iter().find(|suite| suite.alg.as_bytes() == alg)?;
        let key = jwk(suite.key).to_string();
        let header = match str::from_utf8(header) {
            Ok(header) => header.replace("$jwk", &key).into_bytes(),
            Err(_) => header.to_vec(),
        };
        let now = UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        Some(Self {
            suite,
            is_forged,
            header,
            claims: with_times(claims, now),
            #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
            at: now as f64,
        })
    }

    fn sign(&self) -> String {
        let key = match self.is_forged {
            true => self.suite.other_key,
            false => self.suite.key,
        };
        let message = format!("{}.{}", base64url(&self.header), base64url(&self.claims));
        let signature = sign(self.suite.alg, key, message.as_bytes());
        format!("{message}.{}", base64url(signature))
    }

    /// Panics unless it is a proof, read by another parser of JSON and another one of URLs.
    fn assert_proves(&self) {
        assert!(!self.is_forged, "forged");
        let [header, claims] = [&self.header, &self.claims].map(|it| serde_json::from_slice(it));
        let (header, claims): (Value, Value) = match (header, claims) {
            (Ok(header), Ok(claims)) => (header, claims),
            // Nothing more is known of it.
            (header, claims) => {
                let mut errors = [header.err(), claims.err()].into_iter().flatten();
                assert!(errors.all(|error| is_valid_json(&error)), "no JSON");
                return;
            }
        };
        let typ = header["typ"].as_str().expect("typ").to_ascii_lowercase();
        assert_eq!(typ.strip_prefix("application/").unwrap_or(&typ), "dpop+jwt");
        let alg = header["alg"].as_str().expect("alg");
        assert_eq!(sole_name(alg), sole_name(self.suite.alg));
        assert!(!alg.starts_with("HS"));
        assert!(header.get("crit").is_none() && header.get("b64").is_none());
        let own = jwk(self.suite.key);
        for (name, value) in own.as_object().expect("a key") {
            assert_eq!(&header["jwk"][name], value, "{name}");
        }
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert_eq!(header["jwk"].get(private), None, "{private}");
        }
        assert_eq!(claims["htm"], "POST");
        let jti = claims["jti"].as_str().expect("jti");
        assert!((1..=256).contains(&jti.len()));
        assert_is_token_url(claims["htu"].as_str().expect("htu"));
        let seconds = |name: &str| claims.get(name).map(|it| it.as_f64().expect("a number"));
        let iat = seconds("iat").expect("iat");
        assert!(
            iat >= self.at - WINDOW - SKEW && iat <= self.at + SKEW + SLOW,
            "iat {iat}"
        );
        assert!(seconds("exp").is_none_or(|exp| exp > self.at - SKEW));
        assert!(seconds("nbf").is_none_or(|nbf| nbf <= self.at + SKEW + SLOW));
    }
}

/// Another parser of URLs finds the same one. It repairs more than the layer does, so this says that
/// nothing else is accepted, not that all of it is.
fn assert_is_token_url(htu: &str) {
    // It keeps the escapes that need not be.
    let unescaped: String = {
        let mut parts = htu.split('%');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let byte = part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok());
            match byte.map(char::from) {
                Some(it) if it.is_ascii_alphanumeric() || "-._~".contains(it) => text.push(it),
                _ => text.push_str(&part.get(..2).map(|it| format!("%{it}")).unwrap_or_default()),
            }
            text.push_str(part.get(2..).unwrap_or_default());
        }
        text
    };
    let url = Url::parse(&unescaped).expect("a URL");
    assert_eq!(url.scheme(), "https", "{htu}");
    assert_eq!(url.host_str(), Some("as.example.com"), "{htu}");
    assert_eq!(url.port_or_known_default(), Some(443), "{htu}");
    assert_eq!(url.path(), "/token", "{htu}");
    assert_eq!((url.username(), url.password()), ("", None), "{htu}");
    assert!(
        htu.is_ascii() && !htu.contains(char::is_whitespace),
        "{htu:?}"
    );
}

/// The layer of the thread, and what was used.
struct Server {
    layer: TokenEndpointLayer<MemoryClientStore>,
    used: Arc<Used>,
}

impl Server {
    fn new() -> Self {
        let client = Client::builder("app")
            .secret(ClientSecret::sha256_of("secret"))
            .grant_types([GrantType::ClientCredentials]);
        let clients = MemoryClientStore::new([client.build().expect("a client")]);
        let used = Arc::new(Used::default());
        let layer = TokenEndpointLayer::builder(clients.expect("one client"), ISSUER)
            .path("/token")
            .replay_store(Arc::clone(&used))
            .dpop(Dpop::new())
            .build();
        Self {
            layer: layer.expect("settings that agree"),
            used,
        }
    }
}

/// `data` is a [`Draft`] with lines, or after the line `raw` a header itself.
pub(crate) fn check(data: &[u8]) -> bool {
    thread_local! {
        static SERVER: LazyCell<Server> = LazyCell::new(Server::new);
    }
    let (header, draft) = match data.strip_prefix(b"raw\n") {
        Some(raw) => (raw.to_vec(), None),
        None => match Draft::read(data) {
            Some(draft) => (draft.sign().into_bytes(), Some(draft)),
            None => return false,
        },
    };
    // What HTTP does not carry.
    if http::HeaderValue::from_bytes(&header).is_err() {
        return false;
    }
    let call = basic("app:secret").add("dpop", &header);
    SERVER.with(|server| {
        server.used.forget();
        check_at(server, &call, draft)
    })
}

fn check_at(server: &Server, call: &Call, draft: Option<Draft>) -> bool {
    let layer = &server.layer;
    let exchange = answer::send(layer, call);
    match answer::outcome(layer, call, &exchange) {
        Outcome::Accepted(request) => {
            let draft = draft.expect("nobody signs what is raw");
            draft.assert_proves();
            let jkt = base64url(sha256(jwk(draft.suite.key).to_string().as_bytes()));
            assert_eq!(request.dpop_thumbprint(), Some(&*jkt));
            let again = answer::send(layer, call);
            let rejection = again.rejection().expect("it was used");
            assert_eq!(rejection.reason(), RejectionReason::ReplayedDpopProof);
            true
        }
        Outcome::Refused(reason) => {
            let rejection = exchange.rejection().expect("a rejection");
            assert_eq!(exchange.response.status(), 400, "{reason}");
            assert_eq!(rejection.code().as_str(), "invalid_dpop_proof", "{reason}");
            false
        }
        Outcome::Untouched => panic!("passed through"),
    }
}
