//! CORS preflights, which are for another layer.

use http::{Method, Request, Version, header};
use http_body::Body;

use super::head;

/// Whether this is a preflight: `OPTIONS` without a body (Fetch §4.8).
pub(crate) fn is_preflight<B: Body>(request: &Request<B>) -> bool {
    *request.method() == Method::OPTIONS && !announces_body(request)
}

/// Whether there is a body, as far as the head of the request tells.
///
/// In HTTP/1.1, headers tell it (RFC 9112 §6). From HTTP/2 on, a body needs no header: then there
/// is one if the stream did not end with the head (RFC 9113 §8.1). A body type of another layer
/// that does not tell whether it has ended counts as one that has not.
fn announces_body<B: Body>(request: &Request<B>) -> bool {
    let headers = request.headers();
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return true;
    }
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter().peekable();
    if lengths.peek().is_some() {
        return lengths.any(|length| head::announced_length(length) != Some(0));
    }
    let body = request.body();
    let may_be_open = request.version() >= Version::HTTP_2 && !body.is_end_stream();
    let size = body.size_hint();
    size.lower() > 0 || may_be_open && size.upper() != Some(0)
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };

    use bytes::Bytes;
    use http_body::{Frame, SizeHint};

    use super::*;

    /// A body that tells this of itself.
    #[derive(Clone, Copy, Default)]
    struct Told {
        has_ended: bool,
        lower: u64,
        upper: Option<u64>,
    }

    impl Body for Told {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            panic!("nobody reads it");
        }

        fn is_end_stream(&self) -> bool {
            self.has_ended
        }

        fn size_hint(&self) -> SizeHint {
            let mut hint = SizeHint::new();
            hint.set_lower(self.lower);
            if let Some(upper) = self.upper {
                hint.set_upper(upper);
            }
            hint
        }
    }

    /// A name, the head and the body of an `OPTIONS` request, and whether it is a preflight.
    type Row<'a> = (&'a str, Version, &'a [(&'a str, &'a str)], Told, bool);

    fn options(version: Version, headers: &[(&str, &str)], body: Told) -> Request<Told> {
        let mut request = Request::options("/token").version(version);
        for &(name, value) in headers {
            request = request.header(name, value);
        }
        request.body(body).expect("a request")
    }

    #[test]
    fn options_that_announces_a_body_is_no_preflight() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        let nothing = Told::default();
        let ended = Told {
            has_ended: true,
            ..nothing
        };
        let empty = Told {
            upper: Some(0),
            ..nothing
        };
        let three = Told {
            lower: 3,
            upper: Some(3),
            ..nothing
        };
        let length = |value| [("content-length", value)];
        let rows: [Row; 15] = [
            ("nothing", one, &[], nothing, true),
            ("an end", one, &[], ended, true),
            ("a size", one, &[], three, false),
            ("no length", one, &length("0"), nothing, true),
            (
                "no length, in two digits",
                one,
                &length("00"),
                nothing,
                true,
            ),
            ("a length", one, &length("1"), nothing, false),
            ("a length that is none", one, &length("x"), nothing, false),
            (
                "two lengths",
                one,
                &[length("0"), length("1")].concat(),
                nothing,
                false,
            ),
            (
                "chunks",
                one,
                &[("transfer-encoding", "chunked")],
                ended,
                false,
            ),
            (
                "chunks and no length",
                one,
                &[("transfer-encoding", "chunked"), ("content-length", "0")],
                nothing,
                false,
            ),
            ("HTTP/2, an end", two, &[], ended, true),
            ("HTTP/2, no end", two, &[], nothing, false),
            ("HTTP/2, no end, no size", two, &[], empty, true),
            (
                "HTTP/2, no end, no length",
                two,
                &length("0"),
                nothing,
                true,
            ),
            ("HTTP/3, no end", Version::HTTP_3, &[], nothing, false),
        ];
        for (name, version, headers, body, expected) in rows {
            let request = options(version, headers, body);
            assert_eq!(is_preflight(&request), expected, "{name}");
        }
    }

    #[test]
    fn no_other_method_is_a_preflight() {
        for method in ["GET", "HEAD", "POST", "options"] {
            let mut request = options(Version::HTTP_11, &[], Told::default());
            *request.method_mut() = method.parse().expect("a method");
            assert!(!is_preflight(&request), "{method}");
        }
    }
}
