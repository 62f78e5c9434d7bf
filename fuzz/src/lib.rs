//! What holds for any input, for the fuzz targets. The assertions are those of the property tests in
//! `tests/any_input/`.

mod common;
#[path = "../../tests/any_input/holds/mod.rs"]
mod holds;
#[path = "../../tests/common/sign.rs"]
#[allow(dead_code, reason = "the targets use little of it")]
mod sign;

macro_rules! targets {
    ($($target:ident: $check:path),* $(,)?) => {$(
        /// Panics if what must hold does not.
        pub fn $target(data: &[u8]) {
            let _: bool = $check(data);
        }
    )*};
}

targets! {
    assertion: holds::assertion::check,
    certificate: holds::certificate::check,
    certificate_header_aws_alb: holds::certificate_header::aws_alb,
    certificate_header_envoy: holds::certificate_header::envoy,
    certificate_header_haproxy: holds::certificate_header::haproxy,
    certificate_header_nginx: holds::certificate_header::nginx,
    certificate_header_rfc9440: holds::certificate_header::rfc9440,
    certificate_header_traefik: holds::certificate_header::traefik,
    distinguished_name: holds::distinguished_name::check,
    document: holds::document::check,
    dpop_proof: holds::dpop_proof::check,
    exchange: holds::exchange::check,
    form: holds::form::check,
    head_and_evidence: holds::head_and_evidence::check,
    key_sets: holds::key_sets::check,
    registration: holds::registration::check,
}
