//! The flags, and the messages about wrong ones.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use axum::http::HeaderName;
use tower_token_endpoint::{dpop::Dpop, layer::Profile};

use crate::{
    certificates::{
        self, CERTIFICATE_HEADER, CLIENT_CA, Certificates, MTLS_BASE, TLS_CERT, TLS_KEY,
    },
    dpop::{self, NONCE_SECRET, NONCES, REQUIRED},
    throttle::{self, Limit},
};

pub(crate) const USAGE: &str = "\
A reference OAuth 2.0 authorization server on the crate tower-token-endpoint.

Usage: token_server [FLAGS]

  --listen ADDRESS:PORT  where to listen; port 0 lets the kernel pick [127.0.0.1:3000]
  --issuer URL           the issuer identifier; if it has a path, the endpoints are below
                         that path, and discovery is at /.well-known/
                         oauth-authorization-server followed by it
                         [http:// or https:// and the address it listens on]
  --clients FILE         clients to serve instead of the demo clients: a JSON array of
                         RFC 7591 client metadata, see examples/token_server/clients.json;
                         the server keeps about 200,000 tokens, and each client has an equal
                         share of them, from 16 to 10,000; the oldest tokens beyond it end, and
                         a client with so many unused codes gets no new one until one is used
                         or expires, which takes a minute; the same holds for pushed
                         requests, device codes and backchannel authentication requests
  --client-documents     also serve clients that are not registered, if their client_id is the
                         https URL of a client ID metadata document; they take no room from
                         registered clients: each has a share of 100 tokens, and there is room
                         for 10 clients of a host and for 100 hosts; the host, or the client of
                         a host, that was not used for the longest time makes room, and its
                         codes and tokens end [only registered clients]
  --dangerously-allow-local-client-documents
                         for tests, with --client-documents: also fetch documents, and the key
                         sets that they name, from this machine, and over plain http [only
                         https and public addresses]
  --redis URL            where used client assertions, used DPoP proofs and, with
                         --throttle, failed authentications are remembered, as
                         redis://[[user]:password@]host[:port][/database]: several servers
                         with the same --issuer share it, Redis 7.0 or later; codes and
                         tokens stay in each server [memory]
  --accept-endpoint-audience
                         also accept client assertions whose audience is the URL of the token
                         endpoint, or of the endpoint in use [only the issuer, RFC 10070]
  --dangerously-allow-local-jwks-uri
                         for tests: also fetch a client's jwks_uri from this machine, and
                         over plain http [only https and public addresses]
  --profile oauth21|fapi2
                         what OAuth 2.1 or the FAPI 2.0 Security Profile requires of clients and
                         requests; fapi2 also is --par-required, and requires a DPoP proof or a
                         certificate that binds the token; it leaves out the demo clients that
                         it does not accept [what RFC 6749 allows]
  --par-required         refuse authorization requests that were not pushed to /par (RFC 9126)
                         [also accept them in the query of /authorize]
  --poll-interval SECONDS
                         how long the client of a device, or of backchannel authentication,
                         waits between two requests for tokens, from 1 to 60 [5]
  --throttle [BURST/SECONDS]
                         limit failed authentications of each address, and of each client
                         from an address: BURST at once, and then one more every SECONDS; the
                         value holds for both, so one client can use up the limit of its
                         address; without a value, it is 20/3 for an address and 5/12 for a
                         client; servers with the same --redis and --issuer count together
                         [no limit]
  --client-address-header NAME
                         the header in which a proxy sends the address of the client, as the
                         last in a list: the address for --throttle instead of the peer's; only
                         if the proxy sets it in every request, and nobody can go around it
  --dpop-nonces          require a nonce of this server in DPoP proofs, at /token and at
                         /resource [proofs are accepted, and need no nonce]
  --dpop-nonce-secret HEX
                         the same, with a secret that several servers share: 64 hexadecimal
                         digits, as `openssl rand -hex 32` prints; if it is given more than
                         once, the first secret makes nonces, and the nonces of all are
                         accepted [random]
  --dpop-required        refuse token requests without a DPoP proof [without one, the tokens
                         are bearer tokens]
  --tls-cert FILE        serve https: the certificate of the server in PEM, followed by the rest
                         of its chain; clients are asked for a certificate, and need none
                         (RFC 8705) [plain http]
  --tls-key FILE         with --tls-cert: its private key in PEM
  --client-ca FILE       with --tls-cert: a file in PEM with the authorities that sign the
                         certificates of tls_client_auth clients; any other certificate is
                         let through, and is enough for self_signed_tls_client_auth and for
                         bound tokens [none]
  --client-certificate-header KIND
                         the header in which a proxy sends the certificate of the client, as
                         rfc9440, rfc9440-verified, nginx, haproxy, envoy, alb,
                         alb-passthrough, traefik or traefik-verified; only if the proxy
                         removes or replaces it in every request, and nobody can go around
                         it [no header is looked at]
  --mtls-base URL        with --tls-cert or --client-certificate-header: the URL that clients
                         with certificates connect to instead of the issuer; discovery has
                         the endpoints there in mtls_endpoint_aliases (RFC 8705) [none]
  --help                 this text

RUST_LOG filters the log lines on stderr [info].
";

const ENDPOINT_AUDIENCE: &str = "--accept-endpoint-audience";
const LOCAL_JWKS_URI: &str = "--dangerously-allow-local-jwks-uri";
const PROFILE: &str = "--profile";
const PAR_REQUIRED: &str = "--par-required";
const POLL_INTERVAL: &str = "--poll-interval";
const DOCUMENTS: &str = "--client-documents";
const LOCAL_DOCUMENTS: &str = "--dangerously-allow-local-client-documents";
const THROTTLE: &str = "--throttle";
const ADDRESS_HEADER: &str = "--client-address-header";

pub(crate) enum Command {
    Serve(Box<Options>),
    Help,
}

pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) issuer: Option<String>,
    pub(crate) clients: Option<PathBuf>,
    pub(crate) client_documents: bool,
    pub(crate) dangerously_allow_local_client_documents: bool,
    pub(crate) redis: Option<String>,
    pub(crate) accept_endpoint_audience: bool,
    pub(crate) dangerously_allow_local_jwks_uri: bool,
    pub(crate) profile: Option<Profile>,
    pub(crate) par_required: bool,
    pub(crate) poll_interval: Duration,
    pub(crate) throttle: Option<Limit>,
    pub(crate) client_address_header: Option<HeaderName>,
    pub(crate) dpop: Dpop,
    pub(crate) certificates: Certificates,
}

/// Reads the flags. Each but one is given at most once, as `--flag value` or `--flag=value`. A
/// switch has no value. If a value may be left out, what starts with a `-` is the next flag.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let arguments = arguments.map(|argument| {
        argument
            .into_string()
            .map_err(|raw| format!("argument {raw:?} is not UTF-8"))
    });
    let mut arguments = arguments.peekable();
    let (mut listen, mut issuer, mut clients, mut redis) = (None, None, None, None);
    let (mut documents, mut local_documents) = (None, None);
    let (mut endpoint_audience, mut local_jwks_uri) = (None, None);
    let (mut profile, mut par_required, mut poll_interval) = (None, None, None);
    let (mut throttling, mut address_header) = (None, None);
    let (mut nonces, mut secret, mut required, mut secrets) = (None, None, None, Vec::new());
    let mut tls = certificates::Flags::default();
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
            DOCUMENTS => &mut documents,
            LOCAL_DOCUMENTS => &mut local_documents,
            "--redis" => &mut redis,
            ENDPOINT_AUDIENCE => &mut endpoint_audience,
            LOCAL_JWKS_URI => &mut local_jwks_uri,
            PROFILE => &mut profile,
            PAR_REQUIRED => &mut par_required,
            POLL_INTERVAL => &mut poll_interval,
            THROTTLE => &mut throttling,
            ADDRESS_HEADER => &mut address_header,
            NONCES => &mut nonces,
            NONCE_SECRET => &mut secret,
            REQUIRED => &mut required,
            TLS_CERT => &mut tls.tls_cert,
            TLS_KEY => &mut tls.tls_key,
            CLIENT_CA => &mut tls.client_ca,
            CERTIFICATE_HEADER => &mut tls.header,
            MTLS_BASE => &mut tls.mtls_base,
            _ => return Err(format!("unknown argument {argument:?}, see --help")),
        };
        let switches = [
            DOCUMENTS,
            LOCAL_DOCUMENTS,
            ENDPOINT_AUDIENCE,
            LOCAL_JWKS_URI,
            PAR_REQUIRED,
            NONCES,
            REQUIRED,
        ];
        let is_switch = switches.contains(&flag);
        let value = match inline {
            Some(_) if is_switch => return Err(format!("{flag} takes no value, see --help")),
            None if is_switch => Some(flag.to_owned()),
            Some(value) => Some(value),
            None if flag == THROTTLE && !is_value(arguments.peek()) => Some(DEFAULT.to_owned()),
            None => arguments.next().transpose()?,
        };
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return Err(format!("{flag} wants a value, see --help"));
        };
        if slot.replace(value).is_some() {
            return Err(format!("{flag} is given twice"));
        }
        secrets.extend(secret.take());
    }
    if throttling.is_none() && address_header.is_some() {
        return Err(format!("{ADDRESS_HEADER} needs {THROTTLE}, see --help"));
    }
    if documents.is_none() && local_documents.is_some() {
        return Err(format!("{LOCAL_DOCUMENTS} needs {DOCUMENTS}, see --help"));
    }
    let limit = throttling.map(|value| match value.as_str() {
        DEFAULT => Ok(Limit::Default),
        value => Limit::parse(value),
    });
    let interval = poll_interval.map(|value| match value.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!(
            "{POLL_INTERVAL} {value:?}: must be seconds from 1 to 60"
        )),
    });
    let profile = profile.map(|value| profile_of(&value)).transpose()?;
    let is_fapi = profile == Some(Profile::Fapi2);
    Ok(Command::Serve(Box::new(Options {
        listen: listen.unwrap_or_else(|| "127.0.0.1:3000".to_owned()),
        issuer,
        clients: clients.map(PathBuf::from),
        client_documents: documents.is_some(),
        dangerously_allow_local_client_documents: local_documents.is_some(),
        redis,
        accept_endpoint_audience: endpoint_audience.is_some(),
        dangerously_allow_local_jwks_uri: local_jwks_uri.is_some(),
        profile,
        par_required: par_required.is_some() || is_fapi,
        poll_interval: interval.unwrap_or(Ok(Duration::from_secs(5)))?,
        throttle: limit.transpose()?,
        client_address_header: address_header
            .map(|name| throttle::header_name(&name))
            .transpose()?,
        dpop: dpop::settings(nonces.is_some(), &secrets, required.is_some())?,
        certificates: tls.read()?,
    })))
}

fn profile_of(value: &str) -> Result<Profile, String> {
    let mut profiles = [Profile::OAuth21, Profile::Fapi2].into_iter();
    let wrong = || format!("{PROFILE} {value:?}: must be oauth21 or fapi2");
    profiles.find(|it| it.as_str() == value).ok_or_else(wrong)
}

/// What stands for the value of `--throttle` if there is none.
const DEFAULT: &str = "default";

/// Whether this is a value, and not the end or the next flag.
fn is_value(next: Option<&Result<String, String>>) -> bool {
    next.is_some_and(|next| next.as_ref().is_ok_and(|next| !next.starts_with('-')))
}
