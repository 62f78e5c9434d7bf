//! The flags.

use std::{env, fs};

use http::{HeaderName, uri::Authority};
use tower_token_endpoint::BoxError;

use crate::headers::is_forged;

pub(crate) const USAGE: &str = "\
usage: proxy --upstream http://HOST:PORT --clients FILE [flags]

  --listen ADDRESS:PORT      [127.0.0.1:3000]
  --issuer URL               the public URL of the server [the address it listens on]
  --token PATH               the token endpoint, here and at the upstream server [/token]
  --introspection PATH       the same of the introspection endpoint [/introspect]
  --revocation PATH          the same of the revocation endpoint [/revoke]
  --pass PATH                another path that is passed on; if it ends in a slash, also the
                             paths below it; can be given several times [none]
  --header NAME              the header that proves that a request is from the proxy
                             [x-proxy-proof]
  --sign                     this header is a signature of the request, not the secret itself
  --secret-file FILE         a file with the secret for this header [PROXY_SECRET has it]
";

pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) issuer: Option<String>,
    pub(crate) upstream: Authority,
    pub(crate) clients: String,
    pub(crate) endpoints: [String; 3],
    pub(crate) pass: Vec<String>,
    pub(crate) header: HeaderName,
    pub(crate) secret: String,
    pub(crate) sign: bool,
}

impl Options {
    /// `None` if only help is wanted.
    pub(crate) fn parse(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Option<Self>, BoxError> {
        let mut listen = "127.0.0.1:3000".to_owned();
        let mut endpoints = ["/token", "/introspect", "/revoke"].map(str::to_owned);
        let mut header = "x-proxy-proof".to_owned();
        let (mut issuer, mut upstream, mut clients, mut secret_file) = (None, None, None, None);
        let (mut pass, mut sign) = (Vec::new(), false);
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{flag} needs a value"));
            match flag.as_str() {
                "--help" => return Ok(None),
                "--listen" => listen = value()?,
                "--issuer" => issuer = Some(value()?),
                "--upstream" => upstream = Some(value()?),
                "--clients" => clients = Some(value()?),
                "--token" => endpoints[0] = value()?,
                "--introspection" => endpoints[1] = value()?,
                "--revocation" => endpoints[2] = value()?,
                "--pass" => pass.push(value()?),
                "--header" => header = value()?,
                "--sign" => sign = true,
                "--secret-file" => secret_file = Some(value()?),
                _ => return Err(format!("unknown argument {flag:?}, see --help").into()),
            }
        }

        let upstream = upstream.ok_or("--upstream is missing, see --help")?;
        let authority = upstream
            .strip_prefix("http://")
            .and_then(|it| it.parse().ok());
        let covers = |listed: &str, endpoint: &String| {
            let [lower, endpoint_lower] = [listed, endpoint].map(str::to_ascii_lowercase);
            let is_above = listed.ends_with('/') && endpoint_lower.starts_with(&lower);
            listed != endpoint && (is_above || lower.trim_end_matches('/') == endpoint_lower)
        };
        for listed in &pass {
            if !listed.starts_with('/') || endpoints.iter().any(|it| covers(listed, it)) {
                let wanted = "must start with a slash, and must not cover an endpoint of the layer";
                return Err(format!("--pass {listed:?} {wanted}").into());
            }
        }
        let name = HeaderName::try_from(&header).ok();
        let name = name.filter(|it| it.as_str().starts_with("x-") && !is_forged(it));
        let secret = match secret_file {
            Some(path) => fs::read_to_string(&path)
                .map_err(|error| format!("--secret-file {path:?}: {error}"))?,
            None => env::var("PROXY_SECRET").unwrap_or_default(),
        };
        let secret = secret.trim().to_owned();
        if secret.len() < 32 || !secret.bytes().all(|it| it.is_ascii_graphic()) {
            return Err("the secret must have at least 32 printable ASCII characters".into());
        }
        Ok(Some(Self {
            listen,
            issuer,
            upstream: authority.ok_or("--upstream must be http://HOST:PORT, without a path")?,
            clients: clients.ok_or("--clients is missing, see --help")?,
            endpoints,
            pass,
            header: name
                .ok_or("--header must start with x- and be no header of another meaning")?,
            secret,
            sign,
        }))
    }
}
