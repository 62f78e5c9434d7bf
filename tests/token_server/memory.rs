//! What takes too long or too much to show over HTTP.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_token_endpoint::ErrorCode;

use crate::common::token_server::{CALLBACK, CHALLENGE, VERIFIER};
use crate::expiring::Expiring;
use crate::vault;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn code() -> vault::Code {
    let challenge = URL_SAFE_NO_PAD.decode(CHALLENGE).expect("base64url");
    let challenge = challenge.try_into().expect("a SHA-256");
    vault::Code::new(CALLBACK.to_owned(), challenge, Some("read".into()))
}

#[test]
fn code_expires() {
    let mut vault = vault::Vault::new(10);
    let mut redeem = |after: Duration| {
        let code = vault.issue_code(code(), NOW);
        vault
            .redeem(&code, CALLBACK, VERIFIER, true, NOW + after)
            .map(|_| ())
            .map_err(|e| e.code())
    };
    assert_eq!(
        redeem(vault::CODE_LIFETIME - Duration::from_secs(1)),
        Ok(())
    );
    assert_eq!(redeem(vault::CODE_LIFETIME), Err(ErrorCode::InvalidGrant));
}

#[test]
fn access_and_refresh_tokens_expire() {
    let mut vault = vault::Vault::new(10);
    let code = vault.issue_code(code(), NOW);
    let issued = vault
        .redeem(&code, CALLBACK, VERIFIER, true, NOW)
        .expect("the code is good");
    let refresh_token = issued.refresh_token.expect("asked for");
    let before = vault::ACCESS_LIFETIME - Duration::from_secs(1);
    assert!(vault.inspect(&issued.access_token, NOW + before).is_some());
    assert!(
        vault
            .inspect(&issued.access_token, NOW + vault::ACCESS_LIFETIME)
            .is_none()
    );
    assert!(
        vault
            .inspect(&refresh_token, NOW + vault::ACCESS_LIFETIME)
            .is_some()
    );
    let refreshed = vault.refresh(&refresh_token, None, NOW + vault::GRANT_LIFETIME);
    assert_eq!(
        refreshed.map(|_| ()).map_err(|e| e.code()),
        Err(ErrorCode::InvalidGrant)
    );
}

#[test]
fn beyond_its_share_a_client_loses_its_own_oldest() {
    let mut vault = vault::Vault::new(3);
    let tokens: Vec<_> = (0..5)
        .map(|_| vault.issue(None, NOW).access_token)
        .collect();
    let kept: Vec<_> = tokens
        .iter()
        .map(|token| vault.inspect(token, NOW).is_some())
        .collect();
    assert_eq!(kept, [false, false, true, true, true]);
}

#[test]
fn what_expired_or_was_removed_makes_room() {
    let mut map = Expiring::new(Duration::from_secs(10), 2);
    let at = |seconds| NOW + Duration::from_secs(seconds);
    map.insert("a".to_owned(), 1, at(0));
    map.insert("b".to_owned(), 2, at(5));
    map.remove("a");
    map.insert("c".to_owned(), 3, at(6));
    assert_eq!(map.get("b", at(7)).map(|found| *found.0), Some(2));
    map.insert("d".to_owned(), 4, at(15));
    assert!(map.get("b", at(15)).is_none(), "expired, not pushed out");
    assert_eq!(map.get("c", at(15)).map(|found| *found.0), Some(3));
    assert!(map.sweep(at(20)), "one is left");
    assert!(!map.sweep(at(25)), "nothing is left");
}
