//! Welch's t-test of the times of two classes.

use std::fmt;

use crate::classes::Class;

/// Nanoseconds that each request took, by class.
pub(crate) type Times = Vec<Vec<u32>>;

/// Percent of the requests, the fastest of them, that the croppings keep.
const CROPPINGS: [f64; 7] = [25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9];

/// Beyond these two, classes can be told apart.
const MAX_T: f64 = 4.5;
const MAX_DIFFERENCE: f64 = 25.0;

pub(crate) const HEADING: &str = "kind     place      log  class and class                       \
  median  difference      t | most with cropping: kept %  difference      t";

/// A difference of two means, and how sure it is.
#[derive(Clone, Copy)]
struct Welch {
    difference: f64,
    t: f64,
}

impl Welch {
    fn of(one: &[u32], other: &[u32]) -> Self {
        let [one, other] = [one, other].map(|times| {
            let count = times.len() as f64;
            let mean = mean(times);
            let squares: f64 = times.iter().map(|&it| (f64::from(it) - mean).powi(2)).sum();
            (mean, squares / (count - 1.0) / count)
        });
        let difference = other.0 - one.0;
        Self {
            difference,
            t: difference / (one.1 + other.1).sqrt(),
        }
    }

    /// More for a larger difference, and least if it may be an accident.
    fn tells(&self) -> f64 {
        if self.t.abs() > MAX_T {
            self.difference.abs()
        } else {
            0.0
        }
    }

    fn is_apart(&self) -> bool {
        self.t.abs() > MAX_T && self.difference.abs() >= MAX_DIFFERENCE
    }
}

fn mean(times: &[u32]) -> f64 {
    times.iter().map(|&it| f64::from(it)).sum::<f64>() / times.len() as f64
}

/// Two classes.
pub(crate) struct Row {
    classes: [Class; 2],
    /// Of both.
    median: u32,
    all: Welch,
    /// The cropping that tells most.
    cropped: (f64, Welch),
    is_apart: bool,
}

/// Each two classes. First, one of them is compared with itself: every other time of it.
pub(crate) fn rows(classes: &[Class], times: &Times) -> Vec<Row> {
    let every_other = |start| times[0].iter().copied().skip(start).step_by(2).collect();
    let [even, odd]: [Vec<_>; 2] = [every_other(0), every_other(1)];
    let mut rows = vec![row([classes[0]; 2], &even, &odd)];
    for (place, &one) in classes.iter().enumerate() {
        for (other_place, &other) in classes.iter().enumerate().skip(place + 1) {
            rows.push(row([one, other], &times[place], &times[other_place]));
        }
    }
    rows
}

fn row(classes: [Class; 2], one: &[u32], other: &[u32]) -> Row {
    let all = Welch::of(one, other);
    let mut together = [one, other].concat();
    together.sort_unstable();
    let mut is_apart = all.is_apart();
    let mut cropped = (100.0, all);
    for (n, kept) in CROPPINGS.into_iter().enumerate() {
        let limit = together[(together.len() as f64 * kept / 100.0) as usize];
        let below = |times: &[u32]| times.iter().copied().filter(|&it| it < limit).collect();
        let [one, other]: [Vec<_>; 2] = [below(one), below(other)];
        if one.len() < 2 || other.len() < 2 {
            continue;
        }
        let welch = Welch::of(&one, &other);
        is_apart |= welch.is_apart();
        if n == 0 || welch.tells() > cropped.1.tells() {
            cropped = (kept, welch);
        }
    }
    Row {
        classes,
        median: together[together.len() / 2],
        all,
        cropped,
        is_apart,
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, other] = self.classes.map(Class::name);
        let (kept, cropped) = self.cropped;
        write!(
            formatter,
            "{:34} {:>8} {:>11.1} {:>6.1} | {kept:>26} {:>11.1} {:>6.1}{}",
            format!("{one}, {other}"),
            self.median,
            self.all.difference,
            self.all.t,
            cropped.difference,
            cropped.t,
            if self.is_apart { "  apart" } else { "" },
        )
    }
}
