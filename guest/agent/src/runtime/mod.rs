//! A small executor for one thread: tasks, timers, descriptors and children in one `epoll` loop. Idle means no wake-up at
//! all: descriptors are edge-triggered and without a timer the loop waits for ever.

mod bell;
mod children;
mod descriptor;
mod executor;
mod race;
mod timer;

pub use bell::Bell;
pub use children::{Exit, wait_for_exit, watch_child};
pub use descriptor::Descriptor;
pub use executor::{Task, run, spawn};
pub use race::{Either, race, within};
pub use timer::{sleep, sleep_until};
