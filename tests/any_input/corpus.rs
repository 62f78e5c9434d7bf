//! The corpora of the fuzz targets, which keep what was found once.

use std::fs;
use std::path::Path;

use crate::holds;

/// Of the files, some are accepted and some are refused.
fn hold(target: &str, check: fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = fs::read_dir(&folder).expect("a corpus");
    let (mut accepted, mut refused) = (0, 0);
    for file in files {
        let path = file.expect("a file").path();
        let data = fs::read(&path).expect("a file that reads");
        eprintln!("{}", path.display());
        match check(&data) {
            true => accepted += 1,
            false => refused += 1,
        }
    }
    assert!(accepted >= 3 && refused >= 3, "{accepted} and {refused}");
}

#[test]
fn every_head_of_the_corpus_is_answered() {
    hold("head_and_evidence", holds::head_and_evidence::check);
}

#[test]
fn every_form_of_the_corpus_is_read_as_form_urlencoded_reads_it() {
    hold("form", holds::form::check);
}

#[test]
fn every_registration_of_the_corpus_loads_or_is_refused() {
    hold("registration", holds::registration::check);
}

#[test]
fn every_document_of_the_corpus_is_read_or_refused() {
    hold("document", holds::document::check);
}

#[test]
fn every_key_set_of_the_corpus_is_read_the_same_in_both_places() {
    hold("key_sets", holds::key_sets::check);
}

#[test]
fn every_accepted_assertion_of_the_corpus_was_signed() {
    hold("assertion", holds::assertion::check);
}

#[test]
fn every_accepted_proof_of_the_corpus_was_signed() {
    hold("dpop_proof", holds::dpop_proof::check);
}

#[test]
fn every_accepted_request_of_the_corpus_has_a_proof() {
    hold("exchange", holds::exchange::check);
}

#[test]
fn every_accepted_certificate_of_the_corpus_has_the_name_or_the_key() {
    hold("certificate", holds::certificate::check);
}

#[test]
fn every_name_of_the_corpus_loads_or_is_refused() {
    hold("distinguished_name", holds::distinguished_name::check);
}

#[test]
fn every_accepted_header_of_the_corpus_has_a_certificate() {
    use holds::certificate_header::{aws_alb, envoy, haproxy, nginx, rfc9440, traefik};
    hold("certificate_header_aws_alb", aws_alb);
    hold("certificate_header_envoy", envoy);
    hold("certificate_header_haproxy", haproxy);
    hold("certificate_header_nginx", nginx);
    hold("certificate_header_rfc9440", rfc9440);
    hold("certificate_header_traefik", traefik);
}
