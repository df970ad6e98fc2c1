//! The first and only process of an image microVM (`atoll.personality=image`).

use std::process::ExitCode;

fn main() -> ExitCode {
    // The kernel panics and the microVM ends when this returns; the line on its console is what the host can show.
    match image::personality::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("atoll image: {error}");
            ExitCode::FAILURE
        }
    }
}
