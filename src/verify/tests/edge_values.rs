//! Signatures that are nearly right, by ECDSA and Ed25519, below the level of requests.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
        KeyPair as _,
    },
};

use super::vectors::{flipped, from_hex};
use crate::crypto::{self, Curve, PublicKey, PublicNumbers, SigningAlgorithm};

/// A curve, how it signs, and the order of its group (SP 800-186 §3.2.1).
struct Ecdsa {
    curve: Curve,
    algorithm: SigningAlgorithm,
    signing: &'static EcdsaSigningAlgorithm,
    order: &'static str,
}

const ECDSA: [Ecdsa; 3] = [
    Ecdsa {
        curve: Curve::P256,
        algorithm: SigningAlgorithm::ES256,
        signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    },
    Ecdsa {
        curve: Curve::P384,
        algorithm: SigningAlgorithm::ES384,
        signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
        order: "ffffffffffffffffffffffffffffffffffffffffffffffff\
                c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    },
    Ecdsa {
        curve: Curve::P521,
        algorithm: SigningAlgorithm::ES512,
        signing: &ECDSA_P521_SHA512_FIXED_SIGNING,
        order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
                51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    },
];

impl Ecdsa {
    fn pair(&self) -> (EcdsaKeyPair, PublicKey) {
        let pair = EcdsaKeyPair::generate(self.signing).expect("a key");
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(self.curve.coordinate_len());
        let curve = self.curve;
        let key = PublicKey::new(PublicNumbers::Ec { curve, x, y }, 8192).expect("a key");
        (pair, key)
    }

    fn order(&self) -> Vec<u8> {
        from_hex(self.order)
    }

    /// Numbers at the ends of the range of `r` and `s`.
    fn edges(&self) -> Vec<Vec<u8>> {
        let order = self.order();
        let small = |number: u8| {
            let mut bytes = vec![0; order.len()];
            *bytes.last_mut().expect("not empty") = number;
            bytes
        };
        let half: Vec<u8> = (0..order.len())
            .map(|at| (if at == 0 { 0 } else { order[at - 1] << 7 }) | order[at] >> 1)
            .collect();
        vec![
            small(0),
            small(1),
            small(2),
            small(0xff),
            half,
            subtract(&order, &small(1)),
            order.clone(),
            add(&order, &small(1)),
            add(&order, &small(2)),
            vec![0xff; order.len()],
            [vec![0x80], vec![0; order.len() - 1]].concat(),
        ]
    }
}

fn subtract(from: &[u8], number: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference = vec![0; from.len()];
    for at in (0..from.len()).rev() {
        let digit = i16::from(from[at]) - i16::from(number[at]) - borrow;
        borrow = i16::from(digit < 0);
        difference[at] = digit.to_le_bytes()[0];
    }
    assert_eq!(borrow, 0, "the second one is the larger");
    difference
}

/// Big-endian. A carry out of the first byte is lost.
fn add(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut sum = vec![0; one.len()];
    for at in (0..one.len()).rev() {
        let digit = u16::from(one[at]) + u16::from(other[at]) + carry;
        carry = digit >> 8;
        sum[at] = digit.to_le_bytes()[0];
    }
    sum
}

fn verify(
    key: Option<&PublicKey>,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    crypto::verify(key, algorithm, message, signature, 8192)
}

const MESSAGE: &[u8] = b"eyJhbGciOiJFUzI1NiJ9.e30";

/// FIPS 186-5 §6.4.2: `r` and `s` are between 1 and n - 1.
#[test]
fn an_ecdsa_signature_of_edge_values_does_not_verify() {
    for ecdsa in &ECDSA {
        let algorithm = ecdsa.algorithm;
        let (pair, key) = ecdsa.pair();
        let signature = pair
            .sign(&SystemRandom::new(), MESSAGE)
            .expect("a signature");
        let signature = signature.as_ref();
        assert!(
            verify(Some(&key), algorithm, MESSAGE, signature),
            "{algorithm}"
        );
        let (r, s) = signature.split_at(signature.len() / 2);
        for first in ecdsa.edges() {
            let forged = [
                [&first, s].concat(),
                [r, &first].concat(),
                [&first, r].concat(),
            ];
            for forged in forged {
                let verifies = verify(Some(&key), algorithm, MESSAGE, &forged);
                assert!(!verifies, "{algorithm}: {forged:x?}");
            }
            for second in ecdsa.edges() {
                let forged = [&first[..], &second].concat();
                let verifies = verify(Some(&key), algorithm, MESSAGE, &forged);
                assert!(!verifies, "{algorithm}: {forged:x?}");
            }
        }
    }
}

/// The same as numbers, but not as signatures (RFC 7518 §3.4).
#[test]
fn an_ecdsa_signature_has_one_encoding() {
    for ecdsa in &ECDSA {
        let algorithm = ecdsa.algorithm;
        let order = ecdsa.order();
        let (pair, key) = ecdsa.pair();
        let signature = pair
            .sign(&SystemRandom::new(), MESSAGE)
            .expect("a signature");
        let (r, s) = signature.as_ref().split_at(order.len());
        let zero = &[0_u8][..];
        let forged = [
            [zero, r, s].concat(),
            [r, s, zero].concat(),
            [zero, r, zero, s].concat(),
            [r, zero, s].concat(),
            [s, r].concat(),
            [r, r].concat(),
            [s, s].concat(),
            [r, s, r, s].concat(),
            [subtract(&order, r), s.to_vec()].concat(),
            [r, &s[..s.len() - 1]].concat(),
            r.to_vec(),
            s.to_vec(),
            Vec::new(),
        ];
        for forged in forged {
            let verifies = verify(Some(&key), algorithm, MESSAGE, &forged);
            assert!(!verifies, "{algorithm}: {forged:x?}");
        }
        // ECDSA has another signature of the same message, which JWS does not forbid.
        let negated = [r, &subtract(&order, s)].concat();
        assert!(
            verify(Some(&key), algorithm, MESSAGE, &negated),
            "{algorithm}"
        );
        // If r + n still fits, it is another number.
        let carried = [add(r, &order), s.to_vec()].concat();
        assert!(
            !verify(Some(&key), algorithm, MESSAGE, &carried),
            "{algorithm}"
        );
    }
}

#[test]
fn an_ecdsa_signature_in_asn_1_does_not_verify() {
    for ecdsa in &ECDSA {
        let algorithm = ecdsa.algorithm;
        let (pair, key) = ecdsa.pair();
        let signature = pair
            .sign(&SystemRandom::new(), MESSAGE)
            .expect("a signature");
        let (r, s) = signature.as_ref().split_at(ecdsa.order().len());
        let integer = |number: &[u8]| {
            let length = u8::try_from(number.len() + 1).expect("short");
            [&[0x02, length, 0], number].concat()
        };
        let body = [integer(r), integer(s)].concat();
        let length = u8::try_from(body.len()).expect("short");
        for head in [vec![0x30, length], vec![0x30, 0x81, length]] {
            let asn1 = [head, body.clone()].concat();
            assert!(
                !verify(Some(&key), algorithm, MESSAGE, &asn1),
                "{algorithm}"
            );
        }
    }
}

#[test]
fn no_signature_verifies_without_its_key() {
    let lengths = [0, 1, 32, 63, 64, 65, 96, 132, 256, 384, 512, 1024, 4096];
    for algorithm in SigningAlgorithm::ALL {
        for length in lengths {
            for byte in [0, 1, 0xff] {
                let signature = vec![byte; length];
                assert!(
                    !verify(None, algorithm, MESSAGE, &signature),
                    "{algorithm}: {length}"
                );
            }
        }
    }
    for ecdsa in &ECDSA {
        let (pair, _) = ecdsa.pair();
        let signature = pair
            .sign(&SystemRandom::new(), MESSAGE)
            .expect("a signature");
        let others = ECDSA.iter().map(|other| other.pair().1);
        for other in others {
            for algorithm in SigningAlgorithm::ALL {
                let verifies = verify(Some(&other), algorithm, MESSAGE, signature.as_ref());
                assert!(!verifies, "{algorithm}");
            }
        }
    }
}

/// RFC 8032 §5.1.7: `S` is less than the order, and both points are decoded.
#[test]
fn an_ed25519_signature_has_one_encoding() {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let point = pair.public_key().as_ref();
    let key = PublicKey::new(PublicNumbers::Ed25519 { x: point }, 8192).expect("a key");
    let holds =
        |signature: &[u8]| verify(Some(&key), SigningAlgorithm::Ed25519, MESSAGE, signature);
    let signature = pair.sign(MESSAGE);
    let (r, s) = signature.as_ref().split_at(32);
    assert!(holds(signature.as_ref()));

    // Little-endian, as all numbers of Ed25519.
    let mut order = from_hex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
    order.reverse();
    let plus = |one: &[u8], other: &[u8]| {
        let reversed = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<_>>();
        reversed(&add(&reversed(one), &reversed(other)))
    };
    let mut more = s.to_vec();
    // Up to 15 times the order can be added within 256 bits.
    for times in 1..15 {
        more = plus(&more, &order);
        assert!(
            !holds(&[r, &more].concat()),
            "S and {times} times the order"
        );
    }
    let mut one = [0; 32];
    one[0] = 1;
    for edge in [&[0; 32], &one, &order[..], &plus(&order, &one), &[0xff; 32]] {
        assert!(!holds(&[r, edge].concat()), "S = {edge:x?}");
        assert!(!holds(&[edge, s].concat()), "R = {edge:x?}");
        assert!(!holds(&[edge, edge].concat()), "R = S = {edge:x?}");
    }
    for bit in 253..256 {
        let mut high = s.to_vec();
        high[bit / 8] |= 1 << (bit % 8);
        assert!(!holds(&[r, &high].concat()), "bit {bit} of S");
    }
    for forged in [
        &[s, r].concat(),
        &[r, r].concat(),
        &[point, s].concat(),
        r,
        s,
        &[],
    ] {
        assert!(!holds(forged), "{forged:x?}");
    }
    for flipped in flipped(signature.as_ref()) {
        assert!(!holds(&flipped), "{flipped:x?}");
    }
}
