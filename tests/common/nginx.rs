//! An nginx of a test's own, as a reverse proxy.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::programs::{free_port, skip};

/// A proxy on a port of its own, gone at the latest when this is dropped.
pub(crate) struct Nginx {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Nginx {
    /// Hands every request on to this address. None if no `nginx` is installed: then the test is
    /// skipped, and says so. If `CI` is set, it fails.
    pub(crate) fn in_front_of(server: SocketAddr) -> Option<Self> {
        // Another program may take a free port before the proxy does.
        for _ in 0..5 {
            let port = free_port();
            let folder = format!("nginx-{}-{port}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            std::fs::create_dir(&folder).expect("a folder for the proxy");
            let config = configuration(port, server);
            std::fs::write(folder.join("nginx.conf"), config).expect("a file");
            let child = match spawn(&folder) {
                Ok(child) => child,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let _ = std::fs::remove_dir_all(&folder);
                    return skip("nginx");
                }
                Err(error) => panic!("nginx: {error}"),
            };
            let mut nginx = Self {
                child,
                port,
                folder,
            };
            if nginx.listens() {
                return Some(nginx);
            }
        }
        panic!("nginx did not start");
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Waits until it listens. False if it has ended.
    fn listens(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            let ended = self.child.try_wait().expect("a child can be asked");
            if ended.is_some() {
                return false;
            }
            if TcpStream::connect(self.address()).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// One process that writes into its folder alone.
fn configuration(port: u16, server: SocketAddr) -> String {
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {name};\n"))
        .concat();
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    keepalive_requests 1000000;
{folders}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://{server};
            proxy_http_version 1.1;
            proxy_set_header Host $host;
        }}
    }}
}}
"
    )
}

fn spawn(folder: &PathBuf) -> std::io::Result<Child> {
    Command::new("nginx")
        .arg("-p")
        .arg(folder)
        .args(["-c", "nginx.conf", "-e", "stderr"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
