//! Every line of `src/decisions.rs` and `src/decisions/`, and every promise of `SECURITY.md` ends with the name of the test
//! that holds it, and that test is there. It is a function. If a text in quotes follows, it is a row of
//! a table in it or below it.

use std::{fs, path::Path};

/// The text of every `.rs` file below `folder`.
fn texts(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(fs::read_to_string(&path).expect("a readable file"));
        }
    }
    found
}

/// The test `name` of this file, with what stands below it.
fn test_in<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let attributes = ["#[test]", "#[tokio::test"].map(|it| text.match_indices(it));
    let mut tests = attributes.into_iter().flatten().map(|(at, _)| &text[at..]);
    tests.find(|test| first_fn(test) == Some(name))
}

fn first_fn(part: &str) -> Option<&str> {
    part.split_once("fn ")?.1.split_once('(').map(|it| it.0)
}

/// A line of the table, and what is wrong with the test in its last column.
fn check(line: &str, texts: &[String]) -> Result<(), &'static str> {
    let cells: Vec<_> = line.trim_matches(['|', ' ']).split(" | ").collect();
    let [_situation, _answer, _reason, test] = cells[..] else {
        return Err("it has not four columns");
    };
    check_test(test, texts)
}

/// What is wrong with this last column.
fn check_test(test: &str, texts: &[String]) -> Result<(), &'static str> {
    let named = test.strip_prefix('`').and_then(|test| test.split_once('`'));
    let (name, row) = named.ok_or("it names no test")?;
    let mut tests = texts
        .iter()
        .filter_map(|text| test_in(text, name))
        .peekable();
    tests.peek().ok_or("there is no such test")?;
    match row.trim() {
        "" => Ok(()),
        row if tests.any(|test| test.contains(row)) => Ok(()),
        _ => Err("its test has no such row"),
    }
}

#[test]
fn every_decision_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = [texts(&root.join("tests")), texts(&root.join("src"))].concat();
    let first = fs::read_to_string(root.join("src/decisions.rs")).expect("a readable file");
    let docs = [vec![first], self::texts(&root.join("src/decisions"))].concat();
    let lines = docs
        .iter()
        .flat_map(|page| page.lines())
        .filter_map(|line| line.strip_prefix("//! | "));
    let rows: Vec<_> = lines
        .filter(|line| !line.starts_with("situation |"))
        .collect();
    assert!(
        rows.len() > 40,
        "only {} decisions are documented",
        rows.len()
    );

    let wrong = |row: &&str| Some(format!("{}\n  in: {row}", check(row, &texts).err()?));
    let wrong: Vec<_> = rows.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = [texts(&root.join("tests")), texts(&root.join("src"))].concat();
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("a readable file");
    let lines = page.lines().filter_map(|line| line.strip_suffix(" |"));
    // The tables of promises have two columns, and a test in the second one.
    let promises: Vec<_> = lines
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | `"))
        .collect();
    assert!(promises.len() > 40, "only {} promises", promises.len());

    let wrong = |(promise, test): &(&str, &str)| {
        let wrong = check_test(&format!("`{test}"), &texts).err()?;
        Some(format!("{wrong}\n  in: {promise}"))
    };
    let wrong: Vec<_> = promises.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_line_without_its_test_is_wrong() {
    let text = "#[test]\nfn any() {\n}\n\n#[tokio::test]\nasync fn head() {\n    \
                row(\"GET\")\n}\nfn helper() {}\n#[test]\nfn last() {}\nfn rows() {\n    row(\"PUT\")\n}\n";
    let texts = [text.to_owned()];
    for (line, expected) in [
        ("a | 405 | b | `any` |", Ok(())),
        ("a | 405 | b | `head` |", Ok(())),
        ("a | 405 | b | `head` \"GET\" |", Ok(())),
        ("a | 405 | b | `head` \"PUT\" |", Ok(())),
        (
            "a | 405 | b | `last` \"GET\" |",
            Err("its test has no such row"),
        ),
        ("a | 405 | b | `helper` |", Err("there is no such test")),
        ("a | 405 | b | `hea` |", Err("there is no such test")),
        ("a | 405 | b | head |", Err("it names no test")),
        ("a | 405 | b |", Err("it has not four columns")),
    ] {
        assert_eq!(check(line, &texts), expected, "{line}");
    }
}
