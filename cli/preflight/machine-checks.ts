// The checks of the machine itself: what it is, how much of it there is, and what it can do.

import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { arch, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Check, CheckResult } from "./check.ts";

const GIB = 1024 ** 3;
/** Supervisor, one host and a handful of pods; the kernel's build wants about as much. */
const MEMORY_BYTES_MIN = 2 * GIB;
/** Kernel source and build 4 GiB, npm packages 0.6, images and ephemeral disks the rest. */
const DISK_BYTES_MIN = 8 * GIB;

function passed(detail: string): CheckResult {
  return { status: "passed", detail };
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

export const systemCheck: Check = {
  name: "system",
  async run() {
    const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
    const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? "unknown system";
    if (arch() !== "x64") {
      return {
        status: "failed",
        cause: `${name} on ${arch()}`,
        remedy: "Atoll's guest bundle is built for x86-64 hosts",
      };
    }
    if (!/^ID(_LIKE)?=.*debian/m.test(release)) {
      return {
        status: "warning",
        cause: `${name} is not Debian, packages cannot be installed for you`,
        remedy: "install what the check “packages” names by hand; Debian 12 and 13 are what Atoll is tested on",
      };
    }
    return passed(name);
  },
};

export const rootCheck: Check = {
  name: "root",
  async run() {
    if (process.getuid?.() === 0) return passed("running as root");
    return {
      status: "failed",
      cause: "not running as root",
      remedy:
        "run it with sudo: bridges, taps and users are made; the programs themselves run without privileges, hostd excepted",
    };
  },
};

export const memoryCheck: Check = {
  name: "memory",
  async run() {
    const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 0) * 1024;
    if (available >= MEMORY_BYTES_MIN) return passed(`${gib(available)} available of ${gib(totalmem())}`);
    return {
      status: "failed",
      cause: `${gib(available)} of memory available, ${gib(MEMORY_BYTES_MIN)} needed`,
      remedy: "stop other programs or give the machine more memory",
    };
  },
};

/** Checks the file system that each directory is, or will be, on. */
export function diskCheck(directories: readonly string[]): Check {
  return {
    name: "disk",
    async run() {
      const details: string[] = [];
      for (const directory of directories) {
        const existing = nearestExisting(directory);
        const { bavail, bsize } = statfsSync(existing);
        const free = bavail * bsize;
        if (free < DISK_BYTES_MIN) {
          return {
            status: "failed",
            cause: `${gib(free)} free for ${directory}, ${gib(DISK_BYTES_MIN)} needed`,
            remedy: "free some space, or name another place with --state-dir and --cache-dir",
          };
        }
        details.push(`${gib(free)} for ${directory}`);
      }
      return passed(details.join(", "));
    },
  };
}

/** The unprivileged programs must get through to what is theirs: every parent is to be passable for others. */
export function passableCheck(directories: readonly string[]): Check {
  return {
    name: "directories",
    async run() {
      for (const directory of directories) {
        const closed = parentsOf(directory).find(
          (parent) => existsSync(parent) && (statSync(parent).mode & 0o001) === 0,
        );
        if (closed !== undefined) {
          return {
            status: "failed",
            cause: `${closed} is closed to other users, and ${directory} is below it`,
            remedy: `name another place by flag, or open it with "chmod o+x ${closed}"`,
          };
        }
      }
      return passed(directories.join(", "));
    },
  };
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...parentsOf(parent), parent];
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Each port must be free on its address, unless what listens there is ours. */
export function portsCheck(
  ports: readonly { readonly address: string; readonly port: number; readonly use: string; readonly flag?: string }[],
): Check {
  return {
    name: "ports",
    async run() {
      for (const { address, port, use, flag } of ports) {
        if (!(await isFree(address, port))) {
          return {
            status: "failed",
            cause: `port ${port} on ${address} is taken, wanted for ${use}`,
            remedy: [
              `find its owner with "ss -ltnp 'sport = :${port}'" and stop it`,
              ...(flag ? [`or choose another port with "${flag}"`] : []),
            ].join(", "),
          };
        }
      }
      return passed(ports.length === 0 ? "in use by this Supervisor" : ports.map(({ port }) => port).join(", "));
    },
  };
}

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

export const tunCheck: Check = {
  name: "network devices",
  async run() {
    try {
      accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
      return passed("/dev/net/tun");
    } catch {
      return {
        status: "failed",
        cause: "/dev/net/tun cannot be opened, pods would have no network card",
        remedy: 'load it with "modprobe tun", or in a container add the device to it',
      };
    }
  },
};

/** Only says what is there: hostd boots a probe guest before it trusts KVM. */
export const acceleratorCheck: Check = {
  name: "accelerator",
  async run() {
    if (!existsSync("/dev/kvm")) {
      return {
        status: "warning",
        cause: "/dev/kvm does not exist, microVMs run under software emulation (TCG), several times slower",
        remedy: "enable virtualisation in the firmware, or nested virtualisation for this machine",
      };
    }
    return passed("/dev/kvm exists; a probe guest decides when the host starts");
  },
};
