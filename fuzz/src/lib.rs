//! What holds for any input, for the fuzz targets. The assertions are those of the property tests in
//! `tests/any_input/`.

mod common;
#[path = "../../tests/any_input/holds/mod.rs"]
mod holds;
#[path = "../../tests/common/sign.rs"]
#[allow(dead_code, reason = "the targets use little of it")]
mod sign;

macro_rules! targets {
    ($($target:ident),*) => {$(
        /// Panics if what must hold does not.
        pub fn $target(data: &[u8]) {
            let _: bool = holds::$target::check(data);
        }
    )*};
}

targets! { head_and_evidence, form, registration, document, key_sets, assertion, dpop_proof, exchange }
