//! Tasks and the loop that runs them.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::{children, descriptor, timer};

type LocalFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Tasks to be polled. Wakers must be `Send`, hence the mutex; it is never contended.
type ReadyTasks = Arc<Mutex<VecDeque<Arc<TaskWaker>>>>;

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::new(Tasks::default());
    static READY: ReadyTasks = ReadyTasks::default();
}

#[derive(Default)]
struct Tasks {
    next: u64,
    entries: BTreeMap<u64, Entry>,
}

struct Entry {
    /// `None` while the task is being polled.
    future: Option<LocalFuture>,
    /// One for the task's whole life, so that whoever keeps wakers knows it again and keeps it once.
    waker: Arc<TaskWaker>,
}

/// However often a task is woken, it is polled once for all of it: a task that waits for several things would otherwise
/// register with each of them as often as it was polled, and double its polls whenever two of them happen together.
struct TaskWaker {
    id: u64,
    is_ready: AtomicBool,
    ready: ReadyTasks,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_ready.swap(true, Ordering::AcqRel) {
            self.ready.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.clone());
        }
    }
}

fn next_ready() -> Option<Arc<TaskWaker>> {
    let next = READY.with(|ready| ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front())?;
    // Before the poll: what happens during it is not seen by it.
    next.is_ready.store(false, Ordering::Release);
    Some(next)
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
            let entry = TASKS.try_with(|tasks| tasks.borrow_mut().entries.remove(&id));
            drop(entry);
        }
    }
}

/// Starts a task. A panic in it ends it and is written to the console, and nothing else.
pub fn spawn(future: impl Future<Output = ()> + 'static) -> Task {
    let waker = TASKS.with(|tasks| {
        let mut tasks = tasks.borrow_mut();
        let waker = Arc::new(TaskWaker {
            id: tasks.next,
            is_ready: AtomicBool::new(false),
            ready: READY.with(ReadyTasks::clone),
        });
        tasks.next += 1;
        tasks.entries.insert(waker.id, Entry { future: Some(Box::pin(future)), waker: waker.clone() });
        waker
    });
    waker.wake_by_ref();
    Task(Some(waker.id))
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
        while let Some(task) = next_ready() {
            poll_task(&task);
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

fn poll_task(task: &Arc<TaskWaker>) {
    let taken = TASKS.with(|tasks| {
        let mut tasks = tasks.borrow_mut();
        let entry = tasks.entries.get_mut(&task.id)?;
        Some((entry.future.take()?, Waker::from(entry.waker.clone())))
    });
    let Some((mut future, waker)) = taken else { return };
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
    if matches!(polled, Ok(Poll::Pending)) {
        TASKS.with(|tasks| {
            // The entry is gone where the task was stopped while it ran.
            if let Some(entry) = tasks.borrow_mut().entries.get_mut(&task.id) {
                entry.future = Some(future);
            }
        });
        return;
    }
    TASKS.with(|tasks| drop(tasks.borrow_mut().entries.remove(&task.id)));
    if let Err(panic) = polled {
        eprintln!("atoll: a task ended by a panic: {}", panic_text(panic.as_ref()));
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::Poll;
    use std::time::Duration;

    use super::{run, spawn};
    use crate::runtime::{Bell, race, sleep};

    /// What a call in both directions does: it waits for its stream, for credit and for a pipe at once, and all happen together.
    #[test]
    fn a_task_woken_by_several_things_at_once_is_polled_once() {
        const ROUNDS: u32 = 40;
        let polls = Rc::new(Cell::new(0_u32));
        let counted = polls.clone();
        run(async move {
            let (left, right) = (Bell::default(), Bell::default());
            let (heard_left, heard_right) = (left.clone(), right.clone());
            let waiter = spawn(async move {
                let mut waits = pin!(race(heard_left.until(|| false), heard_right.until(|| false)));
                poll_fn(|context| {
                    counted.set(counted.get() + 1);
                    assert!(counted.get() <= 10 * ROUNDS, "the task's polls multiply");
                    waits.as_mut().poll(context).map(drop)
                })
                .await;
            });
            for _ in 0..ROUNDS {
                left.ring();
                right.ring();
                sleep(Duration::from_millis(1)).await;
            }
            drop(waiter);
        });
        assert!(polls.get() <= ROUNDS + 1, "{} polls for {ROUNDS} rounds", polls.get());
    }

    #[test]
    fn a_task_that_wakes_itself_while_it_runs_is_polled_again() {
        run(async {
            let mut turns = 0;
            poll_fn(|context| {
                turns += 1;
                context.waker().wake_by_ref();
                context.waker().wake_by_ref();
                if turns == 5 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        });
    }
}
