//! Descriptors in the loop. Edge-triggered: try first, wait only after `EAGAIN`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::task::{Poll, Waker};
use std::time::Instant;

use rustix::event::{Timespec, epoll};
use rustix::io::Errno;

/// Events taken from the kernel at once.
const EVENTS_MAX: usize = 64;

thread_local! {
    static REACTOR: RefCell<Reactor> = const { RefCell::new(Reactor { epoll: None, next: 0, sources: BTreeMap::new() }) };
}

struct Reactor {
    epoll: Option<OwnedFd>,
    next: u64,
    sources: BTreeMap<u64, Source>,
}

/// Edges are counted, not taken: any number of tasks may wait for the same one.
#[derive(Default)]
struct Edges {
    count: u64,
    waiting: Vec<Waker>,
}

#[derive(Default)]
struct Source {
    read: Edges,
    write: Edges,
}

impl Reactor {
    fn epoll(&mut self) -> Result<&OwnedFd, Errno> {
        if self.epoll.is_none() {
            self.epoll = Some(epoll::create(epoll::CreateFlags::CLOEXEC)?);
        }
        self.epoll.as_ref().ok_or(Errno::BADF)
    }
}

/// A non-blocking descriptor that tasks can wait for.
pub struct Descriptor {
    id: u64,
    file: OwnedFd,
}

impl Descriptor {
    /// Takes a descriptor into the loop and makes it non-blocking.
    pub fn new(file: OwnedFd) -> Result<Descriptor, Errno> {
        rustix::io::ioctl_fionbio(&file, true)?;
        let id = REACTOR.with(|reactor| {
            let mut reactor = reactor.borrow_mut();
            let id = reactor.next;
            let flags =
                epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
            epoll::add(reactor.epoll()?, &file, epoll::EventData::new_u64(id), flags)?;
            reactor.next += 1;
            reactor.sources.insert(id, Source::default());
            Ok::<u64, Errno>(id)
        })?;
        Ok(Descriptor { id, file })
    }

    /// Returns at the next edge. To be waited for right after `EAGAIN`: edges come between two polls of a task only, so none
    /// is missed.
    pub async fn readable(&self) {
        self.edge(|source| &mut source.read).await;
    }

    /// As [`Descriptor::readable`].
    pub async fn writable(&self) {
        self.edge(|source| &mut source.write).await;
    }

    async fn edge(&self, edges_of: fn(&mut Source) -> &mut Edges) {
        let mut seen = None;
        poll_fn(|context| {
            REACTOR.with(|reactor| {
                let mut reactor = reactor.borrow_mut();
                let Some(source) = reactor.sources.get_mut(&self.id) else { return Poll::Ready(()) };
                let edges = edges_of(source);
                if edges.count > *seen.get_or_insert(edges.count) {
                    return Poll::Ready(());
                }
                if !edges.waiting.iter().any(|known| known.will_wake(context.waker())) {
                    edges.waiting.push(context.waker().clone());
                }
                Poll::Pending
            })
        })
        .await;
    }

    /// Reads once; 0 is the end. A terminal whose other side is gone counts as ended.
    pub async fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        loop {
            match rustix::io::read(&self.file, &mut *buffer) {
                Err(Errno::AGAIN) => self.readable().await,
                Err(Errno::INTR) => {}
                Err(Errno::IO) => return Ok(0),
                other => return other,
            }
        }
    }

    /// Writes everything.
    pub async fn write_all(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.file, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::AGAIN) => self.writable().await,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        let _ = REACTOR.try_with(|reactor| {
            let mut reactor = reactor.borrow_mut();
            reactor.sources.remove(&self.id);
            if let Ok(epoll) = reactor.epoll() {
                // Another process may hold the same open file, which would keep reporting it.
                let _ = epoll::delete(epoll, &self.file);
            }
        });
    }
}

/// Waits for events until the deadline and wakes whom they concern.
pub(super) fn wait(deadline: Option<Instant>) -> Result<(), Errno> {
    let timeout = deadline.map(|deadline| {
        let left = deadline.saturating_duration_since(Instant::now());
        Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) }
    });
    let mut buffer = Vec::with_capacity(EVENTS_MAX);
    let result = REACTOR.with(|reactor| {
        let mut reactor = reactor.borrow_mut();
        let epoll = reactor.epoll()?;
        epoll::wait(epoll, rustix::buffer::spare_capacity(&mut buffer), timeout.as_ref())
    });
    match result {
        Ok(_) | Err(Errno::INTR) => {}
        Err(errno) => return Err(errno),
    }
    for event in buffer {
        let flags = event.flags;
        let failed = epoll::EventFlags::HUP | epoll::EventFlags::ERR;
        let reading = flags.intersects(epoll::EventFlags::IN | epoll::EventFlags::RDHUP | failed);
        let writing = flags.intersects(epoll::EventFlags::OUT | failed);
        let data = event.data;
        let wakers = REACTOR.with(|reactor| {
            let mut reactor = reactor.borrow_mut();
            let source = reactor.sources.get_mut(&data.u64())?;
            let mut wakers = Vec::new();
            for edges in
                [reading.then_some(&mut source.read), writing.then_some(&mut source.write)].into_iter().flatten()
            {
                edges.count += 1;
                wakers.append(&mut edges.waiting);
            }
            Some(wakers)
        });
        for waker in wakers.into_iter().flatten() {
            waker.wake();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use rustix::pipe::{PipeFlags, pipe_with};

    use super::Descriptor;
    use crate::runtime::{run, sleep, spawn};

    /// As two do who are attached to one container whose pipe is full.
    #[test]
    fn all_tasks_that_wait_for_one_edge_go_on() {
        const WAITERS: usize = 3;
        let woken = Rc::new(Cell::new(0));
        let counted = woken.clone();
        run(async move {
            let Ok((read, write)) = pipe_with(PipeFlags::CLOEXEC) else { return };
            let Ok(read) = Descriptor::new(read).map(Rc::new) else { return };
            for _ in 0..WAITERS {
                let (read, counted) = (read.clone(), counted.clone());
                spawn(async move {
                    read.readable().await;
                    counted.set(counted.get() + 1);
                })
                .detach();
            }
            sleep(Duration::from_millis(5)).await;
            let _ = rustix::io::write(&write, b"x");
            sleep(Duration::from_millis(50)).await;
        });
        assert_eq!(woken.get(), WAITERS);
    }
}
