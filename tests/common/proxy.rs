//! A reverse proxy as a process of a test's own.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::programs::{free_port, skip};

const LOG: &str = "stderr.log";

/// A proxy on ports of its own, gone at the latest when this is dropped.
pub(crate) struct Proxy {
    child: Child,
    ports: Vec<u16>,
    folder: PathBuf,
}

impl Proxy {
    /// Starts a program in a folder with these files, which are made for its ports. None if the program is not
    /// installed: then the test is skipped, and says so. If `CI` is set, it fails.
    pub(crate) fn start<const PORTS: usize>(
        program: &str,
        arguments: &[&str],
        files: impl Fn([u16; PORTS]) -> Vec<(&'static str, String)>,
    ) -> Option<Self> {
        let mut log = String::new();
        // Another program may take a free port before the proxy does.
        for _ in 0..5 {
            let ports = [(); PORTS].map(|()| free_port());
            let folder = format!("{program}-{}-{}", std::process::id(), ports[0]);
            let folder = std::env::temp_dir().join(folder);
            fs::create_dir(&folder).expect("a folder for the proxy");
            for (name, text) in files(ports) {
                fs::write(folder.join(name), text).expect("a file");
            }
            let child = match spawn(program, arguments, &folder) {
                Ok(child) => child,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let _ = fs::remove_dir_all(&folder);
                    return skip(program);
                }
                Err(error) => panic!("{program}: {error}"),
            };
            let mut proxy = Self {
                child,
                ports: ports.into(),
                folder,
            };
            if proxy.listens() {
                return Some(proxy);
            }
            log = fs::read_to_string(proxy.folder.join(LOG)).expect("a file");
        }
        panic!("{program} did not start: {log}");
    }

    /// The address of one of its ports, in the order in which its files got them.
    pub(crate) fn address(&self, port: usize) -> SocketAddr {
        ([127, 0, 0, 1], self.ports[port]).into()
    }

    /// Waits until it listens. False if it has ended.
    fn listens(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            let ended = self.child.try_wait().expect("a child can be asked");
            if ended.is_some() {
                return false;
            }
            let listens = |port| TcpStream::connect(self.address(port)).is_ok();
            if (0..self.ports.len()).all(listens) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn spawn(program: &str, arguments: &[&str], folder: &Path) -> std::io::Result<Child> {
    let log = File::create(folder.join(LOG)).expect("a file");
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
}
