//! Tasks and the loop that runs them.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::{children, descriptor, timer};

type LocalFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Ids of tasks to be polled. Wakers must be `Send`, hence the mutex; it is never contended.
static READY: Mutex<VecDeque<u64>> = Mutex::new(VecDeque::new());

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::new(Tasks::default());
}

#[derive(Default)]
struct Tasks {
    next: u64,
    /// `None` while the task is being polled.
    futures: BTreeMap<u64, Option<LocalFuture>>,
}

struct TaskWaker(u64);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        make_ready(self.0);
    }
}

fn make_ready(id: u64) {
    READY.lock().unwrap_or_else(PoisonError::into_inner).push_back(id);
}

fn next_ready() -> Option<u64> {
    READY.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// A running task; dropping this stops it where it waits. See [`Task::detach`].
#[must_use = "a task stops when its handle is dropped"]
pub struct Task(Option<u64>);

impl Task {
    /// Lets the task run to its end with nobody holding it.
    pub fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            // Dropped outside of the borrow: the future's own drops may stop other tasks.
            let future = TASKS.try_with(|tasks| tasks.borrow_mut().futures.remove(&id));
            drop(future);
        }
    }
}

/// Starts a task. A panic in it ends it and is written to the console, and nothing else.
pub fn spawn(future: impl Future<Output = ()> + 'static) -> Task {
    let id = TASKS.with(|tasks| {
        let mut tasks = tasks.borrow_mut();
        let id = tasks.next;
        tasks.next += 1;
        tasks.futures.insert(id, Some(Box::pin(future)));
        id
    });
    make_ready(id);
    Task(Some(id))
}

/// Runs `main` and whatever it starts, until `main` ends or the kernel takes no more `epoll_wait`.
pub fn run(main: impl Future<Output = ()> + 'static) {
    let done = std::rc::Rc::new(std::cell::Cell::new(false));
    let main_done = done.clone();
    spawn(async move {
        main.await;
        main_done.set(true);
    })
    .detach();
    children::start();
    while !done.get() {
        while let Some(id) = next_ready() {
            poll_task(id);
        }
        if done.get() {
            return;
        }
        if descriptor::wait(timer::next_deadline()).is_err() {
            return;
        }
        timer::fire();
    }
}

fn poll_task(id: u64) {
    let taken = TASKS.with(|tasks| tasks.borrow_mut().futures.get_mut(&id).and_then(Option::take));
    let Some(mut future) = taken else { return };
    let waker = Waker::from(Arc::new(TaskWaker(id)));
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
    if matches!(polled, Ok(Poll::Pending)) {
        TASKS.with(|tasks| {
            // The entry is gone where the task was stopped while it ran.
            if let Some(entry) = tasks.borrow_mut().futures.get_mut(&id) {
                *entry = Some(future);
            }
        });
        return;
    }
    TASKS.with(|tasks| drop(tasks.borrow_mut().futures.remove(&id)));
    if let Err(panic) = polled {
        eprintln!("atoll: a task ended by a panic: {}", panic_text(panic.as_ref()));
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("")
}
