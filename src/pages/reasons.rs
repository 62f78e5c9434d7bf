//! What the pages say about each reason to refuse a request.
//!
//! Text between backticks is code. Each text is on one line, so that the table stays a table.

mod assertion;
mod certificate;
mod client;
mod dpop;
mod grant;
mod request;

use crate::protocol::reason::RejectionReason;

/// The texts about one reason.
pub(super) struct Cause {
    pub(super) step: &'static str,
    pub(super) means: &'static str,
    /// How to tell it apart from other causes.
    pub(super) tell: &'static str,
    pub(super) client: &'static str,
    pub(super) operator: &'static str,
    pub(super) references: &'static [&'static str],
}

/// Declares the texts of some reasons, by the step of the request that finds the cause.
macro_rules! causes {
    ($($step:literal {$(
        $reason:ident [$($reference:literal),+]
        means: $means:literal
        tell: $tell:literal
        client: $client:literal
        operator: $operator:literal
    )*})*) => {
        pub(super) const CAUSES: &[(
            $crate::protocol::reason::RejectionReason,
            $crate::pages::reasons::Cause,
        )] = &[$($((
            $crate::protocol::reason::RejectionReason::$reason,
            $crate::pages::reasons::Cause {
                step: $step,
                means: $means,
                tell: $tell,
                client: $client,
                operator: $operator,
                references: &[$($reference),+],
            },
        ),)*)*];
    };
}

use causes;

const ALL: [&[(RejectionReason, Cause)]; 6] = [
    request::CAUSES,
    client::CAUSES,
    certificate::CAUSES,
    assertion::CAUSES,
    dpop::CAUSES,
    grant::CAUSES,
];

/// The place of each reason in [`ALL`]. A reason without a text does not compile, nor does one with two.
const PLACES: [(usize, usize); RejectionReason::ALL.len()] = {
    const MISSING: usize = usize::MAX;
    let mut places = [(MISSING, 0); RejectionReason::ALL.len()];
    let mut table = 0;
    while table < ALL.len() {
        let mut row = 0;
        while row < ALL[table].len() {
            let place = &mut places[ALL[table][row].0 as usize];
            assert!(place.0 == MISSING, "a reason has two texts");
            *place = (table, row);
            row += 1;
        }
        table += 1;
    }
    let mut reason = 0;
    while reason < places.len() {
        assert!(places[reason].0 != MISSING, "a reason has no text");
        reason += 1;
    }
    places
};

pub(super) fn cause(reason: RejectionReason) -> &'static Cause {
    let (table, row) = PLACES[reason as usize];
    &ALL[table][row].1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::references;

    #[test]
    fn every_text_is_a_sentence_and_its_code_is_closed() {
        for &reason in RejectionReason::ALL {
            let cause = cause(reason);
            for text in [cause.means, cause.tell, cause.client, cause.operator] {
                assert!(text.ends_with('.'), "{reason}: {text}");
                assert!(text.len() > 20, "{reason}: {text}");
                assert_eq!(text.matches('`').count() % 2, 0, "{reason}: {text}");
                assert!(!text.contains("  "), "{reason}: {text}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for &reason in RejectionReason::ALL {
            for reference in cause(reason).references {
                assert!(references::url(reference).is_some(), "{reference}");
            }
        }
    }
}
