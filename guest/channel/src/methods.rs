//! The methods of the guest agent, as data: the same table as `api/guest-agent/methods.ts`. The test beside it reads
//! `golden/methods.json`, which holds the two together.

/// How many messages go each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Unary,
    ServerStream,
    Bidirectional,
}

/// The number of a method on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Method {
    Hello = 1,
    Prepare = 2,
    SetVolume = 3,
    StartPod = 4,
    StopPod = 5,
    WatchPod = 6,
    WatchEvents = 7,
    Exec = 8,
    Attach = 9,
    ReadLog = 10,
    PortForward = 11,
    Stats = 12,
    Shutdown = 13,
    PullImage = 32,
    Dial = 64,
}

/// One row of the table.
#[derive(Debug)]
pub struct MethodDefinition {
    pub method: Method,
    pub name: &'static str,
    pub shape: Shape,
    /// True where the guest opens the stream.
    pub called_by_guest: bool,
    pub request: &'static str,
    pub response: &'static str,
}

const fn host(
    method: Method,
    name: &'static str,
    shape: Shape,
    request: &'static str,
    response: &'static str,
) -> MethodDefinition {
    MethodDefinition { method, name, shape, called_by_guest: false, request, response }
}

/// Every method there is.
pub const METHODS: &[MethodDefinition] = &[
    host(Method::Hello, "hello", Shape::Unary, "Empty", "HelloResponse"),
    host(Method::Prepare, "prepare", Shape::Unary, "PrepareRequest", "Empty"),
    host(Method::SetVolume, "setVolume", Shape::Unary, "SetVolumeRequest", "Empty"),
    host(Method::StartPod, "startPod", Shape::Unary, "StartPodRequest", "Empty"),
    host(Method::StopPod, "stopPod", Shape::Unary, "StopPodRequest", "Empty"),
    host(Method::WatchPod, "watchPod", Shape::ServerStream, "Empty", "PodStatus"),
    host(Method::WatchEvents, "watchEvents", Shape::ServerStream, "Empty", "PodEvent"),
    host(Method::Exec, "exec", Shape::Bidirectional, "ProcessInput", "ProcessOutput"),
    host(Method::Attach, "attach", Shape::Bidirectional, "ProcessInput", "ProcessOutput"),
    host(Method::ReadLog, "readLog", Shape::ServerStream, "ReadLogRequest", "LogChunk"),
    host(Method::PortForward, "portForward", Shape::Bidirectional, "PortForwardInput", "Bytes"),
    host(Method::Stats, "stats", Shape::Unary, "Empty", "StatsResponse"),
    host(Method::Shutdown, "shutdown", Shape::Unary, "Empty", "Empty"),
    host(Method::PullImage, "pullImage", Shape::ServerStream, "PullImageRequest", "PullImageResponse"),
    MethodDefinition {
        method: Method::Dial,
        name: "dial",
        shape: Shape::Bidirectional,
        called_by_guest: true,
        request: "DialInput",
        response: "Bytes",
    },
];

impl Method {
    /// The method of a number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Method> {
        METHODS.iter().map(|definition| definition.method).find(|method| method.number() == number)
    }

    #[must_use]
    pub fn number(self) -> u16 {
        self as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_golden_table() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../../api/guest-agent/golden/methods.json")).unwrap();
        let golden = golden.as_object().unwrap();
        assert_eq!(golden.len(), METHODS.len());
        for definition in METHODS {
            let row = &golden[definition.name];
            let shape = match definition.shape {
                Shape::Unary => "unary",
                Shape::ServerStream => "serverStream",
                Shape::Bidirectional => "bidirectional",
            };
            assert_eq!(row["number"], definition.method.number());
            assert_eq!(row["shape"], shape);
            assert_eq!(row["caller"], if definition.called_by_guest { "guest" } else { "host" });
            assert_eq!(row["request"], definition.request);
            assert_eq!(row["response"], definition.response);
        }
    }
}
