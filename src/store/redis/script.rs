//! Scripts that Redis runs in one step.

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value};

use super::connection::Connection;
use crate::crypto;

pub(super) struct Script {
    text: &'static str,
    /// The name by which Redis knows a script that it has run.
    name: String,
}

impl Script {
    pub(super) fn new(text: &'static str) -> Self {
        let name = crypto::sha1_hex(text);
        Self { text, name }
    }

    /// Runs the script with one key. Redis is sent the text only if it does not know the name, as
    /// after a restart. It has then run nothing.
    pub(super) async fn run(
        &self,
        connection: &Connection,
        key: &str,
        arguments: &[Vec<u8>],
    ) -> RedisResult<Value> {
        let by_name = command("EVALSHA", &self.name, key, arguments);
        let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
        match connection.ask(&by_name).await {
            Err(error) if error.kind() == unknown => {
                let by_text = command("EVAL", self.text, key, arguments);
                connection.ask(&by_text).await
            }
            reply => reply,
        }
    }
}

fn command(name: &str, script: &str, key: &str, arguments: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(1).arg(key).arg(arguments);
    command
}
