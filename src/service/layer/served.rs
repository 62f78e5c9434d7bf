//! Which grants a layer serves, before and after the check.

use super::config_error::Problems;
use crate::protocol::{
    grant::{GrantType, ServedGrants},
    grant_parameters::GrantParameters,
    incoming::form::{CLIENT_ASSERTION, CLIENT_ASSERTION_TYPE, CLIENT_SECRET},
    known_parameters::{self, Occurs},
    settings::endpoint::Endpoint,
};

/// The settings of grants, which are not checked.
#[derive(Clone, Default)]
pub(super) struct GrantSettings {
    base: Base,
    added: Vec<GrantType>,
    extensions: Vec<ExtensionGrant>,
}

/// The grants that `grant_type` and `extension_grant` add to.
#[derive(Clone, Default)]
enum Base {
    #[default]
    Default,
    /// From the layer that the builder was made from.
    Inherited(ServedGrants),
    /// By `grant_types`.
    Set(Vec<GrantType>),
}

#[derive(Clone)]
struct ExtensionGrant {
    uri: String,
    parameters: GrantParameters,
}

impl GrantSettings {
    /// Sets the grants that others are added to.
    pub(super) fn set(&mut self, grant_types: Vec<GrantType>) {
        self.base = Base::Set(grant_types);
    }

    pub(super) fn add(&mut self, grant_type: GrantType) {
        self.added.push(grant_type);
    }

    pub(super) fn add_extension(&mut self, uri: String, parameters: GrantParameters) {
        self.extensions.push(ExtensionGrant { uri, parameters });
    }

    /// The grants of another layer, without changes.
    pub(super) fn inherited(served: ServedGrants) -> Self {
        Self {
            base: Base::Inherited(served),
            ..Self::default()
        }
    }

    /// `has_grants` tells whether requests to the endpoint have a grant.
    pub(super) fn check(&self, has_grants: bool, problems: &mut Problems) {
        if let Base::Set(grant_types) = &self.base {
            if has_grants && grant_types.is_empty() && self.is_nothing_added() {
                problems.add_without_value("grant_types", "must name at least one grant");
            }
            check_all("grant_types", grant_types, has_grants, problems);
        }
        check_all("grant_type", &self.added, has_grants, problems);
        for grant in &self.extensions {
            if let Some(wanted) = grant.problem(has_grants) {
                problems.add("extension_grant", &*grant.uri, wanted);
            }
        }
    }

    fn is_nothing_added(&self) -> bool {
        self.added.is_empty() && self.extensions.is_empty()
    }

    /// The setting that serves the grant `password`, if one does.
    pub(super) fn password(&self) -> Option<&'static str> {
        let password = &GrantType::Password;
        let is_base = match &self.base {
            Base::Default => false,
            Base::Inherited(served) => served.types().any(|served| served == password),
            Base::Set(grant_types) => grant_types.contains(password),
        };
        let added = self.added.contains(password).then_some("grant_type");
        is_base.then_some("grant_types").or(added)
    }

    /// The grants that are served, after the check.
    pub(super) fn served(&self) -> ServedGrants {
        let mut served = match &self.base {
            Base::Default => ServedGrants::default(),
            Base::Inherited(served) => served.clone(),
            Base::Set(_) => ServedGrants::none(),
        };
        let set = match &self.base {
            Base::Default | Base::Inherited(_) => &[][..],
            Base::Set(grant_types) => grant_types,
        };
        for grant_type in set.iter().chain(&self.added) {
            served.serve(grant_type.clone(), &GrantParameters::new());
        }
        for grant in &self.extensions {
            if let Ok(grant_type) = grant.uri.parse() {
                served.serve(grant_type, &grant.parameters);
            }
        }
        served
    }
}

const CREDENTIALS: [&str; 3] = [CLIENT_SECRET, CLIENT_ASSERTION, CLIENT_ASSERTION_TYPE];

const NO_GRANTS: &str =
    "can be set only for the token endpoint: requests to this one have no grant";

fn check_all(
    setting: &'static str,
    grant_types: &[GrantType],
    has_grants: bool,
    problems: &mut Problems,
) {
    if !has_grants {
        if !grant_types.is_empty() {
            let names: Vec<_> = grant_types.iter().map(GrantType::as_str).collect();
            problems.add(setting, names.join(" "), NO_GRANTS);
        }
    } else if grant_types.contains(&GrantType::Implicit) {
        let wanted = "must be a grant that has a token request, and this one has none \
             (RFC 6749 §4.2)";
        problems.add(setting, GrantType::Implicit.as_str(), wanted);
    } else {
        for grant_type in grant_types {
            if matches!(grant_type, GrantType::Other(other) if !other.is_uri()) {
                let wanted = "must be a registered grant or an absolute URI (RFC 6749 §4.5)";
                problems.add(setting, grant_type.as_str(), wanted);
            }
        }
    }
}

impl ExtensionGrant {
    fn problem(&self, has_grants: bool) -> Option<&'static str> {
        if !has_grants {
            return Some(NO_GRANTS);
        }
        match self.uri.parse() {
            Ok(GrantType::Other(_)) => {}
            Ok(_) => return Some("is a registered grant: serve it with `grant_type`"),
            Err(_) => return Some("must be an absolute URI (RFC 6749 §4.5)"),
        }
        let parameters = &self.parameters;
        if parameters.names().any(|name| CREDENTIALS.contains(&name)) {
            return Some("must not need a credential of the client, which is never handed on");
        }
        if parameters.names().any(str::is_empty) {
            return Some("must have a name for each of its parameters");
        }
        let is_known_once =
            |name| known_parameters::find(name, Endpoint::Token) == Some(Occurs::Once);
        parameters.repeatable_names().any(is_known_once).then_some(
            "must not repeat a parameter that its specification allows only once, such as \
             `scope` (RFC 6749 §3.2)",
        )
    }
}
