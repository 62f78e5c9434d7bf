//! What is wrong with a header that should have a certificate.

use std::fmt;

use http::HeaderName;

/// What is wrong, and with which header. Nothing of its value is in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderProblem {
    pub(crate) header: HeaderName,
    pub(crate) flaw: Flaw,
}

impl fmt::Display for HeaderProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the header `{}` {}", self.header, self.flaw.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Repeated,
    TooLong,
    CertificateTooLong,
    EmptyCertificate,
    NotBase64,
    BadEscape,
    NotByteSequence,
    NotOneBlock,
    NotAChain,
    NotElements,
    EmptyElement,
    NoCert,
    RepeatedCert,
    UnknownVerification,
    OnlyVerification,
    ContradictsVerification,
}

impl Flaw {
    /// What the header is or does, to follow its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Repeated => "is there more than once",
            Self::TooLong => "is longer than 128 KiB",
            Self::CertificateTooLong => "has a certificate of more than 16 KiB",
            Self::EmptyCertificate => "has an empty certificate",
            Self::NotBase64 => "has a certificate that is not base64 with padding",
            Self::BadEscape => "has a `%` without two hexadecimal digits",
            Self::NotByteSequence => "is not base64 between two colons",
            Self::NotOneBlock => "does not have exactly one PEM block `CERTIFICATE`",
            Self::NotAChain => "is not a sequence of PEM blocks `CERTIFICATE`",
            Self::NotElements => "is not a list of elements with `key=value` pairs",
            Self::EmptyElement => "has an empty element",
            Self::NoCert => "has no `Cert` in its last element",
            Self::RepeatedCert => "has more than one `Cert` in its last element",
            Self::UnknownVerification => "has a result of the verification that is not known",
            Self::OnlyVerification => {
                "is missing, but another one has the result of a verification"
            }
            Self::ContradictsVerification => {
                "has a certificate, but another one says that there is none"
            }
        }
    }
}
