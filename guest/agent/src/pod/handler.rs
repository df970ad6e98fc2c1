//! What hooks and probes do: run a command, ask over HTTP or gRPC, connect, wait.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

use channel::messages::{ExecAction, Handler, HttpGetAction, handler::Action};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

use super::process::Started;
use super::{Pod, Process, grpc};
use crate::runtime::{Descriptor, sleep};

/// As much of a command's output or of an answer as goes into a message.
const OUTPUT_BYTES_MAX: usize = 1024;
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Runs the action to its end; the error is what the user reads.
pub async fn run(pod: &Pod, process: &Process, handler: &Handler) -> Result<(), String> {
    match &handler.action {
        Some(Action::Exec(action)) => run_command(process, action).await,
        Some(Action::HttpGet(action)) => get(pod, action).await,
        Some(Action::TcpSocket(action)) => dial(pod, &action.host, action.port).await.map(drop),
        Some(Action::Grpc(action)) => grpc::check(&dial(pod, "", action.port).await?, &action.service).await,
        Some(Action::Sleep(action)) => {
            sleep(Duration::from_secs(action.seconds.max(0).unsigned_abs())).await;
            Ok(())
        }
        None => Err("there is no action".to_owned()),
    }
}

/// Kills the command when the wait for it is given up.
struct KillOnDrop(Started);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill();
    }
}

async fn run_command(process: &Process, action: &ExecAction) -> Result<(), String> {
    let started = process.exec(&action.command, None, false).await.map_err(|error| error.to_string())?;
    let command = KillOnDrop(started);
    let mut output = Vec::new();
    for source in [&command.0.stdout, &command.0.stderr].into_iter().flatten() {
        let mut buffer = [0; OUTPUT_BYTES_MAX];
        while let Ok(count @ 1..) = source.read(&mut buffer).await {
            let room = OUTPUT_BYTES_MAX - output.len();
            output.extend_from_slice(&buffer[..count.min(room)]);
        }
    }
    match command.0.wait().await.code {
        0 => Ok(()),
        code => Err(format!("command exited with {code}: {}", String::from_utf8_lossy(&output).trim_end())),
    }
}

/// Connects to an address of the pod; names are not resolved, as probes go to addresses.
pub async fn dial(pod: &Pod, host: &str, port: u32) -> Result<Descriptor, String> {
    let host = if host.is_empty() { pod.address() } else { host.to_owned() };
    let host = if host == "localhost" { "127.0.0.1".to_owned() } else { host };
    let address: IpAddr = host.parse().map_err(|_| format!("\"{host}\" is not an address"))?;
    let port = u16::try_from(port).map_err(|_| format!("{port} is not a port"))?;
    let address = SocketAddr::new(address, port);
    connect_to(address).await.map_err(|errno| format!("dial tcp {address}: {}", std::io::Error::from(errno)))
}

/// A TCP connection from inside the pod.
pub async fn connect_to(address: SocketAddr) -> Result<Descriptor, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket: OwnedFd = socket_with(family, SocketType::STREAM, flags, None)?;
    let pending = match connect(&socket, &address) {
        Ok(()) => false,
        Err(Errno::INPROGRESS) => true,
        Err(errno) => return Err(errno),
    };
    let socket = Descriptor::new(socket)?;
    if pending {
        // Taking it into the loop may report an edge of its own, so ask until the kernel has an answer.
        loop {
            socket.writable().await;
            sockopt::socket_error(&socket)??;
            match rustix::net::getpeername(&socket) {
                Ok(_) => break,
                Err(Errno::NOTCONN) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
    Ok(socket)
}

async fn get(pod: &Pod, action: &HttpGetAction) -> Result<(), String> {
    if action.https {
        return Err("probes over HTTPS are not supported, use an exec, TCP or plain HTTP probe".to_owned());
    }
    let socket = dial(pod, &action.host, action.port).await?;
    let host = if action.host.is_empty() { pod.address() } else { action.host.clone() };
    let failed = |errno: Errno| format!("asking for {}: {}", action.path, std::io::Error::from(errno));
    socket.write_all(request(action, &host).as_bytes()).await.map_err(failed)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while answer.len() < ANSWER_BYTES_MAX && !answer.contains(&b'\n') {
        match socket.read(&mut buffer).await.map_err(failed)? {
            0 => break,
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
    match status_code(&answer) {
        Some(200..=399) => Ok(()),
        Some(code) => Err(format!("HTTP probe failed with statuscode: {code}")),
        None => Err("the answer is not HTTP".to_owned()),
    }
}

fn request(action: &HttpGetAction, host: &str) -> String {
    let clean = |text: &str| text.replace(['\r', '\n'], "");
    let path = if action.path.starts_with('/') { clean(&action.path) } else { format!("/{}", clean(&action.path)) };
    let named = |name: &str| action.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let mut text = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
    if !named("host") {
        text.push_str(&format!("Host: {}:{}\r\n", clean(host), action.port));
    }
    if !named("user-agent") {
        text.push_str("User-Agent: kube-probe/1.34\r\n");
    }
    if !named("accept") {
        text.push_str("Accept: */*\r\n");
    }
    for header in &action.headers {
        text.push_str(&format!("{}: {}\r\n", clean(&header.name), clean(&header.value)));
    }
    text.push_str("\r\n");
    text
}

fn status_code(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(line).ok()?;
    text.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_once_for_what_the_probe_says_and_reads_the_status() {
        let action = HttpGetAction { port: 80, path: "x\r\ny".to_owned(), ..HttpGetAction::default() };
        assert!(request(&action, "10.0.0.1").starts_with("GET /xy HTTP/1.1\r\n"));
        assert_eq!(status_code(b"HTTP/1.1 204 No Content\r\n"), Some(204));
        assert_eq!(status_code(b"SSH-2.0"), None);
    }
}
