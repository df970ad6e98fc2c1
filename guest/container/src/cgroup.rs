//! One cgroup (version 2) of its own per container.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// Length of the period that `cpu.max` shares out, as Kubernetes has it.
const CPU_PERIOD_US: u64 = 100_000;

/// Limits and shares; `None` leaves the kernel's own.
#[derive(Clone, Debug, Default)]
pub struct CgroupLimits {
    pub cpu_limit_millis: Option<u32>,
    pub cpu_request_millis: u32,
    pub memory_limit_bytes: Option<u64>,
    pub processes_max: Option<u32>,
}

/// A directory of the cgroup file system.
#[derive(Debug)]
pub struct Cgroup {
    path: PathBuf,
}

impl Cgroup {
    /// Makes the cgroup. Its parent has to hand down the controllers already.
    ///
    /// # Errors
    /// When the directory cannot be made; an existing one is an error too.
    pub fn create(path: &Path) -> io::Result<Cgroup> {
        fs::create_dir(path)?;
        Ok(Cgroup { path: path.to_owned() })
    }

    /// Writes the limits that hold from the first instruction on. The processor's limit is not one of them: it would throttle
    /// the setup itself, see [`Cgroup::limit_cpu`].
    ///
    /// # Errors
    /// When the kernel refuses a value.
    pub fn limit(&self, limits: &CgroupLimits) -> io::Result<()> {
        self.write("cpu.weight", &cpu_weight(limits.cpu_request_millis).to_string())?;
        if let Some(bytes) = limits.memory_limit_bytes {
            self.write("memory.max", &bytes.to_string())?;
            // One process that runs out of memory takes its container with it: half a container helps nobody.
            self.write("memory.oom.group", "1")?;
        }
        if let Some(count) = limits.processes_max {
            self.write("pids.max", &count.to_string())?;
        }
        Ok(())
    }

    /// Writes the processor's limit; to be called after `execve`.
    ///
    /// # Errors
    /// When the kernel refuses the value.
    pub fn limit_cpu(&self, limits: &CgroupLimits) -> io::Result<()> {
        let Some(millis) = limits.cpu_limit_millis else { return Ok(()) };
        // The kernel takes no quota below one millisecond.
        let quota = (u64::from(millis) * CPU_PERIOD_US / 1000).max(1000);
        self.write("cpu.max", &format!("{quota} {CPU_PERIOD_US}"))
    }

    /// Opens the directory for `clone3`.
    ///
    /// # Errors
    /// When it is gone.
    pub fn open(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::open(&self.path, flags, Mode::empty())?)
    }

    /// Kills every process in it, those that are being forked too.
    ///
    /// # Errors
    /// When it is gone.
    pub fn kill(&self) -> io::Result<()> {
        self.write("cgroup.kill", "1")
    }

    /// True while a process is in it.
    #[must_use]
    pub fn is_populated(&self) -> bool {
        self.number("cgroup.events", "populated").is_some_and(|value| value != 0)
    }

    /// How many processes the kernel killed for lack of memory.
    #[must_use]
    pub fn oom_kills(&self) -> u64 {
        self.number("memory.events", "oom_kill").unwrap_or(0)
    }

    /// Removes the cgroup; it has to be empty.
    ///
    /// # Errors
    /// `EBUSY` while processes are in it.
    pub fn remove(&self) -> io::Result<()> {
        fs::remove_dir(&self.path)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, file: &str, value: &str) -> io::Result<()> {
        fs::write(self.path.join(file), value)
            .map_err(|error| io::Error::new(error.kind(), format!("writing \"{value}\" to {file}: {error}")))
    }

    fn number(&self, file: &str, key: &str) -> Option<u64> {
        let text = fs::read_to_string(self.path.join(file)).ok()?;
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok())
    }
}

/// Kubernetes' way from milli-CPUs over shares (2..262144) to the weight of cgroup version 2 (1..10000).
fn cpu_weight(request_millis: u32) -> u64 {
    let shares = (u64::from(request_millis) * 1024 / 1000).clamp(2, 262_144);
    1 + (shares - 2) * 9999 / 262_142
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_weights_as_kubernetes_computes_them() {
        assert_eq!([0, 2, 100, 1000, 256_000, u32::MAX].map(cpu_weight), [1, 1, 4, 39, 10_000, 10_000]);
    }
}
