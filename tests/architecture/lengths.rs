//! A file of over 400 lines without its tests is two files.

use crate::source::files;

const MAX_LINES: usize = 400;

#[test]
fn no_file_is_longer_than_one_subject() {
    let long: Vec<_> = files()
        .iter()
        .map(|file| (file.path.clone(), file.code.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}
