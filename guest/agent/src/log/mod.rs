//! Container logs, in the format that Kubernetes' tools know: one line of text per line, with its time and stream.

mod reader;
mod store;
mod writer;

pub use reader::serve;
pub use store::LogStore;
pub use writer::{Output, copy_output};
