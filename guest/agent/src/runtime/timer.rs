//! Timers on the monotonic clock, which setting the time does not move.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

thread_local! {
    static TIMERS: RefCell<Timers> = RefCell::new(Timers::default());
}

#[derive(Default)]
struct Timers {
    next: u64,
    wakers: BTreeMap<(Instant, u64), Waker>,
}

/// Removes the timer when its future is dropped, so that an abandoned wait wakes nobody.
struct Armed(Instant, u64);

impl Drop for Armed {
    fn drop(&mut self) {
        let _ = TIMERS.try_with(|timers| timers.borrow_mut().wakers.remove(&(self.0, self.1)));
    }
}

pub async fn sleep(duration: Duration) {
    // A duration beyond the clock's end is as good as a year.
    let now = Instant::now();
    sleep_until(now.checked_add(duration).unwrap_or(now + Duration::from_secs(31_536_000))).await;
}

pub async fn sleep_until(deadline: Instant) {
    let mut armed: Option<Armed> = None;
    poll_fn(|context| {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        TIMERS.with(|timers| {
            let mut timers = timers.borrow_mut();
            let id = armed.as_ref().map_or(timers.next, |armed| armed.1);
            timers.next += 1;
            timers.wakers.insert((deadline, id), context.waker().clone());
            if armed.is_none() {
                armed = Some(Armed(deadline, id));
            }
        });
        Poll::Pending
    })
    .await;
}

pub(super) fn next_deadline() -> Option<Instant> {
    TIMERS.with(|timers| timers.borrow().wakers.keys().next().map(|(deadline, _)| *deadline))
}

pub(super) fn fire() {
    let now = Instant::now();
    loop {
        let due = TIMERS.with(|timers| {
            let mut timers = timers.borrow_mut();
            let first = timers.wakers.first_entry().filter(|entry| entry.key().0 <= now)?;
            Some(first.remove())
        });
        match due {
            Some(waker) => waker.wake(),
            None => return,
        }
    }
}
