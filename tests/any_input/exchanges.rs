//! Whole requests: credentials of every kind, of one client or of several, sometimes with something
//! done to the bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::assertions::draft;
use crate::common::{FORM, JWT_BEARER, form_encode, percent_encode};
use crate::holds::cast::{CAST, Proof, Registered};
use crate::holds::exchange::check;

/// A client, or sometimes an id and a secret of two.
fn credentials() -> impl Strategy<Value = (&'static str, &'static str)> {
    let secret = |client: &Registered| match client.proof {
        Proof::Secret(secret) | Proof::Expired(secret) => secret,
        Proof::Hashed(secret, _) | Proof::Rotated(secret, _) => secret,
        Proof::Nothing | Proof::Key(_) => "",
    };
    let of = |at: Index| at.get(&CAST);
    prop_oneof![
        8 => any::<Index>().prop_map(move |at| (of(at).id, secret(of(at)))),
        2 => (any::<Index>(), any::<Index>()).prop_map(move |(id, own)| (of(id).id, secret(of(own)))),
        1 => Just(("rotated", "old")),
        1 => any::<Index>().prop_map(move |at| (of(at).id, "")),
        1 => Just(("nobody", "svc-secret")),
    ]
}

/// How a text is encoded in credentials.
fn encoded() -> impl Strategy<Value = fn(&str) -> String> {
    prop_oneof![
        4 => Just(form_encode as fn(&str) -> String),
        2 => Just(str::to_owned as fn(&str) -> String),
        1 => Just(percent_encode as fn(&str) -> String),
    ]
}

/// Headers and parameters that authenticate.
#[derive(Clone, Debug, Default)]
struct Evidence {
    headers: Vec<String>,
    parameters: Vec<String>,
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let basic = (credentials(), encoded()).prop_map(|((id, secret), encode)| Evidence {
        headers: vec![format!("basic: {}:{}", encode(id), encode(secret))],
        ..Evidence::default()
    });
    let body = (credentials(), encoded()).prop_map(|((id, secret), encode)| Evidence {
        parameters: vec![
            format!("client_id={}", encode(id)),
            format!("client_secret={}", encode(secret)),
        ],
        ..Evidence::default()
    });
    let id = any::<Index>().prop_map(|at| Evidence {
        parameters: vec![format!("client_id={}", form_encode(at.get(&CAST).id))],
        ..Evidence::default()
    });
    prop_oneof![4 => basic, 4 => body, 4 => assertion(), 2 => id]
}

fn assertion() -> impl Strategy<Value = Evidence> {
    draft().prop_map(|draft| Evidence {
        headers: vec![format!("sign: {}", draft.replace('\n', " "))],
        parameters: vec![
            "client_assertion=$assertion".to_owned(),
            format!("client_assertion_type={}", form_encode(JWT_BEARER)),
        ],
    })
}

/// What a request asks for.
fn demand() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(
        &[
            ("/token", "grant_type=client_credentials"),
            ("/token", "grant_type=client_credentials"),
            ("/token", "grant_type=client_credentials&scope=read"),
            ("/token", "grant_type=client_credentials&scope=read+admin"),
            ("/token", "grant_type=client_credentials&scope=+"),
            ("/token", "grant_type=authorization_code&code=x"),
            (
                "/token",
                "grant_type=authorization_code&code=x&code_verifier=y",
            ),
            ("/token", "grant_type=authorization_code&code"),
            ("/token", "grant_type=refresh_token&refresh_token=x"),
            ("/token", "grant_type=password&username=u&password=p"),
            ("/token", "scope=read"),
            ("/introspect", "token=x"),
            ("/introspect", "token"),
            ("/revoke", "token=x"),
            ("/par", "response_type=code&scope=read&state=x"),
            ("/par", "response_type=code&request_uri=x"),
            ("/par", "request=x&scope=admin"),
            ("/device", "scope=read"),
            ("/device", "scope=write"),
            ("/backchannel", "scope=read&login_hint=x"),
            (
                "/backchannel",
                "scope=read&login_hint_token=x&client_notification_token=y%3D",
            ),
            ("/backchannel", "scope=read&login_hint=x&id_token_hint=y"),
            ("/backchannel", "request=x&client_notification_token=y+z"),
            ("/elsewhere", "token=x"),
        ][..],
    )
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let all = prop_oneof![
        6 => evidence().prop_map(|one| vec![one]),
        1 => vec(evidence(), 0..3),
    ];
    (all, demand(), any::<bool>()).prop_map(|(all, (path, demand), is_first)| {
        let headers: Vec<_> = all.iter().flat_map(|one| one.headers.clone()).collect();
        let mut parameters: Vec<_> = all.iter().flat_map(|one| one.parameters.clone()).collect();
        let at = if is_first { 0 } else { parameters.len() };
        parameters.insert(at, demand.to_owned());
        let head = format!("POST {path}\ncontent-type: {FORM}\n{}", headers.join("\n"));
        format!("{head}\n\n{}", parameters.join("&")).into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn who_is_accepted_has_proved_it(request in request()) {
        check(&request);
    }

    #[test]
    fn a_changed_request_is_answered(
        mut request in request(),
        changes in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        for (at, byte, kind) in changes {
            let at = at.index(request.len());
            match kind {
                0 => request[at] = byte,
                1 => request.insert(at, byte),
                _ => drop(request.remove(at)),
            }
        }
        check(&request);
    }
}
