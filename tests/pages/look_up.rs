//! The look-up field.

use http::{StatusCode, header};
use tower_token_endpoint::{ErrorCode, rejection::RejectionReason};

use crate::setup::{html, json};

#[tokio::test]
async fn every_code_and_every_reason_is_found_by_its_name() {
    for &code in ErrorCode::ALL {
        let served = html(&format!("/errors/?q={code}")).await;
        assert_eq!(served.status, StatusCode::SEE_OTHER, "{code}");
        assert_eq!(served.header(header::LOCATION), format!("/errors/{code}"));
    }
    for &reason in RejectionReason::ALL {
        let served = html(&format!("/errors/?q={reason}")).await;
        assert_eq!(served.status, StatusCode::SEE_OTHER, "{reason}");
        let place = served.header(header::LOCATION);
        // The name of one reason is also that of its code.
        let (page, anchor) = place.split_once('#').unwrap_or((place, reason.as_str()));
        assert_eq!(anchor, reason.as_str());
        let page = html(page).await;
        assert_eq!(page.status, StatusCode::OK);
        let article = format!("<article id=\"{reason}\">");
        assert!(page.text().contains(&article), "{reason}");
    }
}

#[tokio::test]
async fn a_look_up_leads_to_a_page_a_place_or_what_can_be_looked_up() {
    let longest = "a".repeat(128);
    let too_long = "a".repeat(129);
    let huge = "a".repeat(60_000);
    for (query, status, expected) in [
        (
            "q=Wrong_Secret+",
            303,
            "/errors/invalid_client#wrong_secret",
        ),
        ("q=wrong+secret", 303, "/errors/invalid_client#wrong_secret"),
        (
            "q=%77rong_secret",
            303,
            "/errors/invalid_client#wrong_secret",
        ),
        ("q=&x=1", 200, "Error codes"),
        ("q=", 200, "Error codes"),
        ("x=1", 200, "Error codes"),
        ("q=0190f3a1-7c2e-7d10-9b1c-3f2a8e6c5d4b", 200, "Trace id"),
        ("q=0af7651916cd43dd8448eb211c80319c", 200, "Trace id"),
        ("q=-.._", 200, "Trace id"),
        (&format!("q={longest}"), 200, "Trace id"),
        (&format!("q={too_long}"), 404, "Nothing to look up"),
        (&format!("q={huge}"), 200, "Error codes"),
        ("q=two+words", 404, "Nothing to look up"),
        ("q=%00", 404, "Nothing to look up"),
        ("q=%zz", 404, "Nothing to look up"),
        ("q=%f0%9f%a6%80", 404, "Nothing to look up"),
        ("q=%0d%0aSet-Cookie:+a=b", 404, "Nothing to look up"),
    ] {
        let served = html(&format!("/errors/?{query}")).await;
        assert_eq!(served.status, status, "{query}");
        if status == 303 {
            assert_eq!(served.header(header::LOCATION), expected, "{query}");
        } else {
            let heading = format!("<h1>{expected}</h1>");
            assert!(served.text().contains(&heading), "{query}");
            assert!(!served.headers.contains_key(header::LOCATION));
            assert!(served.body.len() < 40_000, "{query}");
        }
    }
}

/// Nothing but the id differs between the pages of two ids.
#[tokio::test]
async fn the_page_of_a_trace_id_is_the_same_whether_or_not_it_exists() {
    let [one, other] = ["0190f3a1-7c2e", "never.was_1-x"];
    let page = html(&format!("/errors/?q={one}")).await;
    let same = html(&format!("/errors/?q={other}")).await;
    assert_eq!(page.text().replace(one, other), same.text());
    assert_eq!(page.headers, same.headers);
    assert!(page.text().contains(&format!("<code>{one}</code>")));
    assert!(page.text().contains("trace_id"));

    let page = json(&format!("/errors/?q={one}")).await;
    let same = json(&format!("/errors/?q={other}")).await;
    assert_eq!(page.json()["trace_id"], one);
    assert_eq!(page.text().replace(one, other), same.text());
}

#[tokio::test]
async fn a_name_that_is_not_quite_right_leads_to_those_like_it() {
    for (text, name) in [
        ("invalid_cleint", "/errors/invalid_client"),
        ("dpop", "/errors/use_dpop_nonce"),
        ("secret", "/errors/invalid_client#expired_secret"),
        ("secret!", ""),
        ("wrong+sekret!", "/errors/invalid_client#wrong_secret"),
    ] {
        let page = html(&format!("/errors/?q={text}")).await;
        let (_, main) = page.text().split_once("<main").expect("a main part");
        let link = format!("<a href=\"{name}\">");
        let has_names = main.contains("<h2>Names like this</h2>");
        assert_eq!(has_names, !name.is_empty(), "{text}");
        assert_eq!(main.contains(&link), !name.is_empty(), "{text}");
        let json = json(&format!("/errors/?q={text}")).await.json();
        let names = json["similar_names"].as_array().expect("an array");
        assert_eq!(
            names.iter().any(|it| it["url"] == name),
            has_names,
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_look_up_in_json_says_the_same() {
    let found = json("/errors/?q=throttled").await;
    assert_eq!(found.status, StatusCode::SEE_OTHER);
    let place = "/errors/temporarily_unavailable#throttled";
    assert_eq!(found.header(header::LOCATION), place);
    assert_eq!(found.json()["url"], place);
    let nothing = json("/errors/?q=two+words").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(nothing.json()["looked_up"], "two words");
}
