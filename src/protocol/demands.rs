//! What an authenticated request asks for: the grant, its parameters, the scope.

mod backchannel;

use super::{
    accepted::parameters::Parameters,
    auth_method::AuthMethod,
    client::Client,
    grant::{GrantType, ServedGrant},
    reason::RejectionReason,
    rejection::Rejection,
    scope::Scope,
    settings::{Settings, endpoint::Endpoint},
};

/// What an authenticated request asks for, with one variant for each endpoint.
pub(crate) enum Demand {
    Grant(GrantType),
    Introspection,
    Revocation,
    PushedAuthorization,
    DeviceAuthorization,
    BackchannelAuthentication,
}

/// Checks a request in the order of the decisions.
#[inline]
pub(crate) fn check(
    parameters: &Parameters,
    client: &Client,
    method: AuthMethod,
    jkt: Option<&str>,
    settings: &Settings,
) -> Result<Demand, Rejection> {
    let required = settings.endpoint.row().required;
    require(parameters, required.iter().copied())?;
    match settings.endpoint {
        Endpoint::Token => find_grant(parameters, client, method, settings).map(Demand::Grant),
        Endpoint::Introspection => Ok(Demand::Introspection),
        Endpoint::Revocation => Ok(Demand::Revocation),
        Endpoint::PushedAuthorization => {
            if settings.dpop().is_some() {
                check_thumbprint(parameters, jkt)?;
            }
            check_pushed(parameters, client, settings)?;
            Ok(Demand::PushedAuthorization)
        }
        Endpoint::DeviceAuthorization => {
            require_registered(client, GrantType::DeviceCode)?;
            check_scope(parameters, client)?;
            Ok(Demand::DeviceAuthorization)
        }
        Endpoint::BackchannelAuthentication => {
            require_registered(client, GrantType::Ciba)?;
            backchannel::check(parameters, client)?;
            Ok(Demand::BackchannelAuthentication)
        }
    }
}

/// A pushed authorization request. The rest of it, such as the redirection URI, is checked as at the
/// authorization endpoint (RFC 9126 §2.1), which is not the layer's.
fn check_pushed(
    parameters: &Parameters,
    client: &Client,
    settings: &Settings,
) -> Result<(), Rejection> {
    if parameters.get("request_uri").is_some() {
        return Err(RejectionReason::RequestUriPushed.into());
    }
    // Otherwise they are claims of the request object (RFC 9126 §3).
    if parameters.get("request").is_none() {
        require(parameters, ["response_type"])?;
        if settings.requires_pkce {
            check_challenge(parameters)?;
        }
    }
    check_scope(parameters, client)
}

fn check_challenge(parameters: &Parameters) -> Result<(), Rejection> {
    require(parameters, ["code_challenge"])?;
    // Without a method, it is `plain` (RFC 7636 §4.3).
    match parameters.get("code_challenge_method") {
        Some("S256") => Ok(()),
        Some(_) | None => Err(RejectionReason::CodeChallengeMethodNotS256.into()),
    }
}

/// The key that the code will be bound to: if it is named and proven as well, it is one key (RFC 9449
/// §10.1).
fn check_thumbprint(parameters: &Parameters, proven: Option<&str>) -> Result<(), RejectionReason> {
    const THUMBPRINT_LEN: usize = 43;
    let Some(named) = parameters.get("dpop_jkt") else {
        return Ok(());
    };
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if named.len() != THUMBPRINT_LEN || !named.bytes().all(is_base64url) {
        return Err(RejectionReason::MalformedDpopThumbprint);
    }
    match proven {
        Some(proven) if proven != named => Err(RejectionReason::WrongDpopThumbprint),
        Some(_) | None => Ok(()),
    }
}

/// For an endpoint that is the first step of a grant.
fn require_registered(client: &Client, grant_type: GrantType) -> Result<(), Rejection> {
    if client.allows_grant(&grant_type) {
        return Ok(());
    }
    let rejection = Rejection::from(RejectionReason::GrantTypeNotRegistered);
    Err(rejection.for_grant(grant_type))
}

#[inline]
fn find_grant(
    parameters: &Parameters,
    client: &Client,
    method: AuthMethod,
    settings: &Settings,
) -> Result<GrantType, Rejection> {
    let name = parameters
        .get("grant_type")
        .ok_or_else(|| Rejection::naming(RejectionReason::MissingGrantType, "grant_type"))?;
    let grant = settings.grants.find(name);
    let grant = grant.ok_or(RejectionReason::UnsupportedGrantType)?;
    let grant_type = grant.grant_type();
    match check_grant(parameters, client, method, grant) {
        Ok(()) => Ok(grant_type.clone()),
        Err(rejection) => Err(rejection.for_grant(grant_type.clone())),
    }
}

#[inline]
fn check_grant(
    parameters: &Parameters,
    client: &Client,
    method: AuthMethod,
    grant: &ServedGrant,
) -> Result<(), Rejection> {
    if !client.allows_grant(grant.grant_type()) {
        return Err(RejectionReason::GrantTypeNotRegistered.into());
    }
    if *grant.grant_type() == GrantType::ClientCredentials && method == AuthMethod::None {
        return Err(RejectionReason::PublicClientCredentials.into());
    }
    require(parameters, grant.required(method))?;
    if *grant.grant_type() == GrantType::TokenExchange {
        require_both_or_none(parameters, ["actor_token", "actor_token_type"])?;
    }
    check_scope(parameters, client)
}

#[inline]
fn require<'n>(
    parameters: &Parameters,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<(), Rejection> {
    let mut names = names.into_iter();
    match names.find(|name| parameters.get(name).is_none()) {
        Some(missing) => Err(Rejection::naming(
            RejectionReason::MissingParameter,
            missing,
        )),
        None => Ok(()),
    }
}

fn require_both_or_none(parameters: &Parameters, names: [&str; 2]) -> Result<(), Rejection> {
    match names.iter().any(|name| parameters.get(name).is_some()) {
        true => require(parameters, names),
        false => Ok(()),
    }
}

#[inline]
fn check_scope(parameters: &Parameters, client: &Client) -> Result<(), Rejection> {
    match parameters.get("scope") {
        Some(asked) => Ok(compare_scope(asked, client.scope())?),
        None => Ok(()),
    }
}

#[inline]
fn compare_scope(asked: &str, registered: Option<Scope<'_>>) -> Result<(), RejectionReason> {
    // A text of registered tokens is well-formed, as they were checked when the client was read.
    if registered.is_some_and(|registered| registered.includes(Scope::parsed(asked))) {
        return Ok(());
    }
    match (Scope::parse(asked), registered) {
        (Err(_), _) => Err(RejectionReason::MalformedScope),
        (Ok(_), Some(_)) => Err(RejectionReason::ScopeNotRegistered),
        (Ok(_), None) => Ok(()),
    }
}
