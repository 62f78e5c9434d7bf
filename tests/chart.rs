//! The chart of the README shows the results that were measured, and any browser may show it.

#[path = "../benches/token_endpoint/chart.rs"]
mod chart;

use std::fs;

use crate::chart::{RESULTS, THEMES, Theme};

/// Each theme with its file as it is committed.
fn drawings() -> impl Iterator<Item = (&'static Theme, String)> {
    let read = |path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    THEMES.iter().map(move |theme| (theme, read(theme.file)))
}

#[test]
fn the_chart_is_what_scripts_chart_draws_from_the_results() {
    let results = fs::read_to_string(RESULTS).expect("the results");
    for (theme, drawing) in drawings() {
        assert!(
            drawing == chart::draw(&results, theme),
            "{} is not drawn from {RESULTS}: run scripts/chart {RESULTS}",
            theme.file
        );
    }
}

#[test]
fn another_result_gives_another_chart() {
    let results = fs::read_to_string(RESULTS).expect("the results");
    let row = "release\tlayer\taccepted\t";
    let changed = results.replace(row, &format!("{row}9"));
    for (theme, drawing) in drawings() {
        assert_ne!(drawing, chart::draw(&changed, theme));
    }
}

/// Reads one element with all that is in it, strictly: what the drawings need of XML, and no more. Collects
/// the names of all elements and attributes, and returns what follows.
fn element<'x>(xml: &'x str, names: &mut Vec<&'x str>) -> &'x str {
    let is_name = |text: &str| {
        !text.is_empty() && (text.bytes()).all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    let (tag, mut rest) = xml
        .strip_prefix('<')
        .and_then(|it| it.split_once('>'))
        .unwrap_or_else(|| panic!("not an element: {xml}"));
    let (tag, is_empty) = match tag.strip_suffix('/') {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    assert!(is_name(name), "{tag}");
    names.push(name);
    let own = names.len();
    while !attributes.is_empty() {
        let (name, value) = attributes.split_once('=').expect("a value");
        assert!(is_name(name) && !names[own..].contains(&name), "{tag}");
        names.push(name);
        let quote = value.chars().next().expect("a value");
        assert!(matches!(quote, '\'' | '"'), "{tag}");
        let (value, more) = value[1..].split_once(quote).expect("the value ends");
        assert!(!value.contains(['<', '&']), "{tag}");
        attributes = match more.strip_prefix(' ') {
            Some(more) => more,
            None if more.is_empty() => "",
            None => panic!("no space between attributes: {tag}"),
        };
    }
    if is_empty {
        return rest;
    }
    loop {
        let (text, _) = rest.split_once('<').expect("the element ends");
        assert!(!text.contains(['&', '>']), "{text}");
        rest = &rest[text.len()..];
        if let Some(end) = rest.strip_prefix("</") {
            let end = end.strip_prefix(name).and_then(|it| it.strip_prefix('>'));
            return end.unwrap_or_else(|| panic!("<{name}> is open: {rest}"));
        }
        rest = element(rest, names);
    }
}

#[test]
fn the_drawings_are_well_formed_and_have_neither_scripts_nor_references() {
    const NAMES: [&str; 18] = [
        "aria-labelledby",
        "desc",
        "fill",
        "font-family",
        "font-size",
        "font-weight",
        "height",
        "id",
        "rect",
        "role",
        "svg",
        "text",
        "title",
        "viewBox",
        "width",
        "x",
        "xmlns",
        "y",
    ];
    for (theme, drawing) in drawings() {
        let mut names = Vec::new();
        assert_eq!(element(&drawing, &mut names), "\n", "{}", theme.file);
        for name in names {
            assert!(NAMES.contains(&name), "{name} in {}", theme.file);
        }
        assert!(!drawing.contains("url("), "{}", theme.file);
    }
}

/// WCAG 2.2: the contrast of two colours, from 1 to 21.
fn contrast(one: &str, other: &str) -> f64 {
    let [one, other] = [one, other].map(|colour| {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a number");
            let value = f64::from(value) / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    });
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_has_a_contrast_of_4_5_and_bars_of_3() {
    for theme in &THEMES {
        for text in [theme.text, theme.quiet_text, theme.ours] {
            assert!(contrast(text, theme.background) >= 4.5, "{text}");
        }
        assert!(
            contrast(theme.others, theme.background) >= 3.0,
            "{}",
            theme.file
        );
    }
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 1e-9);
}
