//! From a container's pipes or terminal to its log, and to those who are attached.

use std::cell::RefCell;
use std::rc::Rc;

use channel::messages::ProcessOutput;
use channel::messages::process_output;

use super::LogStore;
use crate::clock;
use crate::runtime::Descriptor;
use crate::server::Call;

const READ_BYTES: usize = 32 * 1024;
/// Longer lines are written in parts.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Which of a container's two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Stdout,
    Stderr,
}

impl Output {
    fn name(self) -> &'static str {
        match self {
            Output::Stdout => "stdout",
            Output::Stderr => "stderr",
        }
    }

    pub fn message(self, bytes: Vec<u8>) -> ProcessOutput {
        let output = match self {
            Output::Stdout => process_output::Output::Stdout(bytes),
            Output::Stderr => process_output::Output::Stderr(bytes),
        };
        ProcessOutput { output: Some(output) }
    }
}

/// Copies until the output ends. An attached client that does not read holds the container back, as `docker attach` does;
/// one that is gone is dropped.
pub async fn copy_output(
    source: Rc<Descriptor>,
    output: Output,
    log: Rc<LogStore>,
    attached: Rc<RefCell<Vec<Rc<Call>>>>,
) {
    let mut buffer = vec![0; READ_BYTES];
    let mut line = Vec::new();
    loop {
        let count = match source.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        log.append(&format_lines(&mut line, &buffer[..count], output));
        let listeners = attached.borrow().clone();
        for listener in listeners {
            if listener.send(&output.message(buffer[..count].to_vec())).await.is_err() {
                attached.borrow_mut().retain(|other| !Rc::ptr_eq(other, &listener));
            }
        }
    }
    if !line.is_empty() {
        log.append(&log_line(output, false, &line));
    }
}

/// Complete lines of what was pending and came now; the rest stays pending.
fn format_lines(pending: &mut Vec<u8>, bytes: &[u8], output: Output) -> Vec<u8> {
    let mut lines = Vec::new();
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (text, ended) = match piece.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (piece, false),
        };
        pending.extend_from_slice(text);
        while pending.len() > LINE_BYTES_MAX {
            let rest = pending.split_off(LINE_BYTES_MAX);
            lines.extend(log_line(output, true, pending));
            *pending = rest;
        }
        if ended {
            lines.extend(log_line(output, false, pending));
            pending.clear();
        }
    }
    lines
}

fn log_line(output: Output, partial: bool, text: &[u8]) -> Vec<u8> {
    let tag = if partial { "P" } else { "F" };
    let mut line = format!("{} {} {tag} ", clock::rfc3339(clock::now_unix_ns()), output.name()).into_bytes();
    line.extend_from_slice(text);
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_lines_whole_and_long_ones_in_parts() {
        let mut pending = Vec::new();
        let text = String::from_utf8(format_lines(&mut pending, b"one\ntw", Output::Stdout)).unwrap();
        assert!(text.ends_with("Z stdout F one\n"));
        assert_eq!(pending, b"tw");
        let long = [vec![b'x'; LINE_BYTES_MAX], b"yz\n".to_vec()].concat();
        let text = String::from_utf8(format_lines(&mut pending, &long, Output::Stderr)).unwrap();
        let tags: Vec<_> = text.lines().map(|line| line.split(' ').nth(2).unwrap()).collect();
        assert_eq!(tags, ["P", "F"]);
        assert!(text.ends_with(" xxyz\n"));
    }
}
