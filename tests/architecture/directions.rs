//! What each folder may import, and what it never says.

use std::{fs, path::Path};

use crate::source::{code, is_name};

/// A folder of `src`, the crate's modules that it imports (none: any), and what it never says.
type Rule = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const PURE: &[&str] = &["async", "tower", "tokio", "SystemTime::now", "Instant::now"];
const RULES: [Rule; 10] = [
    ("crypto", &["crypto"], PURE),
    ("protocol", &["crypto", "error", "protocol"], PURE),
    (
        "protocol",
        &["crypto", "error", "protocol"],
        &["cfg(feature", "cfg!(feature", "aws_lc_rs"],
    ),
    ("verify", &["crypto", "protocol", "verify"], PURE),
    (
        "store",
        &["crypto", "error", "protocol", "store"],
        &["tower", "verify"],
    ),
    (
        "pages",
        &["pages", "protocol"],
        &["async", "tokio", "SystemTime::now", "Instant::now"],
    ),
    ("store/redis", &[], &["aws_lc_rs"]),
    ("", &[], &["feature = \"tracing\""]),
    ("service", &[], &["ErrorCode::", "Secret"]),
    ("", &[], &["Verified::new"]),
];

/// The first names of what follows `crate::`, be it a path or a group of paths.
fn imported(path: &str) -> Vec<&str> {
    let name = |path: &'_ str| path.find(|c| !is_name(c)).unwrap_or(path.len());
    let Some(group) = path.strip_prefix('{') else {
        return vec![&path[..name(path)]];
    };
    let (mut depth, mut names) = (0, Vec::new());
    for piece in group.split_inclusive([',', '{', '}']) {
        let path = piece.trim_start();
        if depth == 0 && path.starts_with(is_name) {
            names.push(&path[..name(path)]);
        }
        depth += i32::from(piece.ends_with('{')) - i32::from(piece.ends_with('}'));
        if depth < 0 {
            break;
        }
    }
    names
}

/// What `text` says against a rule, each with its line; `root` is a path to the crate's root.
fn offences(text: &str, root: &str, (_, imports, words): Rule) -> Vec<String> {
    let code = code(text);
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    let mut found = Vec::new();
    for word in words {
        for (at, _) in code.match_indices(word) {
            let goes_on = word.ends_with(is_name) && code[at + word.len()..].starts_with(is_name);
            if !goes_on && !code[..at].ends_with(is_name) {
                found.push(format!("{}: says `{word}`", line(at)));
            }
        }
    }
    for path in ["crate::", root] {
        for (at, _) in code.match_indices(path) {
            for name in imported(&code[at + path.len()..]) {
                if !imports.is_empty() && !imports.contains(&name) {
                    found.push(format!("{}: imports `{path}{name}`", line(at)));
                }
            }
        }
    }
    found
}

/// Checks every file of `folder`, `depth` modules below the crate's root, and counts them.
fn check(folder: &Path, depth: usize, rule: Rule, found: &mut Vec<String>) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.expect("a readable folder").path();
        if path.ends_with("tests") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            files += check(&path, depth + 1, rule, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let root = "super::".repeat(depth + usize::from(!path.ends_with("mod.rs")));
            let text = fs::read_to_string(&path).expect("a readable file");
            let offences = offences(&text, &root, rule);
            found.extend(offences.iter().map(|it| format!("{}:{it}", path.display())));
            files += 1;
        }
    }
    files
}

#[test]
fn imports_point_inwards_only() {
    let mut found = Vec::new();
    for rule in RULES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(rule.0);
        assert_ne!(
            check(&folder, 1, rule, &mut found),
            0,
            "{} is empty",
            rule.0
        );
    }
    found.retain(|it| !(it.contains("/src/verify/") && it.ends_with("`Verified::new`")));
    found.retain(|it| !(it.contains("/src/service/observe/") && it.contains("tracing")));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn offences_are_found_with_their_line_and_comments_and_tests_are_not_read() {
    let rule: Rule = ("", &["protocol"], &["async", "Secret"]);
    let text = "// async\nuse crate::protocol::error;\nuse crate::{\n    protocol::{a, b},\n    \
                store::{c, d},\n    verify,\n};\nuse super::super::service;\nasync fn f() {}\n\
                let asynchronous: ClientSecret;\nlet secret: Secret<T>;\n#[cfg(test)]\nmod tests {\n    \
                use crate::store::x;\n}\n";
    assert_eq!(
        offences(text, "super::super::", rule),
        [
            "9: says `async`",
            "11: says `Secret`",
            "3: imports `crate::store`",
            "3: imports `crate::verify`",
            "8: imports `super::super::service`",
        ]
    );
}
