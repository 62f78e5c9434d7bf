//! Texts by which a store may take two values for one.

/// Separators by which a store may join the parts of a key.
pub(super) const SEPARATORS: [&str; 14] = [
    "", ":", "|", "/", "#", ",", " ", "\t", "\n", "\0", "\u{1f}", "::", "-", "_",
];

/// Endings by which a store may fail to tell two values apart.
pub(super) const ENDINGS: [&str; 22] = [
    "",
    " ",
    "\t",
    "\r\n",
    "\0",
    "\0a",
    "\0b",
    "a",
    "A",
    "%",
    "_",
    "*",
    "\\",
    "'",
    "''",
    "\u{e9}",
    "e\u{301}",
    "\u{fffd}",
    "\u{feff}",
    "\u{1f600}",
    "\u{1f601}",
    "ss\u{df}",
];
