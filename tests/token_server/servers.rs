//! Every example that listens, as a process.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::LazyLock;

use crate::common::basic_value;
use crate::common::token_server::{Server, binary, clients_file, spawn};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    pub(crate) name: &'static str,
    /// For a port that the kernel picks.
    arguments: &'static [&'static str],
    /// The path of its token endpoint.
    pub(crate) token: &'static str,
    /// Of a client that asks for `client_credentials`.
    credentials: &'static str,
    /// What it gets.
    pub(crate) status: u16,
}

pub(crate) const SERVERS: [Example; 5] = [
    Example {
        name: "hyper_server",
        arguments: &["127.0.0.1:0"],
        token: "/token",
        credentials: "demo:demo-secret",
        status: 200,
    },
    Example {
        name: "mcp_server",
        arguments: &["--listen", "127.0.0.1:0"],
        token: "/token",
        // None of its clients has a secret.
        credentials: "demo:demo-secret",
        status: 401,
    },
    Example {
        name: "multi_tenant",
        arguments: &["127.0.0.1:0"],
        token: "/t/initech/token",
        credentials: "app:initech-secret",
        status: 200,
    },
    Example {
        name: "proxy",
        arguments: &["--listen", "127.0.0.1:0"],
        token: "/token",
        credentials: "demo:demo-secret",
        status: 200,
    },
    Example {
        name: "token_server",
        arguments: &["--listen", "127.0.0.1:0"],
        token: "/token",
        credentials: "demo-basic:demo-basic-secret",
        status: 200,
    },
];

const CLIENTS_OF_PROXY: &str = r#"[{"client_id": "demo", "client_secret": "demo-secret",
    "grant_types": ["client_credentials"]}]"#;

impl Example {
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new(binary(self.name));
        command.args(self.arguments);
        if self.name == "proxy" {
            static CLIENTS: LazyLock<std::path::PathBuf> =
                LazyLock::new(|| clients_file("of_proxy", CLIENTS_OF_PROXY));
            command.arg("--clients").arg(&*CLIENTS);
            command.args(["--upstream", &format!("http://{}", *UPSTREAM)]);
            command.env("PROXY_SECRET", "0123456789abcdef0123456789abcdef");
        }
        command
    }

    pub(crate) fn start(self) -> Server {
        spawn(self.command())
    }

    pub(crate) fn credentials(self) -> String {
        basic_value(self.credentials)
    }
}

/// What is behind the proxy. It responds with a token to any request.
static UPSTREAM: LazyLock<SocketAddr> = LazyLock::new(|| {
    const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
        Content-Length: 20\r\nConnection: close\r\n\r\n{\"access_token\":\"t\"}";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
            // The form ends with this parameter.
            while !seen.ends_with(b"client_credentials") {
                match stream.read(&mut bytes) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => seen.extend_from_slice(&bytes[..read]),
                }
            }
            // The proxy may have gone away.
            let _ = stream.write_all(RESPONSE);
        }
    });
    address
});
