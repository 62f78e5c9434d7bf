//! Random bytes of the system.

/// Random bytes. `None` if the system has none.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        let (one, other): (Option<[u8; 32]>, Option<[u8; 32]>) = (random(), random());
        assert!(one.is_some());
        assert_ne!(one, other);
    }
}
