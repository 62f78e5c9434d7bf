//! Redis servers of a test's own, and a connection that speaks to them without any library.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::common::programs::{free_port, skip};

/// What ends sooner on any machine. What hangs does not end at all.
pub(crate) const FOREVER: Duration = Duration::from_secs(60);

/// A server on a port of its own, gone at the latest when this is dropped.
pub(crate) struct RedisServer {
    child: Child,
    port: u16,
    folder: PathBuf,
    options: Vec<String>,
}

impl RedisServer {
    /// None if no `redis-server` is installed: then the test is skipped, and says so. If `CI` is
    /// set, it fails.
    pub(crate) fn start(options: &[&str]) -> Option<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let n = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = format!("replays-{}-{n}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir(&folder).expect("a folder for the server");
        let options: Vec<_> = options.iter().map(|&it| it.to_owned()).collect();
        // Another program may take a free port before the server does.
        for _ in 0..5 {
            let port = free_port();
            let child = match spawn(port, &folder, &options) {
                Ok(child) => child,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let _ = std::fs::remove_dir(&folder);
                    return skip("redis-server");
                }
                Err(error) => panic!("redis-server: {error}"),
            };
            let mut server = Self {
                child,
                port,
                folder: folder.clone(),
                options: options.clone(),
            };
            if server.answers() {
                return Some(server);
            }
            std::mem::forget(std::mem::take(&mut server.folder));
        }
        panic!("redis-server did not start");
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// As a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("and waited for");
    }

    /// It keeps its connections, and reads nothing until [`resume`](Self::resume).
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status();
        assert!(status.expect("`kill` is everywhere").success());
    }

    /// On the same port, with the same files.
    pub(crate) fn restart(&mut self) {
        for _ in 0..20 {
            self.child = spawn(self.port, &self.folder, &self.options).expect("it did start");
            if self.answers() {
                return;
            }
        }
        panic!("redis-server did not start again");
    }

    /// Sends a command and gives the reply: see [`Resp::ask`].
    pub(crate) fn ask(&self, command: &[&str]) -> String {
        Resp::connect(self.port).expect("a server").ask(command)
    }

    /// Waits until the server answers. False if it has ended.
    fn answers(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if self
                .child
                .try_wait()
                .expect("a child can be asked")
                .is_some()
            {
                return false;
            }
            if Resp::connect(self.port).is_ok_and(|mut resp| resp.ask(&["PING"]) == "+PONG") {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.folder.is_absolute() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn spawn(port: u16, folder: &PathBuf, options: &[String]) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ])
        .args(["--daemonize", "no", "--dir"])
        .arg(folder)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Three servers that share the slots of a Redis Cluster.
pub(crate) struct RedisCluster {
    pub(crate) nodes: [RedisServer; 3],
}

impl RedisCluster {
    pub(crate) fn start() -> Option<Self> {
        let node = || {
            let bus = free_port().to_string();
            // A node without slots must stay a primary, and not become a replica by itself.
            let node = RedisServer::start(&[
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "2000",
                "--cluster-allow-replica-migration",
                "no",
                "--cluster-port",
                &bus,
            ])?;
            Some((node, bus))
        };
        let nodes = [node()?, node()?, node()?];
        let first_slots = [0, 5461, 10_922, 16_384];
        for (n, (node, _)) in nodes.iter().enumerate() {
            let (from, to) = (
                first_slots[n].to_string(),
                (first_slots[n + 1] - 1).to_string(),
            );
            let epoch = (n + 1).to_string();
            assert_eq!(node.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &epoch]), "+OK");
            assert_eq!(node.ask(&["CLUSTER", "ADDSLOTSRANGE", &from, &to]), "+OK");
        }
        for (node, bus) in &nodes[1..] {
            let (first, port) = (&nodes[0].0, node.port.to_string());
            assert_eq!(
                first.ask(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]),
                "+OK"
            );
        }
        let cluster = Self {
            nodes: nodes.map(|(node, _)| node),
        };
        cluster.agree();
        Some(cluster)
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    /// Hands these slots to a node. Those that had them must be empty.
    pub(crate) fn move_slots(&self, slots: std::ops::Range<u16>, to: usize) {
        let id = self.nodes[to].ask(&["CLUSTER", "MYID"]);
        // Of two that claim a slot, the one with the later epoch has it.
        let bumped = self.nodes[to].ask(&["CLUSTER", "BUMPEPOCH"]);
        assert!(bumped.starts_with("+BUMPED"), "{bumped}");
        let mut order = vec![to];
        order.extend((0..3).filter(|node| *node != to));
        for node in order {
            let mut resp = Resp::connect(self.nodes[node].port).expect("a node");
            for slot in slots.clone() {
                let slot = slot.to_string();
                assert_eq!(resp.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &id]), "+OK");
            }
        }
    }

    /// Waits until every node knows of all and finds the cluster whole.
    fn agree(&self) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            let agrees = |node: &RedisServer| {
                let info = node.ask(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            };
            if self.nodes.iter().all(agrees) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the nodes did not make a cluster");
    }
}

/// A connection in the protocol of Redis.
pub(crate) struct Resp(BufReader<TcpStream>);

impl Resp {
    pub(crate) fn connect(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// The reply as it is on the wire without line ends, or the text of a bulk string; empty
    /// if the connection ended.
    pub(crate) fn ask(&mut self, command: &[&str]) -> String {
        let mut wire = format!("*{}\r\n", command.len());
        for word in command {
            wire.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        let mut reply = String::new();
        let stream = &mut self.0;
        if stream.get_mut().write_all(wire.as_bytes()).is_err()
            || stream.read_line(&mut reply).is_err()
        {
            return String::new();
        }
        let reply = reply.trim_end().to_owned();
        let Some(Ok(len)) = reply.strip_prefix('$').map(str::parse::<usize>) else {
            return reply;
        };
        let mut text = vec![0; len + 2];
        self.0.read_exact(&mut text).expect("the rest of it");
        String::from_utf8_lossy(&text[..len]).into_owned()
    }
}
