//! `format-ext4 FILE`: formats an existing blank file or block device, for the root test and for trying things out.

use std::fs::OpenOptions;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("use: format-ext4 FILE");
        return ExitCode::from(2);
    };
    let outcome = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .map_err(|error| error.to_string())
        .and_then(|disk| ext4::format(&disk, &ext4::FormatOptions::default()).map_err(|error| error.to_string()));
    match outcome {
        Ok(geometry) => {
            println!("{} blocks, {} inodes", geometry.blocks, geometry.inodes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.to_string_lossy());
            ExitCode::FAILURE
        }
    }
}
