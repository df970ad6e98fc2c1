//! The whole program on its line, with this test as the host: calls, streams that the guest opens, cancelling, a new host.

// Helpers outside of #[test] functions count as ordinary code for clippy.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use channel::messages::{
    Bytes, DialInput, HelloResponse, PullImageRequest, PullImageResponse, PullResult, dial_input::Input,
    pull_image_response, status::Code,
};
use channel::prost::Message;
use channel::{Event, Line, Method, Side};
use image::digest::Digest;
use image::http::{Connection, Dialer};
use image::personality::{HostLine, Service};
use support::server::{Server, answer};

const CONFIGURATION: &[u8] = br#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}"#;

/// The host's end of a line whose guest runs in a thread of this process.
struct Host {
    line: Line,
    port: UnixStream,
    registry: Server,
    dialed: HashMap<u32, Dialed>,
}

/// A request is passed on whole, its answer read up to the end of its body.
struct Dialed {
    connection: Box<dyn Connection>,
}

impl Host {
    fn start(registry: Server) -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let port = OwnedFd::from(theirs);
        thread::spawn(move || Service::new(HostLine::new().unwrap(), 1).serve(&port));
        ours.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut host = Self { line: Line::new(Side::Host), port: ours, registry, dialed: HashMap::new() };
        host.reset(1);
        host
    }

    fn reset(&mut self, epoch: u64) {
        self.dialed.clear();
        self.line.reset(epoch);
        while !self.turn().contains(&Event::Reset { epoch }) {}
    }

    /// Writes what waits, reads once and serves the guest's dials.
    fn turn(&mut self) -> Vec<Event> {
        self.flush();
        let mut buffer = [0; 65536];
        let count = self.port.read(&mut buffer).unwrap();
        let mut events = Vec::new();
        self.line.receive(&buffer[..count], &mut events);
        // A frame may end like the beginning of a reset; nothing more of it comes here.
        self.line.release_held(&mut events);
        for event in &events {
            self.serve_dial(event);
        }
        self.flush();
        events
    }

    fn flush(&mut self) {
        while !self.line.outgoing().is_empty() {
            let count = self.port.write(self.line.outgoing()).unwrap();
            self.line.written(count);
        }
    }

    fn serve_dial(&mut self, event: &Event) {
        let Event::Message { stream, bytes, credit } = event else { return };
        if stream % 2 == 1 {
            return;
        }
        self.line.taken(*stream, *credit);
        match DialInput::decode(&bytes[..]).unwrap().input.unwrap() {
            Input::Start(start) if start.host == "forbidden.test" => {
                self.line.close(*stream, Code::FailedPrecondition, "not one of the registry's addresses");
            }
            Input::Start(start) => {
                let connection = self.registry.dial(&start.host, start.port as u16).unwrap();
                self.dialed.insert(*stream, Dialed { connection });
            }
            Input::Data(data) => {
                let Some(dialed) = self.dialed.get_mut(stream) else { return };
                dialed.connection.write_all(&data).unwrap();
                let mut answer = [0; 65536];
                let count = dialed.connection.read(&mut answer).unwrap();
                self.line.send(*stream, Bytes { data: answer[..count].to_vec() }.encode_to_vec()).unwrap();
            }
        }
    }

    /// The answers and how the call ended.
    fn call(&mut self, method: Method, request: &impl Message) -> (Vec<Vec<u8>>, Code, String) {
        let call = self.line.open(method, &request.encode_to_vec()).unwrap();
        let mut answers = Vec::new();
        loop {
            for event in self.turn() {
                match event {
                    Event::Message { stream, bytes, credit } if stream == call => {
                        self.line.taken(stream, credit);
                        answers.push(bytes);
                    }
                    Event::Closed { stream, status } if stream == call => {
                        return (answers, status.code(), status.message);
                    }
                    _ => {}
                }
            }
        }
    }

    fn resolve(&mut self, registry: &str) -> Result<PullResult, (Code, String)> {
        let request = PullImageRequest {
            registry: registry.into(),
            repository: "a/b".into(),
            tag: "v1".into(),
            plain_http: true,
            platform: "linux/amd64".into(),
            ..Default::default()
        };
        let (answers, code, text) = self.call(Method::PullImage, &request);
        let last = answers.last().and_then(|answer| PullImageResponse::decode(&answer[..]).unwrap().event);
        match last {
            Some(pull_image_response::Event::Result(result)) if code == Code::Ok => Ok(result),
            _ => Err((code, text)),
        }
    }
}

fn registry() -> Server {
    Server::new(|asked, _| {
        if asked.line.contains("/blobs/") {
            return answer("200 OK", &[], CONFIGURATION);
        }
        let digest = Digest::sha256_of(CONFIGURATION);
        let size = CONFIGURATION.len();
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":{size}}},"layers":[]}}"#
        );
        answer("200 OK", &[], manifest.as_bytes())
    })
}

#[test]
fn says_who_it_is() {
    let (answers, code, _) = Host::start(registry()).call(Method::Hello, &());
    let hello = HelloResponse::decode(&answers[0][..]).unwrap();
    assert_eq!((code, hello.personality.as_str(), hello.boot_to_agent_us), (Code::Ok, "image", 1));
}

#[test]
fn resolves_through_streams_that_the_host_opens() {
    let registry = registry();
    let mut host = Host::start(registry.clone());
    let result = host.resolve("registry.test:5000").unwrap();
    assert_eq!((result.config_json.as_slice(), result.layers), (CONFIGURATION, 0));
    assert!(result.digest.starts_with("sha256:"));
    assert_eq!(registry.dialed(), ["registry.test:5000"]);
    // And again: the microVM is free for the next call as soon as it has answered.
    assert_eq!(host.resolve("registry.test:5000").unwrap(), result);
}

#[test]
fn takes_a_refused_address_as_final() {
    let registry = registry();
    let (code, text) = Host::start(registry.clone()).resolve("forbidden.test").unwrap_err();
    assert_eq!(code, Code::Unavailable);
    assert_eq!(text, "RegistryUnavailable: not one of the registry's addresses");
}

#[test]
fn serves_the_next_host_when_one_went_away_in_the_middle_of_a_pull() {
    let mut host = Host::start(registry());
    let request = PullImageRequest { registry: "registry.test".into(), repository: "a".into(), ..Default::default() };
    host.line.open(Method::PullImage, &request.encode_to_vec()).unwrap();
    host.turn();
    host.reset(2);
    // The pull of before may still be on its way out.
    let result = (0..100).find_map(|_| {
        thread::sleep(Duration::from_millis(20));
        host.resolve("registry.test:5000").ok()
    });
    assert!(result.is_some());
}

#[test]
fn refuses_what_it_does_not_do_or_understand() {
    let mut host = Host::start(registry());
    assert_eq!(host.call(Method::StartPod, &()).1, Code::Unimplemented);
    assert_eq!(host.call(Method::PullImage, &()).1, Code::FailedPrecondition);
    assert_eq!(host.call(Method::Hello, &()).1, Code::Ok);
}
