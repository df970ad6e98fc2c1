// What a monitor may see and do, as the command line of the programs that put it there: a network namespace made for it, its
// own mount, process, IPC and host name namespaces with nothing but /usr and its own files, a user of its own, no capability,
// no way to gain one, limits. Bubblewrap builds the view; setpriv gives up what root has, last, inside of it.

import { join } from "node:path";
import type { MicroVmSpec } from "../vmm.ts";
import { jailPaths } from "./command-line.ts";

/** QEMU needs a few for its devices, timers and channels, and one for each disk: 256 leaves room for 64 disks. */
const OPEN_FILES_MAX = 256;
/** Threads: vCPUs (at most 32) and the block layer's workers (64 at most). */
const PROCESSES_MAX = 256;

/** Before anything else, so that whatever is started is in it. */
const ENTER_CGROUP = 'echo 0 >"$1"; shift; exec "$@"';

export interface JailOptions {
  /** The microVM's directory on the host, shown as /vm. */
  readonly directory: string;
  /** A node for /dev/net/tun that unprivileged users may open; the jail shows it in the place of the machine's own. */
  readonly tunDevice: string;
  readonly accelerator: "kvm" | "tcg";
  /** Number of the file descriptor that bubblewrap tells the child's process id on. */
  readonly statusDescriptor: number;
  /** The `cgroup.procs` of the microVM's cgroup; undefined where it has none. */
  readonly cgroupFile: string | undefined;
}

export interface JailedCommand {
  readonly program: string;
  readonly programArguments: readonly string[];
}

export function buildJailedCommand(spec: MicroVmSpec, options: JailOptions, qemu: readonly string[]): JailedCommand {
  const enterNamespace = spec.nic ? ["nsenter", `--net=/run/netns/${spec.nic.networkNamespace}`] : [];
  const command = [
    ...(options.cgroupFile === undefined ? [] : ["sh", "-c", ENTER_CGROUP, "sh", options.cgroupFile]),
    ...enterNamespace,
    ...["bwrap", "--unshare-ipc", "--unshare-pid", "--as-pid-1", "--unshare-uts", "--unshare-cgroup-try"],
    ...(spec.nic ? [] : ["--unshare-net"]),
    ...["--hostname", "crx", "--clearenv", "--new-session", "--chdir", "/"],
    ...["--json-status-fd", String(options.statusDescriptor)],
    ...systemView(),
    ...deviceView(spec, options),
    ...["--ro-bind", spec.kernelPath, jailPaths.kernel, "--ro-bind", spec.systemDiskPath, jailPaths.systemDisk],
    ...["--bind", options.directory, jailPaths.directory],
    ...spec.disks.flatMap((disk) => [disk.readOnly ? "--ro-bind" : "--bind", disk.path, jailPaths.disk(disk.serial)]),
    // Only so that setpriv can change the user; it leaves none.
    ...["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"],
    ...["--", "setpriv", `--reuid=${spec.userId}`, `--regid=${spec.userId}`, "--clear-groups", "--no-new-privs"],
    ...["--inh-caps=-all", "--bounding-set=-all"],
    // The number of processes counts per user, so it can only be limited once the user is the microVM's own.
    ...["prlimit", `--nproc=${PROCESSES_MAX}`, `--nofile=${OPEN_FILES_MAX}`, "--core=0", "--memlock=0", "--msgqueue=0"],
    ...qemu,
  ];
  const [program = "", ...programArguments] = command;
  return { program, programArguments };
}

function systemView(): string[] {
  const links = ["lib", "lib64", "bin", "sbin"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  return ["--ro-bind", "/usr", "/usr", ...links, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"];
}

function deviceView(spec: MicroVmSpec, options: JailOptions): string[] {
  return [
    ...["--dev", "/dev"],
    ...(spec.nic ? ["--perms", "0755", "--dir", "/dev/net", "--dev-bind", options.tunDevice, "/dev/net/tun"] : []),
    ...(options.accelerator === "kvm" ? ["--dev-bind", join(options.tunDevice, "..", "kvm"), "/dev/kvm"] : []),
  ];
}
