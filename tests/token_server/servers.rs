//! Every example that listens, as a process.

use std::process::Command;

use crate::common::basic_value;
use crate::common::token_server::{Server, binary, spawn};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    pub(crate) name: &'static str,
    /// For a port that the kernel picks.
    arguments: &'static [&'static str],
    /// The path of its token endpoint.
    pub(crate) token: &'static str,
    /// Of a client that may use `client_credentials`.
    credentials: &'static str,
}

pub(crate) const SERVERS: [Example; 2] = [
    Example {
        name: "hyper_server",
        arguments: &["127.0.0.1:0"],
        token: "/token",
        credentials: "demo:demo-secret",
    },
    Example {
        name: "token_server",
        arguments: &["--listen", "127.0.0.1:0"],
        token: "/token",
        credentials: "demo-basic:demo-basic-secret",
    },
];

impl Example {
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new(binary(self.name));
        command.args(self.arguments);
        command
    }

    pub(crate) fn start(self) -> Server {
        spawn(self.command())
    }

    pub(crate) fn credentials(self) -> String {
        basic_value(self.credentials)
    }
}
