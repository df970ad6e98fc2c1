//! From archives to a tree of files, with nothing able to land outside of the tree.

mod layer;
mod path;
mod tree;

pub use layer::{Budget, Unpacker};
pub use tree::Tree;
