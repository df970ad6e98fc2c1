//! A client of the OCI distribution API, as much of it as a pull needs.

mod blob;
mod challenge;
mod client;

pub use blob::BlobReader;
pub use client::{Credentials, Registry, RegistryOptions};
