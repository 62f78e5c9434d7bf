//! The pages as JSON.

use serde_json::{Value, json};

use super::{
    codes::{Sender, explanation},
    names::Name,
    reasons::cause,
    references,
    route::Page,
    site::{Site, reasons_of},
};
use crate::protocol::{outgoing::error_code::ErrorCode, reason::RejectionReason};

pub(super) fn page(site: &Site, page: &Page) -> Value {
    match page {
        Page::Index => index(site),
        Page::Code(code) => of_code(site, *code),
        Page::Elsewhere(url) => json!({ "url": url }),
        Page::TraceId(id) => json!({
            "trace_id": id,
            "look_up": "the log of the server, field trace_id; the field reason says why the request was refused",
            "similar_names": similar_names(site, id),
            "contact": site.contact,
        }),
        Page::Nothing(text) => json!({
            "looked_up": text,
            "similar_names": similar_names(site, text),
            "can_be_looked_up": ["an error code", "a reason", "a trace id"],
            "index": site.index(),
        }),
        Page::NotFound => json!({
            "problem": "there is no page for this code",
            "index": site.index(),
        }),
    }
}

fn similar_names(site: &Site, text: &str) -> Vec<Value> {
    let names = Name::similar_to(text).into_iter();
    names
        .map(|name| json!({ "name": name.as_str(), "url": name.place(site) }))
        .collect()
}

pub(super) fn wrong_method(site: &Site) -> Value {
    json!({ "problem": "only GET and HEAD are allowed", "index": site.index() })
}

fn index(site: &Site) -> Value {
    let codes = ErrorCode::ALL.iter().map(|&code| {
        json!({
            "code": code.as_str(),
            "status": code.status().as_u16(),
            "title": explanation(code).title,
            "reasons": reasons_of(code).map(RejectionReason::as_str).collect::<Vec<_>>(),
            "url": site.page_of(code),
        })
    });
    json!({
        "issuer": site.issuer,
        "contact": site.contact,
        "codes": codes.collect::<Vec<_>>(),
    })
}

fn of_code(site: &Site, code: ErrorCode) -> Value {
    let explanation = explanation(code);
    let causes = reasons_of(code).map(|reason| {
        let cause = cause(reason);
        json!({
            "reason": reason.as_str(),
            "status": reason.row().status.as_u16(),
            "step": cause.step,
            "meaning": cause.means,
            "tell": cause.tell,
            "client": cause.client,
            "operator": cause.operator,
            "rfc": references_of(cause.references),
            "url": site.place_of(reason),
        })
    });
    let requests = explanation.requests.iter().map(|request| {
        json!({
            "caption": request.caption,
            "curl": request.command_for(site),
        })
    });
    json!({
        "issuer": site.issuer,
        "code": code.as_str(),
        "status": code.status().as_u16(),
        "title": explanation.title,
        "meaning": explanation.means,
        "sent_by": match explanation.sender {
            Sender::Layer => "layer",
            Sender::Service => "service",
        },
        "client": explanation.client,
        "operator": explanation.operator,
        "rfc": references_of(explanation.references),
        "requests": requests.collect::<Vec<_>>(),
        "causes": causes.collect::<Vec<_>>(),
        "contact": site.contact,
        "url": site.page_of(code),
    })
}

fn references_of(references: &[&str]) -> Vec<Value> {
    let with_url = |name: &&str| json!({ "section": name, "url": references::url(name) });
    references.iter().map(with_url).collect()
}
