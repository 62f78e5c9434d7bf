//! The files of `src`, as the tests here read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of `src`, without its tests and comments.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// The modules that lead to it.
    pub(crate) modules: Vec<String>,
    pub(crate) code: String,
}

/// Everything but tests, in the order of its paths.
pub(crate) fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut Vec::new(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 60, "only {} files", files.len());
    files
}

fn collect(folder: &Path, modules: &mut Vec<String>, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.expect("a readable folder").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if name == "tests" {
            continue;
        }
        modules.push(name);
        if path.is_dir() {
            collect(&path, modules, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let is_root = ["mod", "lib"].contains(&modules[modules.len() - 1].as_str());
            let own = modules.len() - usize::from(is_root);
            let text = fs::read_to_string(&path).expect("a readable file");
            files.push(File {
                path: path.clone(),
                modules: modules[..own].to_vec(),
                code: code(&text),
            });
        }
        modules.pop();
    }
}

/// The code of a file: its tests are left out, and comments are empty lines.
pub(crate) fn code(text: &str) -> String {
    let tests = [
        "#[cfg(test)]\nmod ",
        "#[cfg(all(test, feature = \"jwt\"))]\nmod tests {",
    ];
    // A test module without a body is a file, and what follows it is code.
    let ends = tests.iter().flat_map(|start| {
        let found = text.match_indices(start).map(|(at, _)| at);
        found.filter(|&at| {
            text[at..]
                .split(['{', ';'])
                .next()
                .is_some_and(|it| text[at + it.len()..].starts_with('{'))
        })
    });
    let end = ends.min().unwrap_or(text.len());
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    text[..end]
        .split_inclusive('\n')
        .map(|line| if is_comment(line) { "\n" } else { line })
        .collect()
}

pub(crate) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
