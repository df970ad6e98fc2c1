//! The golden messages and frames that the TypeScript end reads and writes too: `api/guest-agent/golden/`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use channel::messages::*;
use channel::prost::Message;
use channel::{Event, Line, MAGIC, Method, Side};
use serde_json::Value;

fn golden(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn bytes(entry: &Value) -> Vec<u8> {
    let hex = entry["hex"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn again<M: Message + Default>(bytes: &[u8]) -> Vec<u8> {
    M::decode(bytes).unwrap().encode_to_vec()
}

fn messages() -> Vec<Value> {
    golden(include_str!("../../../api/guest-agent/golden/messages.json"))
}

fn message_named(name: &str) -> Vec<u8> {
    bytes(messages().iter().find(|entry| entry["name"] == name).unwrap())
}

#[test]
fn reads_every_golden_message_and_writes_it_the_same() {
    for entry in messages() {
        let bytes = bytes(&entry);
        let written = match entry["type"].as_str().unwrap() {
            "Empty" => again::<Empty>(&bytes),
            "Status" => again::<Status>(&bytes),
            "HelloResponse" => again::<HelloResponse>(&bytes),
            "PrepareRequest" => again::<PrepareRequest>(&bytes),
            "SetVolumeRequest" => again::<SetVolumeRequest>(&bytes),
            "StartPodRequest" => again::<StartPodRequest>(&bytes),
            "PodStatus" => again::<PodStatus>(&bytes),
            "PodEvent" => again::<PodEvent>(&bytes),
            "ProcessInput" => again::<ProcessInput>(&bytes),
            "ProcessOutput" => again::<ProcessOutput>(&bytes),
            "ReadLogRequest" => again::<ReadLogRequest>(&bytes),
            "PortForwardInput" => again::<PortForwardInput>(&bytes),
            "StatsResponse" => again::<StatsResponse>(&bytes),
            "PullImageRequest" => again::<PullImageRequest>(&bytes),
            "PullImageResponse" => again::<PullImageResponse>(&bytes),
            "DialInput" => again::<DialInput>(&bytes),
            other => panic!("no golden message of type {other} is known here"),
        };
        assert_eq!(written, bytes, "{}", entry["name"]);
    }
}

#[test]
fn finds_in_golden_messages_what_they_say() {
    let start = StartPodRequest::decode(message_named("a pod with every kind of handler").as_slice()).unwrap();
    assert_eq!(start.active_deadline_seconds, Some(0), "asked for, and zero");
    assert_eq!(start.restart_policy(), RestartPolicy::OnFailure);
    let web = &start.containers[0];
    assert_eq!(web.security.as_ref().unwrap().run_as_user, Some(0));
    assert_eq!(web.security.as_ref().unwrap().capabilities_drop, ["ALL"]);
    let probe = web.liveness_probe.as_ref().unwrap();
    let Some(handler::Action::HttpGet(get)) = probe.handler.as_ref().unwrap().action.as_ref() else { panic!() };
    assert_eq!((get.port, get.path.as_str()), (8080, "/healthz"));
    let log = ReadLogRequest::decode(message_named("a log request that asks for zero lines").as_slice()).unwrap();
    assert_eq!((log.tail_lines, log.since_unix_ns), (Some(0), None));
}

#[test]
fn reads_golden_frames_as_the_events_they_stand_for() {
    for entry in golden(include_str!("../../../api/guest-agent/golden/frames.json")) {
        let mut guest = Line::new(Side::Guest);
        let mut events = Vec::new();
        let mut reset = MAGIC.to_vec();
        reset.extend_from_slice(&1u64.to_be_bytes());
        guest.receive(&reset, &mut events);
        // Streams must be open for DATA to count.
        for stream in [3u8, 0xf3] {
            guest.receive(&[0, 0, 0, 8, 1, 0, 0, 0, 0, stream, 0, 8], &mut events);
        }
        if entry["name"].as_str().unwrap().starts_with("HELLO") {
            guest = Line::new(Side::Guest);
            guest.receive(&reset, &mut events);
        }
        events.clear();
        let bytes = bytes(&entry);
        guest.receive(&bytes, &mut events);
        guest.release_held(&mut events);
        let name = entry["name"].as_str().unwrap();
        let message = |stream: u32, bytes: &[u8], credit| Event::Message { stream, bytes: bytes.to_vec(), credit };
        let with_zeros = [&[0], &MAGIC[..], &[0]].concat();
        match name {
            "a reset with its epoch" => assert_eq!(events, [Event::Reset { epoch: 0x0102_0304_0506_0708 }]),
            "HELLO with an empty message" => {
                assert_eq!(events, [Event::Opened { stream: 1, method: Method::Hello }, message(1, b"", 2)]);
            }
            "two fragments of one message" => assert_eq!(events, [message(3, b"abcdef", 3)]),
            "a message that holds the magic, cut in its middle" => assert_eq!(events, [message(3, &with_zeros, 9)]),
            "a message that would complete a magic begun by the stream's number" => {
                assert_eq!(events, [message(0xf3, &MAGIC[1..], 8)]);
            }
            "the end of one half" => assert_eq!(events, [Event::Ended { stream: 3 }]),
            "a close with OK" => assert_eq!(events, [Event::Closed { stream: 3, status: Status::default() }]),
            "a close with CANCELLED" => {
                let status = Status { code: status::Code::Cancelled.into(), message: String::new() };
                assert_eq!(events, [Event::Closed { stream: 3, status }]);
            }
            "credit of 65536 bytes" => assert_eq!(events, []),
            "a ping and its pong" => assert!(guest.outgoing().ends_with(&bytes[bytes.len() / 2..])),
            other => panic!("the golden frame \"{other}\" is not known here"),
        }
    }
}
