//! The flags, and what is said about wrong ones.

use std::{ffi::OsString, path::PathBuf};

use tower_token_endpoint::MemoryClients;

pub(crate) const USAGE: &str = "\
A reference OAuth 2.0 authorization server on the crate tower-token-endpoint.

Usage: token_server [FLAGS]

  --listen ADDRESS:PORT  where to listen; port 0 lets the kernel pick [127.0.0.1:3000]
  --issuer URL           the issuer identifier [http:// and the address it listens on]
  --clients FILE         clients to serve instead of the demo clients: a JSON array of
                         RFC 7591 client metadata, see examples/token_server/clients.json;
                         the server keeps about 200,000 tokens in all, so that of very
                         many clients each keeps few, at least 16
  --help                 this text

RUST_LOG filters the log lines on stderr [info].
";

pub(crate) enum Command {
    Serve(Options),
    Help,
}

pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) issuer: Option<String>,
    pub(crate) clients: Option<PathBuf>,
}

/// Reads the flags, each `--flag value` or `--flag=value` and at most once.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = arguments.map(|argument| {
        argument
            .into_string()
            .map_err(|raw| format!("argument {raw:?} is not UTF-8"))
    });
    let (mut listen, mut issuer, mut clients) = (None, None, None);
    while let Some(argument) = arguments.next().transpose()? {
        let (flag, inline) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let slot = match flag {
            "--help" | "-h" => return Ok(Command::Help),
            "--listen" => &mut listen,
            "--issuer" => &mut issuer,
            "--clients" => &mut clients,
            _ => return Err(format!("unknown argument {argument:?}, see --help")),
        };
        let value = match inline {
            Some(value) => Some(value),
            None => arguments.next().transpose()?,
        };
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return Err(format!("{flag} wants a value, see --help"));
        };
        if slot.replace(value).is_some() {
            return Err(format!("{flag} is given twice"));
        }
    }
    Ok(Command::Serve(Options {
        listen: listen.unwrap_or_else(|| "127.0.0.1:3000".to_owned()),
        issuer,
        clients: clients.map(PathBuf::from),
    }))
}

pub(crate) fn load_clients(path: &PathBuf) -> Result<MemoryClients, String> {
    let json = std::fs::read(path).map_err(|error| format!("--clients {path:?}: {error}"))?;
    MemoryClients::from_json(&json).map_err(|error| format!("--clients {path:?}: {error}"))
}
