//! From the host's words to what the kernel is asked for.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use channel::messages::{Container as Specification, SecurityContext, StartPodRequest};
use container::{
    BindMount, CapabilitySet, CgroupLimits, ContainerSpec, Identity, PidNamespace, ProcessSpec, RootSpec, TerminalSize,
    UserDatabase, default_filter,
};

use super::{Pod, empty_dir};
use crate::files;
use crate::image::ImageConfig;
use crate::volume;

/// Files of the pod that every container sees, unless it mounts something else there.
const POD_FILES: [&str; 3] = ["hosts", "hostname", "resolv.conf"];

/// Everything one run needs.
pub struct Prepared {
    pub spec: ContainerSpec,
    pub limits: CgroupLimits,
    pub stop_signal: i32,
    pub directory: PathBuf,
}

/// Builds the specification of one run; the text of an error is what the user reads in the container's state.
pub fn prepare(
    pod: &Pod,
    request: &StartPodRequest,
    container: &Specification,
    image: &Path,
    id: &str,
) -> Result<Prepared, String> {
    let config = ImageConfig::read(image).map_err(|error| format!("the image's configuration: {error}"))?;
    let root = image.join("rootfs");
    let security = container.security.clone().unwrap_or_default();
    let identity = identity(&config, &security, request.fs_group, &root)?;
    let directory = files::ephemeral("containers", id);
    let mounts = mounts(request, container, &directory)?;
    let pid_namespace = match &*pod.pid_namespace.borrow() {
        Some(process) => PidNamespace::Join(process.clone()),
        None => PidNamespace::New,
    };
    let stop_signal = config.stop_signal();
    let spec = ContainerSpec {
        root: RootSpec {
            lower: root,
            upper: directory.join("upper"),
            work: directory.join("work"),
            mount_point: files::ROOT_MOUNT_POINT.into(),
            read_only: security.read_only_root_filesystem,
        },
        mounts,
        process: process(request, container, &config, &security, identity)?,
        privileged: security.privileged,
        shared_memory: files::SHARED_MEMORY.into(),
        pid_namespace,
    };
    Ok(Prepared { spec, limits: limits(container), stop_signal, directory })
}

fn identity(
    config: &ImageConfig,
    security: &SecurityContext,
    fs_group: Option<u32>,
    root: &Path,
) -> Result<Identity, String> {
    let database = UserDatabase::read(root).map_err(|error| error.to_string())?;
    let number = |value: i64| u32::try_from(value).map_err(|_| format!("{value} is not a user or group number"));
    let user = match security.run_as_user {
        Some(user) => number(user)?.to_string(),
        None => config.user.clone().unwrap_or_default(),
    };
    let mut identity = database.resolve(&user).map_err(|error| error.to_string())?;
    if let Some(group) = security.run_as_group {
        identity.group = number(group)?;
    }
    if security.run_as_non_root && identity.user == 0 {
        return Err("container has runAsNonRoot and image will run as root".to_owned());
    }
    for group in &security.supplemental_groups {
        identity.supplementary_groups.push(number(*group)?);
    }
    identity.supplementary_groups.extend(fs_group);
    identity.supplementary_groups.sort_unstable();
    identity.supplementary_groups.dedup();
    Ok(identity)
}

fn process(
    request: &StartPodRequest,
    container: &Specification,
    config: &ImageConfig,
    security: &SecurityContext,
    identity: Identity,
) -> Result<ProcessSpec, String> {
    let capabilities = if security.privileged {
        CapabilitySet::ALL
    } else {
        CapabilitySet::from_changes(&security.capabilities_add, &security.capabilities_drop)
            .map_err(|name| format!("\"{name}\" is not a capability"))?
    };
    let pairs: Vec<_> = container.env.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect();
    let hostname = if request.hostname.is_empty() { &request.pod_name } else { &request.hostname };
    let environment = config.environment(&pairs, hostname, &identity.home, container.tty);
    let directory = match (container.working_dir.as_str(), config.working_dir.as_deref()) {
        ("", None | Some("")) => "/",
        ("", Some(directory)) => directory,
        (directory, _) => directory,
    };
    let filtered = security.seccomp_default && !security.privileged;
    Ok(ProcessSpec {
        arguments: strings(&config.arguments(&container.command, &container.args))?,
        environment: strings(&environment)?,
        working_directory: CString::new(directory).map_err(|_| zero_byte())?,
        identity,
        capabilities,
        no_new_privileges: security.no_new_privileges,
        seccomp: filtered.then(|| Rc::new(default_filter(capabilities))),
        oom_score_adjustment: 0,
        terminal: container.tty.then(TerminalSize::default),
        stdin: container.stdin,
    })
}

fn strings(texts: &[String]) -> Result<Vec<CString>, String> {
    texts.iter().map(|text| CString::new(text.as_str()).map_err(|_| zero_byte())).collect()
}

fn zero_byte() -> String {
    "commands, variables and directories cannot hold a zero byte".to_owned()
}

fn limits(container: &Specification) -> CgroupLimits {
    let resources = container.resources.unwrap_or_default();
    CgroupLimits {
        cpu_limit_millis: Some(resources.cpu_limit_millis).filter(|millis| *millis > 0),
        cpu_request_millis: resources.cpu_request_millis,
        memory_limit_bytes: Some(resources.memory_limit_bytes).filter(|bytes| *bytes > 0),
        processes_max: None,
    }
}

fn mounts(request: &StartPodRequest, container: &Specification, directory: &Path) -> Result<Vec<BindMount>, String> {
    let mut mounts = Vec::new();
    for name in POD_FILES {
        let target = format!("/etc/{name}");
        if !container.mounts.iter().any(|mount| mount.mount_path == target) {
            let source = Path::new(files::POD_FILES).join(name);
            mounts.push(BindMount { source, sub_path: String::new(), target, read_only: false });
        }
    }
    if !container.termination_message_path.is_empty() {
        let target = container.termination_message_path.clone();
        mounts.push(BindMount {
            source: directory.join("termination"),
            sub_path: String::new(),
            target,
            read_only: false,
        });
    }
    for mount in &container.mounts {
        let source =
            source(request, &mount.volume).ok_or_else(|| format!("volume \"{}\" has no content yet", mount.volume))?;
        mounts.push(BindMount {
            source,
            sub_path: mount.sub_path.clone(),
            target: mount.mount_path.clone(),
            read_only: mount.read_only,
        });
    }
    // A mount below another one comes after it; the order is otherwise kept.
    mounts.sort_by_key(|mount| mount.target.split('/').filter(|name| !name.is_empty()).count());
    Ok(mounts)
}

fn source(request: &StartPodRequest, volume: &str) -> Option<PathBuf> {
    if !files::is_plain_name(volume) {
        return None;
    }
    let empty = request.empty_dirs.iter().find(|empty| empty.name == volume);
    empty.map(|empty| empty_dir(volume, empty.memory)).or_else(|| volume::directory(volume))
}

/// Makes the directories and files of a run.
pub fn make_directory(prepared: &Prepared) -> std::io::Result<()> {
    fs::create_dir_all(&prepared.spec.root.upper)?;
    fs::create_dir(&prepared.spec.root.work)?;
    fs::set_permissions(&prepared.spec.root.upper, fs::Permissions::from_mode(0o755))?;
    let termination = prepared.directory.join("termination");
    fs::write(&termination, "")?;
    fs::set_permissions(termination, fs::Permissions::from_mode(0o666))
}
