//! No two files import each other, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{File, files, is_name};

/// A module by its path below the crate's root.
type Module = Vec<String>;

/// Which modules each module imports.
struct Imports(BTreeMap<Module, BTreeSet<Module>>);

impl Imports {
    fn of(files: &[File]) -> Self {
        let modules: BTreeSet<Module> = files.iter().map(|file| file.modules.clone()).collect();
        let mut imports = BTreeMap::new();
        // The front door re-exports everything.
        for file in files.iter().filter(|file| !file.modules.is_empty()) {
            let mut found = BTreeSet::new();
            for path in paths(&file.code, &file.modules) {
                let module = module_of(&path, &modules);
                if module.len() == path.len() {
                    found.extend(children(&file.code, &module, &modules));
                }
                found.insert(module);
            }
            found.remove(&file.modules);
            found.remove(&Vec::new());
            imports.insert(file.modules.clone(), found);
        }
        Self(imports)
    }

    /// Everything that a module leads to.
    fn reachable(&self, from: &Module) -> BTreeSet<&Module> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Module> = self.0.get(from).into_iter().flatten().collect();
        while let Some(module) = open.pop() {
            if seen.insert(module) {
                open.extend(self.0.get(module).into_iter().flatten());
            }
        }
        seen
    }

    /// The imports that lead back to where they are.
    fn circles(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (module, imported) in &self.0 {
            for to in imported {
                if self.reachable(to).contains(module) {
                    found.push(format!("{} imports {}", module.join("::"), to.join("::")));
                }
            }
        }
        found
    }
}

/// The longest part of a path that is a file.
fn module_of(path: &[String], modules: &BTreeSet<Module>) -> Module {
    let lens = (0..=path.len()).rev();
    let mut parts = lens.map(|len| path[..len].to_vec());
    parts
        .find(|part| modules.contains(part))
        .unwrap_or_default()
}

/// The files below a module that is imported by its name, which the code calls by it.
fn children(code: &str, module: &Module, modules: &BTreeSet<Module>) -> Vec<Module> {
    let Some(name) = module.last() else {
        return Vec::new();
    };
    let call = format!("{name}::");
    let calls = code
        .match_indices(&call)
        .filter(|&(at, _)| !code[..at].ends_with(|c| is_name(c) || c == ':'));
    let child = |at: usize| -> Module {
        let rest = &code[at + call.len()..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        module
            .iter()
            .cloned()
            .chain([rest[..end].to_owned()])
            .collect()
    };
    calls
        .map(|(at, _)| child(at))
        .filter(|it| modules.contains(it))
        .collect()
}

/// Every path that starts at the crate's root or is relative to the module, in full.
fn paths(code: &str, own: &[String]) -> Vec<Module> {
    let mut found = Vec::new();
    for start in ["crate::", "self::", "super::"] {
        for (at, _) in code.match_indices(start) {
            if code[..at].ends_with(|c| is_name(c) || c == ':') {
                continue;
            }
            let mut rest = &code[at..];
            let mut base = own.to_vec();
            if let Some(after) = rest.strip_prefix("crate::") {
                base.clear();
                rest = after;
            } else if let Some(after) = rest.strip_prefix("self::") {
                rest = after;
            }
            while let Some(after) = rest.strip_prefix("super::") {
                base.pop();
                rest = after;
            }
            expand(rest, &base, &mut found);
        }
    }
    found
}

/// Follows a path, into each branch of a group.
fn expand(rest: &str, base: &[String], found: &mut Vec<Module>) -> usize {
    if let Some(group) = rest.strip_prefix('{') {
        let mut at = 1;
        for _ in 0..rest.len() {
            at += rest[at..].len() - rest[at..].trim_start_matches([' ', '\n', ',']).len();
            if rest[at..].starts_with('}') || at >= rest.len() {
                return at + 1;
            }
            at += expand(&rest[at..], base, found);
            // What a name is followed by, such as `as` and another one.
            at += rest[at..].find([',', '}']).unwrap_or(group.len());
        }
        return rest.len();
    }
    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    let name = &rest[..end];
    let mut path = base.to_vec();
    if name != "self" {
        path.push(name.to_owned());
    }
    match rest[end..].strip_prefix("::") {
        Some(after) => end + 2 + expand(after, &path, found),
        None => {
            found.push(path);
            end
        }
    }
}

#[test]
fn no_two_files_import_each_other_in_a_circle() {
    let circles = Imports::of(&files()).circles();
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

/// What comes in, what is accepted, what goes out and what is set: each a folder of its own.
#[test]
fn the_folders_of_the_protocol_do_not_import_each_other_in_a_circle() {
    let folders = ["incoming", "accepted", "outgoing", "settings"];
    let folder = |module: &Module| match &module[..] {
        [protocol, folder, ..] if protocol == "protocol" => {
            folders.iter().position(|it| it == folder)
        }
        _ => None,
    };
    let imports = Imports::of(&files());
    let mut edges = BTreeSet::new();
    for (module, imported) in &imports.0 {
        for to in imported {
            if let (Some(from), Some(to)) = (folder(module), folder(to)) {
                edges.insert((from, to));
            }
        }
    }
    edges.retain(|(from, to)| from != to);
    assert!(!edges.is_empty(), "nothing was read");
    let mut order: Vec<_> = (0..folders.len()).collect();
    // Taking away what imports nothing that is left must end with nothing left.
    while let Some(at) = order.iter().position(|it| {
        !edges
            .iter()
            .any(|(from, to)| from == it && order.contains(to))
    }) {
        order.remove(at);
    }
    let left: Vec<_> = order.iter().map(|&it| folders[it]).collect();
    assert!(left.is_empty(), "a circle among {left:?}");
}

#[test]
fn circles_are_found_through_groups_names_and_other_files() {
    let file = |path: &str, code: &str| File {
        path: path.into(),
        modules: path.split("::").map(str::to_owned).collect(),
        code: code.to_owned(),
    };
    let circles = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|&(path, code)| file(path, code)).collect();
        Imports::of(&files).circles()
    };
    let a = ("a", "use crate::b::{C, d::{self, E as F}, g};\n");
    for back in [
        ("b", "use crate::a::X;"),
        ("b", "fn f() { crate::a::x() }"),
        ("b::d", "use super::super::a;"),
        ("b::g", "pub(crate) use crate::{z, a::X};"),
    ] {
        let mut files = vec![a, ("b", ""), ("b::d", ""), ("b::g", "")];
        assert_eq!(circles(&files), Vec::<String>::new());
        files.retain(|file| file.0 != back.0);
        files.push(back);
        assert_eq!(circles(&files).len(), 2, "{back:?}");
    }
    let by_name = [
        ("a", "use crate::b;\nfn f() { b::c::g() }"),
        ("b", ""),
        ("b::c", "use crate::a::f;"),
    ];
    assert_eq!(circles(&by_name).len(), 2);
    let long_way = [
        ("a", "use crate::b::B;"),
        ("b", "use super::c::C;"),
        ("c", "use crate::a::A;"),
    ];
    assert_eq!(circles(&long_way).len(), 3);
}
