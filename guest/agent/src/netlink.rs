//! Links, addresses and routes by rtnetlink: five requests of fixed shape, so no library.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};

const ACKNOWLEDGED: u16 = (libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16;
const CREATE: u16 = (libc::NLM_F_CREATE | libc::NLM_F_REPLACE) as u16;
/// `RTNH_F_ONLINK`: the gateway counts as reachable through the link.
const ON_LINK: u32 = 4;
const HEADER_BYTES: usize = 16;
const ANSWER_BYTES_MAX: usize = 8192;

/// A conversation with the kernel about the network.
pub struct Netlink {
    socket: OwnedFd,
    sequence: u32,
}

impl Netlink {
    pub fn open() -> io::Result<Netlink> {
        // Protocol 0 is rtnetlink.
        let kind = SocketType::RAW;
        let socket = socket_with(AddressFamily::NETLINK, kind, SocketFlags::CLOEXEC, None)?;
        Ok(Netlink { socket, sequence: 0 })
    }

    /// Gives a link its address and MTU where asked for, and takes it up.
    pub fn set_link_up(&mut self, index: u32, mac: Option<[u8; 6]>, mtu: Option<u32>) -> io::Result<()> {
        if let Some(mac) = mac {
            let mut message = link_message(index, false);
            attribute(&mut message, libc::IFLA_ADDRESS, &mac);
            self.request(libc::RTM_NEWLINK, 0, &message)?;
        }
        let mut message = link_message(index, true);
        if let Some(mtu) = mtu {
            attribute(&mut message, libc::IFLA_MTU, &mtu.to_ne_bytes());
        }
        self.request(libc::RTM_NEWLINK, 0, &message)
    }

    pub fn add_address(&mut self, index: u32, address: Ipv4Addr, prefix_length: u8) -> io::Result<()> {
        let mut message = vec![libc::AF_INET as u8, prefix_length, 0, 0];
        message.extend_from_slice(&index.to_ne_bytes());
        attribute(&mut message, libc::IFA_LOCAL, &address.octets());
        attribute(&mut message, libc::IFA_ADDRESS, &address.octets());
        let bits = u32::from(address);
        let host_mask = u32::MAX.checked_shr(prefix_length.into()).unwrap_or(0);
        if prefix_length < 31 {
            attribute(&mut message, libc::IFA_BROADCAST, &(bits | host_mask).to_be_bytes());
        }
        self.request(libc::RTM_NEWADDR, CREATE, &message)
    }

    /// The default route; the gateway may lie outside of the address' own network.
    pub fn add_default_route(&mut self, index: u32, gateway: Ipv4Addr) -> io::Result<()> {
        let mut message = vec![
            libc::AF_INET as u8,
            0,
            0,
            0,
            libc::RT_TABLE_MAIN,
            libc::RTPROT_BOOT,
            libc::RT_SCOPE_UNIVERSE,
            libc::RTN_UNICAST,
        ];
        message.extend_from_slice(&ON_LINK.to_ne_bytes());
        attribute(&mut message, libc::RTA_GATEWAY, &gateway.octets());
        attribute(&mut message, libc::RTA_OIF, &index.to_ne_bytes());
        self.request(libc::RTM_NEWROUTE, CREATE, &message)
    }

    fn request(&mut self, kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
        self.sequence += 1;
        let mut message = Vec::with_capacity(HEADER_BYTES + body.len());
        message.extend_from_slice(&((HEADER_BYTES + body.len()) as u32).to_ne_bytes());
        message.extend_from_slice(&kind.to_ne_bytes());
        message.extend_from_slice(&(ACKNOWLEDGED | flags).to_ne_bytes());
        message.extend_from_slice(&self.sequence.to_ne_bytes());
        message.extend_from_slice(&0u32.to_ne_bytes());
        message.extend_from_slice(body);
        send(&self.socket, &message, SendFlags::empty())?;
        let mut answer = [0u8; ANSWER_BYTES_MAX];
        // The kernel answers such requests before `send` returns, so this never waits.
        let (_, length) = recv(&self.socket, &mut answer[..], RecvFlags::DONTWAIT)?;
        match answer[..length].get(HEADER_BYTES..HEADER_BYTES + 4) {
            Some(&[a, b, c, d]) => match i32::from_ne_bytes([a, b, c, d]) {
                0 => Ok(()),
                errno => Err(io::Error::from_raw_os_error(-errno)),
            },
            _ => Err(io::Error::other("the kernel's answer is too short")),
        }
    }
}

fn link_message(index: u32, up: bool) -> Vec<u8> {
    let flags = if up { libc::IFF_UP as u32 } else { 0 };
    let mut message = vec![0u8; 4];
    message.extend_from_slice(&index.to_ne_bytes());
    message.extend_from_slice(&flags.to_ne_bytes());
    message.extend_from_slice(&(libc::IFF_UP as u32 & flags).to_ne_bytes());
    message
}

/// Length, kind, value, padded to four bytes.
fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend_from_slice(&((4 + value.len()) as u16).to_ne_bytes());
    message.extend_from_slice(&kind.to_ne_bytes());
    message.extend_from_slice(value);
    message.resize(message.len().next_multiple_of(4), 0);
}
