//! The reference server as a process, and a client that drives it over HTTP.

#![allow(dead_code, reason = "no test file uses all of it")]

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Response, StatusCode, header, redirect};
use serde_json::Value;

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://localhost:8080/callback";

pub(crate) const BASIC: Who = Who::Basic("demo-basic", "demo-basic-secret");
pub(crate) const POST: Who = Who::Post("demo-post", "demo-post-secret");
pub(crate) const PUBLIC: Who = Who::Public("demo-public");
pub(crate) const URL_ID: Who = Who::Basic("https://client.example.com/demo", "demo-url-secret");
pub(crate) const UNICODE: Who = Who::Basic("démo-ключ", "s p+a%c:e/s & ключ €");

// ---- the process ----

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

// ---- the client ----

#[derive(Clone, Copy)]
pub(crate) enum Who {
    /// Both form-urlencoded first, as RFC 6749 §2.3.1 has it.
    Basic(&'static str, &'static str),
    /// As they are: what half of all clients send.
    RawBasic(&'static str, &'static str),
    Post(&'static str, &'static str),
    Public(&'static str),
}

impl Who {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Basic(id, _) | Self::RawBasic(id, _) | Self::Post(id, _) | Self::Public(id) => id,
        }
    }

    pub(crate) fn with_secret(self, secret: &'static str) -> Self {
        match self {
            Self::Basic(id, _) => Self::Basic(id, secret),
            Self::RawBasic(id, _) => Self::RawBasic(id, secret),
            Self::Post(id, _) | Self::Public(id) => Self::Post(id, secret),
        }
    }
}

pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        assert_eq!(
            headers[header::CONTENT_TYPE],
            "application/json",
            "{status}"
        );
        let body = response
            .json()
            .await
            .expect("an answer typed as JSON is JSON");
        Self {
            status,
            headers,
            body,
        }
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.body[member]
            .as_str()
            .unwrap_or_else(|| panic!("no string {member} in {}", self.body))
    }

    #[track_caller]
    pub(crate) fn granted(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!(
            (self.status.as_u16(), self.text("error")),
            (status, error),
            "{}",
            self.body
        );
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

    pub(crate) async fn post(&self, path: &str, who: Who, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        let mut basic = None;
        match who {
            Who::Basic(id, secret) => basic = Some(format!("{}:{}", encoded(id), encoded(secret))),
            Who::RawBasic(id, secret) => basic = Some(format!("{id}:{secret}")),
            Who::Post(id, secret) => form.extend([("client_id", id), ("client_secret", secret)]),
            Who::Public(id) => form.push(("client_id", id)),
        }
        let basic = basic.map(|credentials| format!("Basic {}", STANDARD.encode(credentials)));
        self.send(path, basic, &form).await
    }

    pub(crate) async fn send(
        &self,
        path: &str,
        authorization: Option<String>,
        form: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.base)).form(form);
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        Answer::read(request.send().await.expect("the server answers")).await
    }

    pub(crate) async fn token(&self, who: Who, form: &[(&str, &str)]) -> Answer {
        self.post("/token", who, form).await
    }

    pub(crate) async fn authorize(&self, query: &[(&str, &str)]) -> Response {
        let request = self
            .http
            .get(format!("{}/authorize", self.base))
            .query(query);
        request.send().await.expect("the server answers")
    }

    pub(crate) async fn code(&self, who: Who, redirect_uri: &str, scope: &str) -> String {
        let response = self
            .authorize(&[
                ("response_type", "code"),
                ("client_id", who.id()),
                ("redirect_uri", redirect_uri),
                ("scope", scope),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ])
            .await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let (_, query) = location(&response);
        value(&query, "code")
            .expect("an approval carries a code")
            .to_owned()
    }

    pub(crate) async fn redeem(&self, who: Who, code: &str) -> Answer {
        self.token(who, &exchange(code)).await
    }

    /// Tokens of a new grant: access and refresh token.
    pub(crate) async fn grant(&self, who: Who, scope: &str) -> (String, String) {
        let code = self.code(who, CALLBACK, scope).await;
        pair(&self.redeem(who, &code).await.granted())
    }

    pub(crate) async fn refresh(&self, who: Who, token: &str) -> Answer {
        self.token(
            who,
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        )
        .await
    }

    pub(crate) async fn introspect(&self, who: Who, token: &str) -> Value {
        self.post("/introspect", who, &[("token", token)])
            .await
            .granted()
            .body
    }

    pub(crate) async fn is_active(&self, who: Who, token: &str) -> bool {
        self.introspect(who, token).await["active"]
            .as_bool()
            .expect("`active` is a boolean")
    }

    pub(crate) async fn discovery(&self) -> Value {
        let url = format!("{}/.well-known/oauth-authorization-server", self.base);
        Answer::read(self.http.get(url).send().await.expect("the server answers"))
            .await
            .body
    }

    pub(crate) fn output(&self) -> String {
        let stdout = self.stdout.lock().expect("the collector does not panic");
        let stderr = self.stderr.lock().expect("the collector does not panic");
        format!("{stdout}{stderr}")
    }
}

pub(crate) fn exchange(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) fn pair(answer: &Answer) -> (String, String) {
    (
        answer.text("access_token").to_owned(),
        answer.text("refresh_token").to_owned(),
    )
}

/// Where a redirect leads: up to the query, and the query.
pub(crate) fn location(response: &Response) -> (String, Vec<(String, String)>) {
    let location = response.headers()[header::LOCATION]
        .to_str()
        .expect("ASCII");
    let (path, query) = location.split_once('?').expect("every answer has a query");
    (
        path.to_owned(),
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
    )
}

pub(crate) fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

pub(crate) const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");
