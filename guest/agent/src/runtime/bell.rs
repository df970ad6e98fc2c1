//! Something changed: whoever waits looks again.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Counts changes and wakes those who wait for one. Clones are the same bell.
#[derive(Clone, Default)]
pub struct Bell(Rc<Inner>);

#[derive(Default)]
struct Inner {
    rung: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Bell {
    pub fn ring(&self) {
        self.0.rung.set(self.0.rung.get() + 1);
        for waker in self.0.waiting.take() {
            waker.wake();
        }
    }

    /// How often it rang; read it before looking at what it stands for.
    pub fn count(&self) -> u64 {
        self.0.rung.get()
    }

    /// Returns once the bell rang more often than `seen`.
    pub async fn after(&self, seen: u64) {
        poll_fn(|context| {
            if self.count() > seen {
                return Poll::Ready(());
            }
            let mut waiting = self.0.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Returns once `condition` holds, looking again after each ring.
    pub async fn until(&self, mut condition: impl FnMut() -> bool) {
        loop {
            let seen = self.count();
            if condition() {
                return;
            }
            self.after(seen).await;
        }
    }
}
