//! How a client gets the result of a backchannel authentication (OpenID Connect CIBA Core §4).

use std::fmt;

use serde_json::{Map, Value};

use super::{keys::member, problem::Found};

const MEMBER: &str = "backchannel_token_delivery_mode";

/// How a client gets the result of a backchannel authentication, its
/// `backchannel_token_delivery_mode` ([OpenID Connect CIBA Core §5]).
///
/// ```
/// use tower_token_endpoint::{Client, client::BackchannelTokenDeliveryMode};
///
/// let client = Client::from_json(br#"{
///     "client_id": "s6BhdRkqt3",
///     "client_secret": "gX1fBat3bV",
///     "grant_types": ["urn:openid:params:grant-type:ciba"],
///     "backchannel_token_delivery_mode": "ping",
///     "backchannel_client_notification_endpoint": "https://client.example.com/cb"
/// }"#)?;
///
/// let mode = client.backchannel_token_delivery_mode();
/// assert_eq!(mode, BackchannelTokenDeliveryMode::Ping);
/// # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
/// ```
///
/// [OpenID Connect CIBA Core §5]: https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.5
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackchannelTokenDeliveryMode {
    /// `poll`: the client asks the token endpoint until the user has decided. This is the mode of a
    /// client that registered none.
    #[default]
    Poll,
    /// `ping`: the server tells the client that the user has decided. The client then asks the token
    /// endpoint.
    Ping,
    /// `push`: the server sends the tokens to the client.
    Push,
}

impl BackchannelTokenDeliveryMode {
    const ALL: [Self; 3] = [Self::Poll, Self::Ping, Self::Push];

    /// Returns the registered name, such as `poll`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Ping => "ping",
            Self::Push => "push",
        }
    }

    /// Whether the server calls the client, and so needs a token from it.
    pub(crate) const fn is_notified(self) -> bool {
        match self {
            Self::Poll => false,
            Self::Ping | Self::Push => true,
        }
    }

    pub(super) fn read(metadata: &Map<String, Value>, found: &mut Found) -> Self {
        let Some(value) = member(metadata, MEMBER) else {
            return Self::default();
        };
        let mode = Self::ALL.iter().find(|mode| value == mode.as_str());
        mode.copied().unwrap_or_else(|| {
            let text = "it must be `poll`, `ping` or `push` (OpenID Connect CIBA Core §4)";
            found.problem(MEMBER, text);
            Self::default()
        })
    }
}

impl fmt::Display for BackchannelTokenDeliveryMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::client::Client;

    #[test]
    fn the_mode_is_one_of_three_and_poll_if_there_is_none() {
        let load = |mode: &Value| {
            let client = json!({"client_id": "a", "client_secret": "s", MEMBER: mode});
            Client::from_json(client.to_string().as_bytes())
        };
        for mode in BackchannelTokenDeliveryMode::ALL {
            let client = load(&json!(mode.as_str())).expect("a mode");
            assert_eq!(client.backchannel_token_delivery_mode(), mode);
            assert_eq!(json!(client)[MEMBER], mode.to_string());
        }
        for absent in [json!(null), json!("")] {
            let client = load(&absent).expect("no mode");
            let mode = client.backchannel_token_delivery_mode();
            assert_eq!(mode, BackchannelTokenDeliveryMode::Poll);
        }
        for wrong in [
            json!("Ping"),
            json!("pull"),
            json!(1),
            json!(["ping"]),
            json!(true),
        ] {
            let error = load(&wrong).expect_err("no mode of CIBA");
            assert_eq!(error.field(), Some(MEMBER), "{error}");
        }
        let builder = Client::builder("a").auth_method(crate::client::AuthMethod::None);
        let client = builder.metadata(MEMBER, json!("push")).build();
        let mode = client.expect("a client").backchannel_token_delivery_mode();
        assert_eq!(mode, BackchannelTokenDeliveryMode::Push);
    }
}
