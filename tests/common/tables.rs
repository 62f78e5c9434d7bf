//! Tables of rows: each row is judged by itself, and all that do not hold are named at the end.

use std::fmt::Display;

/// Rows, and the layer that they hold for.
pub(crate) struct Table<L, R> {
    pub(crate) layer: L,
    pub(crate) rows: Vec<R>,
}

/// A row that says what must hold for it.
pub(crate) trait Judged<L>: Display + Send + 'static {
    /// Panics if the row does not hold.
    fn judge(self, layer: L) -> impl Future<Output = ()> + Send + 'static;
}

impl<L: Clone, R: Judged<L>> Table<L, R> {
    pub(crate) fn new(layer: L, rows: Vec<R>) -> Self {
        Self { layer, rows }
    }

    /// Judges every row, then names those that do not hold.
    pub(crate) async fn hold(self) {
        hold(self.rows, |row| row.judge(self.layer.clone())).await;
    }
}

/// Judges every row in a task of its own, then names those that do not hold.
pub(crate) async fn hold<R: Display, F>(rows: impl IntoIterator<Item = R>, judge: impl Fn(R) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut broken = Broken::default();
    for row in rows {
        let name = row.to_string();
        if tokio::spawn(judge(row)).await.is_err() {
            broken.add(name);
        }
    }
    broken.assert_none();
}

/// The names of the rows that do not hold.
#[derive(Default)]
pub(crate) struct Broken(Vec<String>);

impl Broken {
    /// Prints the name below the message of the panic.
    pub(crate) fn add(&mut self, row: impl Display) {
        eprintln!("    ^ {row}\n");
        self.0.push(row.to_string());
    }

    pub(crate) fn assert_none(self) {
        let Self(names) = self;
        assert!(names.is_empty(), "rows that do not hold: {names:#?}");
    }
}

/// Whether this names a section of one of these documents, or the public module `decisions`.
pub(crate) fn rests_on(section: &str, documents: &[&str]) -> bool {
    section == "decisions"
        || documents.iter().any(|it| section.starts_with(it))
            && (section.contains(" §") || section.contains(" App. "))
}
