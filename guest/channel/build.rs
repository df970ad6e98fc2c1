//! Makes the Rust messages from the contract in `api/guest-agent`, without protoc.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let contract = "../../api/guest-agent";
    println!("cargo:rerun-if-changed={contract}");
    let files = ["agent.proto", "image.proto"];
    let descriptors = protox::compile(files, [contract])?;
    prost_build::Config::new().compile_fds(descriptors)?;
    Ok(())
}
