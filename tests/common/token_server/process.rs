//! The reference server and the other examples as processes.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use reqwest::redirect;

/// The flag that lets a `jwks_uri` be on this machine.
pub(crate) const LOCAL: &str = "--dangerously-allow-local-jwks-uri";

/// The example beside this test: `target/<profile>/deps/this` and
/// `target/<profile>/examples/token_server`.
pub(crate) fn binary(example: &str) -> PathBuf {
    let this = std::env::current_exe().expect("a running test has a path");
    let profile = this
        .ancestors()
        .nth(2)
        .expect("cargo puts tests two folders deep");
    let binary = profile
        .join("examples")
        .join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "{binary:?} is not built: a plain `cargo test` builds examples, `--test` does not; \
         run `cargo build --examples` with the same profile first"
    );
    binary
}

/// A child that is gone, at the latest, when this is dropped.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    pub(crate) fn exit_code(&mut self, within: Duration) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < within {
            if let Some(status) = self.0.try_wait().expect("a child can be asked") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) base: String,
    pub(crate) stdout: Arc<Mutex<String>>,
    pub(crate) stderr: Arc<Mutex<String>>,
    pub(crate) http: reqwest::Client,
}

pub(crate) fn collect(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let _: JoinHandle<()> = std::thread::spawn({
        let text = Arc::clone(&text);
        move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut text = text.lock().expect("the collector does not panic");
                text.push_str(&line);
                text.push('\n');
            }
        }
    });
    text
}

pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "no {what} in 20 s"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn start(arguments: &[&str]) -> Server {
    start_logging("info", arguments)
}

pub(crate) fn start_logging(log: &str, arguments: &[&str]) -> Server {
    let mut command = command(arguments);
    command.env("RUST_LOG", log);
    spawn(command)
}

/// The server on a port that the kernel picks, still to be started.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("token_server"));
    command.args(["--listen", "127.0.0.1:0"]).args(arguments);
    command
}

pub(crate) fn spawn(mut command: Command) -> Server {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example runs");
    let stdout = collect(child.stdout.take().expect("stdout is piped"));
    let stderr = collect(child.stderr.take().expect("stderr is piped"));
    let process = Process(child);
    let first = wait_for("first line on stdout", || {
        let text = stdout.lock().expect("the collector does not panic");
        text.split_once('\n').map(|(first, _)| first.to_owned())
    });
    let base = first
        .strip_prefix("listening on ")
        .expect("the first line says where")
        .to_owned();
    let http = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .no_proxy()
        .build()
        .expect("a plain client can be built");
    Server {
        process,
        base,
        stdout,
        stderr,
        http,
    }
}

impl Server {
    /// All of stdout, once the last command is there.
    pub(crate) fn printed(&self) -> String {
        wait_for("last command", || {
            let stdout = self.stdout.lock().expect("the collector does not panic");
            stdout
                .ends_with("oauth-authorization-server\n")
                .then(|| stdout.clone())
        })
    }

    pub(crate) fn output(&self) -> String {
        let stdout = self.stdout.lock().expect("the collector does not panic");
        let stderr = self.stderr.lock().expect("the collector does not panic");
        format!("{stdout}{stderr}")
    }
}

/// Runs the server to its end, which is expected to come by itself.
pub(crate) fn run(arguments: &[&str]) -> Output {
    run_example("token_server", arguments)
}

pub(crate) fn run_example(example: &str, arguments: &[&str]) -> Output {
    let child = Command::new(binary(example))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example runs");
    let mut process = Process(child);
    process
        .exit_code(Duration::from_secs(20))
        .expect("the server ends by itself");
    let mut output = Output {
        status: process.0.wait().expect("it has ended"),
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    let (mut stdout, mut stderr) = (process.0.stdout.take(), process.0.stderr.take());
    stdout
        .as_mut()
        .expect("piped")
        .read_to_end(&mut output.stdout)
        .expect("readable");
    stderr
        .as_mut()
        .expect("piped")
        .read_to_end(&mut output.stderr)
        .expect("readable");
    output
}

pub(crate) fn clients_file(name: &str, json: &str) -> PathBuf {
    file(&format!("{name}.json"), json)
}

/// A file of this test program's own, which no other test has by this name.
pub(crate) fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("token_server_{}_{name}", std::process::id()));
    std::fs::write(&path, text).expect("cargo's folder for tests is writable");
    path
}
