//! HTML or JSON, as the header `Accept` asks for (RFC 9110 §12.5.1).

use http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Html,
    Json,
}

impl Format {
    /// The format with the higher weight. If both have the same, or if nothing that there is would be
    /// accepted, it is HTML.
    pub(super) fn accepted_by(headers: &HeaderMap) -> Self {
        let mut html = Weight::default();
        let mut json = Weight::default();
        for value in headers.get_all(header::ACCEPT) {
            let Ok(value) = value.to_str() else { continue };
            for range in split_outside_quotes(value, ',') {
                html.consider(range, ["text", "html"]);
                json.consider(range, ["application", "json"]);
            }
        }
        if json.thousandths > html.thousandths {
            Self::Json
        } else {
            Self::Html
        }
    }
}

/// The weight of a type by the most specific range that was seen.
#[derive(Default)]
struct Weight {
    specificity: u8,
    thousandths: u16,
}

impl Weight {
    fn consider(&mut self, range: &str, own: [&str; 2]) {
        let mut parts = split_outside_quotes(range, ';').map(str::trim);
        let Some((kind, subtype)) = parts.next().and_then(|it| it.split_once('/')) else {
            return;
        };
        let is_own = |name: &str, own: &str| name.eq_ignore_ascii_case(own);
        let specificity = match (kind, subtype) {
            ("*", "*") => 1,
            (kind, "*") if is_own(kind, own[0]) => 2,
            (kind, subtype) if is_own(kind, own[0]) && is_own(subtype, own[1]) => 3,
            _ => return,
        };
        let weight = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim_end()
                .eq_ignore_ascii_case("q")
                .then_some(value.trim_start())
        });
        // A weight that is malformed says nothing about the type.
        let Some(thousandths) = weight.map_or(Some(1000), thousandths) else {
            return;
        };
        if specificity > self.specificity {
            *self = Self {
                specificity,
                thousandths,
            };
        } else if specificity == self.specificity {
            self.thousandths = self.thousandths.max(thousandths);
        }
    }
}

/// A weight (RFC 9110 §12.4.2): `0` or `1`, with up to three digits after the point.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let are_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !["0", "1"].contains(&whole) || fraction.len() > 3 || !are_digits {
        return None;
    }
    let thousandths = format!("{whole}{fraction:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

/// The parts between separators that are not inside of a quoted string.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |character| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match character {
            '"' if !was_escaped => is_quoted = !is_quoted,
            '\\' if is_quoted && !was_escaped => is_escaped = true,
            _ => {}
        }
        character == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_format_is_the_one_of_the_higher_weight() {
        use Format::{Html, Json};
        let rows: &[(&[&str], Format)] = &[
            (&[], Html),
            (&[""], Html),
            (&["*/*"], Html),
            (&["text/html"], Html),
            (&["application/json"], Json),
            (&["APPLICATION/Json"], Json),
            (&["application/json; charset=utf-8"], Json),
            (&["application/*"], Json),
            (&["application/json, text/html"], Html),
            (&["application/json, */*"], Html),
            (&["application/json, */*;q=0.8"], Json),
            (&["application/json;q=0.9, text/html;q=0.8"], Json),
            (&["application/json; Q=0.8 , text/html; q=0.9"], Html),
            (&["application/json;q=0.801,text/html;q=0.80"], Json),
            (&["application/json;q=1.000,text/html;q=0.999"], Json),
            (&["text/html;q=0, */*"], Json),
            (&["application/json;q=0, */*"], Html),
            (&["text/*;q=0.1, */*;q=0.2"], Json),
            (&["*/*;q=0.2, text/*;q=0.1"], Json),
            (
                &["text/html;q=0.9, text/*;q=0, application/json;q=0.8"],
                Html,
            ),
            (&["text/plain", "application/json"], Json),
            (&["application/json;q=0.5", "text/html;q=0.4"], Json),
            // What browsers send.
            (
                &["text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"],
                Html,
            ),
            // Neither: the page is better than a 406.
            (&["image/png"], Html),
            (&["text/html;q=0, application/json;q=0"], Html),
            (&["application/problem+json"], Html),
            // Malformed weights say nothing.
            (&["application/json;q=2"], Html),
            (&["application/json;q=0.1234"], Html),
            (&["application/json;q=1.1"], Html),
            (&["application/json;q=-1"], Html),
            (&["application/json;q=.5"], Html),
            (&["application/json;q"], Json),
            (&["application/json;q=x, text/html;q=0.1"], Html),
            (&["application/json/x"], Html),
            (&["json"], Html),
            // A comma or a semicolon in quotes separates nothing.
            (&["application/json;a=\"x,text/html;q=1\""], Json),
            (&["application/json;a=\"\\\",text/html\""], Json),
            (&["application/json;a=\"x;q=0\""], Json),
            (&["text/html;a=\"x\";q=0.1, application/json;q=0.2"], Json),
        ];
        for (values, format) in rows {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            assert_eq!(Format::accepted_by(&headers), *format, "{values:?}");
        }
    }
}
