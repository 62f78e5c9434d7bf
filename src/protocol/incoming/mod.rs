//! What comes in: the head, the form, and the evidence of who sent it.

pub(crate) mod client_certificate;
mod content_type;
pub(crate) mod dpop_header;
pub(crate) mod evidence;
pub(crate) mod form;
pub(crate) mod head;
pub(crate) mod pairs;
pub(crate) mod percent;
pub(crate) mod preflight;
pub(crate) mod presented;
mod query;
pub(crate) mod refused;
