//! PORT_FORWARD: a connection to a port of the pod, as somebody inside would make it.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use channel::messages::status::Code;
use channel::messages::{Bytes, PortForwardInput, port_forward_input::Input};
use rustix::io::Errno;

use crate::pod::connect_to;
use crate::runtime::{Either, race};
use crate::server::{Call, Failure};

const READ_BYTES: usize = 64 * 1024;

/// Carries one connection until both halves have ended.
pub async fn forward_port(call: &Rc<Call>) -> Result<(), Failure> {
    let Some(Input::Start(start)) = call.request::<PortForwardInput>().await?.input else {
        return Err(Failure::new(Code::InvalidArgument, "the first message has to be the start"));
    };
    let port = u16::try_from(start.port).map_err(|_| Failure::new(Code::InvalidArgument, "there is no such port"))?;
    let loopback = |address: IpAddr| connect_to(SocketAddr::new(address, port));
    let socket = match loopback(Ipv4Addr::LOCALHOST.into()).await {
        Ok(socket) => socket,
        Err(error) => loopback(Ipv6Addr::LOCALHOST.into()).await.map_err(|_| {
            Failure::new(Code::Unavailable, format!("connecting to port {port}: {}", std::io::Error::from(error)))
        })?,
    };
    let broken = |errno: Errno| {
        let error = std::io::Error::from(errno);
        Failure::new(Code::Unavailable, format!("the connection to port {port} broke: {error}"))
    };
    let fault = Cell::new(None);
    let to_pod = async {
        while let Some(PortForwardInput { input }) = call.receive().await? {
            let Some(Input::Data(bytes)) = input else { continue };
            match socket.write_all(&bytes).await {
                Ok(()) => {}
                // A server that takes no more may still have something to say.
                Err(Errno::PIPE) => break,
                // The kernel tells a reset once: whoever reads afterwards finds what came before, then nothing but an end.
                Err(errno) => {
                    fault.set(Some(broken(errno)));
                    break;
                }
            }
        }
        // The other half may have ended the connection already.
        let _ = rustix::net::shutdown(&socket, rustix::net::Shutdown::Write);
        Ok::<(), Failure>(())
    };
    let to_host = async {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match socket.read(&mut buffer).await {
                Ok(0) => break,
                Ok(count) => call.send(&Bytes { data: buffer[..count].to_vec() }).await?,
                Err(errno) => return Err(broken(errno)),
            }
        }
        fault.take().map_or(Ok(()), Err)
    };
    let (mut to_pod, mut to_host) = (std::pin::pin!(to_pod), std::pin::pin!(to_host));
    match race(to_host.as_mut(), to_pod.as_mut()).await {
        // A server that has hung up takes no more input.
        Either::First(outcome) => outcome,
        Either::Second(outcome) => {
            outcome?;
            to_host.await
        }
    }
}
