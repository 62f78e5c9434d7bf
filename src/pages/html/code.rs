//! The page of an error code.

use std::collections::BTreeSet;

use super::write_references;
use crate::{
    pages::{
        codes::{Sender, explanation},
        markup::Markup,
        reasons::cause,
        site::{Site, reasons_of},
    },
    protocol::{outgoing::error_code::ErrorCode, reason::RejectionReason},
};

pub(super) fn write(html: &mut Markup, site: &Site, code: ErrorCode) {
    let explanation = explanation(code);
    html.raw("<h1><code>").text(code.as_str());
    html.raw("</code></h1>\n<p class=\"lede\">")
        .text(explanation.title);
    html.raw(".</p>\n<p>").prose(explanation.means);
    html.raw("</p>\n<dl class=\"facts\">\n<div><dt>Status</dt><dd>");
    write_statuses(html, code);
    html.raw("</dd></div>\n<div><dt>Sent by</dt><dd>")
        .text(explanation.sender.as_str());
    html.raw("</dd></div>\n<div><dt>Specified in</dt><dd>");
    write_references(html, explanation.references);
    html.raw("</dd></div>\n</dl>\n<div class=\"two\">\n<section>\n<h2>If you develop the client</h2>\n<p>");
    html.prose(explanation.client);
    html.raw("</p>\n</section>\n<section>\n<h2>If you run the server</h2>\n<p>");
    html.prose(explanation.operator);
    html.raw("</p>\n</section>\n</div>\n<section>\n<h2>A request as it should look</h2>\n");
    for (number, request) in explanation.requests.iter().enumerate() {
        html.raw(if number == 0 {
            "<details open>\n<summary>"
        } else {
            "<details>\n<summary>"
        });
        // A long line scrolls, also by the keyboard.
        html.prose(request.caption);
        html.raw("</summary>\n<pre tabindex=\"0\"><code>")
            .text(&request.command_for(site))
            .raw("</code></pre>\n</details>\n");
    }
    html.raw("</section>\n");
    match explanation.sender {
        Sender::Layer => write_causes(html, code),
        Sender::Service => {
            html.raw("<section>\n<h2>Causes</h2>\n<p>The request passed the checks, so the log has no <code>reason</code> for this code. The service behind them knows the cause: look at what it logs.</p>\n</section>\n");
        }
    }
}

/// The status of the code, and those of its reasons that have another one.
fn write_statuses(html: &mut Markup, code: ErrorCode) {
    html.text(code.status().as_str());
    let others = reasons_of(code).map(|reason| reason.row().status);
    let others: BTreeSet<_> = others.filter(|status| *status != code.status()).collect();
    for status in others {
        html.raw(", ").text(status.as_str());
    }
}

fn write_causes(html: &mut Markup, code: ErrorCode) {
    html.raw("<section>\n<h2 id=\"causes\">The causes that there are</h2>\n<p>Each has the name that the field <code>reason</code> of the log has.");
    if code == ErrorCode::InvalidClient {
        html.raw(" The response does not say which it was, and neither does this page.");
    }
    html.raw(" The service behind the checks can send this code as well. Then the log has no <code>reason</code>.</p>\n<nav aria-labelledby=\"causes\">\n<ul class=\"names\">\n");
    for reason in reasons_of(code) {
        html.raw("<li><a href=\"#").text(reason.as_str());
        html.raw("\">").code(reason.as_str()).raw("</a></li>\n");
    }
    html.raw("</ul>\n</nav>\n");
    let mut step = "";
    for reason in reasons_of(code) {
        let cause = cause(reason);
        if cause.step != step {
            step = cause.step;
            html.raw("<h3>").text(step).raw("</h3>\n");
        }
        write_cause(html, code, reason);
    }
    html.raw("</section>\n");
}

fn write_cause(html: &mut Markup, code: ErrorCode, reason: RejectionReason) {
    let cause = cause(reason);
    let name = reason.as_str();
    html.raw("<article id=\"").text(name);
    html.raw("\">\n<h4><a href=\"#")
        .text(name)
        .raw("\">")
        .code(name);
    html.raw("</a>");
    let status = reason.row().status;
    if status != code.status() {
        html.raw(" <span class=\"status\">")
            .text(status.as_str())
            .raw("</span>");
    }
    html.raw("</h4>\n<p>").prose(cause.means);
    html.raw("</p>\n<dl>\n<dt>How to tell</dt><dd>")
        .prose(cause.tell);
    html.raw("</dd>\n<dt>Client</dt><dd>").prose(cause.client);
    html.raw("</dd>\n<dt>Operator</dt><dd>")
        .prose(cause.operator);
    html.raw("</dd>\n<dt>See</dt><dd>");
    write_references(html, cause.references);
    html.raw("</dd>\n</dl>\n</article>\n");
}
