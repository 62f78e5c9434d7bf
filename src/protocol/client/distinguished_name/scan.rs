//! The place in a name up to which it was read.

/// What is left of a text, and how much of it was read.
pub(super) struct Scan<'t> {
    rest: &'t str,
    /// In characters.
    position: usize,
}

impl<'t> Scan<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            rest: text,
            position: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        self.position += 1;
        Some(next)
    }

    pub(super) fn next_if(&mut self, is: impl FnOnce(char) -> bool) -> Option<char> {
        let is_next = self.peek().is_some_and(is);
        is_next.then(|| self.next()).flatten()
    }

    /// Everything up to the first character that is not of this kind.
    pub(super) fn take_while(&mut self, is: impl Fn(char) -> bool) -> &'t str {
        let all = self.rest;
        while self.next_if(&is).is_some() {}
        &all[..all.len() - self.rest.len()]
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(|c| c == ' ');
    }

    /// The number of characters that were read.
    pub(super) const fn position(&self) -> usize {
        self.position
    }
}
