#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| tower_token_endpoint_fuzz::certificate_header_envoy(data)
);
