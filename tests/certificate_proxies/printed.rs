//! The configurations of proxies as the docs print them.

/// The lines of the first `text` block of the docs of this constructor of `ClientCertificates`.
pub(crate) fn printed(constructor: &str) -> String {
    let source = include_str!("../../src/protocol/settings/client_certificates/mod.rs");
    let function = format!("    pub fn {constructor}()");
    let (before, _) = source.split_once(&function).expect("a constructor");
    let docs: Vec<_> = before
        .lines()
        .rev()
        .map_while(|line| line.strip_prefix("    ///"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let lines = docs.into_iter().rev();
    let block = lines
        .skip_while(|line| *line != "```text")
        .skip(1)
        .take_while(|line| *line != "```");
    let block: Vec<_> = block.collect();
    assert!(!block.is_empty(), "{constructor} has a configuration");
    block.join("\n")
}

/// Replaces what is there once.
pub(crate) fn replace(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old:?} in {text}");
    text.replace(old, new)
}

/// The lines that have one of these in them.
pub(crate) fn lines(text: &str, with: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| line.contains(with)).collect();
    assert!(!lines.is_empty(), "{with:?} in {text}");
    lines.join("\n")
}
