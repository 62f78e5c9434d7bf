//! What takes too long or too much to show over HTTP.

use std::time::{Duration, SystemTime};

use tower_token_endpoint::{ErrorCode, TokenError};

use crate::binding::Binding;
use crate::common::token_server::{CALLBACK, CHALLENGE};
use crate::expiring::Expiring;
use crate::per_client::Sweep;
use crate::vault;

/// A confidential client without a key.
const ANY: Binding<'_> = Binding {
    jkt: None,
    certificate: None,
    binds_certificate: false,
    is_public: false,
};
const NOW: SystemTime = SystemTime::UNIX_EPOCH;
/// What PKCE says, which has its own tests.
const FITS: fn(&str) -> Result<(), TokenError> = |_| Ok(());
const DOES_NOT_FIT: fn(&str) -> Result<(), TokenError> =
    |_| Err(TokenError::new(ErrorCode::InvalidGrant));

fn code() -> vault::Code {
    vault::Code::new(
        CALLBACK.to_owned(),
        CHALLENGE.to_owned(),
        Some("read".into()),
    )
}

#[test]
fn code_expires() {
    let mut vault = vault::Vault::new(10);
    let mut redeem = |after: Duration| {
        let code = vault.issue_code(code(), NOW).expect("there is room");
        vault
            .redeem(&code, CALLBACK, FITS, true, ANY, NOW + after)
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
    let code = vault.issue_code(code(), NOW).expect("there is room");
    let issued = vault
        .redeem(&code, CALLBACK, FITS, true, ANY, NOW)
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
    let refreshed = vault.refresh(&refresh_token, None, ANY, NOW + vault::GRANT_LIFETIME);
    assert_eq!(
        refreshed.map(|_| ()).map_err(|e| e.code()),
        Err(ErrorCode::InvalidGrant)
    );
}

/// RFC 8693 leaves it to the server. Otherwise, a chain of exchanges would last forever.
#[test]
fn exchanged_tokens_end_when_the_first_one_does() {
    let mut vault = vault::Vault::new(10);
    let mut token = vault.issue(None, ANY, NOW).access_token;
    let second = Duration::from_secs(1);
    let end = NOW + vault::ACCESS_LIFETIME;
    for left in [30 * 60 * second, 60 * second, second] {
        let issued = vault.exchange(&token, None, ANY, end - left);
        let issued = issued.expect("the token is good");
        assert_eq!(issued.lifetime, left);
        token = issued.access_token;
    }
    assert!(vault.inspect(&token, end - second).is_some());
    assert!(vault.inspect(&token, end).is_none());
    let ended = vault.exchange(&token, None, ANY, end);
    let ended = ended.map(|_| ()).map_err(|error| error.code());
    // RFC 8693 §2.2.2.
    assert_eq!(ended, Err(ErrorCode::InvalidRequest));
}

#[test]
fn beyond_its_share_a_client_loses_its_own_oldest() {
    let mut vault = vault::Vault::new(3);
    let tokens: Vec<_> = (0..5)
        .map(|_| vault.issue(None, ANY, NOW).access_token)
        .collect();
    let kept: Vec<_> = tokens
        .iter()
        .map(|token| vault.inspect(token, NOW).is_some())
        .collect();
    assert_eq!(kept, [false, false, true, true, true]);
}

#[test]
fn client_with_its_share_of_unused_codes_gets_no_more_and_loses_none() {
    let mut vault = vault::Vault::new(3);
    let issue = |vault: &mut vault::Vault, after| vault.issue_code(code(), NOW + after);
    let second = Duration::from_secs(1);
    let codes: Vec<_> = (0..3)
        .map(|nth| issue(&mut vault, nth * second).expect("there is room"))
        .collect();
    for _ in 0..10 {
        assert_eq!(issue(&mut vault, 3 * second), None);
    }
    let redeem = |vault: &mut vault::Vault, code: &str, after| {
        let issued = vault.redeem(code, CALLBACK, FITS, true, ANY, NOW + after);
        issued.map(|_| ()).map_err(|error| error.code())
    };
    // What does not fit a code makes no room.
    let wrong = vault.redeem(
        &codes[0],
        CALLBACK,
        DOES_NOT_FIT,
        true,
        ANY,
        NOW + 3 * second,
    );
    assert!(wrong.is_err());
    assert_eq!(issue(&mut vault, 3 * second), None);
    // A code that is used makes room, and is still known.
    assert_eq!(redeem(&mut vault, &codes[1], 4 * second), Ok(()));
    assert!(issue(&mut vault, 4 * second).is_some());
    assert_eq!(issue(&mut vault, 4 * second), None);
    let again = redeem(&mut vault, &codes[1], 5 * second);
    assert_eq!(again, Err(ErrorCode::InvalidGrant));
    // And so does one that has expired. Until then, the others are good.
    let end = vault::CODE_LIFETIME;
    assert_eq!(redeem(&mut vault, &codes[2], end), Ok(()));
    let expired = redeem(&mut vault, &codes[0], end);
    assert_eq!(expired, Err(ErrorCode::InvalidGrant));
    assert!(issue(&mut vault, end).is_some() && issue(&mut vault, end).is_some());
    assert_eq!(issue(&mut vault, end), None);
}

#[test]
fn codes_that_are_used_at_once_are_no_limit() {
    let mut vault = vault::Vault::new(3);
    for nth in 0..1000 {
        let code = vault.issue_code(code(), NOW).expect("there is room");
        let issued = vault.redeem(&code, CALLBACK, FITS, true, ANY, NOW);
        assert!(issued.is_ok(), "{nth}");
    }
}

#[test]
fn used_code_ends_its_grant_also_after_many_others() {
    let mut vault = vault::Vault::new(3);
    let first = vault.issue_code(code(), NOW).expect("there is room");
    let issued = vault.redeem(&first, CALLBACK, FITS, true, ANY, NOW);
    let issued = issued.expect("the code is good");
    for _ in 0..2 {
        let other = vault.issue_code(code(), NOW).expect("there is room");
        let issued = vault.redeem(&other, CALLBACK, FITS, true, ANY, NOW);
        assert!(issued.is_ok());
    }
    assert!(vault.inspect(&issued.access_token, NOW).is_some());
    // Without the verifier, nobody ends anything.
    let thief = vault.redeem(&first, CALLBACK, DOES_NOT_FIT, true, ANY, NOW);
    assert!(thief.is_err() && vault.inspect(&issued.access_token, NOW).is_some());
    assert!(
        vault
            .redeem(&first, CALLBACK, FITS, true, ANY, NOW)
            .is_err()
    );
    assert!(vault.inspect(&issued.access_token, NOW).is_none());
}

#[test]
fn removed_entries_take_no_room_and_push_nothing_out() {
    let mut map = Expiring::new(Duration::from_secs(10), 2);
    assert!(map.insert_if_room("kept".to_owned(), 0, NOW));
    for nth in 0..1000 {
        let key = nth.to_string();
        assert!(map.insert_if_room(key.clone(), nth, NOW), "{nth}");
        assert!(!map.insert_if_room("more".to_owned(), nth, NOW), "{nth}");
        assert_eq!(map.remove(&key), Some(nth));
        assert_eq!(map.remove(&key), None);
    }
    assert_eq!(map.get("kept", NOW).map(|found| *found.0), Some(0));
    map.insert("a".to_owned(), 1, NOW);
    map.insert("b".to_owned(), 2, NOW);
    assert!(map.get("kept", NOW).is_none(), "the oldest made room");
    assert!(map.get("a", NOW).is_some() && map.get("b", NOW).is_some());
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
