//! A token endpoint whose clients are in a SQLite database, by sqlx.
//!
//! ```text
//! cargo run -p example-sqlite
//! ```
//!
//! serves a client of a database in memory, and prints a request. With a file:
//!
//! ```text
//! cargo run -p example-sqlite -- --database clients.db add-client '{"client_id": "app", "grant_types": ["client_credentials"]}'
//! cargo run -p example-sqlite -- --database clients.db
//! cargo run -p example-sqlite -- --database clients.db add-secret app --days 30
//! cargo run -p example-sqlite -- --database clients.db revoke app 1
//! ```
//!
//! The last two also work while the server runs: it reads a client from the database for each
//! request. A database that is down, slow or busy makes a 503 with `Retry-After`, never a 401,
//! which can make a client throw its registration away.

mod secrets;
mod store;
#[cfg(test)]
mod tests;

// How connections are accepted, and when they end.
#[path = "../../serve/mod.rs"]
mod serve;

use std::{env, ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};

use axum::{Router, routing::post};
use serde_json::Value;
use tower_token_endpoint::{BoxError, TokenEndpointLayer, TokenRequest, TokenResponse};

use store::SqliteClients;

const USAGE: &str = "\
Usage: example-sqlite [--database FILE] [COMMAND]

  serve [ADDRESS:PORT]               the default, at 127.0.0.1:3000; without --database, the
                                     database is in memory and has one client
  add-client METADATA [--days N]     RFC 7591 metadata as JSON; prints a secret, only once
  add-secret CLIENT_ID [--days N]    the old secrets stay; prints the new one, only once
  revoke CLIENT_ID NUMBER            ends a secret now

A secret expires after N days [90].
";

/// For the whole decision. It is longer than what the store waits for.
const DEADLINE: Duration = Duration::from_secs(10);
const DEMO: &str = r#"{"client_id": "demo", "grant_types": ["client_credentials"]}"#;

enum Command {
    Serve { listen: String },
    AddClient { metadata: String, days: u32 },
    AddSecret { client_id: String, days: u32 },
    Revoke { client_id: String, number: i64 },
}

#[tokio::main]
async fn main() -> ExitCode {
    // Log lines go to stderr: each decision of the layer, and why the database failed.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let Some((database, command)) = parse(env::args_os().skip(1).collect()) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(database, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// `None` if the arguments are not those of [`USAGE`].
fn parse(mut arguments: Vec<OsString>) -> Option<(Option<PathBuf>, Command)> {
    let mut database = None;
    if arguments.first().is_some_and(|it| it == "--database") {
        database = Some(arguments.get(1)?.into());
        arguments.drain(..2);
    }
    let has_file = database.is_some();
    let arguments: Option<Vec<&str>> = arguments.iter().map(|it| it.to_str()).collect();
    let command = match arguments?[..] {
        [] | ["serve"] => Command::Serve {
            listen: "127.0.0.1:3000".to_owned(),
        },
        ["serve", listen] => Command::Serve {
            listen: listen.to_owned(),
        },
        ["add-client", metadata, ref days @ ..] if has_file => Command::AddClient {
            metadata: metadata.to_owned(),
            days: parse_days(days)?,
        },
        ["add-secret", client_id, ref days @ ..] if has_file => Command::AddSecret {
            client_id: client_id.to_owned(),
            days: parse_days(days)?,
        },
        ["revoke", client_id, number] if has_file => Command::Revoke {
            client_id: client_id.to_owned(),
            number: number.parse().ok()?,
        },
        _ => return None,
    };
    Some((database, command))
}

fn parse_days(arguments: &[&str]) -> Option<u32> {
    match arguments {
        [] => Some(90),
        ["--days", days] => days.parse().ok().filter(|days| (1..=36_500).contains(days)),
        _ => None,
    }
}

async fn run(database: Option<PathBuf>, command: Command) -> Result<(), BoxError> {
    let clients = match &database {
        Some(file) => {
            let is_new = matches!(command, Command::AddClient { .. });
            let opened = SqliteClients::file(file, is_new).await;
            opened.map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => SqliteClients::in_memory().await?,
    };
    match command {
        Command::Serve { listen } => {
            let demo = match database {
                Some(_) => None,
                None => Some(clients.add_client(DEMO, 1).await?),
            };
            serve_clients(clients, &listen, demo).await?;
        }
        Command::AddClient { metadata, days } => {
            println!("{:#}", clients.add_client(&metadata, days).await?);
        }
        Command::AddSecret { client_id, days } => {
            println!("{:#}", clients.add_secret(&client_id, days).await?);
        }
        Command::Revoke { client_id, number } => clients.revoke(&client_id, number).await?,
    }
    Ok(())
}

async fn serve_clients(
    clients: SqliteClients,
    listen: &str,
    demo: Option<Value>,
) -> Result<(), BoxError> {
    let listener = serve::listen(listen).await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let app = app(clients, &issuer, DEADLINE)?;
    let told_to_end = serve::signals()?;
    println!("listening on {issuer}");
    if let Some(secret) = demo
        .as_ref()
        .and_then(|demo| demo["client_secret"].as_str())
    {
        println!("curl -u demo:{secret} -d grant_type=client_credentials {issuer}/token");
    }
    serve::serve(listener, app, told_to_end).await;
    Ok(())
}

fn app(clients: SqliteClients, issuer: &str, deadline: Duration) -> Result<Router, BoxError> {
    let layer = TokenEndpointLayer::builder(clients, issuer)
        .path("/token")
        .deadline(deadline)
        .build()?;
    Ok(Router::new().route("/token", post(issue)).layer(layer))
}

async fn issue(request: TokenRequest) -> TokenResponse {
    let client_id = request.client().client_id();
    TokenResponse::bearer(format!("a-token-for-{client_id}")) // yours is random, or signed
        .expires_in(Duration::from_secs(3600))
}
