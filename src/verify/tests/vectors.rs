//! Published vectors, below the level of requests.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    crypto::{Family, SigningAlgorithm, verify, verify_hmac},
    protocol::jwt::{jws::Jws, key_set::KeySet},
};

struct Vector {
    section: &'static str,
    algorithm: SigningAlgorithm,
    jwk: &'static str,
    token: &'static str,
}

/// Verifies the signatures of a vector.
enum Verifier {
    Keys(KeySet, Option<String>),
    Secret(Vec<u8>),
}

impl Verifier {
    fn new(vector: &Vector) -> Self {
        let jwk: Value = serde_json::from_str(vector.jwk).expect(vector.section);
        if let Family::Hmac { .. } = vector.algorithm.family() {
            let secret = jwk["k"].as_str().expect(vector.section);
            let secret = BASE64_URL_SAFE_NO_PAD.decode(secret);
            return Self::Secret(secret.expect(vector.section));
        }
        let kid = jwk["kid"].as_str().map(str::to_owned);
        let Ok(keys) = KeySet::registered(&json!({ "keys": [jwk] }), 8192) else {
            panic!("{}: the key was refused", vector.section);
        };
        Self::Keys(keys, kid)
    }

    fn verifies(&self, algorithm: SigningAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Secret(secret) => verify_hmac(algorithm, secret, message, signature),
            Self::Keys(keys, kid) => {
                let key = keys.find(algorithm, kid.as_deref());
                verify(key.ok(), algorithm, message, signature, 8192)
            }
        }
    }
}

/// Each bit flipped, one at a time.
pub(super) fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

#[test]
fn published_vectors_verify() {
    for vector in &VECTORS {
        let section = vector.section;
        let Ok(jws) = Jws::parse(vector.token.into(), 4096) else {
            panic!("{section}: it was not read");
        };
        assert_eq!(jws.algorithm(), vector.algorithm, "{section}");
        let (message, payload) = split(vector.token);
        assert_eq!(jws.signing_input(), message.as_bytes(), "{section}");
        assert_eq!(jws.payload(), payload, "{section}");
        let verifier = Verifier::new(vector);
        assert!(
            verifier.verifies(vector.algorithm, jws.signing_input(), jws.signature()),
            "{section}"
        );
    }
}

/// The first two parts, and the second of them decoded.
fn split(token: &str) -> (&str, Vec<u8>) {
    let (message, _) = token.rsplit_once('.').expect("three parts");
    let (_, payload) = message.split_once('.').expect("three parts");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload);
    (message, payload.expect("base64url"))
}

#[test]
fn a_vector_with_any_bit_flipped_does_not_verify() {
    for vector in &VECTORS {
        let section = vector.section;
        let Ok(jws) = Jws::parse(vector.token.into(), 4096) else {
            panic!("{section}: it was not read");
        };
        let verifier = Verifier::new(vector);
        let (message, signature) = (jws.signing_input(), jws.signature());
        for (bit, flipped) in flipped(signature).enumerate() {
            let verifies = verifier.verifies(vector.algorithm, message, &flipped);
            assert!(!verifies, "{section}: bit {bit} of the signature");
        }
        for (bit, flipped) in flipped(message).enumerate() {
            let verifies = verifier.verifies(vector.algorithm, &flipped, signature);
            assert!(!verifies, "{section}: bit {bit} of the message");
        }
    }
}

/// With every character in its place another one of the alphabet, and others.
#[test]
fn a_vector_with_any_character_changed_is_not_read_or_does_not_verify() {
    for vector in &VECTORS {
        let section = vector.section;
        let verifier = Verifier::new(vector);
        for at in 0..vector.token.len() {
            for with in ["A", "B", "z", "-", ".", "=", "+", " "] {
                let (before, rest) = vector.token.split_at(at);
                if rest.starts_with(with) {
                    continue;
                }
                let changed = format!("{before}{with}{}", &rest[1..]);
                let Ok(jws) = Jws::parse(changed.as_str().into(), 4096) else {
                    continue;
                };
                let verifies =
                    verifier.verifies(jws.algorithm(), jws.signing_input(), jws.signature());
                assert!(!verifies, "{section}: {with:?} at {at}");
            }
        }
    }
}

#[test]
fn a_vector_does_not_verify_by_another_algorithm_or_key() {
    for vector in &VECTORS {
        let Ok(jws) = Jws::parse(vector.token.into(), 4096) else {
            panic!("{}: it was not read", vector.section);
        };
        for other in &VECTORS {
            let verifier = Verifier::new(other);
            for algorithm in SigningAlgorithm::ALL {
                let same = algorithm == vector.algorithm && other.jwk == vector.jwk;
                let verifies = verifier.verifies(algorithm, jws.signing_input(), jws.signature());
                let (section, by) = (vector.section, other.section);
                assert_eq!(
                    verifies, same,
                    "{section} by {algorithm} and the key of {by}"
                );
            }
        }
    }
}

/// RFC 4231 §4.2 to §4.4: key, message, and the three HMACs.
#[test]
fn published_hmacs_verify_whole_and_in_no_other_length() {
    use SigningAlgorithm::{HS256, HS384, HS512};
    let cases: [(&[u8], &[u8], [&str; 3]); 3] = [
        (
            &[0x0b; 20],
            b"Hi There",
            [
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c\
                 faea9ea9076ede7f4af152e8b2fa9cb6",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
                 daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ],
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            [
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
                 8e2240ca5e69e2c78b3239ecfab21649",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                 9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ],
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            [
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b\
                 2a5ab39dc13814b94e3ab6e101a34f27",
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39\
                 bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
            ],
        ),
    ];
    for (secret, message, tags) in cases {
        for (algorithm, tag) in [HS256, HS384, HS512].into_iter().zip(tags) {
            let tag = from_hex(tag);
            assert!(verify_hmac(algorithm, secret, message, &tag), "{algorithm}");
            for length in 0..tag.len() {
                let cut = &tag[..length];
                assert!(
                    !verify_hmac(algorithm, secret, message, cut),
                    "{algorithm}: {length}"
                );
            }
            let longer = [&tag[..], &[0]].concat();
            assert!(
                !verify_hmac(algorithm, secret, message, &longer),
                "{algorithm}"
            );
            for flipped in flipped(&tag) {
                assert!(
                    !verify_hmac(algorithm, secret, message, &flipped),
                    "{algorithm}"
                );
            }
            for other in SigningAlgorithm::ALL {
                let verifies = verify_hmac(other, secret, message, &tag);
                assert_eq!(verifies, other == algorithm, "{algorithm} as {other}");
            }
        }
    }
}

pub(super) fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(digit).collect()
}

const VECTORS: [Vector; 9] = [
    Vector {
        section: "RFC 7515 App. A.1",
        algorithm: SigningAlgorithm::HS256,
        jwk: r#"{"k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","kty":"oct"}"#,
        token: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQo\
                gImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOE\
                jXk",
    },
    Vector {
        section: "RFC 7515 App. A.2",
        algorithm: SigningAlgorithm::RS256,
        jwk: r#"{"e":"AQAB","kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#,
        token: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx\
                lLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5R\
                Zmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrn\
                byTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHW\
                EsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig\
                cN_IoypGlUPQGe77Rw",
    },
    Vector {
        section: "RFC 7515 App. A.3",
        algorithm: SigningAlgorithm::ES256,
        jwk: r#"{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        token: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx\
                lLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8I\
                SlSApmWQxfKTUJqPP3-Kg6NU1Q",
    },
    Vector {
        section: "RFC 7515 App. A.4",
        algorithm: SigningAlgorithm::ES512,
        jwk: r#"{"crv":"P-521","kty":"EC","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#,
        token: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPW\
                ROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKv\
                U8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
    },
    Vector {
        section: "RFC 7520 §4.1",
        algorithm: SigningAlgorithm::RS256,
        jwk: r#"{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}"#,
        token: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGF\
                uZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9\
                hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW9\
                1IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKt\
                ainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0R\
                nltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS\
                _de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH\
                84ogoree7vjbU5y18kDquDg",
    },
    Vector {
        section: "RFC 7520 §4.2",
        algorithm: SigningAlgorithm::PS384,
        jwk: r#"{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}"#,
        token: "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGF\
                uZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9\
                hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW9\
                1IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1\
                xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFl\
                fz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2\
                Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfm\
                WjwZ6oD4ifKo8DYM-X72Eaw",
    },
    Vector {
        section: "RFC 7520 §4.3",
        algorithm: SigningAlgorithm::ES512,
        jwk: r#"{"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}"#,
        token: "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGF\
                uZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9\
                hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW9\
                1IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUII\
                UnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IE\
                KBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
    },
    Vector {
        section: "RFC 7520 §4.4",
        algorithm: SigningAlgorithm::HS256,
        jwk: r#"{"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","alg":"HS256","k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}"#,
        token: "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.SXTigJl\
                zIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB\
                0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2h\
                lcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
    },
    Vector {
        section: "RFC 8037 App. A.4",
        algorithm: SigningAlgorithm::Ed25519,
        jwk: r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        token: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09P\
                GcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    },
];
