//! How a message shows what was sent.

/// For a message: a long text by its end, where two of them differ.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth_back(80) {
        Some((from, _)) => format!("…{:?} ({} bytes)", &text[from..], text.len()),
        None => format!("{text:?}"),
    }
}
