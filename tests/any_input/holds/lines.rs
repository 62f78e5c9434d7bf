//! Messages for an operator.

/// Each line of a message is short, and nothing in it starts another one.
pub(crate) fn are_short(text: &str, lines: usize) -> bool {
    text.lines().count() == lines
        && text.lines().all(|line| line.chars().count() < 600)
        && !text.replace('\n', "").contains(char::is_control)
}
