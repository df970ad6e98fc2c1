import { existsSync } from "node:fs";
import { type AptOptions, installDebianPackages, updatePackageLists } from "./apt.ts";

/** A Debian package and a file that tells it is there; why it is needed is shown by pre-flight. */
export interface DebianPackage {
  readonly name: string;
  readonly provides: string;
  readonly why: string;
}

/** What a host needs while it runs. */
export const HOST_PACKAGES: readonly DebianPackage[] = [
  { name: "qemu-system-x86", provides: "/usr/bin/qemu-system-x86_64", why: "runs the microVMs" },
  { name: "bubblewrap", provides: "/usr/bin/bwrap", why: "jails each microVM's QEMU" },
  { name: "iproute2", provides: "/usr/sbin/ip", why: "bridges, taps and namespaces" },
  { name: "nftables", provides: "/usr/sbin/nft", why: "anti-spoofing and address translation" },
  { name: "util-linux", provides: "/usr/bin/setpriv", why: "runs programs without privileges" },
];

/** What the guest bundle is built with, once. */
export const BUILD_PACKAGES: readonly DebianPackage[] = [
  { name: "linux-source-6.12", provides: "/usr/src/linux-source-6.12.tar.xz", why: "source of the pods' kernel" },
  { name: "gcc", provides: "/usr/bin/gcc", why: "compiles the kernel" },
  { name: "make", provides: "/usr/bin/make", why: "builds the kernel" },
  { name: "libc6-dev", provides: "/usr/include/stdio.h", why: "builds the kernel's tools and the static agent" },
  { name: "flex", provides: "/usr/bin/flex", why: "builds the kernel's configuration tools" },
  { name: "bison", provides: "/usr/bin/bison", why: "builds the kernel's configuration tools" },
  { name: "bc", provides: "/usr/bin/bc", why: "builds the kernel" },
  { name: "libelf-dev", provides: "/usr/include/libelf.h", why: "builds the kernel's object tool" },
  { name: "binutils", provides: "/usr/bin/strip", why: "strips the kernel" },
  { name: "xz-utils", provides: "/usr/bin/xz", why: "unpacks the kernel's source" },
  { name: "cpio", provides: "/usr/bin/cpio", why: "builds the kernel" },
  { name: "ccache", provides: "/usr/bin/ccache", why: "makes a second kernel build quick" },
  { name: "erofs-utils", provides: "/usr/bin/mkfs.erofs", why: "makes the system disks" },
];

/** What the demonstration needs on top. */
export const DEMO_PACKAGES: readonly DebianPackage[] = [
  { name: "busybox-static", provides: "/usr/bin/busybox", why: "the demonstration's image" },
  { name: "docker-registry", provides: "/usr/bin/docker-registry", why: "the demonstration's registry" },
];

/** What the end-to-end tests need on top of the demonstration's. */
export const TEST_PACKAGES: readonly DebianPackage[] = [
  { name: "skopeo", provides: "/usr/bin/skopeo", why: "pushes the tests' images" },
  { name: "unzip", provides: "/usr/bin/unzip", why: "unpacks the tests' kubectl" },
  { name: "etcd-server", provides: "/usr/bin/etcd", why: "the store on etcd is tested with it" },
  { name: "procps", provides: "/usr/bin/ps", why: "lists processes" },
];

export function missingPackages(packages: readonly DebianPackage[]): DebianPackage[] {
  return packages.filter((wanted) => !existsSync(wanted.provides) && !existsSync(`/usr${wanted.provides}`));
}

/** Installs what is missing; asks the package lists only then. */
export async function installPackages(
  packages: readonly DebianPackage[],
  options: AptOptions,
): Promise<readonly DebianPackage[]> {
  const missing = missingPackages(packages);
  if (missing.length === 0) return missing;
  await updatePackageLists(options);
  const names = missing.map((wanted) => wanted.name);
  await installDebianPackages(names, options);
  const still = missingPackages(packages).map((wanted) => wanted.name);
  if (still.length > 0) throw new Error(`After "apt-get install" these are still missing: ${still.join(", ")}`);
  return missing;
}
