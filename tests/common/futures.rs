//! Futures, run without `#[tokio::test]`.

use std::future::Future;
use std::sync::LazyLock;

/// Runs a test's future where there is no `#[tokio::test]`.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    });
    RUNTIME.block_on(future)
}
