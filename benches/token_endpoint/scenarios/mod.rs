//! Everything that is measured, each as a closure that answers one request.

mod certified;
mod hashed;
mod inputs;
mod prepare;
mod reports;

use crate::assertions::Algorithm;

/// How many clients are registered if their number is not what is measured, and how many of them are
/// busy, one after the other, if it is.
const FEW: usize = 100;
/// How many clients are registered if their number is what is measured.
pub(crate) const MANY: usize = 100_000;

pub(crate) const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Es256,
    Algorithm::Rs256,
    Algorithm::Ed25519,
    Algorithm::Hs256,
];

pub(crate) const CERTIFIED: [Certified; 4] = [
    Certified::Subject,
    Certified::Key,
    Certified::Later,
    Certified::Header,
];

/// One thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// The inner service by itself: what every other number is counted over.
    Bare,
    /// The same with axum's body on both sides: what everything that needs axum is counted over.
    BareAxum,
    /// One of those that stand side by side.
    Of(Contender, Case),
    /// tower-http's `AsyncRequireAuthorizationLayer`, passing a request.
    TowerHttp,
    /// Decode, look up, SHA-256, compare, without HTTP types: the limit.
    Fused,
    /// The same with [`MANY`] clients, every one of them in turn.
    FusedCold,
    /// Our layer, accepted, with [`MANY`] clients registered, of which [`FEW`] are busy: what the size
    /// of the map costs.
    AcceptedMany,
    /// The same with every one of [`MANY`] clients in turn, so that each is fetched from memory:
    /// what the size of the data costs, which no layout of it can save altogether.
    AcceptedCold,
    /// Our layer, accepted, with slow hashes that are remembered.
    Remembered,
    /// Our layer with `.axum_body()` around a service of axum's body.
    AcceptedAxum,
    /// Our layer, a wrong secret, with [`MANY`] clients registered, of which [`FEW`] are busy.
    WrongSecretMany,
    /// Our layer, a client that is not registered: costs what a wrong secret costs.
    UnknownClient,
    /// Our layer, which reports more than the response shows. Without [`Case::Post`].
    Reporting(Report, Case),
    /// Our layer, an accepted assertion, each of them another.
    AcceptedAssertion(Algorithm),
    /// The library, verifying the signature of such an assertion and nothing else.
    Verify(Algorithm),
    /// Our layer, an assertion with the signature of another.
    WrongSignature(Algorithm),
    /// Our layer, an assertion of a client that is not registered: costs what a wrong signature
    /// costs.
    UnknownSubject(Algorithm),
    /// Our layer, an accepted secret in the form and a DPoP proof by ES256, each of them another.
    AcceptedProof,
    /// Our layer, accepted by a certificate of 1 KB.
    AcceptedCertificate(Certified),
}

/// How a client is known by its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certified {
    /// By its subject, and the certificate is in the extensions of the request: the first of its connection.
    Subject,
    /// By its key, and the same.
    Key,
    /// By its subject, in a later request of the connection, for which the certificate was read.
    Later,
    /// By its subject, and the certificate is in the header of a proxy.
    Header,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// Our layer around the inner service.
    Layer,
    /// The least that has to be done, around the same inner service.
    Minimal,
    /// The usual handler for axum, without its router.
    HandWritten,
    /// The same, as a route of an axum `Router`.
    HandWrittenRouted,
    /// Our layer in an axum `Router`, as the README mounts it.
    InRouter,
    /// Our layer around a whole axum `Router`, by `.axum_body()`.
    AroundRouter,
    /// An axum `Router` with the inner service as its handler: what the three before this have to
    /// pay in any case.
    RouterOnly,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// Valid Basic credentials.
    Accepted,
    /// Valid credentials in the form.
    Post,
    /// A known client, by Basic, with a wrong secret.
    WrongSecret,
    /// A request that is none of ours.
    OtherPath,
}

/// What a layer reports of each request, besides the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// An identifier, which is made.
    TraceIds,
    /// An `Outcome` in the extensions of the response.
    Outcome,
    /// Metrics, to a recorder that only counts.
    Metrics,
    /// All of these.
    All,
}

impl Contender {
    pub(crate) const ALL: [Self; 7] = [
        Self::Layer,
        Self::Minimal,
        Self::HandWritten,
        Self::HandWrittenRouted,
        Self::InRouter,
        Self::AroundRouter,
        Self::RouterOnly,
    ];

    /// Whether it is asked this: a handler without a router has no other path, and a router asks
    /// nobody for credentials.
    pub(crate) fn takes(self, case: Case) -> bool {
        match self {
            Self::Layer | Self::Minimal | Self::HandWrittenRouted => true,
            Self::HandWritten => case != Case::OtherPath,
            Self::InRouter | Self::AroundRouter => case != Case::Post,
            Self::RouterOnly => matches!(case, Case::Accepted | Case::OtherPath),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Minimal => "minimal",
            Self::HandWritten => "hand-written",
            Self::HandWrittenRouted => "hand-written-routed",
            Self::InRouter => "in-router",
            Self::AroundRouter => "around-router",
            Self::RouterOnly => "router-only",
        }
    }
}

impl Case {
    pub(crate) const ALL: [Self; 4] = [
        Self::Accepted,
        Self::Post,
        Self::WrongSecret,
        Self::OtherPath,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Post => "post",
            Self::WrongSecret => "wrong-secret",
            Self::OtherPath => "other-path",
        }
    }
}

impl Report {
    const ALL: [Self; 4] = [Self::TraceIds, Self::Outcome, Self::Metrics, Self::All];

    fn name(self) -> &'static str {
        match self {
            Self::TraceIds => "trace-ids",
            Self::Outcome => "outcome",
            Self::Metrics => "metrics",
            Self::All => "all-reports",
        }
    }
}

impl Scenario {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let contenders = Contender::ALL.into_iter().flat_map(|contender| {
            let cases = Case::ALL.into_iter();
            let cases = cases.filter(move |&case| contender.takes(case));
            cases.map(move |case| Self::Of(contender, case))
        });
        let reporting = Report::ALL.into_iter().flat_map(|report| {
            [Case::Accepted, Case::WrongSecret, Case::OtherPath]
                .map(|case| Self::Reporting(report, case))
        });
        let signed = ALGORITHMS.into_iter().flat_map(|algorithm| {
            [
                Self::AcceptedAssertion(algorithm),
                Self::Verify(algorithm),
                Self::WrongSignature(algorithm),
                Self::UnknownSubject(algorithm),
            ]
        });
        [Self::Bare, Self::BareAxum]
            .into_iter()
            .chain(contenders)
            .chain([
                Self::TowerHttp,
                Self::Fused,
                Self::FusedCold,
                Self::AcceptedMany,
                Self::AcceptedCold,
                Self::Remembered,
                Self::AcceptedAxum,
                Self::WrongSecretMany,
                Self::UnknownClient,
                Self::AcceptedProof,
            ])
            .chain(CERTIFIED.map(Self::AcceptedCertificate))
            .chain(reporting)
            .chain(signed)
    }

    /// The name on the command line and in reports.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Bare => "bare".into(),
            Self::BareAxum => "bare-axum".into(),
            Self::Of(Contender::Layer, Case::Post) => "accepted-post".into(),
            Self::Of(Contender::Layer, case) => case.name().into(),
            Self::Of(contender, Case::Accepted) => contender.name().into(),
            Self::Of(contender, case) => format!("{}-{}", contender.name(), case.name()),
            Self::TowerHttp => "tower-http".into(),
            Self::Fused => "fused".into(),
            Self::FusedCold => "fused-100k-cold".into(),
            Self::AcceptedMany => "accepted-100k".into(),
            Self::AcceptedCold => "accepted-100k-cold".into(),
            Self::Remembered => "accepted-remembered".into(),
            Self::AcceptedAxum => "accepted-axum".into(),
            Self::WrongSecretMany => "wrong-secret-100k".into(),
            Self::UnknownClient => "unknown-client".into(),
            Self::Reporting(report, case) => format!("{}-{}", case.name(), report.name()),
            Self::AcceptedAssertion(algorithm) => format!("accepted-{}", lower(algorithm)),
            Self::Verify(algorithm) => format!("verify-{}", lower(algorithm)),
            Self::WrongSignature(algorithm) => format!("wrong-signature-{}", lower(algorithm)),
            Self::UnknownSubject(algorithm) => format!("unknown-subject-{}", lower(algorithm)),
            Self::AcceptedProof => "accepted-dpop-es256".into(),
            Self::AcceptedCertificate(Certified::Subject) => "accepted-certificate".into(),
            Self::AcceptedCertificate(Certified::Key) => "accepted-certificate-key".into(),
            Self::AcceptedCertificate(Certified::Later) => "accepted-certificate-later".into(),
            Self::AcceptedCertificate(Certified::Header) => "accepted-certificate-header".into(),
        }
    }

    /// What its cost is counted over: the inner service that does the same without us.
    pub(crate) fn over(self) -> Option<Self> {
        match self {
            Self::Bare | Self::BareAxum | Self::Fused | Self::FusedCold | Self::Verify(_) => None,
            Self::AcceptedAxum
            | Self::Of(
                Contender::HandWritten
                | Contender::HandWrittenRouted
                | Contender::InRouter
                | Contender::AroundRouter
                | Contender::RouterOnly,
                _,
            ) => Some(Self::BareAxum),
            Self::Of(Contender::Layer | Contender::Minimal, _)
            | Self::TowerHttp
            | Self::AcceptedMany
            | Self::AcceptedCold
            | Self::Remembered
            | Self::WrongSecretMany
            | Self::UnknownClient
            | Self::Reporting(..)
            | Self::AcceptedAssertion(_)
            | Self::WrongSignature(_)
            | Self::UnknownSubject(_)
            | Self::AcceptedProof
            | Self::AcceptedCertificate(_) => Some(Self::Bare),
        }
    }
}

fn lower(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "es256",
        Algorithm::Rs256 => "rs256",
        Algorithm::Ed25519 => "ed25519",
        Algorithm::Hs256 => "hs256",
    }
}
