//! Each row of a table *Compile errors* in the docs has a program with this mistake. The compiler says
//! what the row tells, and the program compiles if it does what the row advises.

mod compiler;

use std::{fs, path::Path};

use compiler::{Compiler, without_paths};

/// A program, the item whose docs have the row, and what is in its first column.
struct Case {
    program: &'static str,
    item: Item,
    says: &'static str,
}

/// The file of an item and how its declaration starts.
type Item = (&'static str, &'static str);

const AXUM_BODY: Item = ("src/service/layer/mod.rs", "pub fn axum_body");
const CLIENT_STORE: Item = ("src/store/clients.rs", "pub trait ClientStore");
const REQUEST_BODY: Item = ("src/service/body.rs", "pub struct RequestBody");
const RESPONSE_BODY: Item = ("src/service/body.rs", "pub struct ResponseBody");
const TOKEN_ENDPOINT: Item = ("src/service/service.rs", "pub struct TokenEndpoint");
const TOKEN_REQUEST: Item = (
    "src/protocol/accepted/request.rs",
    "pub struct TokenRequest",
);

const fn case(program: &'static str, item: Item, says: &'static str) -> Case {
    Case {
        program,
        item,
        says,
    }
}

const WITHOUT_AXUM: [Case; 3] = [
    case(
        "handler",
        TOKEN_REQUEST,
        "`Handler<_, _>` is not implemented for `fn(TokenRequest) -> …`",
    ),
    case(
        "extractor",
        TOKEN_REQUEST,
        "`FromRequestParts<…>` is not implemented for `TokenRequest`",
    ),
    case(
        "response",
        TOKEN_REQUEST,
        "`IntoResponse` is not implemented for `TokenResponse`",
    ),
];

const WITH_AXUM: [Case; 14] = [
    case(
        "serve_layer_around_router",
        TOKEN_ENDPOINT,
        "`Service<IncomingStream<…>>` is not implemented for `TokenEndpoint<Router, …>`",
    ),
    case(
        "serve_other_body",
        RESPONSE_BODY,
        "expected `Response<Body>`, found `Response<ResponseBody<Body>>`",
    ),
    case(
        "serve_other_body",
        AXUM_BODY,
        "expected `Response<Body>`, found `Response<ResponseBody<Body>>`",
    ),
    case(
        "from_fn_inside",
        REQUEST_BODY,
        "`Service<Request<RequestBody<Body>>>` is not implemented for `FromFn<…>`",
    ),
    case(
        "from_fn_inside",
        AXUM_BODY,
        "`Service<Request<RequestBody<Body>>>` is not implemented for `FromFn<…>`",
    ),
    case(
        "function_with_other_body",
        REQUEST_BODY,
        "expected function signature `fn(Request<RequestBody<…>>)`, found `fn(Request<…>)`",
    ),
    case(
        "function_with_axum_body",
        AXUM_BODY,
        "expected function signature `fn(Request<RequestBody<Body>>)`, found `fn(Request<Body>)`",
    ),
    case(
        "call_with_other_body",
        TOKEN_ENDPOINT,
        "the method `call` (or `oneshot`) exists for `TokenEndpoint<…>`, but its trait bounds were \
         not satisfied",
    ),
    case(
        "response_that_is_no_body",
        RESPONSE_BODY,
        "`Vec<u8>: HttpBody` (or `Body`) is not satisfied, required for `ResponseBody<Vec<u8>>`",
    ),
    case(
        "store_result",
        CLIENT_STORE,
        "`Result<MemoryClientStore, …>` is not a store of clients",
    ),
    case(
        "store_vec",
        CLIENT_STORE,
        "`Vec<Client>` is not a store of clients",
    ),
    case(
        "store_dyn",
        CLIENT_STORE,
        "`ClientStore` is not dyn compatible",
    ),
    case(
        "store_not_send",
        CLIENT_STORE,
        "the future returned by `find` is not `Send`",
    ),
    case(
        "store_error",
        CLIENT_STORE,
        "`Into<Box<…>>` is not satisfied, required by `ClientStore::Error`",
    ),
];

#[test]
fn a_mistake_is_told_as_the_docs_say_and_their_advice_compiles() {
    let with_axum = Compiler::with_axum();
    for case in &WITH_AXUM {
        case.is_told(&with_axum);
        with_axum.compiles(case.program, &["--cfg=fixed"]);
    }
    let without_axum = with_axum.without_axum();
    for case in &WITHOUT_AXUM {
        case.is_told(&without_axum);
        // Switching the feature on is all.
        with_axum.compiles(case.program, &[]);
    }
}

impl Case {
    fn is_told(&self, compiler: &Compiler) {
        let told = compiler.refuses(self.program);
        for part in code(&without_paths(self.says)) {
            assert!(
                told.contains(part),
                "{}: no `{part}` in:\n{told}",
                self.program
            );
        }
    }
}

/// What the compiler must say: what is in backticks, around each `…`. The words between change more
/// often. Other versions of the compiler may say what is in parentheses instead.
fn code(says: &str) -> impl Iterator<Item = &str> {
    let parts: Vec<&str> = says.split('`').collect();
    let (words, quoted) = (
        parts.clone().into_iter().step_by(2),
        parts.into_iter().skip(1).step_by(2),
    );
    let quoted = words
        .zip(quoted)
        .filter(|(words, _)| !words.ends_with("(or "));
    quoted
        .flat_map(|(_, quoted)| quoted.split('…'))
        .map(str::trim)
}

#[test]
fn every_documented_mistake_has_a_program() {
    let mut rows = 0;
    for item in [
        AXUM_BODY,
        CLIENT_STORE,
        REQUEST_BODY,
        RESPONSE_BODY,
        TOKEN_ENDPOINT,
        TOKEN_REQUEST,
    ] {
        for says in documented(item) {
            rows += 1;
            let mut cases = WITH_AXUM.iter().chain(&WITHOUT_AXUM);
            let has_program = cases.any(|case| case.item == item && case.says == says);
            assert!(has_program, "{}: {says}", item.1);
        }
    }
    assert_eq!(rows, WITH_AXUM.len() + WITHOUT_AXUM.len());
}

/// The first column of the table.
fn documented((file, declaration): Item) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(file).expect("a source file");
    let mut docs = Vec::new();
    for line in source.lines().map(str::trim_start) {
        if let Some(text) = line.strip_prefix("///") {
            docs.push(text.trim());
        } else if line.starts_with(declaration) {
            break;
        } else if line.is_empty() || line == "}" {
            docs.clear();
        }
    }
    let section = docs.iter().skip_while(|line| **line != "# Compile errors");
    let rows = section.filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    rows.skip(1).map(|(says, _)| says.to_owned()).collect()
}
