//! `client_secret_expires_at` (RFC 7591 §3.2.1).
//!
//! | number | result |
//! |---|---|
//! | 0, 0.0, -0.0 | never |
//! | seconds up to the year 9999, also as `1893456000.0`, `1.893456e9` or with a fraction | that time |
//! | the largest integer of a language: 2^53 - 1, 2^53, 2^63 - 1, 2^63, 2^64 - 1, 2^64 | never |
//! | above the year 9999, up to the same year in milliseconds | refused: it can only be milliseconds |
//! | any other number: below zero, or above all of these | refused |
//! | a string of digits, a date, a boolean | refused |

use std::time::{Duration, SystemTime};

use serde_json::{Number, Value};

use super::problem::kind;

/// The end of the year 9999.
const MAX_SECONDS: f64 = 253_402_300_800.0;

/// 2^53 of JavaScript, with and without its last bit, and the largest signed and unsigned
/// integers of 64 bits. As `f64`, each of the last two is the power of two above it.
const LARGEST: [f64; 4] = [
    9_007_199_254_740_991.0,
    9_007_199_254_740_992.0,
    9_223_372_036_854_775_808.0,
    18_446_744_073_709_551_616.0,
];

/// Reads the time. `None` if the secret does not expire.
pub(super) fn read(value: &Value) -> Result<Option<SystemTime>, String> {
    let Value::Number(number) = value else {
        return Err(format!(
            "it is {}: write the seconds since 1970 as a number, or 0 if the secret does not \
             expire",
            kind(value)
        ));
    };
    // A time up to the year 9999 in seconds is an exact `f64`.
    let seconds = number.as_f64().unwrap_or(f64::INFINITY);
    if seconds == 0.0 || LARGEST.contains(&seconds) {
        Ok(None)
    } else if (0.0..=MAX_SECONDS).contains(&seconds) {
        let since_1970 = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
        Ok(SystemTime::UNIX_EPOCH.checked_add(since_1970))
    } else {
        Err(problem(number, seconds))
    }
}

fn problem(number: &Number, seconds: f64) -> String {
    if seconds < 0.0 {
        "it is below zero: write the seconds since 1970, or 0 if the secret does not expire".into()
    } else if seconds <= MAX_SECONDS * 1000.0 {
        format!(
            "it is {number}, which can only be milliseconds: write the seconds since 1970, {:.0}",
            (seconds / 1000.0).floor()
        )
    } else {
        "it is too large: write the seconds since 1970, or 0 if the secret \
         does not expire"
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Expected {
        At(f64),
        Never,
        Refused(&'static str),
    }

    #[test]
    fn numbers_of_every_form() {
        use Expected::{At, Never, Refused};
        for (json, expected) in [
            ("0", Never),
            ("0.0", Never),
            ("-0.0", Never),
            ("0e0", Never),
            ("1", At(1.0)),
            ("0.5", At(0.5)),
            ("1893456000", At(1_893_456_000.0)),
            ("1893456000.0", At(1_893_456_000.0)),
            ("1893456000.5", At(1_893_456_000.5)),
            ("1.893456e9", At(1_893_456_000.0)),
            ("1.893456E+9", At(1_893_456_000.0)),
            ("2147483647", At(2_147_483_647.0)),
            ("4294967295", At(4_294_967_295.0)),
            ("253402300799", At(253_402_300_799.0)),
            ("253402300800", At(253_402_300_800.0)),
            ("9007199254740991", Never),
            ("9007199254740992", Never),
            ("9223372036854775807", Never),
            ("9223372036854775808", Never),
            ("18446744073709551615", Never),
            ("18446744073709551616", Never),
            ("253402300801", Refused("milliseconds")),
            (
                "1893456000000",
                Refused("write the seconds since 1970, 1893456000"),
            ),
            (
                "1893456000123",
                Refused("write the seconds since 1970, 1893456000"),
            ),
            ("1893456000000.0", Refused("milliseconds")),
            ("1.893456e12", Refused("milliseconds")),
            ("253402300800000", Refused("milliseconds")),
            ("1893456000000000", Refused("it is too large")),
            ("1893456000000000000", Refused("it is too large")),
            ("1e300", Refused("it is too large")),
            ("-1", Refused("below zero")),
            ("-1.5", Refused("below zero")),
            ("-9223372036854775808", Refused("below zero")),
            ("\"1893456000\"", Refused("it is a string")),
            ("\"2030-01-01T00:00:00Z\"", Refused("it is a string")),
            ("\"never\"", Refused("it is a string")),
            ("true", Refused("it is a boolean")),
            ("[1893456000]", Refused("it is an array")),
            ("{\"$date\":1893456000000}", Refused("it is an object")),
        ] {
            let value = serde_json::from_str(json).expect("JSON");
            let since_1970 = |at: SystemTime| {
                let since = at.duration_since(SystemTime::UNIX_EPOCH);
                since.expect("after 1970").as_secs_f64()
            };
            let time = read(&value).map(|at| at.map(since_1970));
            match expected {
                At(seconds) => assert_eq!(time, Ok(Some(seconds)), "{json}"),
                Never => assert_eq!(time, Ok(None), "{json}"),
                Refused(says) => {
                    let problem = time.expect_err(json);
                    assert!(problem.contains(says), "{json}: {problem}");
                }
            }
        }
    }
}
