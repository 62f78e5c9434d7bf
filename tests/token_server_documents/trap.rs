//! A listener that nobody may touch.

use std::io::ErrorKind;
use std::net::TcpListener;

pub(crate) struct Trap(TcpListener);

impl Trap {
    pub(crate) fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        Self(listener)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().expect("it is bound").port()
    }

    #[track_caller]
    pub(crate) fn assert_untouched(&self) {
        let accepted = self.0.accept().map(drop).map_err(|error| error.kind());
        assert_eq!(accepted, Err(ErrorKind::WouldBlock));
    }
}
