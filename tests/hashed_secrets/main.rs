//! Clients whose secrets are registered as hashes: how they are loaded, which requests they may
//! make, and what a store makes of many of them.

#[path = "../common/mod.rs"]
mod common;

mod decoy;
mod json;
mod requests;

/// Of the secret `gX1fBat3bV`, by argon2-cffi, bcrypt and passlib for Python.
const ARGON2: &str =
    "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw";
const BCRYPT: &str = "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2";
const PBKDF2: &str =
    "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$gkaEuVGU32SZSfAA62CFOmwqO6WzqZAl.g70Qs5khKU";
const SHA256: &str = "sha256:53f5da0aaa93d64cd5772c554cbf940f0539e689dddbeb8f923eec3f72c02ea9";
const SECRET: &str = "gX1fBat3bV";
