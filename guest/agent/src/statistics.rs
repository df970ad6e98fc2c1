//! STATS: what the pod and its containers use.

use std::fs;
use std::path::Path;

use channel::messages::{ContainerUsage, FilesystemUsage, StatsResponse, Usage};

use crate::clock;
use crate::files;
use crate::pod::Pod;

pub fn gather(pod: &Pod) -> StatsResponse {
    let containers = pod.containers().into_iter().map(|container| ContainerUsage {
        name: container.name().to_owned(),
        usage: container.running_process().map(|process| usage(process.cgroup.path())),
        logs: Some(FilesystemUsage { used_bytes: container.log.used_bytes(), ..FilesystemUsage::default() }),
    });
    StatsResponse {
        time_unix_ns: clock::now_unix_ns(),
        pod: Some(usage(Path::new(files::POD_CGROUP))),
        containers: containers.collect(),
        ephemeral: filesystem(),
        network_received_bytes: network("rx_bytes"),
        network_sent_bytes: network("tx_bytes"),
    }
}

fn usage(cgroup: &Path) -> Usage {
    let current = number(&cgroup.join("memory.current"));
    let inactive = keyed(&cgroup.join("memory.stat"), "inactive_file");
    Usage {
        cpu_usage_ns: keyed(&cgroup.join("cpu.stat"), "usage_usec").saturating_mul(1000),
        memory_current_bytes: current,
        memory_working_set_bytes: current.saturating_sub(inactive),
        processes: number(&cgroup.join("pids.current")),
    }
}

fn filesystem() -> Option<FilesystemUsage> {
    let state = rustix::fs::statvfs(files::EPHEMERAL).ok()?;
    Some(FilesystemUsage {
        capacity_bytes: state.f_blocks * state.f_frsize,
        used_bytes: (state.f_blocks - state.f_bfree) * state.f_frsize,
        inodes: state.f_files,
        inodes_used: state.f_files - state.f_ffree,
    })
}

fn network(counter: &str) -> u64 {
    number(&Path::new("/sys/class/net/eth0/statistics").join(counter))
}

/// Zero where there is no such file: a container that just ended, a pod without a network.
fn number(path: &Path) -> u64 {
    fs::read_to_string(path).ok().and_then(|text| text.trim_end().parse().ok()).unwrap_or(0)
}

fn keyed(path: &Path, key: &str) -> u64 {
    let Ok(text) = fs::read_to_string(path) else { return 0 };
    let value = |line: &str| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok();
    text.lines().find_map(value).unwrap_or(0)
}
