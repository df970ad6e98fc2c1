//! One call of `grpc.health.v1.Health/Check`, with just enough HTTP/2 for it: no compression, one stream, no reuse.

use crate::runtime::Descriptor;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const ACKNOWLEDGE: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const FRAME_HEAD: usize = 9;
/// No answer of a health check is larger.
const FRAME_BYTES_MAX: usize = 16 * 1024;
/// `HealthCheckResponse { status: SERVING }`, behind gRPC's flag and length.
const SERVING: [u8; 2] = [8, 1];

/// Succeeds where the service says that it serves.
pub async fn check(socket: &Descriptor, service: &str) -> Result<(), String> {
    let failed = |errno: rustix::io::Errno| format!("asking for the health: {}", std::io::Error::from(errno));
    socket.write_all(&request(service)).await.map_err(failed)?;
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        while let Some((kind, flags, payload)) = take_frame(&mut received)? {
            match kind {
                SETTINGS if flags & ACKNOWLEDGE == 0 => {
                    socket.write_all(&frame(SETTINGS, ACKNOWLEDGE, 0, &[])).await.map_err(failed)?;
                }
                PING if flags & ACKNOWLEDGE == 0 => {
                    socket.write_all(&frame(PING, ACKNOWLEDGE, 0, &payload)).await.map_err(failed)?;
                }
                DATA if payload.get(5..) == Some(&SERVING[..]) => return Ok(()),
                DATA if payload.len() >= 5 => return Err("service unhealthy".to_owned()),
                HEADERS if flags & END_STREAM != 0 => return Err("the server has no such health check".to_owned()),
                RESET_STREAM | GO_AWAY => return Err("the server refused the health check".to_owned()),
                _ => {}
            }
        }
        match socket.read(&mut buffer).await.map_err(failed)? {
            0 => return Err("the server closed the connection".to_owned()),
            count => received.extend_from_slice(&buffer[..count]),
        }
    }
}

fn request(service: &str) -> Vec<u8> {
    let mut headers = vec![0x83, 0x86]; // ":method: POST" and ":scheme: http" of the static table
    for (name, value) in [
        (":path", "/grpc.health.v1.Health/Check"),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        // A literal that is not remembered; both lengths are below 127 and fit one byte.
        headers.push(0);
        headers.push(name.len() as u8);
        headers.extend_from_slice(name.as_bytes());
        headers.push(value.len() as u8);
        headers.extend_from_slice(value.as_bytes());
    }
    let mut body = vec![0];
    let mut encoded = Vec::new();
    if !service.is_empty() {
        let mut length = service.len();
        encoded.push(0x0a);
        while length >= 0x80 {
            encoded.push(length as u8 | 0x80);
            length >>= 7;
        }
        encoded.push(length as u8);
        encoded.extend_from_slice(service.as_bytes());
    }
    body.extend_from_slice(&(encoded.len() as u32).to_be_bytes());
    body.extend_from_slice(&encoded);
    [
        PREFACE.to_vec(),
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_HEADERS, 1, &headers),
        frame(DATA, END_STREAM, 1, &body),
    ]
    .concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The next whole frame, taken off `received`.
#[allow(clippy::type_complexity, reason = "kind, flags and payload, taken apart at once")]
fn take_frame(received: &mut Vec<u8>) -> Result<Option<(u8, u8, Vec<u8>)>, String> {
    let Some(&[a, b, c, kind, flags, ..]) = received.first_chunk::<FRAME_HEAD>() else { return Ok(None) };
    let length = u32::from_be_bytes([0, a, b, c]) as usize;
    if length > FRAME_BYTES_MAX {
        return Err("the answer is not a health check's".to_owned());
    }
    if received.len() < FRAME_HEAD + length {
        return Ok(None);
    }
    let payload = received[FRAME_HEAD..FRAME_HEAD + length].to_vec();
    received.drain(..FRAME_HEAD + length);
    Ok(Some((kind, flags, payload)))
}
