//! Properties of the wire: no input breaks the layer, what is encoded comes back, and the four
//! answers that must not differ do not differ.

#[path = "../common/mod.rs"]
mod common;

mod encoding;
mod forms;
mod same_answers;
mod same_work;
mod scopes;
mod setup;
