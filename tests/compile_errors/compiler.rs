//! The compiler, with the crates that cargo has built for this test.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// The crates that the programs use.
const CRATES: [&str; 7] = [
    "axum",
    "bytes",
    "http",
    "http_body_util",
    "tokio",
    "tower",
    "tower_token_endpoint",
];

pub(crate) struct Compiler {
    libraries: BTreeMap<&'static str, PathBuf>,
}

impl Compiler {
    /// Those that this test is linked with, so that nothing is built once more.
    pub(crate) fn with_axum() -> Self {
        let arguments = [
            "test",
            "--no-run",
            "--all-features",
            "--test=compile_errors",
        ];
        let libraries = built(&arguments);
        assert_eq!(libraries.len(), CRATES.len(), "{libraries:?}");
        Self { libraries }
    }

    /// With this crate as somebody has it who switched no feature on.
    pub(crate) fn without_axum(&self) -> Self {
        let mut libraries = self.libraries.clone();
        libraries.extend(
            built(&["build", "--lib"])
                .into_iter()
                .filter(|(name, _)| *name == "tower_token_endpoint"),
        );
        assert_ne!(libraries, self.libraries);
        Self { libraries }
    }

    pub(crate) fn compiles(&self, program: &str, arguments: &[&str]) {
        let output = self.compile(program, arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}:\n{told}");
    }

    /// What the compiler says, without the paths of the types.
    pub(crate) fn refuses(&self, program: &str) -> String {
        let output = self.compile(program, &[]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{program} compiles");
        without_paths(&told)
    }

    fn compile(&self, program: &str, arguments: &[&str]) -> Output {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_errors/programs");
        let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_errors");
        fs::create_dir_all(&output).expect("a folder");
        let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc
            .args(["--edition=2024", "--crate-type=lib", "--emit=metadata"])
            .args(["--color=never", "--check-cfg=cfg(fixed)", "--allow=unused"])
            .arg("--out-dir")
            .arg(output)
            .args(arguments)
            .arg(folder.join(program).with_extension("rs"));
        for (name, library) in &self.libraries {
            let folder = library.parent().expect("a folder").display();
            rustc.arg(format!("-Ldependency={folder}"));
            rustc.arg(format!("--extern={name}={}", library.display()));
        }
        rustc.output().expect("rustc runs")
    }
}

/// The libraries that are built by this, which cargo tells also if they were there.
fn built(arguments: &[&str]) -> BTreeMap<&'static str, PathBuf> {
    let this = env::current_exe().expect("a running test has a path");
    let profile = this.ancestors().nth(2).and_then(Path::file_name);
    let profile = match profile.and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .args([
            "--profile",
            profile,
            "--message-format=json",
            "--target-dir",
        ])
        .arg(target.expect("the folder of all"))
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let mut libraries = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).expect("JSON");
        let name = message["target"]["name"].as_str().unwrap_or_default();
        let name = CRATES
            .into_iter()
            .find(|own| *own == name.replace('-', "_"));
        let files = message["filenames"].as_array().into_iter().flatten();
        let mut libraries_of = files.filter_map(Value::as_str).map(PathBuf::from);
        let library = libraries_of.find(|file| file.extension().is_some_and(|it| it == "rlib"));
        if let (Some(name), Some(library)) = (name, library) {
            let other = libraries.insert(name, library);
            assert!(other.is_none(), "two versions of {name}: {other:?}");
        }
    }
    libraries
}

/// `axum::http::Request<Body>` as `Request<Body>`: how much of a path is shown depends on what the
/// program imports.
pub(crate) fn without_paths(told: &str) -> String {
    let mut text = String::new();
    for part in told.split_inclusive("::") {
        if let Some(part) = part.strip_suffix("::") {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            text.push_str(part.trim_end_matches(is_word));
        } else {
            text.push_str(part);
        }
    }
    text
}
