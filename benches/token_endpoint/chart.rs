//! Draws the chart of the README from the results that `-- ratios` has written.
//!
//! `scripts/chart` runs both. `tests/chart.rs` checks that the drawings are those of the results.

/// The first line says when, with which compiler and on how many cores they were measured, with tabs
/// between, and the second names the columns. The last two columns are what a request costs over the bare
/// inner service.
pub(crate) const RESULTS: &str = "docs/costs.tsv";

/// Where a drawing is, and its colours.
pub(crate) struct Theme {
    pub(crate) file: &'static str,
    pub(crate) background: &'static str,
    pub(crate) text: &'static str,
    pub(crate) quiet_text: &'static str,
    /// Bars of the layer and their labels.
    pub(crate) ours: &'static str,
    /// All other bars.
    pub(crate) others: &'static str,
}

pub(crate) const THEMES: [Theme; 2] = [
    Theme {
        file: "docs/costs-light.svg",
        background: "#ffffff",
        text: "#1f2328",
        quiet_text: "#59636e",
        ours: "#0969da",
        others: "#818b98",
    },
    Theme {
        file: "docs/costs-dark.svg",
        background: "#0d1117",
        text: "#f0f6fc",
        quiet_text: "#9198a1",
        ours: "#4493f8",
        others: "#6e7681",
    },
];

const TITLE: &str = "What a request costs";
const UNIT: &str = "nanoseconds over the bare inner service";

/// As users build it who set nothing.
const PROFILE: &str = "release";

const CASES: [(&str, &str); 3] = [
    ("accepted", "Accepted"),
    ("wrong-secret", "Wrong secret"),
    ("other-path", "Another path"),
];

struct Contender {
    name: &'static str,
    label: &'static str,
    is_ours: bool,
}

const fn contender(name: &'static str, label: &'static str, is_ours: bool) -> Contender {
    Contender {
        name,
        label,
        is_ours,
    }
}

const CONTENDERS: [Contender; 4] = [
    contender("minimal", "a minimal service", false),
    contender("layer", "the layer", true),
    contender("hand-written-routed", "in axum: by hand", false),
    contender("in-router", "in axum: the layer", true),
];

/// Small, so that the text can still be read if a phone shrinks the drawing to its width.
const WIDTH: f64 = 480.0;
const MARGIN: f64 = 16.0;
const BARS_LEFT: f64 = 190.0;
/// Leaves room for the number behind the longest bar.
const LONGEST_BAR: f64 = WIDTH - MARGIN - BARS_LEFT - 52.0;
const FONT: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// The whole text of an SVG file.
pub(crate) fn draw(results: &str, theme: &Theme) -> String {
    let longest = CASES
        .iter()
        .flat_map(|(case, _)| CONTENDERS.map(|contender| nanos(results, contender.name, case)))
        .fold(1.0, f64::max);
    let mut drawing = Drawing {
        theme,
        shapes: String::new(),
        bottom: MARGIN,
    };
    drawing.line(24.0, theme.text, "font-size='18' font-weight='600'", TITLE);
    drawing.line(20.0, theme.quiet_text, "font-size='15'", UNIT);
    for (case, heading) in CASES {
        drawing.bottom += 16.0;
        drawing.line(24.0, theme.text, "font-weight='600'", heading);
        for contender in &CONTENDERS {
            drawing.bar(contender, nanos(results, contender.name, case), longest);
        }
    }
    drawing.bottom += 16.0;
    let (run, _) = results.split_once('\n').expect("a line about the run");
    let run = format!("{PROFILE} profile, {}", run.replace('\t', ", "));
    drawing.line(20.0, theme.quiet_text, "font-size='15'", &run);
    drawing.finish(&in_words(results))
}

fn nanos(results: &str, contender: &str, case: &str) -> f64 {
    let start = format!("{PROFILE}\t{contender}\t{case}\t");
    let row = results.lines().find_map(|row| row.strip_prefix(&start));
    let nanos = row.and_then(|row| row.split('\t').next()?.parse().ok());
    nanos.unwrap_or_else(|| panic!("{RESULTS} has no row of {start:?}"))
}

/// For those who do not see the drawing.
fn in_words(results: &str) -> String {
    let cases = CASES.map(|(case, heading)| {
        let costs = CONTENDERS.map(|contender| {
            let nanos = shown(nanos(results, contender.name, case));
            format!("{}, {nanos}", contender.label)
        });
        format!("{heading}: {}.", costs.join("; "))
    });
    format!("In {UNIT}. {}", cases.join(" "))
}

/// With a comma between thousands.
fn shown(nanos: f64) -> String {
    let nanos = nanos.round();
    match (nanos / 1000.0).trunc() {
        _ if nanos <= 0.0 => "below the noise".into(),
        0.0 => nanos.to_string(),
        thousands => format!("{thousands},{:03}", nanos % 1000.0),
    }
}

struct Drawing<'t> {
    theme: &'t Theme,
    shapes: String,
    /// Where the next shape begins.
    bottom: f64,
}

impl Drawing<'_> {
    fn line(&mut self, height: f64, colour: &str, style: &str, text: &str) {
        self.text(MARGIN, colour, style, text);
        self.bottom += height;
    }

    fn bar(&mut self, contender: &Contender, nanos: f64, longest: f64) {
        let Theme {
            text, ours, others, ..
        } = *self.theme;
        let (bar, label, style) = match contender.is_ours {
            true => (ours, ours, "font-weight='600'"),
            false => (others, text, "font-weight='400'"),
        };
        let width = (nanos.max(0.0) / longest * LONGEST_BAR).round();
        let top = self.bottom;
        self.text(MARGIN, label, style, contender.label);
        self.shapes += &format!(
            "<rect x='{BARS_LEFT}' y='{top}' width='{width}' height='18' fill='{bar}'/>\n"
        );
        self.text(BARS_LEFT + width + 6.0, text, style, &shown(nanos));
        self.bottom += 26.0;
    }

    /// A text as high as a bar.
    fn text(&mut self, left: f64, colour: &str, style: &str, text: &str) {
        let baseline = self.bottom + 14.5;
        self.shapes +=
            &format!("<text x='{left}' y='{baseline}' fill='{colour}' {style}>{text}</text>\n");
    }

    fn finish(self, description: &str) -> String {
        let height = self.bottom + MARGIN;
        let Self { theme, shapes, .. } = self;
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' \
             viewBox='0 0 {WIDTH} {height}' role='img' aria-labelledby='title costs' \
             font-family=\"{FONT}\" font-size='16'>\n\
             <title id='title'>{TITLE}</title>\n\
             <desc id='costs'>{description}</desc>\n\
             <rect width='{WIDTH}' height='{height}' fill='{}'/>\n\
             {shapes}</svg>\n",
            theme.background
        )
    }
}
