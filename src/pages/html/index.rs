//! The index of the codes and the reasons.

use crate::{
    pages::{
        codes::{Sender, explanation},
        markup::Markup,
        site::Site,
    },
    protocol::{outgoing::error_code::ErrorCode, reason::RejectionReason},
};

pub(super) fn write(html: &mut Markup, site: &Site) {
    html.raw("<h1>Error codes</h1>\n<p class=\"lede\">What each error of the token endpoint means, what causes it, and what to do about it.</p>\n<p>The code is the member <code>error</code> of a response. The operator also has a reason for each refused request: the field <code>reason</code> of the log. Both can be looked up here.</p>\n");
    html.raw("<section>\n<h2>From the checks of each request</h2>\n<p>The form of the request, the client, the grant and the scope are checked first. Most errors come from here.</p>\n");
    write_codes(html, site, Sender::Layer);
    html.raw("</section>\n<section>\n<h2>From the service that issues and revokes tokens</h2>\n<p>The request passed the checks, and the service refused it.</p>\n");
    write_codes(html, site, Sender::Service);
    html.raw(
        "</section>\n<section>\n<h2>Reasons, as the log has them</h2>\n<ul class=\"names\">\n",
    );
    let mut reasons = RejectionReason::ALL.to_vec();
    reasons.sort_unstable_by_key(|reason| reason.as_str());
    for reason in reasons {
        html.raw("<li><a href=\"").text(&site.place_of(reason));
        html.raw("\">").code(reason.as_str()).raw("</a></li>\n");
    }
    html.raw("</ul>\n</section>\n");
}

fn write_codes(html: &mut Markup, site: &Site, sender: Sender) {
    html.raw("<ul class=\"codes\">\n");
    for &code in ErrorCode::ALL {
        let explanation = explanation(code);
        if explanation.sender == sender {
            html.raw("<li><a href=\"").text(&site.page_of(code));
            html.raw("\">").code(code.as_str());
            html.raw("</a> <span class=\"status\">")
                .text(code.status().as_str());
            html.raw("</span> <span>")
                .text(explanation.title)
                .raw("</span></li>\n");
        }
    }
    html.raw("</ul>\n");
}
