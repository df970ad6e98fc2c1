//! Streams that somebody sits behind: EXEC, ATTACH, PORT_FORWARD.

mod exec;
mod port_forward;

pub use exec::{attach, exec};
pub use port_forward::forward_port;
