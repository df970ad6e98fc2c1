//! What happens in the new process between `clone3` and `execve`. Every step that fails is told to the parent.

use std::convert::Infallible;
use std::ffi::{CStr, CString, c_uint};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::fs::{Access, AtFlags, CWD, FileType, Gid, Mode, Uid, accessat, fchown, mkdirat, stat};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, chdir, ioctl_tiocsctty, setrlimit, setsid};
use rustix::thread::{CapabilitySet as ThreadCapabilities, CapabilitySets, set_capabilities, set_no_new_privs};

use crate::console::open_terminal;
use crate::error::{Context, FailureKind, StartFailure};
use crate::identity::Identity;
use crate::rootfs;
use crate::spawn::last_errno;
use crate::spec::{ContainerSpec, ExecSpec, ProcessSpec};
use crate::status::ChildStatus;

/// Open files per process, as container runtimes give them.
const FILES_MAX: u64 = 1_048_576;
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The highest capability any kernel could have.
const CAPABILITIES_MAX: u32 = 64;

/// Descriptors that become 0, 1 and 2; none with a terminal.
pub(crate) type ChildStdio = Option<[OwnedFd; 3]>;

pub(crate) fn run_container(
    spec: &ContainerSpec,
    stdio: ChildStdio,
    status: &ChildStatus,
) -> Result<Infallible, StartFailure> {
    let process = &spec.process;
    begin(process)?;
    unshare_cgroup().context(|| "make a cgroup namespace".to_owned())?;
    rootfs::enter(spec)?;
    let terminal = connect_stdio(process, stdio, status)?;
    if let Some(terminal) = &terminal {
        rootfs::bind_console(terminal).context(|| "bind \"/dev/console\"".to_owned())?;
    }
    drop(terminal);
    become_program(process)
}

pub(crate) fn run_exec(spec: &ExecSpec, stdio: ChildStdio, status: &ChildStatus) -> Result<Infallible, StartFailure> {
    let process = &spec.process;
    begin(process)?;
    // SAFETY: `setns` takes a descriptor and flags; this process has one thread.
    let result = unsafe { libc::setns(spec.pidfd.as_raw_fd(), libc::CLONE_NEWNS | libc::CLONE_NEWCGROUP) };
    if result != 0 {
        return Err(StartFailure::setup("join the container's namespaces", last_errno()));
    }
    connect_stdio(process, stdio, status)?;
    become_program(process)
}

fn begin(process: &ProcessSpec) -> Result<(), StartFailure> {
    reset_signals();
    setsid().context(|| "start a session".to_owned())?;
    // Opened in the caller's /proc: the container's own may not be there, or not be ours.
    std::fs::write("/proc/self/oom_score_adj", process.oom_score_adjustment.to_string()).map_err(|error| {
        let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
        StartFailure::setup("set the out-of-memory score", errno)
    })?;
    let files = Rlimit { current: Some(FILES_MAX), maximum: Some(FILES_MAX) };
    setrlimit(Resource::Nofile, files).context(|| "set the limit of open files".to_owned())
}

/// The caller blocks and ignores signals for its own reasons; a program starts with none blocked and none ignored.
fn reset_signals() {
    // SAFETY: a zeroed `sigset_t` is valid storage for `sigemptyset`, which initialises it before use.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
    for signal in 1..=64 {
        // SAFETY: setting a default disposition runs no code of ours; for signals that have none to set it fails.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// After `clone3` into the cgroup, so that its root is the container's cgroup and not the caller's.
fn unshare_cgroup() -> Result<(), Errno> {
    // SAFETY: `unshare` takes flags only.
    if unsafe { libc::unshare(libc::CLONE_NEWCGROUP) } == 0 { Ok(()) } else { Err(last_errno()) }
}

fn connect_stdio(
    process: &ProcessSpec,
    stdio: ChildStdio,
    status: &ChildStatus,
) -> Result<Option<OwnedFd>, StartFailure> {
    let owner = (Some(Uid::from_raw(process.identity.user)), None::<Gid>);
    if let Some(size) = process.terminal {
        let (controller, terminal) = open_terminal(size).context(|| "open a terminal".to_owned())?;
        status.send_terminal(controller.as_fd()).context(|| "hand over the terminal".to_owned())?;
        ioctl_tiocsctty(&terminal).context(|| "take the terminal".to_owned())?;
        fchown(&terminal, owner.0, owner.1).context(|| "own the terminal".to_owned())?;
        duplicate_to_stdio([&terminal, &terminal, &terminal]).context(|| "connect the terminal".to_owned())?;
        return Ok(Some(terminal));
    }
    let Some([stdin, stdout, stderr]) = stdio else { return Ok(None) };
    for pipe in [&stdin, &stdout, &stderr] {
        // /dev/stdout has to be openable by the user that the program runs as; /dev/null may refuse, it is everybody's.
        let is_pipe = rustix::fs::fstat(pipe).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo);
        if is_pipe && process.identity.user != 0 {
            fchown(pipe, owner.0, owner.1).context(|| "own the standard streams".to_owned())?;
        }
    }
    duplicate_to_stdio([&stdin, &stdout, &stderr]).context(|| "connect the standard streams".to_owned())?;
    Ok(None)
}

fn duplicate_to_stdio(files: [&OwnedFd; 3]) -> Result<(), Errno> {
    rustix::stdio::dup2_stdin(files[0])?;
    rustix::stdio::dup2_stdout(files[1])?;
    rustix::stdio::dup2_stderr(files[2])
}

fn become_program(process: &ProcessSpec) -> Result<Infallible, StartFailure> {
    enter_directory(&process.working_directory)?;
    drop_privileges(process)?;
    execute(process)
}

fn enter_directory(directory: &CStr) -> Result<(), StartFailure> {
    let text = directory.to_string_lossy();
    let attempt = || match chdir(directory) {
        Err(Errno::NOENT) => {
            let mut so_far = String::new();
            for name in text.split('/').filter(|name| !name.is_empty()) {
                so_far.push('/');
                so_far.push_str(name);
                match mkdirat(CWD, so_far.as_str(), Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno),
                }
            }
            chdir(directory)
        }
        other => other,
    };
    attempt().context(|| format!("change to the working directory \"{text}\""))
}

/// The order matters: the filter goes on while there is still the right to put it on without no_new_privs, and the user
/// changes while there is still the right to change it.
fn drop_privileges(process: &ProcessSpec) -> Result<(), StartFailure> {
    drop_bounding_set(process).context(|| "drop capabilities".to_owned())?;
    if process.no_new_privileges {
        set_no_new_privs(true).context(|| "set no_new_privs".to_owned())?;
    }
    set_groups(&process.identity).context(|| "set the groups".to_owned())?;
    if let Some(filter) = &process.seccomp {
        filter.install().context(|| "install the seccomp filter".to_owned())?;
    }
    set_user(process.identity.user).context(|| "set the user".to_owned())?;
    if process.identity.user == 0 {
        let wanted = ThreadCapabilities::from_bits_retain(process.capabilities.bits());
        let sets = CapabilitySets { effective: wanted, permitted: wanted, inheritable: ThreadCapabilities::empty() };
        set_capabilities(None, sets).context(|| "set the capabilities".to_owned())?;
    }
    // The parent's /proc entry of this process belongs to root while the process is not dumpable; execve sets it again.
    Ok(())
}

fn drop_bounding_set(process: &ProcessSpec) -> Result<(), Errno> {
    for number in (0..CAPABILITIES_MAX).filter(|number| !process.capabilities.contains(*number)) {
        // SAFETY: this prctl takes a number.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(number), 0, 0, 0) } != 0 {
            match last_errno() {
                // The kernel's own last capability is behind us.
                Errno::INVAL => break,
                errno => return Err(errno),
            }
        }
    }
    Ok(())
}

fn set_groups(identity: &Identity) -> Result<(), Errno> {
    let groups = &identity.supplementary_groups;
    // SAFETY: the pointer is to `len` group numbers. The calls are made directly: the C library's would signal threads.
    let result = unsafe {
        let set = libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr());
        if set == 0 { libc::syscall(libc::SYS_setresgid, identity.group, identity.group, identity.group) } else { set }
    };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

fn set_user(user: u32) -> Result<(), Errno> {
    // SAFETY: takes numbers only.
    let result = unsafe { libc::syscall(libc::SYS_setresuid, user, user, user) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

fn execute(process: &ProcessSpec) -> Result<Infallible, StartFailure> {
    let program = find_program(process)?;
    let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
        texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (arguments, environment) = (pointers(&process.arguments), pointers(&process.environment));
    // SAFETY: close_range takes numbers; from here on every other descriptor closes with execve.
    unsafe { libc::syscall(libc::SYS_close_range, 3 as c_uint, c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    // SAFETY: the program is a C string, both arrays end with a null pointer and outlive the call.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    let errno = last_errno();
    let kind = if errno == Errno::NOENT { FailureKind::NotFound } else { FailureKind::NotExecutable };
    Err(StartFailure { kind, step: format!("exec \"{}\"", program.to_string_lossy()), errno: errno.raw_os_error() })
}

fn find_program(process: &ProcessSpec) -> Result<CString, StartFailure> {
    let Some(name) = process.arguments.first() else {
        return Err(StartFailure::setup("no command was given and the image has none", Errno::INVAL));
    };
    let text = name.to_string_lossy();
    if text.contains('/') {
        return Ok(name.clone());
    }
    let variable = |entry: &CString| entry.to_str().ok()?.strip_prefix("PATH=").map(str::to_owned);
    let path = process.environment.iter().find_map(variable).unwrap_or_else(|| DEFAULT_PATH.to_owned());
    let mut found_unusable = false;
    for directory in path.split(':').filter(|_| !text.is_empty()) {
        let Ok(candidate) = CString::new(format!("{}/{text}", if directory.is_empty() { "." } else { directory }))
        else {
            continue;
        };
        let is_file = stat(&candidate).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
        if is_file && accessat(CWD, &candidate, Access::EXEC_OK, AtFlags::EACCESS).is_ok() {
            return Ok(candidate);
        }
        found_unusable |= is_file;
    }
    let (kind, errno) = if found_unusable {
        (FailureKind::NotExecutable, Errno::ACCESS)
    } else {
        (FailureKind::NotFound, Errno::NOENT)
    };
    let step = format!("exec \"{text}\": executable file not found in $PATH");
    Err(StartFailure { kind, step, errno: errno.raw_os_error() })
}
