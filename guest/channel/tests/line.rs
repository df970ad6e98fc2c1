//! Two lines against each other, and one line against bytes it must survive.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use channel::messages::status::Code;
use channel::{Event, Line, MAGIC, MESSAGE_BYTES_MAX, Method, STREAMS_MAX, Side, WINDOW_BYTES};
use proptest::prelude::*;

fn connected() -> (Line, Line) {
    let (mut host, mut guest) = (Line::new(Side::Host), Line::new(Side::Guest));
    host.reset(7);
    let (mut host_events, mut guest_events) = (Vec::new(), Vec::new());
    pump(&mut host, &mut guest, usize::MAX, &mut host_events, &mut guest_events);
    assert_eq!(guest_events, [Event::Reset { epoch: 7 }]);
    assert_eq!(host_events, [Event::Reset { epoch: 7 }]);
    (host, guest)
}

fn carry(from: &mut Line, to: &mut Line, step: usize, events: &mut Vec<Event>) -> bool {
    let bytes = from.outgoing().to_vec();
    from.written(bytes.len());
    for piece in bytes.chunks(step.min(bytes.len()).max(1)) {
        to.receive(piece, events);
    }
    to.release_held(events);
    !bytes.is_empty()
}

/// Carries bytes both ways until nothing is left, giving credit for every message.
fn pump(a: &mut Line, b: &mut Line, step: usize, a_events: &mut Vec<Event>, b_events: &mut Vec<Event>) {
    loop {
        let (a_seen, b_seen) = (a_events.len(), b_events.len());
        let moved = carry(a, b, step, b_events) | carry(b, a, step, a_events);
        take(a, &a_events[a_seen..]);
        take(b, &b_events[b_seen..]);
        if !moved {
            return;
        }
    }
}

fn take(line: &mut Line, events: &[Event]) {
    for event in events {
        if let Event::Message { stream, credit, .. } = event {
            line.taken(*stream, *credit);
        }
    }
}

fn messages(events: &[Event]) -> Vec<Vec<u8>> {
    let message = |event: &Event| match event {
        Event::Message { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    events.iter().filter_map(message).collect()
}

#[test]
fn carries_a_call_there_and_back_when_cut_at_every_byte() {
    let (mut host, mut guest) = connected();
    let stream = host.open(Method::Hello, b"hi").unwrap();
    let (mut host_events, mut guest_events) = (Vec::new(), Vec::new());
    pump(&mut host, &mut guest, 1, &mut host_events, &mut guest_events);
    assert_eq!(guest_events[0], Event::Opened { stream, method: Method::Hello });
    guest.send(stream, b"answer".to_vec()).unwrap();
    guest.close(stream, Code::Ok, "");
    pump(&mut host, &mut guest, 1, &mut host_events, &mut guest_events);
    assert_eq!(messages(&host_events), [b"answer".to_vec()]);
    assert!(matches!(host_events.last(), Some(Event::Closed { status, .. }) if status.code == 0));
}

#[test]
fn a_reset_at_any_byte_of_a_frame_starts_anew_and_acts_on_nothing_truncated() {
    let (mut host, _) = connected();
    host.open(Method::SetVolume, b"a request that must not be taken for a whole one").unwrap();
    let frame = host.outgoing().to_vec();
    for cut in 0..frame.len() {
        let (_, mut guest) = connected();
        let mut events = Vec::new();
        guest.receive(&frame[..cut], &mut events);
        let mut again = Line::new(Side::Host);
        again.reset(99);
        let stream = again.open(Method::Hello, b"x").unwrap();
        for byte in again.outgoing() {
            guest.receive(&[*byte], &mut events);
        }
        assert_eq!(
            events,
            [
                Event::Reset { epoch: 99 },
                Event::Opened { stream, method: Method::Hello },
                Event::Message { stream, bytes: b"x".to_vec(), credit: 3 },
            ],
            "cut at {cut}"
        );
        assert!(guest.outgoing().starts_with(&MAGIC));
    }
}

#[test]
fn hears_nothing_after_a_broken_length_until_the_next_reset() {
    for length in [0u32, 5, 65_543, u32::MAX] {
        let (_, mut guest) = connected();
        let mut events = Vec::new();
        guest.receive(&length.to_be_bytes(), &mut events);
        let mut host = Line::new(Side::Host);
        host.open(Method::Hello, b"").unwrap();
        guest.receive(host.outgoing(), &mut events);
        assert_eq!(events, []);
        host.reset(1);
        guest.receive(host.outgoing(), &mut events);
        assert_eq!(events, [Event::Reset { epoch: 1 }]);
    }
}

#[test]
fn a_message_larger_than_the_window_arrives_and_one_beyond_the_limit_is_refused() {
    let (mut host, mut guest) = connected();
    let stream = host.open(Method::Exec, b"").unwrap();
    let message: Vec<u8> = (0..MESSAGE_BYTES_MAX).map(|index| index as u8).collect();
    host.send(stream, message.clone()).unwrap();
    let (mut host_events, mut guest_events) = (Vec::new(), Vec::new());
    pump(&mut host, &mut guest, usize::MAX, &mut host_events, &mut guest_events);
    assert_eq!(messages(&guest_events), [Vec::new(), message]);
    assert!(host.send(stream, vec![0; MESSAGE_BYTES_MAX + 1]).is_err());
}

#[test]
fn sends_no_more_than_the_window_to_a_reader_that_does_not_read() {
    let (mut host, mut guest) = connected();
    let stream = host.open(Method::Exec, b"").unwrap();
    for _ in 0..100 {
        host.send(stream, vec![1; 10_000]).unwrap();
    }
    let mut events = Vec::new();
    while carry(&mut host, &mut guest, usize::MAX, &mut events) {}
    let carried: usize = messages(&events).iter().map(Vec::len).sum();
    assert!(carried <= WINDOW_BYTES && carried > WINDOW_BYTES - 20_000, "{carried}");
    assert!(host.waiting_bytes(stream) > 700_000);
}

#[test]
fn refuses_one_stream_too_many_and_a_method_nobody_knows() {
    let (mut host, mut guest) = connected();
    let (mut host_events, mut guest_events) = (Vec::new(), Vec::new());
    for _ in 0..STREAMS_MAX {
        host.open(Method::WatchPod, b"").unwrap();
    }
    assert!(host.open(Method::WatchPod, b"").is_err());
    pump(&mut host, &mut guest, usize::MAX, &mut host_events, &mut guest_events);
    // OPEN of stream 999 while 256 are open.
    guest.receive(&[0, 0, 0, 8, 1, 0, 0, 0, 3, 231, 0, 1], &mut guest_events);
    carry(&mut guest, &mut host, usize::MAX, &mut host_events);
    assert!(host_events.is_empty(), "the host never opened that stream");

    let (_, mut guest) = connected();
    guest.receive(&[0, 0, 0, 8, 1, 0, 0, 0, 0, 1, 3, 231], &mut guest_events);
    assert_eq!(guest.outgoing()[4], 4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_arrives_whole_and_in_order(
        parts in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            (0usize..20, 0usize..20).prop_map(|(before, after)| [vec![0xf3; before], MAGIC.to_vec(), MAGIC[..after.min(16)].to_vec()].concat()),
        ], 1..40),
        step in 1usize..70,
    ) {
        let (mut host, mut guest) = connected();
        let stream = host.open(Method::Exec, &parts[0]).unwrap();
        for part in &parts[1..] {
            host.send(stream, part.clone()).unwrap();
        }
        host.end(stream).unwrap();
        let magic_shown = host.outgoing().windows(MAGIC.len()).any(|window| window == MAGIC);
        prop_assert!(!magic_shown);
        let (mut host_events, mut guest_events) = (Vec::new(), Vec::new());
        pump(&mut host, &mut guest, step, &mut host_events, &mut guest_events);
        prop_assert_eq!(messages(&guest_events), parts);
        prop_assert_eq!(guest_events.last(), Some(&Event::Ended { stream }));
    }

    #[test]
    fn survives_garbage_and_comes_back_with_a_reset(garbage in prop::collection::vec(any::<u8>(), 0..4000), split in 0usize..4000) {
        let (_, mut guest) = connected();
        let mut events = Vec::new();
        let (first, second) = garbage.split_at(split.min(garbage.len()));
        guest.receive(first, &mut events);
        guest.receive(second, &mut events);
        events.clear();
        let mut host = Line::new(Side::Host);
        host.reset(3);
        guest.receive(host.outgoing(), &mut events);
        prop_assert_eq!(events.last(), Some(&Event::Reset { epoch: 3 }));
    }
}
