//! How a message shows an id or a value.

/// Shortens a long text to its end, since that is where two of them differ.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth_back(80) {
        Some((from, _)) => format!("…{:?} ({} bytes)", &text[from..], text.len()),
        None => format!("{text:?}"),
    }
}
