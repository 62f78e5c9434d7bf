//! Whether a `client_secret` is not a secret, by mistake: it is a hash, as databases keep them,
//! or what an export wrote instead of the secret.
//!
//! If it were taken for the secret, the client could not authenticate, and everybody who sees
//! the database or the export could.

/// What the text is, if it is not a secret, and what to do instead.
pub(super) fn problem(secret: &str) -> Option<String> {
    if secret.chars().all(|it| it == '*' || it == '•') && secret.chars().count() > 2 {
        return Some(
            "it is a mask, which an export wrote instead of the secret: write the secret".into(),
        );
    }
    if secret.starts_with("${") && secret.ends_with('}') {
        return Some(
            "it is a placeholder such as `${NAME}`, which was not replaced: write the secret"
                .into(),
        );
    }
    if secret.starts_with("{noop}") {
        return Some(
            "it starts with `{noop}`, which Spring Security writes in front of a secret: remove \
             it, and write only the secret"
                .into(),
        );
    }
    let start = start_of_hash(secret)?;
    Some(format!(
        "it looks like a password hash (`{start}…`): write the secret itself. Or write a hash that \
         is Argon2, bcrypt, PBKDF2 or SHA-256 as `client_secrets`: [{{\"hash\": \"…\"}}], and verify \
         any other one with `ClientSecret::hashed`"
    ))
}

/// The starts of PHC and crypt strings, and of what Django and Werkzeug write. No generator
/// of secrets makes these.
const STARTS: [&str; 21] = [
    "$2a$",
    "$2b$",
    "$2x$",
    "$2y$",
    "$argon2id$",
    "$argon2i$",
    "$argon2d$",
    "$pbkdf2",
    "$scrypt$",
    "$bcrypt",
    "$apr1$",
    "$sha1$",
    "$md5",
    "pbkdf2_sha",
    "pbkdf2:",
    "scrypt:",
    "bcrypt$",
    "bcrypt_sha256$",
    "argon2$argon2",
    "sha256:",
    "sha512:",
];

/// The starts of crypt strings that are so short that the rest is looked at, too.
const SHORT_STARTS: [&str; 9] = [
    "$1$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$P$", "$H$", "$s0$",
];

/// The names that Spring Security and LDAP write in braces.
const IN_BRACES: [&str; 14] = [
    "bcrypt", "pbkdf2", "scrypt", "argon2", "argon2i", "argon2d", "argon2id", "ldap", "md4", "md5",
    "sha", "ssha", "smd5", "crypt",
];

fn start_of_hash(secret: &str) -> Option<&'static str> {
    let starts_with = |start: &&str| secret.starts_with(*start);
    if let Some(start) = STARTS.into_iter().find(starts_with) {
        return Some(start);
    }
    let is_long = secret.matches('$').count() >= 3 || secret.len() == PHPASS_LEN;
    if let Some(start) = SHORT_STARTS
        .into_iter()
        .find(|start| is_long && starts_with(start))
    {
        return Some(start);
    }
    let (name, _) = secret.strip_prefix('{')?.split_once('}')?;
    let name = name.get(..name.len().min(16))?.to_ascii_lowercase();
    let mut names = IN_BRACES.into_iter();
    // Also `{pbkdf2@SpringSecurity_v5_8}` and `{SSHA512}`, but not `{shared}`.
    names.find(|it| {
        let rest = name.strip_prefix(it);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })
}

/// The length of a hash of phpass, `$P$` and 31 characters.
const PHPASS_LEN: usize = 34;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_databases_keep_is_not_a_secret() {
        for hash in [
            "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$2y$10$.vGA1O9wmRjrwAVXD98HNOgsNpDczlqm3Jq7KnEd1rVAGv3Fykk1a",
            "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b0dWRWJTmaaJObG",
            "$argon2i$v=19$m=16,t=2,p=1$c2FsdHNhbHQ$x",
            "$argon2d$v=19$m=16,t=2,p=1$c2FsdHNhbHQ$x",
            "$pbkdf2-sha256$i=600000,l=32$c2FsdHNhbHQ$x",
            "$pbkdf2-sha512$25000$c2FsdA$x",
            "$pbkdf2$131000$c2FsdA$x",
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBs",
            "$1$3azHgidD$SrJPt7B.9rekpmwJwtON31",
            "$5$rounds=80000$wnsT7Yr92oJoP28r$cKhJImk5mfuSKV9b3mumNzlbstFUplKtQXXMo4G6Ep5",
            "$6$rounds=12345$abcdefgh$lxFEhdCv7jPdPd4W",
            "$7$CU..../....SodiumChloride$kBGj9fHznVYFQMEn",
            "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC",
            "$P$B55D6LjfHDkINU5wF.v2BuuzO0/XPk/",
            "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG",
            "{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc",
            "{pbkdf2@SpringSecurity_v5_8}5d923b44a6d129f3",
            "{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==",
            "{argon2}$argon2id$v=19$m=16384,t=2,p=1$x$y",
            "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "{SSHA512}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "{sha256}97cde38028ad898ebc02e690819fa220e88c62e0699403e94fff291cfffaf841",
            "{CRYPT}x",
            "{argon2id}x",
            "{ldap}{SSHA}x",
            "{MD5}X03MO1qnZdYdgyfeuILPmQ==",
            "pbkdf2_sha256$260000$salt$hash",
            "pbkdf2:sha256:260000$salt$hash",
            "scrypt:32768:8:1$salt$hash",
            "bcrypt_sha256$$2b$12$hash",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$x$y",
            "sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
        ] {
            let problem = problem(hash).unwrap_or_else(|| panic!("{hash}"));
            assert!(problem.contains("ClientSecret::hashed"), "{problem}");
            let digest = &hash[hash.len().saturating_sub(8)..];
            assert!(hash.len() < 12 || !problem.contains(digest), "{problem}");
        }
        let noop = problem("{noop}secret").expect("a prefix");
        assert!(
            noop.contains("remove") && !noop.contains("secret\u{0}"),
            "{noop}"
        );
    }

    #[test]
    fn a_mask_is_not_a_secret() {
        for mask in ["***", "•••", "**********", "••••••••••", "*•*"] {
            let problem = problem(mask).unwrap_or_else(|| panic!("{mask}"));
            assert!(problem.contains("mask"), "{problem}");
        }
    }

    #[test]
    fn secrets_are_secrets() {
        for secret in [
            "gX1fBat3bV",
            "*",
            "**",
            "••",
            "**a**",
            "${a}b",
            "a$1$b",
            "$1$abc",
            "$ecret",
            "$2",
            "$",
            "{",
            "{}",
            "{x}y",
            "{my-secret}",
            "{shared-7}kd8",
            "{crypto}kd8",
            "{é}",
            "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
            "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
            "scrypted",
            "1Q8~Q~abcdefghijklmnop.qrstuvwxyz",
        ] {
            assert_eq!(problem(secret), None, "{secret}");
        }
    }
}
