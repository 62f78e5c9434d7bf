//! `POST /device_authorization` (RFC 8628), behind the layer, and `GET /device`, which a user opens on
//! another device. A real server asks its user there; this one approves at once.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};
use tower_token_endpoint::{Client, TokenError, request::DeviceAuthorizationRequest};

use crate::{
    Server,
    expiring::Expiring,
    par,
    per_client::DOCUMENTS_LIMIT,
    polled::{self, Approval, Polled, PolledRequests},
    scope::granted,
};

const LIFETIME: u64 = 10 * 60;
/// Letters that nobody confuses, and that make no words (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The requests of devices.
pub(crate) struct Devices {
    pub(crate) requests: PolledRequests,
    user_codes: Mutex<UserCodes>,
}

/// The client and the device code of each user code, without the hyphen.
struct UserCodes {
    registered: Expiring<(String, String)>,
    /// Those of clients with a document are apart, so that they push out none of a registered client.
    documents: Expiring<(String, String)>,
}

impl Devices {
    pub(crate) fn new(clients: usize) -> Self {
        let requests = polled::requests::<LIFETIME>(clients);
        // Each user code of a registered client is that of a request, so it has room if the request has.
        let limit = clients.saturating_mul(requests.share());
        let codes = |limit| Expiring::new(Duration::from_secs(LIFETIME), limit);
        Self {
            requests,
            user_codes: Mutex::new(UserCodes {
                registered: codes(limit),
                documents: codes(DOCUMENTS_LIMIT),
            }),
        }
    }

    /// A new user code for this device code.
    fn user_code(&self, client: &Client, device_code: &str, now: SystemTime) -> String {
        let mut user_codes = self
            .user_codes
            .lock()
            .expect("no code that holds it panics");
        let code = loop {
            let letter = |_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
            let code: String = (0..8).map(letter).collect();
            if user_codes.of(&code, now).is_none() {
                break code;
            }
        };
        let request = (client.client_id().to_owned(), device_code.to_owned());
        let codes = match client.is_from_document() {
            true => &mut user_codes.documents,
            false => &mut user_codes.registered,
        };
        codes.insert(code.clone(), request, now);
        code
    }

    /// Returns whether there is a request with this user code.
    fn approve(&self, user_code: &str, now: SystemTime) -> bool {
        // As people type it (RFC 8628 §6.1).
        let letters = user_code.chars().filter(char::is_ascii_alphanumeric);
        let user_code = letters.collect::<String>().to_ascii_uppercase();
        let found = {
            let mut user_codes = self
                .user_codes
                .lock()
                .expect("no code that holds it panics");
            let codes = user_codes.of(&user_code, now);
            codes.and_then(|codes| codes.remove(&user_code))
        };
        let approved = found.and_then(|(client_id, device_code)| {
            let approve = |requests: &mut _| polled::approve(requests, &device_code, now);
            self.requests.find(&client_id, now, approve)
        });
        approved == Some(true)
    }
}

impl UserCodes {
    /// Where this user code is.
    fn of(&mut self, code: &str, now: SystemTime) -> Option<&mut Expiring<(String, String)>> {
        let mut both = [&mut self.registered, &mut self.documents].into_iter();
        both.find(|codes| codes.get(code, now).is_some())
    }
}

/// RFC 8628 §3.2.
pub(crate) async fn start(
    State(server): State<Arc<Server>>,
    request: DeviceAuthorizationRequest,
) -> Result<Json<Value>, TokenError> {
    let client = request.client();
    let scope = granted(client, request.scope())?;
    let interval = server.poll_interval;
    let (device_code, now) = server.devices.requests.of(client, |requests, now| {
        let expires = now + Duration::from_secs(LIFETIME);
        let polled = Polled::new(scope, Approval::Missing, interval, expires);
        (polled::add(requests, polled, now), now)
    });
    let device_code = device_code.ok_or_else(par::too_many)?;
    let user_code = server.devices.user_code(client, &device_code, now);
    let user_code = format!("{}-{}", &user_code[..4], &user_code[4..]);
    let page = format!("{}/device", server.issuer.trim_end_matches('/'));
    Ok(Json(json!({
        "device_code": device_code,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "user_code": user_code,
        "verification_uri": page,
        "expires_in": LIFETIME,
        "interval": interval.as_secs(),
    })))
}

/// `GET /device` (RFC 8628 §3.3).
pub(crate) async fn decide(
    State(server): State<Arc<Server>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let user_code = query.iter().find(|(name, _)| name == "user_code");
    let Some((_, user_code)) = user_code else {
        return Html(FORM).into_response();
    };
    if server.devices.approve(user_code, SystemTime::now()) {
        "The device may go on. You can close this page.\n".into_response()
    } else {
        let page = "The code is unknown, used or expired: look at the device again.\n";
        (StatusCode::BAD_REQUEST, page).into_response()
    }
}

const FORM: &str = "<!doctype html>
<html lang=\"en\">
<title>Connect a device</title>
<form><label>The code on the device: <input name=\"user_code\" required></label> <button>Approve</button></form>
";
