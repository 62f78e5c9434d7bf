//! Where a parameter stands in the text that holds it.

/// One parameter: its name, and its value behind it.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    value: u32,
    end: u32,
}

impl Span {
    /// `None` if the text is longer than 4 GiB.
    #[inline]
    pub(crate) fn new(start: usize, value: usize, end: usize) -> Option<Self> {
        Some(Self {
            start: u32::try_from(start).ok()?,
            value: u32::try_from(value).ok()?,
            end: u32::try_from(end).ok()?,
        })
    }

    #[inline]
    pub(crate) fn name(self, text: &str) -> &str {
        &text[self.start as usize..self.value as usize]
    }

    #[inline]
    pub(crate) fn is_named(self, text: &str, name: &str) -> bool {
        text.as_bytes()[self.start as usize..self.value as usize] == *name.as_bytes()
    }

    #[inline]
    pub(crate) fn value(self, text: &str) -> &str {
        &text[self.value as usize..self.end as usize]
    }

    #[inline]
    pub(crate) const fn has_value(self) -> bool {
        self.value < self.end
    }

    /// Whether name and value begin and end with whole characters.
    #[inline]
    pub(crate) fn is_whole(self, text: &str) -> bool {
        [self.start, self.value, self.end]
            .iter()
            .all(|&at| text.is_char_boundary(at as usize))
    }
}
