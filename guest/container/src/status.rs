//! How a child tells its parent what became of it: over a socket that `execve` closes.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use crate::error::{FailureKind, StartFailure};

const CONSOLE: u8 = b'C';
const FAILURE: u8 = b'F';
/// Kind, errno, and as much of the step's text as anybody wants to read.
const MESSAGE_BYTES_MAX: usize = 4096;

/// What the parent hears.
#[derive(Debug)]
pub enum StartStatus {
    /// The terminal's other end. More follows.
    Terminal(OwnedFd),
    Failed(StartFailure),
    /// The program runs.
    Started,
}

/// The parent's end. Readable when there is something to say; every state but [`StartStatus::Terminal`] is the last one.
#[derive(Debug)]
pub struct StatusSocket(OwnedFd);

impl StatusSocket {
    /// Both ends: the parent's, non-blocking where asked for, and the child's.
    pub(crate) fn pair() -> Result<(StatusSocket, ChildStatus), Errno> {
        let (parent, child) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((StatusSocket(parent), ChildStatus(child)))
    }

    /// Reads the next state. `EAGAIN` where the descriptor was made non-blocking and there is none yet.
    ///
    /// # Errors
    /// Those of `recvmsg`.
    pub fn read(&self) -> Result<StartStatus, Errno> {
        let mut bytes = [0; MESSAGE_BYTES_MAX];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(&self.0, &mut [IoSliceMut::new(&mut bytes)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
        let message = &bytes[..received.bytes];
        match message {
            [] => Ok(StartStatus::Started),
            [CONSOLE, ..] => {
                let descriptor = ancillary.drain().find_map(|message| match message {
                    RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
                    _ => None,
                });
                descriptor.map(StartStatus::Terminal).ok_or(Errno::BADMSG)
            }
            [FAILURE, kind, a, b, c, d, step @ ..] => Ok(StartStatus::Failed(StartFailure {
                kind: match kind {
                    1 => FailureKind::NotFound,
                    2 => FailureKind::NotExecutable,
                    _ => FailureKind::Setup,
                },
                step: String::from_utf8_lossy(step).into_owned(),
                errno: i32::from_be_bytes([*a, *b, *c, *d]),
            })),
            _ => Err(Errno::BADMSG),
        }
    }
}

impl AsFd for StatusSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The child's end.
#[derive(Debug)]
pub(crate) struct ChildStatus(OwnedFd);

impl ChildStatus {
    pub fn send_terminal(&self, terminal: BorrowedFd<'_>) -> Result<(), Errno> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let descriptors = [terminal];
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        sendmsg(&self.0, &[IoSlice::new(&[CONSOLE])], &mut ancillary, SendFlags::NOSIGNAL).map(drop)
    }

    /// The parent may be gone; then nobody wants to know.
    pub fn send_failure(&self, failure: &StartFailure) {
        let kind = match failure.kind {
            FailureKind::Setup => 0,
            FailureKind::NotFound => 1,
            FailureKind::NotExecutable => 2,
        };
        let mut message = vec![FAILURE, kind];
        message.extend_from_slice(&failure.errno.to_be_bytes());
        message.extend_from_slice(failure.step.as_bytes());
        message.truncate(MESSAGE_BYTES_MAX);
        let _ = rustix::net::send(&self.0, &message, SendFlags::NOSIGNAL);
    }
}
