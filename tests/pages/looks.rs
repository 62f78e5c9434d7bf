//! How a browser shows the pages.

use std::net::SocketAddr;

use axum::Router;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::chromium::Chromium;
use crate::setup::{all_paths, pages};

/// The pages on a port of their own, for as long as the runtime is there.
fn serve() -> (Runtime, SocketAddr) {
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("has one");
    let app: Router = Router::new().nest_service("/errors", pages());
    runtime.spawn(async move { axum::serve(listener, app).await });
    (runtime, address)
}

/// The smallest contrast between a text and what is behind it (WCAG 2.2, 1.4.3), and that text.
const CONTRAST: &str = r#"(() => {
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
        const [r, g, b] = numbers(color).slice(0, 3).map((it) => {
            it /= 255;
            return it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        const color = getComputedStyle(element).backgroundColor;
        const alpha = numbers(color)[3] ?? 1;
        return alpha === 1 || !element.parentElement ? color : behind(element.parentElement);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let [least, where, count] = [21, "", 0];
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (!text.data.trim() || !text.parentElement.checkVisibility()) continue;
        const pair = [getComputedStyle(text.parentElement).color, behind(text.parentElement)];
        const [dark, light] = pair.map(luminance).sort((a, b) => a - b);
        const ratio = (light + 0.05) / (dark + 0.05);
        count += 1;
        if (ratio < least) [least, where] = [ratio, text.data];
    }
    return { least, where, count };
})()"#;

/// The elements that reach beyond the right edge of the window.
const OVERFLOWING: &str = r#"(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll("main, main :not(pre > *), header, footer")]
        .filter((it) => it.getBoundingClientRect().right > width + 0.5);
    const scrolls = document.documentElement.scrollWidth > width;
    return wide.map((it) => it.outerHTML.slice(0, 80)).concat(scrolls ? ["the page"] : []);
})()"#;

#[test]
fn pages_fit_every_width_in_light_and_dark_and_break_no_policy() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let (_runtime, address) = serve();
    for path in all_paths() {
        let problems = browser.open(&format!("http://{address}{path}"));
        // A browser asks for an icon of the site by itself.
        let is_of_page =
            |problem: &String| !problem.contains("favicon") && !problem.contains("404");
        let problems: Vec<_> = problems.into_iter().filter(is_of_page).collect();
        assert!(problems.is_empty(), "{path}: {problems:?}");
        for (scheme, paper) in [("light", "rgb(253, 253, 251)"), ("dark", "rgb(22, 24, 27)")] {
            for width in [320, 360, 768, 1280] {
                browser.shape(width, scheme, "");
                let wide = browser.value(OVERFLOWING);
                assert_eq!(wide, json!([]), "{path} {width} {scheme}");
                // The style is there, so its hash is the one of the policy.
                let background = browser.value("getComputedStyle(document.body).backgroundColor");
                assert_eq!(background, paper, "{path} {width}");
            }
            let contrast = browser.value(CONTRAST);
            let least = contrast["least"].as_f64().expect("a number");
            assert!(least >= 4.5, "{path} {scheme}: {contrast}");
            assert!(contrast["count"].as_u64() > Some(10), "{path}: {contrast}");
        }
    }
}

#[test]
fn whoever_has_only_a_keyboard_can_skip_look_up_and_arrive() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let (_runtime, address) = serve();
    browser.shape(1280, "light", "");
    browser.open(&format!("http://{address}/errors/"));
    let focused = |browser: &mut Chromium| {
        browser.value(
            r#"(() => {
                const it = document.activeElement;
                const [box, style] = [it.getBoundingClientRect(), getComputedStyle(it)];
                const isSeen = box.left >= 0 && box.top >= 0 && box.bottom <= innerHeight;
                const isMarked = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 3;
                return [it.id || it.textContent, isSeen && isMarked];
            })()"#,
        )
    };
    for name in ["Skip to the content", "Error codes", "q", "Look up"] {
        browser.press("Tab", "");
        assert_eq!(focused(&mut browser), json!([name, true]));
    }
    browser.press("Tab", "");
    assert_eq!(focused(&mut browser), json!(["invalid_request", true]));

    browser.open(&format!("http://{address}/errors/invalid_client"));
    browser.press("Tab", "");
    browser.press("Enter", "\r");
    assert_eq!(browser.value("document.activeElement.id"), "content");
    browser.press("Tab", "");
    let is_inside = "document.activeElement.closest('main') !== null";
    assert_eq!(browser.value(is_inside), true);

    browser.open(&format!("http://{address}/errors/"));
    for _ in 0..3 {
        browser.press("Tab", "");
    }
    browser.call("Input.insertText", json!({ "text": "wrong_secret" }));
    browser.forget();
    browser.press("Enter", "\r");
    browser.wait_for_load();
    let place = browser.value("location.pathname + location.hash");
    assert_eq!(place, "/errors/invalid_client#wrong_secret");
    let target = browser.value(
        "(() => { const it = document.querySelector('article:target'); \
         return [it.id, it.getBoundingClientRect().top < innerHeight]; })()",
    );
    assert_eq!(target, json!(["wrong_secret", true]));
}

#[test]
fn print_has_no_form_and_shows_where_links_lead() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let (_runtime, address) = serve();
    browser.open(&format!("http://{address}/errors/invalid_client"));
    browser.shape(800, "dark", "print");
    let style = |browser: &mut Chromium, selector: &str, pseudo: Value, property: &str| {
        browser.value(&format!(
            "getComputedStyle(document.querySelector({}), {pseudo}).{property}",
            json!(selector)
        ))
    };
    for hidden in ["form", "nav", ".skip"] {
        let display = style(&mut browser, hidden, Value::Null, "display");
        assert_eq!(display, "none", "{hidden}");
    }
    let paper = style(&mut browser, "body", Value::Null, "backgroundColor");
    assert_eq!(paper, "rgb(255, 255, 255)");
    let after = style(&mut browser, "article dd a", json!("::after"), "content");
    let after = after.as_str().expect("a text");
    assert!(after.contains("https://www.rfc-editor.org/"), "{after}");
}
