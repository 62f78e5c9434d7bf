//! The pages as HTML, and the policy that they need.

mod code;
mod index;

use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use sha2::{Digest, Sha256};

use super::{
    markup::Markup,
    names::Name,
    references,
    route::{MAX_LOOK_UP, Page},
    site::Site,
};
const STYLE: &str = include_str!("style.css");

/// Allows the style by its hash, the form of the look-up, and nothing else.
pub(super) static CONTENT_SECURITY_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    // It is ASCII.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

pub(super) fn page(site: &Site, page: &Page) -> String {
    match page {
        Page::Index => framed(site, "Error codes", "", |html| index::write(html, site)),
        Page::Code(code) => framed(site, code.as_str(), "", |html| {
            code::write(html, site, *code);
        }),
        Page::Elsewhere(place) => framed(site, "Look-up", "", |html| {
            html.raw("<h1>Look-up</h1>\n<p>It is <a href=\"")
                .text(place);
            html.raw("\">on this page</a>.</p>\n");
        }),
        Page::TraceId(id) => framed(site, "Trace id", id, |html| trace_id(html, site, id)),
        Page::Nothing(text) => framed(site, "Nothing to look up", text, |html| {
            html.raw("<h1>Nothing to look up</h1>\n<p class=\"lede\">This is not the name of a code or of a reason, and it cannot be a trace id.</p>\n");
            similar_names(html, site, text);
            can_be_looked_up(html, site);
        }),
        Page::NotFound => framed(site, "No such page", "", |html| {
            html.raw("<h1>No such page</h1>\n<p class=\"lede\">There is a page for each error code that this server can send, and none at this address.</p>\n");
            can_be_looked_up(html, site);
        }),
    }
}

pub(super) fn wrong_method(site: &Site) -> String {
    framed(site, "Wrong method", "", |html| {
        html.raw("<h1>Wrong method</h1>\n<p class=\"lede\">These pages can be read with <code>GET</code> or <code>HEAD</code> only. The token endpoint is at another address.</p>\n");
    })
}

/// A whole page. `looked_up` is what the field of the look-up shows.
fn framed(
    site: &Site,
    title: &str,
    looked_up: &str,
    write_main: impl FnOnce(&mut Markup),
) -> String {
    let mut html = Markup::default();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html.text(title).raw(" – ").text(&site.issuer);
    html.raw("</title>\n<style>").raw(STYLE);
    html.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header>\n<p class=\"site\"><a href=\"");
    html.text(&site.index()).raw("\">Error codes</a> <span>");
    html.text(&site.issuer).raw("</span></p>\n");
    look_up(&mut html, site, looked_up);
    html.raw("</header>\n<main id=\"content\" tabindex=\"-1\">\n");
    write_main(&mut html);
    html.raw("</main>\n<footer>\n");
    if let Some(contact) = &site.contact {
        html.raw("<p>Questions? ");
        write_contact(&mut html, contact);
        html.raw("</p>\n");
    }
    html.raw("<p>This page is the same for everybody. It knows nothing about your request. A program gets it as JSON with <code>Accept: application/json</code>.</p>\n</footer>\n</body>\n</html>\n");
    html.into_string()
}

fn look_up(html: &mut Markup, site: &Site, looked_up: &str) {
    html.raw("<form role=\"search\" method=\"get\" action=\"");
    html.text(&site.index());
    html.raw("\">\n<label for=\"q\">Code, reason or trace id</label>\n<div class=\"field\"><input id=\"q\" name=\"q\" type=\"search\" list=\"names\" required autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"");
    html.text(&MAX_LOOK_UP.to_string()).raw("\" value=\"");
    html.text(looked_up);
    html.raw("\"><button type=\"submit\">Look up</button></div>\n<datalist id=\"names\">");
    for name in Name::all() {
        html.raw("<option value=\"").text(name.as_str());
        html.raw("\"></option>");
    }
    html.raw("</datalist>\n</form>\n");
}

fn write_contact(html: &mut Markup, contact: &str) {
    let shown = contact.strip_prefix("mailto:").unwrap_or(contact);
    if contact.starts_with("https:") || shown.len() < contact.len() {
        html.raw("<a href=\"").text(contact).raw("\">");
        html.text(shown).raw("</a>");
    } else {
        html.text(contact);
    }
}

fn trace_id(html: &mut Markup, site: &Site, id: &str) {
    html.raw("<h1>Trace id</h1>\n<p class=\"lede\"><code>")
        .text(id);
    html.raw("</code></p>\n");
    similar_names(html, site, id);
    html.raw("<p>A trace id names one request in the log of the server. Only the operator can read the log. This page does not know whether the log has this id, and looks the same if it does not.</p>\n<div class=\"two\">\n<section>\n<h2>If you develop the client</h2>\n<p>Give the operator the trace id, and say when you sent the request. The operator can tell why it was refused, also if the response could not.</p>\n</section>\n<section>\n<h2>If you run the server</h2>\n<p>Look for the field <code>trace_id</code> in the log. The field <code>reason</code> of the same event is a name that you can look up here.</p>\n</section>\n</div>\n<figure>\n<figcaption>In a log file</figcaption>\n<pre tabindex=\"0\"><code>grep -F -- ");
    html.text(id)
        .raw(" server.log</code></pre>\n</figure>\n<p>If you meant the name of a code or of a reason, it is not one of <a href=\"");
    html.text(&site.index())
        .raw("\">those that there are</a>.</p>\n");
}

/// Names that may be meant. They depend on the text and on nothing else.
fn similar_names(html: &mut Markup, site: &Site, text: &str) {
    let names = Name::similar_to(text);
    if names.is_empty() {
        return;
    }
    html.raw("<h2>Names like this</h2>\n<ul class=\"names\">\n");
    for name in names {
        html.raw("<li><a href=\"")
            .text(&name.place(site))
            .raw("\">");
        html.code(name.as_str()).raw("</a></li>\n");
    }
    html.raw("</ul>\n");
}

fn can_be_looked_up(html: &mut Markup, site: &Site) {
    html.raw("<h2>What can be looked up</h2>\n<ul>\n<li>an error code, the member <code>error</code> of a response, such as <code>invalid_client</code></li>\n<li>a reason, the field <code>reason</code> of the log, such as <code>wrong_secret</code></li>\n<li>a trace id, the member <code>trace_id</code> of a response: up to 128 letters, digits and <code>.</code>, <code>_</code> or <code>-</code></li>\n</ul>\n<p><a href=\"");
    html.text(&site.index())
        .raw("\">All codes and reasons</a></p>\n");
}

/// The sections of specifications, each a link.
fn write_references(html: &mut Markup, references: &[&str]) {
    for (number, reference) in references.iter().enumerate() {
        html.raw(if number == 0 { "" } else { ", " });
        // A test of each table holds that all of them have one.
        let url = references::url(reference).unwrap_or_default();
        html.raw("<a href=\"").text(&url).raw("\">");
        html.text(reference).raw("</a>");
    }
}
