//! The image personality: one microVM, one pull.
//!
//! It resolves an image at a registry, checks every byte against its digest and unpacks the layers onto a blank disk that it
//! formats itself. Whatever a registry or an archive does wrong stays in here: the host sees bytes of TCP streams and a disk
//! that it never parses. The microVM has no network card; it reaches the registry only through streams that the host opens.

pub mod archive;
pub mod compression;
pub mod digest;
pub mod disk;
pub mod error;
pub mod http;
pub mod limits;
pub mod manifest;
pub mod personality;
pub mod pull;
pub mod registry;
pub mod unpack;
