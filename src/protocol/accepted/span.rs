//! Where a parameter is in the text that holds it.

use std::ops::Range;

/// One parameter: its name, and its value.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    name: (u32, u32),
    value: (u32, u32),
}

impl Span {
    /// `None` if the text is longer than 4 GiB.
    #[inline]
    pub(crate) fn new(name: Range<usize>, value: Range<usize>) -> Option<Self> {
        let range = |range: Range<usize>| {
            Some((
                u32::try_from(range.start).ok()?,
                u32::try_from(range.end).ok()?,
            ))
        };
        Some(Self {
            name: range(name)?,
            value: range(value)?,
        })
    }

    #[inline]
    pub(crate) fn name(self, text: &str) -> &str {
        &text[self.name.0 as usize..self.name.1 as usize]
    }

    /// Whether it has this name. By bytes, which need no look for whole characters.
    #[inline]
    pub(crate) fn is_named(self, text: &str, name: &str) -> bool {
        text.as_bytes()[self.name.0 as usize..self.name.1 as usize] == *name.as_bytes()
    }

    #[inline]
    pub(crate) fn value(self, text: &str) -> &str {
        &text[self.value.0 as usize..self.value.1 as usize]
    }

    #[inline]
    pub(crate) const fn has_value(self) -> bool {
        self.value.0 < self.value.1
    }
}
