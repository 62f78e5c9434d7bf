//! A small but whole OAuth 2.0 authorization server. This folder has everything that
//! the layer leaves to you.
//!
//! ```text
//! cargo run --release --example token_server
//! ```
//!
//! | path | what responds | RFC |
//! |---|---|---|
//! | `POST /token` | [`token::issue`], behind the layer | 6749, 7636, 7523, 8628, 8693, 8705, 9449 |
//! | `POST /introspect`, `POST /revoke` | [`tokens`], behind the layer | 7662, 7009 |
//! | `POST /par` | [`par`], behind the layer | 9126 |
//! | `POST /device_authorization`, `GET /device` | [`device`], the first one behind the layer | 8628 |
//! | `POST /backchannel_authentication` | [`backchannel`], behind the layer | CIBA Core |
//! | `GET /authorize` | [`authorize::authorize`]: a demo that asks nobody | 6749, 9207 |
//! | `GET /resource`, `POST /resource` | [`resource::resource`], which takes Bearer and DPoP tokens | 6750, 8705, 9449 |
//! | `GET /.well-known/oauth-authorization-server` | [`discovery::document`] | 8414 |
//! | `GET /errors/…` | [`paths::Paths::error_pages`]: what each error code means | |
//! | `GET /metrics` | [`observability::metrics`] for Prometheus, only on this machine | |
//! | every other path | [`paths::Paths::not_found`] | |
//!
//! If the issuer has a path, the endpoints and the pages are below it, and the path of the discovery document is
//! followed by it.
//!
//! It is a reference, and a target for test suites and load generators. It is not a
//! product: it has no users, and it forgets everything when it ends.

mod assertions;
mod authorize;
mod backchannel;
mod binding;
mod certificates;
mod cli;
mod clients;
mod demo;
mod device;
mod discovery;
mod dpop;
mod exchange;
mod expiring;
mod observability;
mod page;
mod par;
mod paths;
mod per_client;
mod polled;
mod recent;
mod refuse;
mod replays;
mod resource;
mod scope;
#[path = "../serve/mod.rs"]
mod serve;
mod throttle;
#[path = "../serve/tls.rs"]
mod tls;
mod token;
mod tokens;
mod vault;
mod vaults;

use std::{io::IsTerminal, path::Path, process::ExitCode, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    http::Uri,
    middleware::map_response,
    routing::{get, post},
};
use tower_token_endpoint::{
    Endpoint, GrantType, TokenEndpointLayer, client::hashing::RememberedSecrets,
    layer::ConfigError, store::BoxClientStore,
};
use tracing_subscriber::EnvFilter;

use crate::{clients::Clients, paths::Paths};

/// State that the handlers share.
struct Server {
    issuer: String,
    clients: Clients,
    vaults: vaults::Vaults,
    pushed: par::PushedRequests,
    par_required: bool,
    devices: device::Devices,
    backchannel: polled::PolledRequests,
    /// How long a client waits between two polls.
    poll_interval: Duration,
    guard: resource::Guard,
}

fn main() -> ExitCode {
    let options = match cli::parse(std::env::args_os().skip(1)) {
        Ok(cli::Command::Serve(options)) => options,
        Ok(cli::Command::Help) => {
            demo::print(cli::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => return refuse(&message),
    };
    // Log lines go to stderr, so that stdout stays readable by a program.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
    match run(*options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => refuse(&message),
    }
}

/// Says what was wrong, one line for each problem.
fn refuse(message: &str) -> ExitCode {
    for line in message.lines() {
        eprintln!("token_server: {line}");
    }
    ExitCode::from(2)
}

#[tokio::main]
async fn run(options: cli::Options) -> Result<(), String> {
    let clients = Clients::of(&options)?;
    let tls = options.certificates.tls()?;
    let (address, listener) = serve::listen(&options.listen)
        .await
        .and_then(|listener| Ok((listener.local_addr()?, listener)))
        .map_err(|error| format!("--listen {:?}: {error}", options.listen))?;
    let base = format!("{}://{address}", options.certificates.scheme());

    let issuer = options.issuer.as_ref().unwrap_or(&base);
    let paths = Paths::of(issuer);
    let commands = match &options.clients {
        Some(_) => demo::OWN.to_owned(),
        None => demo::commands(options.profile),
    };
    let trust = if tls.is_some() { demo::TRUST } else { "" };
    let commands = demo::at(&base, &paths, &format!("{trust}{commands}"));
    let token = TokenEndpointLayer::builder(clients.store.clone(), issuer)
        .path("/token")
        .trace_ids(observability::trace_ids())
        .error_uri_base(format!("{}/errors", issuer.trim_end_matches('/')))
        .grant_type(GrantType::DeviceCode)
        .grant_type(GrantType::Ciba)
        .grant_type(GrantType::TokenExchange)
        .report_outcome(true)
        .record_metrics(true)
        .remember_verified_secrets(RememberedSecrets::new());
    let replays = replays::Replays::of(&options).await?;
    let token =
        assertions::accepted_by(token, &options, replays.clone()).dpop(options.dpop.clone());
    // Only if it is set: `false` would contradict FAPI 2.0.
    let token = match options.par_required {
        true => token.require_pushed_authorization_requests(true),
        false => token,
    };
    let token = match options.profile {
        Some(profile) => token.profile(profile),
        None => token,
    };
    let certificates = options.certificates.setting();
    let token = match certificates.clone() {
        Some(certificates) => token.client_certificates(certificates),
        None => token,
    };
    let token = match &options.certificates.base {
        Some(base) => token.mtls_base_url(base),
        None => token,
    };
    let token = match throttle::throttling(&options).await? {
        Some(throttling) => token.throttle(throttling),
        None => token,
    };
    let metrics = observability::metrics(paths.clone(), options.client_address_header.clone())?;
    let app = token
        .build()
        .and_then(|token| {
            // With what the profile requires.
            let dpop = token.dpop_settings().cloned().unwrap_or_default();
            let metadata = token.server_metadata();
            let guard = resource::Guard::new(
                issuer,
                dpop,
                replays,
                certificates,
                options.certificates.base.as_deref(),
                &metadata,
            );
            app(clients, issuer, paths, token, &options, guard)
        })
        .map_err(|error| explain(&error, &options))?
        .route("/metrics", metrics.fallback(paths::wrong_method));

    // Signals are caught before the first line says that the server is there.
    let told_to_end = serve::signals().map_err(|error| error.to_string())?;
    demo::print(&format!("listening on {base}\n"));
    demo::print(&commands);
    match tls {
        Some(tls) => serve::serve_over(tls, listener, app, told_to_end).await,
        None => serve::serve(listener, app, told_to_end).await,
    }
    Ok(())
}

/// One line for each problem. Of the settings that can be wrong, only these come from flags. One flag
/// sets both limits, and the pages of errors are below the issuer.
fn explain(error: &ConfigError, options: &cli::Options) -> String {
    let lines = error
        .problems()
        .filter_map(|problem| match problem.setting() {
            "issuer" => Some(format!("--{problem}")),
            "per_source" => {
                let value = problem.value().unwrap_or_default();
                Some(format!("--throttle {value:?}: {}", problem.wanted()))
            }
            "mtls_base_url" => {
                let value = problem.value().unwrap_or_default();
                Some(format!("--mtls-base {value:?}: {}", problem.wanted()))
            }
            "accept_endpoint_audience" => {
                Some(format!("--accept-endpoint-audience: {}", problem.wanted()))
            }
            "clients" => {
                let file = options.clients.as_deref().unwrap_or(Path::new(""));
                let client = problem.client().map(ToString::to_string);
                let client = client.or_else(|| problem.value().map(str::to_owned));
                Some(format!(
                    "--clients {file:?}: {}",
                    client.unwrap_or_default()
                ))
            }
            "per_client" | "error_uri_base" => None,
            _ => Some(problem.to_string()),
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// The endpoints behind layers, in addition to `/token`.
const LAYERS: [(Endpoint, &str); 5] = [
    (Endpoint::Introspection, "/introspect"),
    (Endpoint::Revocation, "/revoke"),
    (Endpoint::PushedAuthorization, "/par"),
    (Endpoint::DeviceAuthorization, "/device_authorization"),
    (
        Endpoint::BackchannelAuthentication,
        "/backchannel_authentication",
    ),
];

/// The server. All endpoints that authenticate clients are behind layers that share their stores.
fn app(
    clients: Clients,
    issuer: &str,
    paths: Paths,
    token: TokenEndpointLayer<BoxClientStore>,
    options: &cli::Options,
    guard: resource::Guard,
) -> Result<Router, ConfigError> {
    let others = LAYERS.map(|(endpoint, path)| token.for_endpoint(endpoint, path));
    let mut layers = vec![token];
    for layer in others {
        layers.push(layer?);
    }
    let metadata = layers.iter().map(TokenEndpointLayer::server_metadata);
    let discovery = discovery::document(issuer, metadata);

    let server = Arc::new(Server {
        issuer: issuer.to_owned(),
        vaults: vaults::Vaults::new(clients.registered),
        pushed: par::requests(clients.registered),
        par_required: options.par_required,
        devices: device::Devices::new(clients.registered),
        backchannel: backchannel::requests(clients.registered),
        poll_interval: options.poll_interval,
        clients,
        guard,
    });
    let endpoints = Router::new()
        .route("/token", post(token::issue))
        .route("/introspect", post(tokens::introspect))
        .route("/revoke", post(tokens::revoke))
        .route("/par", post(par::push))
        .route("/device_authorization", post(device::start))
        .route("/device", get(device::decide))
        .route("/backchannel_authentication", post(backchannel::start))
        .route("/authorize", get(authorize::authorize))
        .route(
            "/resource",
            get(resource::resource).post(resource::resource),
        )
        .method_not_allowed_fallback(paths::wrong_method)
        .nest_service("/errors", paths.error_pages(issuer))
        .with_state(server);
    let endpoints = layers
        .into_iter()
        .fold(endpoints, Router::layer)
        .layer(map_response(observability::add_request_id));
    let discovery = get(async move || Json(discovery)).fallback(paths::wrong_method);

    // The path of the issuer is no pattern, even if it has a segment such as `:a`.
    let app = Router::new().without_v07_checks();
    // `nest` takes the path of the issuer away before the layers see it.
    let app = match paths.base.as_str() {
        "" => app.merge(endpoints),
        base => app.nest(base, endpoints),
    };
    Ok(app
        .route(&paths.discovery, discovery)
        .fallback(async move |uri: Uri| paths.not_found(uri.path())))
}
