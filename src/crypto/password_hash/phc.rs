//! The parts of a PHC string: `$name$v=version$name=value,…$salt$output`.
//!
//! The libraries let more pass when they read a string than they verify. So it is read here,
//! and every part is checked.

use base64::{
    Engine as _,
    alphabet::Alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};

use zeroize::Zeroizing;

use super::error::ParseSecretHashError;

/// What a presented secret is hashed with, and what must come of it.
pub(super) struct Salted {
    pub(super) salt: Box<[u8]>,
    pub(super) output: Zeroizing<Box<[u8]>>,
}

impl Salted {
    pub(super) fn new(salt: Vec<u8>, output: Vec<u8>) -> Self {
        Self {
            salt: salt.into(),
            output: Zeroizing::new(output.into()),
        }
    }
}

/// The parts after the name.
pub(super) struct Parts<'t> {
    /// For messages.
    name: &'static str,
    rest: std::iter::Peekable<std::str::Split<'t, char>>,
}

impl<'t> Parts<'t> {
    pub(super) fn new(name: &'static str, rest: &'t str) -> Self {
        Self {
            name,
            rest: rest.split('$').peekable(),
        }
    }

    pub(super) fn error(&self, text: &str) -> ParseSecretHashError {
        error(self.name, text)
    }

    /// The version, if the next part is one.
    pub(super) fn version(&mut self) -> Result<Option<u32>, ParseSecretHashError> {
        let part = self.rest.next_if(|part| part.starts_with("v="));
        let digits = part.and_then(|part| part.strip_prefix("v="));
        digits
            .map(|digits| number(self.name, "`v`", digits))
            .transpose()
    }

    /// The next part, if it is a number without a name.
    pub(super) fn bare_number(&mut self) -> Result<Option<u32>, ParseSecretHashError> {
        let is_bare = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
        let part = self.rest.next_if(is_bare);
        part.map(|digits| number(self.name, "the number of rounds", digits))
            .transpose()
    }

    /// The parameters of these names, each at most once. `None` for each that is not there.
    pub(super) fn parameters<const N: usize>(
        &mut self,
        names: [&'static str; N],
    ) -> Result<[Option<u32>; N], ParseSecretHashError> {
        let mut values = [None; N];
        // A salt has no `=`: then there are no parameters.
        let part = self.rest.next_if(|part| part.contains('='));
        for parameter in part.into_iter().flat_map(|part| part.split(',')) {
            let (name, digits) = parameter.split_once('=').unwrap_or((parameter, ""));
            let Some(at) = names.iter().position(|it| *it == name) else {
                return Err(self.error(match name {
                    "keyid" | "data" => {
                        "it has `keyid` or `data`, which are no longer part of the format: hash \
                         the secret again without them"
                    }
                    _ => "it has a parameter that is not known",
                }));
            };
            let what = format!("`{name}`");
            if values[at].is_some() {
                return Err(self.error(&format!("{what} is there twice")));
            }
            values[at] = Some(number(self.name, &what, digits)?);
        }
        Ok(values)
    }

    pub(super) fn required(
        &self,
        name: &str,
        value: Option<u32>,
    ) -> Result<u32, ParseSecretHashError> {
        value.ok_or_else(|| self.error(&format!("`{name}` is missing")))
    }

    /// The salt and the output, which are the last parts.
    pub(super) fn salt_and_output(
        &mut self,
        alphabet: &Alphabet,
    ) -> Result<Salted, ParseSecretHashError> {
        let [salt, output] = ["salt", "output"].map(|what| match self.rest.next() {
            None | Some("") => Err(self.error(&format!("it has no {what}"))),
            Some(text) => bytes(self.name, what, text, alphabet),
        });
        let (salt, output) = (salt?, output?);
        if self.rest.next().is_some() {
            return Err(self.error("something follows the output"));
        }
        if salt.len() < MIN_SALT {
            return Err(self.error("the salt has less than 8 bytes"));
        }
        if !(MIN_OUTPUT..=MAX_OUTPUT).contains(&output.len()) {
            return Err(self.error("the output must have from 16 to 64 bytes"));
        }
        Ok(Salted::new(salt, output))
    }
}

/// RFC 9106 §3.1, and SP 800-132 §5.1 asks for twice as many.
const MIN_SALT: usize = 8;
/// A wrong secret matches a shorter one too easily.
const MIN_OUTPUT: usize = 16;
/// More adds nothing.
const MAX_OUTPUT: usize = 64;

pub(super) fn error(name: &str, text: &str) -> ParseSecretHashError {
    ParseSecretHashError::new(format!("{name}: {text}"))
}

/// A decimal number of the PHC format: without a sign and without zeros in front.
pub(super) fn number(name: &str, what: &str, digits: &str) -> Result<u32, ParseSecretHashError> {
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    let value = digits.parse().ok().filter(|_| is_decimal);
    value.ok_or_else(|| {
        let text = format!("{what} must be a number of at most 32 bits, without zeros in front");
        error(name, &text)
    })
}

/// Bytes in base64 without padding. The error of the library would show a part of the text.
pub(super) fn bytes(
    name: &str,
    what: &str,
    text: &str,
    alphabet: &Alphabet,
) -> Result<Vec<u8>, ParseSecretHashError> {
    let decoded = GeneralPurpose::new(alphabet, NO_PAD).decode(text);
    decoded.map_err(|_| error(name, &format!("the {what} is not valid base64")))
}
