//! READ_LOG: from the segments of one run, as far back as asked for, and on while it runs.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use channel::messages::status::Code;
use channel::messages::{LogChunk, ReadLogRequest};

use super::LogStore;
use crate::clock;
use crate::pod::Pod;
use crate::server::{Call, Failure};

const CHUNK_BYTES: usize = 64 * 1024;
/// Time, stream and tag of a line are shorter.
const TIME_BYTES: usize = 30;

/// Answers a READ_LOG.
pub async fn serve(pod: &Rc<Pod>, call: &Rc<Call>) -> Result<(), Failure> {
    let request: ReadLogRequest = call.request().await?;
    let log = pod
        .log(&request.container)
        .ok_or_else(|| Failure::new(Code::NotFound, format!("container \"{}\" is not known", request.container)))?;
    let present = log.run();
    let run = if request.previous { present.and_then(|run| run.checked_sub(1)) } else { present };
    let Some(run) = run else {
        let which = if request.previous { "previous terminated container" } else { "container" };
        let message = format!("{which} \"{}\" in the pod has not been started", request.container);
        return Err(Failure::new(if request.previous { Code::NotFound } else { Code::FailedPrecondition }, message));
    };
    let mut filter = Filter::new(&request);
    let mut place = Place::find(&log, run, request.tail_lines).map_err(Failure::internal)?;
    loop {
        let seen = log.bell.count();
        let was_running = log.is_running(run);
        let bytes = place.read(&log, run).map_err(Failure::internal)?;
        if bytes.is_empty() {
            if !(request.follow && was_running) {
                break;
            }
            log.bell.after(seen).await;
            continue;
        }
        let content = filter.apply(&bytes);
        if !content.is_empty() {
            call.send(&LogChunk { content }).await?;
        }
        if filter.is_full() {
            break;
        }
    }
    Ok(())
}

/// Where in the segments a reader is.
struct Place {
    segment: u64,
    file: Option<File>,
}

impl Place {
    /// The beginning, or the last so many lines.
    fn find(log: &LogStore, run: u32, tail: Option<i64>) -> io::Result<Place> {
        let segments = log.segments(run);
        let first = segments.first().copied().unwrap_or(0);
        let Some(mut wanted) = tail.filter(|tail| *tail >= 0) else { return Ok(Place { segment: first, file: None }) };
        for segment in segments.into_iter().rev() {
            let mut file = File::open(log.path(run, segment))?;
            match offset_of_last_lines(&mut file, &mut wanted)? {
                Some(offset) => {
                    file.seek(SeekFrom::Start(offset))?;
                    return Ok(Place { segment, file: Some(file) });
                }
                None => drop(file),
            }
        }
        Ok(Place { segment: first, file: None })
    }

    /// The next bytes; empty where there are none yet.
    fn read(&mut self, log: &LogStore, run: u32) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            if self.file.is_none() {
                match File::open(log.path(run, self.segment)) {
                    Ok(file) => self.file = Some(file),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            // Asked before the read: what is written in between is found by the next read of the same segment.
            let next = log.segments(run).into_iter().find(|segment| *segment > self.segment);
            let count = match &mut self.file {
                Some(file) => file.read(&mut buffer)?,
                None => 0,
            };
            if count > 0 {
                buffer.truncate(count);
                return Ok(buffer);
            }
            let Some(next) = next else { return Ok(Vec::new()) };
            self.segment = next;
            self.file = None;
        }
    }
}

/// Where the last `wanted` lines begin; `None` where the file has fewer, which `wanted` is then less.
fn offset_of_last_lines(file: &mut File, wanted: &mut i64) -> io::Result<Option<u64>> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let length = end;
    let mut buffer = vec![0; CHUNK_BYTES];
    while end > 0 {
        let start = end.saturating_sub(CHUNK_BYTES as u64);
        let piece = &mut buffer[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(piece)?;
        for (index, _) in piece.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            if *wanted == 0 {
                return Ok(Some(start + index as u64 + 1));
            }
            *wanted -= 1;
        }
        end = start;
    }
    // The first line has no line end before it.
    if *wanted == 0 && length == 0 { Ok(Some(0)) } else { Ok(None) }
}

/// Takes the log's own words off each line, and leaves out what was not asked for.
struct Filter {
    timestamps: bool,
    since: Option<String>,
    limit: Option<u64>,
    pending: Vec<u8>,
}

impl Filter {
    fn new(request: &ReadLogRequest) -> Filter {
        Filter {
            timestamps: request.timestamps,
            since: request.since_unix_ns.map(clock::rfc3339),
            limit: request.limit_bytes.map(|limit| limit.max(0).unsigned_abs()),
            pending: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.limit == Some(0)
    }

    fn apply(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut content = Vec::with_capacity(bytes.len());
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.pending.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.pending);
                self.take_line(&line, &mut content);
            }
        }
        if let Some(limit) = &mut self.limit {
            content.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
            *limit -= content.len() as u64;
        }
        content
    }

    fn take_line(&self, line: &[u8], content: &mut Vec<u8>) {
        let mut words = line.splitn(4, |byte| *byte == b' ');
        let (Some(time), Some(_), Some(tag), Some(text)) = (words.next(), words.next(), words.next(), words.next())
        else {
            return;
        };
        if time.len() != TIME_BYTES || self.since.as_ref().is_some_and(|since| time < since.as_bytes()) {
            return;
        }
        if self.timestamps {
            content.extend_from_slice(time);
            content.push(b' ');
        }
        let text = if tag == b"P" { text.strip_suffix(b"\n").unwrap_or(text) } else { text };
        content.extend_from_slice(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &[u8] = b"2023-11-14T22:13:20.000000001Z stdout F one\n2023-11-14T22:13:21.000000000Z stderr P tw\n2023-11-14T22:13:21.000000002Z stderr F o\n";

    #[test]
    fn gives_the_text_alone_or_with_times_from_a_time_on_and_up_to_a_limit() {
        let read = |request: ReadLogRequest| String::from_utf8(Filter::new(&request).apply(LOG)).unwrap();
        assert_eq!(read(ReadLogRequest::default()), "one\ntwo\n");
        assert_eq!(
            read(ReadLogRequest { since_unix_ns: Some(1_700_000_001_000_000_001), ..Default::default() }),
            "o\n"
        );
        assert_eq!(read(ReadLogRequest { limit_bytes: Some(5), ..Default::default() }), "one\nt");
        assert!(
            read(ReadLogRequest { timestamps: true, ..Default::default() })
                .starts_with("2023-11-14T22:13:20.000000001Z one\n")
        );
    }

    #[test]
    fn finds_the_last_lines_from_the_end() {
        let path = std::env::temp_dir().join(format!("log-tail-{}", std::process::id()));
        std::fs::write(&path, b"1\n22\n333\n").unwrap();
        for (wanted, offset) in [(0, Some(9)), (1, Some(5)), (2, Some(2)), (3, None), (9, None)] {
            let mut left = wanted;
            assert_eq!(offset_of_last_lines(&mut File::open(&path).unwrap(), &mut left).unwrap(), offset, "{wanted}");
        }
        std::fs::remove_file(path).unwrap();
    }
}
