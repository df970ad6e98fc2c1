//! EXEC and ATTACH: input to a process, its output back.

use std::rc::Rc;

use channel::messages::status::Code;
use channel::messages::{Empty, ProcessExit, ProcessInput, ProcessOutput, ProcessStart, TerminalSize as Size};
use channel::messages::{process_input::Input, process_output};
use container::TerminalSize;
use rustix::termios::{Winsize, tcsetwinsize};

use crate::log::Output;
use crate::pod::{Pod, Process};
use crate::runtime::{Descriptor, Either, race, spawn};
use crate::server::{Call, Failure};

const READ_BYTES: usize = 32 * 1024;

/// Runs a command in a container, to its end or until the stream is over.
pub async fn exec(pod: &Rc<Pod>, call: &Rc<Call>) -> Result<(), Failure> {
    let start = receive_start(call).await?;
    if start.command.is_empty() {
        return Err(Failure::new(Code::InvalidArgument, "there is no command"));
    }
    let process = running(pod, &start.container)?;
    let terminal = start.tty.then(|| size_of_terminal(start.size.as_ref()));
    let mut started = match process.exec(&start.command, terminal, start.stdin).await {
        Ok(started) => started,
        Err(error) => {
            call.send(&Output::Stderr.message(format!("{error}\n").into_bytes())).await?;
            return send_exit(call, error.exit_code(), 0).await;
        }
    };
    // Taken, not shared: the process sees the end of its input when the last holder lets go.
    let target = started.stdin.take().or_else(|| started.terminal.clone());
    let started = Rc::new(started);
    let input = spawn(copy_input(call.clone(), target, started.terminal.clone()));
    // A terminal's process is alone without the one behind it; others see their input end and go on.
    let guard = HangUp { started: started.clone(), is_terminal: start.tty };
    let outputs = match &started.terminal {
        Some(terminal) => copy_output(call, Some(terminal.clone()), None).await,
        None => copy_output(call, started.stdout.clone(), started.stderr.clone()).await,
    };
    outputs?;
    let exit = started.wait().await;
    drop((guard, input));
    send_exit(call, exit.code, exit.signal).await
}

struct HangUp {
    started: Rc<crate::pod::Started>,
    is_terminal: bool,
}

impl Drop for HangUp {
    fn drop(&mut self) {
        if self.is_terminal {
            self.started.kill();
        }
    }
}

/// Joins the streams of a container's first process.
pub async fn attach(pod: &Rc<Pod>, call: &Rc<Call>) -> Result<(), Failure> {
    let start = receive_start(call).await?;
    let container = pod.container(&start.container).ok_or_else(|| unknown(&start.container))?;
    let process = running(pod, &start.container)?;
    if let (Some(terminal), Some(size)) = (&process.terminal, &start.size) {
        resize(terminal, size);
    }
    if start.stdout || start.stderr || start.tty {
        container.attached.borrow_mut().push(call.clone());
    }
    if start.stdin {
        let target = process.stdin.borrow().clone();
        let once = container.specification.stdin_once;
        copy_input(call.clone(), target, process.terminal.clone()).await;
        if once {
            *process.stdin.borrow_mut() = None;
        }
    }
    // The container's end closes the call.
    call.closed().await;
    Ok(())
}

async fn receive_start(call: &Call) -> Result<ProcessStart, Failure> {
    match call.request::<ProcessInput>().await?.input {
        Some(Input::Start(start)) => Ok(start),
        _ => Err(Failure::new(Code::InvalidArgument, "the first message has to be the start")),
    }
}

fn unknown(container: &str) -> Failure {
    Failure::new(Code::NotFound, format!("container \"{container}\" is not known"))
}

fn running(pod: &Pod, name: &str) -> Result<Rc<Process>, Failure> {
    let container = pod.container(name).ok_or_else(|| unknown(name))?;
    let gone = || Failure::new(Code::FailedPrecondition, format!("container \"{name}\" is not running"));
    container.running_process().ok_or_else(gone)
}

async fn send_exit(call: &Call, exit_code: i32, signal: i32) -> Result<(), Failure> {
    let exit = process_output::Output::Exit(ProcessExit { exit_code, signal });
    call.send(&ProcessOutput { output: Some(exit) }).await
}

/// Copies input until the stream or the process ends; the process then sees the end of its input.
async fn copy_input(call: Rc<Call>, mut target: Option<Rc<Descriptor>>, terminal: Option<Rc<Descriptor>>) {
    while let Ok(Some(ProcessInput { input })) = call.receive().await {
        match input {
            Some(Input::Stdin(bytes)) => {
                if let Some(open) = &target
                    && open.write_all(&bytes).await.is_err()
                {
                    target = None;
                }
            }
            // A terminal has no end of input of its own.
            Some(Input::StdinEnd(Empty {})) if terminal.is_none() => target = None,
            Some(Input::Resize(size)) => {
                if let Some(terminal) = &terminal {
                    resize(terminal, &size);
                }
            }
            _ => {}
        }
    }
}

fn resize(terminal: &Descriptor, size: &Size) {
    let size = size_of_terminal(Some(size));
    let size = Winsize { ws_col: size.columns, ws_row: size.rows, ws_xpixel: 0, ws_ypixel: 0 };
    // The process may have closed its side.
    let _ = tcsetwinsize(terminal, size);
}

fn size_of_terminal(size: Option<&Size>) -> TerminalSize {
    let number = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    size.map_or_else(TerminalSize::default, |size| TerminalSize {
        columns: number(size.columns),
        rows: number(size.rows),
    })
}

/// Copies both outputs to their ends. Both wait for the host, so a process that writes too fast waits as well.
async fn copy_output(
    call: &Call,
    stdout: Option<Rc<Descriptor>>,
    stderr: Option<Rc<Descriptor>>,
) -> Result<(), Failure> {
    let mut first = std::pin::pin!(copy_one(call, stdout, Output::Stdout));
    let mut second = std::pin::pin!(copy_one(call, stderr, Output::Stderr));
    match race(first.as_mut(), second.as_mut()).await {
        Either::First(outcome) => {
            outcome?;
            second.await
        }
        Either::Second(outcome) => {
            outcome?;
            first.await
        }
    }
}

async fn copy_one(call: &Call, source: Option<Rc<Descriptor>>, output: Output) -> Result<(), Failure> {
    let Some(source) = source else { return Ok(()) };
    let mut buffer = vec![0; READ_BYTES];
    while let Ok(count @ 1..) = source.read(&mut buffer).await {
        call.send(&output.message(buffer[..count].to_vec())).await?;
    }
    Ok(())
}
