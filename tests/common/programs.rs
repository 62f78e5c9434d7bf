//! Programs that tests start.

use std::env;
use std::io::Write;
use std::net::TcpListener;
use std::thread;

/// For a test whose program is missing. It is loud, and in CI a failure.
pub(crate) fn skip<T>(program: &str) -> Option<T> {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    assert!(
        env::var_os("CI").is_none(),
        "{test}: {program} is not installed"
    );
    // Not by a macro, whose output the test runner keeps to itself.
    let _ = writeln!(
        std::io::stderr(),
        "\n!! SKIPPED {test}: {program} is not installed\n"
    );
    None
}

/// A port of loopback that nobody listened on a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("has one").port()
}
