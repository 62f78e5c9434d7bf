//! The servers under load, each a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// A server that this program started, and ends.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// Kept open: a server that prints more must not fail for it.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().ok_or("no stdout")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .map(str::parse);
        let Some(Ok(address)) = address else {
            process.kill()?;
            return Err(format!("instead of its address the server said {line:?}").into());
        };
        Ok(Self {
            process,
            address,
            _stdout: stdout,
        })
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = Path::new("/proc")
            .join(self.process.id().to_string())
            .join(file);
        Ok(std::fs::read_to_string(path)?)
    }

    pub(crate) fn resident_kib(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most that was ever resident.
    pub(crate) fn peak_kib(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    pub(crate) fn threads(&self) -> Result<u64> {
        self.status("Threads:")
    }

    /// How many files and connections are open.
    pub(crate) fn descriptors(&self) -> Result<u64> {
        let path = Path::new("/proc").join(self.process.id().to_string());
        Ok(std::fs::read_dir(path.join("fd"))?.count().try_into()?)
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = self.proc("status")?;
        let value = status.lines().find_map(|line| line.strip_prefix(name));
        let number = value.and_then(|value| value.split_whitespace().next());
        Ok(number.ok_or_else(|| format!("no {name}"))?.parse()?)
    }

    /// Sends Ctrl-C. Tells whether it ended in order, within so long.
    pub(crate) fn interrupt(&mut self, within: Duration) -> Result<bool> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-INT", &id]).status()?;
        let start = Instant::now();
        while start.elapsed() < within {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status.success());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(false)
    }

    /// User and system time so far of a server of one thread. `stat` has it too, but counted in
    /// hundredths of a second.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let schedstat = self.proc("schedstat")?;
        let nanoseconds = schedstat.split(' ').next().ok_or("schedstat is empty")?;
        Ok(Duration::from_nanos(nanoseconds.parse()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
