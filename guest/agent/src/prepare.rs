//! PREPARE: what makes this microVM itself and no other, before anything of the pod runs.

use std::fs;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::Path;

use channel::messages::{Dns, HostAlias, NetworkInterface, PrepareRequest};
use rustix::time::{ClockId, Timespec, clock_settime};

use crate::disk;
use crate::files;
use crate::netlink::Netlink;

/// `RNDADDENTROPY`: `_IOW('R', 3, int[2])`.
const ADD_ENTROPY: libc::c_ulong = 0x4008_5203;
/// `RNDRESEEDCRNG`: `_IO('R', 7)`.
const RESEED: libc::c_ulong = 0x5207;
const ENTROPY_BYTES: usize = 64;
const LOOPBACK: &str = "lo";
const INTERFACE: &str = "eth0";

/// Does all of it, entropy first: a clone of a template would draw the numbers of its siblings.
pub async fn apply(request: &PrepareRequest) -> Result<(), String> {
    let step = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    add_entropy(&request.entropy).map_err(step("adding entropy"))?;
    set_time(request.time_unix_ns).map_err(step("setting the time"))?;
    rustix::system::sethostname(request.hostname.as_bytes()).map_err(|e| step("setting the host name")(e.into()))?;
    set_network(request.network.as_ref()).map_err(step("setting up the network"))?;
    write_pod_files(request).map_err(step("writing the pod's files"))?;
    if !request.ephemeral_disk_serial.is_empty() {
        disk::mount_ephemeral(&request.ephemeral_disk_serial).await.map_err(step("mounting the ephemeral disk"))?;
    }
    Ok(())
}

fn add_entropy(entropy: &[u8]) -> io::Result<()> {
    let mut request = [0u8; 8 + ENTROPY_BYTES];
    let bytes = entropy.len().min(ENTROPY_BYTES);
    request[..4].copy_from_slice(&(bytes as u32 * 8).to_ne_bytes());
    request[4..8].copy_from_slice(&(bytes as u32).to_ne_bytes());
    request[8..8 + bytes].copy_from_slice(&entropy[..bytes]);
    let device = fs::OpenOptions::new().write(true).open("/dev/urandom")?;
    let file = std::os::fd::AsRawFd::as_raw_fd(&device);
    // SAFETY: the kernel reads two numbers and as many bytes as the second one says, all within `request`.
    if bytes > 0 && unsafe { libc::ioctl(file, ADD_ENTROPY, request.as_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: takes no argument.
    if unsafe { libc::ioctl(file, RESEED) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn set_time(unix_ns: i64) -> io::Result<()> {
    if unix_ns <= 0 {
        return Ok(());
    }
    let time = Timespec { tv_sec: unix_ns / 1_000_000_000, tv_nsec: unix_ns % 1_000_000_000 };
    Ok(clock_settime(ClockId::Realtime, time)?)
}

fn set_network(network: Option<&NetworkInterface>) -> io::Result<()> {
    let mut netlink = Netlink::open()?;
    netlink.set_link_up(interface_index(LOOPBACK)?, None, None)?;
    let Some(network) = network.filter(|network| !network.address.is_empty()) else { return Ok(()) };
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("\"{what}\" is not valid"));
    let (address, prefix) = network.address.split_once('/').ok_or_else(|| invalid(&network.address))?;
    let address: Ipv4Addr = address.parse().map_err(|_| invalid(address))?;
    let prefix: u8 = prefix.parse().ok().filter(|prefix| *prefix <= 32).ok_or_else(|| invalid(prefix))?;
    let mac =
        if network.mac.is_empty() { None } else { Some(parse_mac(&network.mac).ok_or_else(|| invalid(&network.mac))?) };
    let index = interface_index(INTERFACE)?;
    netlink.set_link_up(index, mac, Some(network.mtu).filter(|mtu| *mtu > 0))?;
    netlink.add_address(index, address, prefix)?;
    if !network.gateway.is_empty() {
        let gateway = network.gateway.parse().map_err(|_| invalid(&network.gateway))?;
        netlink.add_default_route(index, gateway)?;
    }
    Ok(())
}

fn interface_index(name: &str) -> io::Result<u32> {
    let text = fs::read_to_string(format!("/sys/class/net/{name}/ifindex"))?;
    text.trim_end().parse().map_err(io::Error::other)
}

fn parse_mac(text: &str) -> Option<[u8; 6]> {
    let mut mac = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut mac {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

fn write_pod_files(request: &PrepareRequest) -> io::Result<()> {
    let address = request.network.as_ref().and_then(|network| network.address.split('/').next()).unwrap_or("");
    let write = |name: &str, content: &str| {
        let mut file = fs::File::create(Path::new(files::POD_FILES).join(name))?;
        file.write_all(content.as_bytes())
    };
    write("hostname", &format!("{}\n", request.hostname))?;
    write("hosts", &hosts(&request.hostname, address, &request.host_aliases))?;
    write("resolv.conf", &resolv_conf(request.dns.as_ref()))
}

fn hosts(hostname: &str, address: &str, aliases: &[HostAlias]) -> String {
    let mut text = String::from(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    );
    text.push_str("fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
    if !address.is_empty() && !hostname.is_empty() {
        text.push_str(&format!("{address}\t{hostname}\n"));
    }
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
    }
    for alias in aliases {
        text.push_str(&format!("{}\t{}\n", alias.ip, alias.hostnames.join("\t")));
    }
    text
}

fn resolv_conf(dns: Option<&Dns>) -> String {
    let Some(dns) = dns else { return String::new() };
    let mut text = String::new();
    if !dns.searches.is_empty() {
        text.push_str(&format!("search {}\n", dns.searches.join(" ")));
    }
    for server in &dns.nameservers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !dns.options.is_empty() {
        text.push_str(&format!("options {}\n", dns.options.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_files_of_the_pod_as_kubernetes_users_know_them() {
        let alias = HostAlias { ip: "10.1.2.3".to_owned(), hostnames: vec!["a".to_owned(), "b".to_owned()] };
        let text = hosts("web", "10.0.0.5", &[alias]);
        assert!(text.contains("10.0.0.5\tweb\n"));
        assert!(text.ends_with("# Entries added by HostAliases.\n10.1.2.3\ta\tb\n"));
        let dns = Dns {
            nameservers: vec!["10.96.0.10".to_owned()],
            searches: vec!["x".to_owned(), "y".to_owned()],
            options: vec!["ndots:5".to_owned()],
        };
        assert_eq!(resolv_conf(Some(&dns)), "search x y\nnameserver 10.96.0.10\noptions ndots:5\n");
    }

    #[test]
    fn reads_mac_addresses() {
        assert_eq!(parse_mac("02:00:0a:f4:00:05"), Some([2, 0, 10, 0xf4, 0, 5]));
        assert_eq!(parse_mac("02:00:0a:f4:00"), None);
        assert_eq!(parse_mac("02:00:0a:f4:00:05:06"), None);
    }
}
