//! A reader of tar archives that trusts nothing in them: every length is bounded before it is used, and nothing is kept but
//! the entry at hand. Formats: ustar, GNU long names, pax. It touches no file; `unpack` does.

mod header;
mod pax;
mod reader;

pub use header::Time;
pub use reader::{Archive, Entry, EntryKind};
