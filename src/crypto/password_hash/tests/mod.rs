//! Which hashes are read, which are refused and why, and that the others verify.

mod any_text;
mod vectors;

use self::vectors::VECTORS;
use super::{PasswordHash, limits::HashLimits};

/// What the error says of a hash whose feature is off. `None` if it is on, or if the text is of
/// no feature.
fn off(text: &str) -> Option<&'static str> {
    const FEATURES: [(bool, &str, &[&str]); 3] = [
        (
            cfg!(feature = "argon2"),
            "feature `argon2`",
            &["$argon2id$", "$argon2i$", "$argon2d$"],
        ),
        (
            cfg!(feature = "bcrypt"),
            "feature `bcrypt`",
            &["$2a$", "$2b$", "$2y$"],
        ),
        (
            cfg!(feature = "pbkdf2"),
            "feature `pbkdf2`",
            &["$pbkdf2-sha256$", "$pbkdf2-sha512$"],
        ),
    ];
    let mut features = FEATURES.into_iter();
    let of_text = features.find(|(_, _, starts)| starts.iter().any(|it| text.starts_with(it)));
    of_text.and_then(|(is_on, says, _)| (!is_on).then_some(says))
}

/// The hash. `None` if its feature is off, which the error then says.
fn parse(text: &str) -> Option<PasswordHash> {
    match (PasswordHash::parse(text, &HashLimits::new()), off(text)) {
        (Ok(hash), None) => Some(hash),
        (Err(error), Some(says)) => {
            assert!(error.to_string().contains(says), "{text}: {error}");
            None
        }
        (Ok(_), Some(_)) => panic!("{text} loads, and its feature is off"),
        (Err(error), None) => panic!("{text}: {error}"),
    }
}

fn verifies(hash: &PasswordHash, presented: &str) -> bool {
    let verified = hash.verify(presented.as_bytes());
    verified.expect("what was read can be computed")
}

#[test]
fn hashes_of_other_implementations_match_their_secret_and_no_other() {
    for (secret, text) in VECTORS {
        let Some(hash) = parse(text) else { continue };
        assert!(verifies(&hash, secret), "{text}");
        for wrong in [
            "gX1fBat3bW".to_owned(),
            format!("{secret} "),
            format!("{secret}\0"),
            format!("\0{secret}"),
            secret.to_uppercase() + "!",
            secret.chars().skip(1).chain(['x']).collect(),
        ] {
            assert!(!verifies(&hash, &wrong), "{text}: {wrong:?}");
        }
        assert!(secret.is_empty() || !verifies(&hash, ""), "{text}");
    }
}

/// What other implementations would match: they cut the secret, or fill it up.
#[test]
fn no_secret_that_is_cut_or_filled_up_matches() {
    // Of `b` 72 times: what old libraries also wrote for any longer secret that starts so.
    let cut = "$2b$04$3QrWmORBmnwVRpB5bcqf/O/QhLyfj4vJjhzRLtcNbvfYDSiQ51JnC";
    // Of `abc`.
    let c_string = "$2b$04$c/xMA5J2lUn2zKiI4MsT6uHDdYRNwy8ERqYc8PcOBcdIA105/HGWq";
    let whole = "b".repeat(72);
    let pbkdf2 =
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$gkaEuVGU32SZSfAA62CFOmwqO6WzqZAl.g70Qs5khKU";
    let filled_up =
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$1SowFvcyM8WmWKE5mw1mE6SzWhTrQkI1ozLfFjQpvY4";
    for (text, secret, expected) in [
        (cut, whole.clone(), true),
        (cut, format!("{whole}b"), false),
        (cut, format!("{whole}\0"), false),
        (cut, "b".repeat(1000), false),
        (c_string, "abc".to_owned(), true),
        (c_string, "abc\0".to_owned(), false),
        (c_string, "abc\0def".to_owned(), false),
        (c_string, "abc\0abc".to_owned(), false),
        (pbkdf2, "gX1fBat3bV".to_owned(), true),
        (pbkdf2, "gX1fBat3bV\0".to_owned(), false),
        (pbkdf2, "gX1fBat3bV\0\0\0".to_owned(), false),
        (filled_up, String::new(), true),
        (filled_up, "\0".to_owned(), false),
        (filled_up, "\0".repeat(64), false),
    ] {
        let Some(hash) = parse(text) else { continue };
        assert_eq!(verifies(&hash, &secret), expected, "{text}: {secret:?}");
    }
}

const SALT: &str = "MDEyMzQ1Njc4OWFiY2RlZg";
const OUTPUT: &str = "TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw";
const BCRYPT: &str = "S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2";

/// Texts that are refused, and what the error says. `S` and `O` are a salt and an output, and
/// `B` is both for bcrypt.
#[rustfmt::skip]
const REFUSED: [(&str, &str); 98] = [
    // Other hashes, and what is none.
    ("",                                            "must start with"),
    ("gX1fBat3bV",                                  "must start with"),
    ("$",                                           "must start with"),
    ("$$",                                          "must start with"),
    ("$argon2id",                                   "must start with"),
    ("argon2id$v=19$m=8,t=1,p=1$S$O",               "must start with"),
    (" $2b$04$B",                                   "must start with"),
    ("$ARGON2ID$v=19$m=8,t=1,p=1$S$O",              "must start with"),
    ("$argon2$v=19$m=8,t=1,p=1$S$O",                "must start with"),
    ("$2$04$B",                                     "`$2$`"),
    ("$2x$04$B",                                    "`$2x$`"),
    ("$2c$04$B",                                    "must start with"),
    ("$pbkdf2$1000$S$O",                            "SHA-1"),
    ("$pbkdf2-sha1$i=1000$S$O",                     "SHA-1"),
    ("$pbkdf2-sha384$i=1000$S$O",                   "must start with"),
    ("$scrypt$ln=16,r=8,p=1$S$O",                   "scrypt"),
    ("$1$3azHgidD$SrJPt7B.9rekpmwJwtON31",          "older hashes of crypt"),
    ("$5$rounds=80000$wnsT7Yr92oJoP28r$x",          "older hashes of crypt"),
    ("$6$rounds=12345$abcdefgh$x",                  "older hashes of crypt"),
    ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$x",             "older hashes of crypt"),
    ("$apr1$abc$x",                                 "older hashes of crypt"),
    ("$bcrypt-sha256$v=2,t=2b,r=12$S$O",            "passlib"),
    ("pbkdf2_sha256$260000$S$O",                    "Django"),
    ("pbkdf2:sha256:260000$S$O",                    "Werkzeug"),
    ("scrypt:32768:8:1$S$O",                        "scrypt"),
    ("bcrypt_sha256$$2b$04$B",                      "Django"),
    ("bcrypt$$2b$04$B",                             "remove `argon2` or `bcrypt$`"),
    ("argon2$argon2id$v=19$m=8,t=1,p=1$S$O",        "remove `argon2` or `bcrypt$`"),
    ("{bcrypt}$2b$04$B",                            "remove the braces"),
    ("{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",          "remove the braces"),
    // Argon2.
    ("$argon2id$",                                  "`m` is missing"),
    ("$argon2id$v=19",                              "`m` is missing"),
    ("$argon2id$v=19$S$O",                          "`m` is missing"),
    ("$argon2id$v=19$m=8,t=1,p=1",                  "no salt"),
    ("$argon2id$v=19$m=8,t=1,p=1$",                 "no salt"),
    ("$argon2id$v=19$m=8,t=1,p=1$S",                "no output"),
    ("$argon2id$v=19$m=8,t=1,p=1$S$",               "no output"),
    ("$argon2id$v=19$m=8,t=1,p=1$$O",               "no salt"),
    ("$argon2id$v=19$m=8,t=1,p=1$S$O$",             "follows the output"),
    ("$argon2id$v=19$m=8,t=1,p=1$S$O$O",            "follows the output"),
    ("$argon2id$v=19$t=1,p=1$S$O",                  "`m` is missing"),
    ("$argon2id$v=19$m=8,p=1$S$O",                  "`t` is missing"),
    ("$argon2id$v=19$m=8,t=1$S$O",                  "`p` is missing"),
    ("$argon2id$v=19$m=8,t=1,p=1,t=1$S$O",          "`t` is there twice"),
    ("$argon2id$v=19$m=8,m=8,t=1,p=1$S$O",          "`m` is there twice"),
    ("$argon2id$v=19$m=8,t=0,p=1$S$O",              "`t` must be at least 1"),
    ("$argon2id$v=19$m=8,t=1,p=0$S$O",              "`p` from 1"),
    ("$argon2id$v=19$m=7,t=1,p=1$S$O",              "`m` must be at least 8"),
    ("$argon2id$v=19$m=15,t=1,p=2$S$O",             "`m` must be at least 8"),
    ("$argon2id$v=19$m=0,t=1,p=1$S$O",              "`m` must be at least 8"),
    ("$argon2id$v=19$m=08,t=1,p=1$S$O",             "without zeros in front"),
    ("$argon2id$v=19$m=+8,t=1,p=1$S$O",             "`m` must be a number"),
    ("$argon2id$v=19$m=-8,t=1,p=1$S$O",             "`m` must be a number"),
    ("$argon2id$v=19$m=,t=1,p=1$S$O",               "`m` must be a number"),
    ("$argon2id$v=19$m=8k,t=1,p=1$S$O",             "`m` must be a number"),
    ("$argon2id$v=19$m=4294967296,t=1,p=1$S$O",     "`m` must be a number of at most 32 bits"),
    ("$argon2id$v=19$m=8, t=1,p=1$S$O",             "not known"),
    ("$argon2id$v=19$m=8,t=1,p=1,$S$O",             "not known"),
    ("$argon2id$v=19$m=8,t=1,p=1,x=1$S$O",          "not known"),
    ("$argon2id$v=19$m=8,t=1,p=1,keyid=AAAA$S$O",   "`keyid`"),
    ("$argon2id$v=19$m=8,t=1,p=1,data=AAAA$S$O",    "`data`"),
    ("$argon2id$v=18$m=8,t=1,p=1$S$O",              "`v` must be 19 or 16"),
    ("$argon2id$v=13$m=8,t=1,p=1$S$O",              "`v` must be 19 or 16"),
    ("$argon2id$v=$m=8,t=1,p=1$S$O",                "`v` must be a number"),
    ("$argon2id$m=8,t=1,p=1$v=19$S$O",              "salt is not valid base64"),
    ("$argon2id$v=19$v=19$m=8,t=1,p=1$S$O",         "not known"),
    ("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Ng$O",     "salt has less than 8 bytes"),
    ("$argon2id$v=19$m=8,t=1,p=1$S$MDEyMzQ1Njc4OWFiY2Rl", "from 16 to 64 bytes"),
    ("$argon2id$v=19$m=8,t=1,p=1$S$OOO",            "from 16 to 64 bytes"),
    ("$argon2id$v=19$m=8,t=1,p=1$S$A",              "output is not valid base64"),
    ("$argon2id$v=19$m=8,t=1,p=1$S==$O",            "salt is not valid base64"),
    ("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZh$O", "salt is not valid base64"),
    ("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4-_FiY2RlZg$O", "salt is not valid base64"),
    ("$argon2i$v=19$m=262145,t=1,p=1$S$O",          "`m` is 262145 and may be at most 262144"),
    ("$argon2d$v=19$m=8,t=11,p=1$S$O",              "`t` is 11 and may be at most 10"),
    ("$argon2id$v=19$m=136,t=1,p=17$S$O",           "`p` is 17 and may be at most 16"),
    // bcrypt.
    ("$2b$",                                        "60 characters"),
    ("$2b$04$",                                     "60 characters"),
    ("$2b$04$BB",                                   "60 characters"),
    ("$2b$4$B.",                                    "two digits"),
    ("$2b$044B",                                    "two digits"),
    ("$2b$+4$B",                                    "the cost must be a number"),
    ("$2b$4.$B",                                    "the cost must be a number"),
    ("$2b$00$B",                                    "from 04 to 31"),
    ("$2b$03$B",                                    "from 04 to 31"),
    ("$2a$32$B",                                    "from 04 to 31"),
    ("$2y$17$B",                                    "the cost is 17 and may be at most 16"),
    ("$2b$04$S8EkAeRC7l2HoCxoywMXhvd/4vHg/zNCNNS0s/7tniiDpYyMphpW2", "salt is not valid base64"),
    ("$2b$04$S8EkAeRC7l2HoCxoywMX+ud/4vHg/zNCNNS0s/7tniiDpYyMphpW2", "salt is not valid base64"),
    ("$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphp_2", "output is not valid base64"),
    ("$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphéW", "60 characters"),
    // PBKDF2.
    ("$pbkdf2-sha256$",                             "`i` is missing"),
    ("$pbkdf2-sha256$l=32$S$O",                     "`i` is missing"),
    ("$pbkdf2-sha256$i=0$S$O",                      "at least 1"),
    ("$pbkdf2-sha256$0$S$O",                        "at least 1"),
    ("$pbkdf2-sha256$i=10000001$S$O",               "10000001 and may be at most 10000000"),
    ("$pbkdf2-sha512$i=10000001$S$O",                "10000001 and may be at most 10000000"),
    ("$pbkdf2-sha256$i=1000,i=1000$S$O",            "`i` is there twice"),
];

/// More of PBKDF2.
#[rustfmt::skip]
const REFUSED_PBKDF2: [(&str, &str); 13] = [
    ("$pbkdf2-sha256$i=1000,l=31$S$O",              "`l` is not the length"),
    ("$pbkdf2-sha256$i=1000,l=0$S$O",               "`l` is not the length"),
    ("$pbkdf2-sha256$v=1$i=1000$S$O",               "not known"),
    ("$pbkdf2-sha256$i=1000$S",                     "no output"),
    ("$pbkdf2-sha256$1000$S",                       "no output"),
    ("$pbkdf2-sha256$1000",                         "no salt"),
    ("$pbkdf2-sha256$01000$S$O",                    "without zeros in front"),
    ("$pbkdf2-sha256$1000x$S$O",                    "rounds must be a number"),
    ("$pbkdf2-sha512$1000$S$O",                     "the output must have 64 bytes"),
    ("$pbkdf2-sha256$1000$wdi7Nw$O",                "salt has less than 8 bytes"),
    ("$pbkdf2-sha256$i=1000$........................$O", "salt is not valid base64"),
    ("$pbkdf2-sha256$1000$++++++++++++++++++++++++$O", "salt is not valid base64"),
    ("$pbkdf2-sha256$i=6000000$S$xjm7KFj64hUlRKHTBmzL5fNZu5t9w2DdojLK6tGEnU0LiMxw6DnLIUh0aWdi+9Be3XGCAPuNVvnTpL3uCdoDSg", "12000000"),
];

#[test]
fn what_cannot_be_verified_is_refused_with_the_cause() {
    let mut wrong = Vec::new();
    for (template, says) in REFUSED.into_iter().chain(REFUSED_PBKDF2) {
        let text = filled(template);
        let error = PasswordHash::parse(&text, &HashLimits::new()).err();
        let error = error.map_or_else(|| "it loads".to_owned(), |error| error.to_string());
        let shown = [SALT, OUTPUT, &BCRYPT[..22], "gX1fBat3bV"];
        let is_shown = shown.iter().any(|part| error.contains(part));
        if is_shown || !error.contains(off(&text).unwrap_or(says)) {
            wrong.push(format!("{text}: {error}, not {says}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let long = format!("$argon2id$v=19$m=8,t=1,p=1${}$O", "A".repeat(500));
    let error = PasswordHash::parse(&long, &HashLimits::new()).err();
    let error = error.expect("it is refused").to_string();
    assert!(error.contains("512 characters"), "{error}");
}

/// A template with salt and output filled in.
fn filled(template: &str) -> String {
    let parts = template.split('$').map(|part| match part {
        "S" => SALT.to_owned(),
        "S==" => format!("{SALT}=="),
        "O" => OUTPUT.to_owned(),
        "OOO" => OUTPUT.repeat(3) + "A",
        "B" => BCRYPT.to_owned(),
        "BB" => format!("{BCRYPT}."),
        "B." => format!("{BCRYPT}."),
        "044B" => format!("04.{BCRYPT}"),
        other => other.to_owned(),
    });
    parts.collect::<Vec<_>>().join("$")
}

#[test]
fn limits_are_as_they_are_set() {
    let limits = HashLimits::new();
    #[rustfmt::skip]
    let cases = [
        ("$argon2id$v=19$m=1025,t=2,p=1$S$O",  limits.argon2_memory(1024),    limits.argon2_memory(1025)),
        ("$argon2id$v=19$m=524288,t=2,p=1$S$O", limits,                       limits.argon2_memory(524_288)),
        ("$argon2id$v=19$m=8,t=3,p=1$S$O",     limits.argon2_passes(2),       limits.argon2_passes(3)),
        ("$argon2id$v=19$m=64,t=1,p=4$S$O",    limits.argon2_lanes(3),        limits.argon2_lanes(4)),
        ("$2b$10$B",                           limits.bcrypt_cost(9),         limits.bcrypt_cost(10)),
        ("$2b$31$B",                           limits,                        limits.bcrypt_cost(31)),
        ("$pbkdf2-sha256$i=1000$S$O",          limits.pbkdf2_rounds(999),     limits.pbkdf2_rounds(1000)),
        ("$pbkdf2-sha256$1000$S$O",            limits.pbkdf2_rounds(999),     limits.pbkdf2_rounds(1000)),
    ];
    for (template, below, enough) in cases {
        let text = filled(template);
        assert!(PasswordHash::parse(&text, &below).is_err(), "{text}");
        let loads = PasswordHash::parse(&text, &enough).is_ok();
        assert_eq!(loads, off(&text).is_none(), "{text}");
    }
}

#[test]
#[rustfmt::skip]
fn a_kind_is_the_name_and_the_parameters() {
    for (text, kind) in [
        ("$argon2id$v=19$m=64,t=2,p=1$S$O",     "argon2id,m=64,t=2,p=1"),
        ("$argon2id$v=19$p=1,m=64,t=2$S$O",     "argon2id,m=64,t=2,p=1"),
        ("$argon2i$v=19$m=64,t=2,p=1$S$O",      "argon2i,m=64,t=2,p=1"),
        ("$argon2d$v=16$m=64,t=2,p=1$S$O",      "argon2d,v=16,m=64,t=2,p=1"),
        ("$argon2d$m=64,t=2,p=1$S$O",           "argon2d,v=16,m=64,t=2,p=1"),
        ("$2a$04$B",                            "bcrypt,cost=4"),
        ("$2b$04$B",                            "bcrypt,cost=4"),
        ("$2y$10$B",                            "bcrypt,cost=10"),
        ("$pbkdf2-sha256$i=1000,l=32$S$O",      "pbkdf2-sha256,i=1000"),
        ("$pbkdf2-sha256$1000$S$O",             "pbkdf2-sha256,i=1000"),
        ("$pbkdf2-sha512$i=1000$S$O",           "pbkdf2-sha512,i=1000"),
        ("$pbkdf2-sha256$i=500$S$xjm7KFj64hUlRKHTBmzL5fNZu5t9w2DdojLK6tGEnU0LiMxw6DnLIUh0aWdi+9Be3XGCAPuNVvnTpL3uCdoDSg",
         "pbkdf2-sha256,i=500,blocks=2"),
    ] {
        let text = filled(text);
        let Some(hash) = parse(&text) else { continue };
        assert_eq!(hash.kind(), kind, "{text}");
    }
}

#[test]
fn a_decoy_is_of_the_same_kind_and_has_nothing_of_the_hash() {
    for (secret, text) in VECTORS {
        let Some(hash) = parse(text) else { continue };
        let (decoy, decoy_text) = PasswordHash::decoy(text).expect("a decoy");
        assert_eq!(decoy.kind(), hash.kind());
        assert_eq!(decoy_text.len(), text.len());
        assert_eq!(decoy.salted.salt.len(), hash.salted.salt.len());
        assert_eq!(decoy.salted.output.len(), hash.salted.output.len());
        assert!(
            decoy
                .salted
                .salt
                .iter()
                .chain(decoy.salted.output.iter())
                .all(|byte| *byte == 0)
        );
        assert!(!verifies(&decoy, secret), "{text}");
    }
    assert!(PasswordHash::decoy("no hash").is_none());
}

#[cfg(not(any(feature = "argon2", feature = "bcrypt", feature = "pbkdf2")))]
#[test]
fn without_the_features_no_hash_loads() {
    for (_, text) in VECTORS {
        assert!(
            PasswordHash::parse(text, &HashLimits::new()).is_err(),
            "{text}"
        );
    }
}
