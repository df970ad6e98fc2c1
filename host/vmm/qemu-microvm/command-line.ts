// QEMU's command line as a function of the microVM: machine, devices and their order. Nothing here touches the machine.
// The order of the devices is fixed, for it is part of what a guest sees. There is no balloon, no PCI, no firmware table,
// nothing that a pod does not need.

import { AGENT_PORT_NAME } from "@atoll/api/guest-agent/methods";
import type { Accelerator, MicroVmDisk, MicroVmSpec } from "../vmm.ts";

/** Where the jail shows the files, whatever their path on the host. */
export const jailPaths = {
  directory: "/vm",
  kernel: "/kernel",
  systemDisk: "/system-disk",
  qmpSocket: "/vm/qmp",
  agentSocket: "/vm/agent",
  disk: (serial: string) => `/vm/disks/${serial}`,
} as const;

/** Translated code that QEMU keeps under TCG: more buys nothing for a guest that idles (measured: 83 MiB with, 95 without). */
const TRANSLATION_BUFFER_MIB = 32;
/** The end of what the guest's console printed, kept in QEMU's memory: a guest that floods it costs nothing else. */
export const CONSOLE_BYTES = 65_536;
const BYTES_PER_MIB = 1_048_576;

export interface QemuOptions {
  readonly accelerator: Accelerator;
  /** Of the host's time stamp counter; undefined: the guest measures by itself, which goes wrong on a busy host. */
  readonly tscKhz: number | undefined;
  /** Stands in the command line, by which the process is known again. */
  readonly processName: string;
}

export function buildQemuArguments(spec: MicroVmSpec, options: QemuOptions): string[] {
  return [
    ...["-name", options.processName],
    ...["-M", "microvm,acpi=off"],
    ...["-accel", options.accelerator === "kvm" ? "kvm" : `tcg,tb-size=${TRANSLATION_BUFFER_MIB}`],
    ...["-cpu", options.accelerator === "kvm" ? "host" : "qemu64"],
    ...["-smp", String(spec.vcpus)],
    ...["-m", `${Math.ceil(spec.memoryBytes / BYTES_PER_MIB)}M`],
    ...["-nodefaults", "-no-user-config", "-display", "none"],
    // A guest that ends leaves the monitor standing still, so that its last words and its cause can be read.
    ...["-action", "reboot=shutdown,shutdown=pause,panic=pause"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...["-chardev", `ringbuf,id=console,size=${CONSOLE_BYTES}`, "-serial", "chardev:console"],
    ...["-qmp", `unix:${jailPaths.qmpSocket},server=on,wait=off`],
    ...["-device", "virtio-serial-device,id=serial0"],
    ...["-chardev", `socket,id=agent,path=${jailPaths.agentSocket},server=on,wait=off`],
    ...["-device", `virtserialport,bus=serial0.0,chardev=agent,name=${AGENT_PORT_NAME}`],
    ...["-device", "virtio-scsi-device,id=scsi0"],
    ...spec.disks.flatMap((disk, index) => diskArguments(disk, index)),
    // Without it the guest's generator is not ready for seconds.
    ...["-device", "virtio-rng-device"],
    ...(spec.nic ? nicArguments(spec.nic) : []),
    ...["-blockdev", JSON.stringify(blockNode("system", jailPaths.systemDisk, { readOnly: true }))],
    ...["-device", "virtio-blk-device,drive=system"],
    ...["-kernel", jailPaths.kernel],
    ...["-append", kernelCommandLine(spec, options)],
  ];
}

function diskArguments(disk: MicroVmDisk, index: number): string[] {
  return [
    ...["-blockdev", JSON.stringify(diskNode(disk))],
    ...["-device", JSON.stringify({ ...diskDevice(disk), "scsi-id": index })],
  ];
}

/** What `blockdev-add` takes. */
export function diskNode(disk: MicroVmDisk): object {
  return blockNode(diskNodeName(disk.serial), jailPaths.disk(disk.serial), disk);
}

/** What `device_add` takes; QEMU gives the next free SCSI id. */
export function diskDevice(disk: MicroVmDisk): Record<string, unknown> {
  return {
    driver: "scsi-hd",
    id: diskDeviceId(disk.serial),
    bus: "scsi0.0",
    drive: diskNodeName(disk.serial),
    serial: disk.serial,
  };
}

export const diskNodeName = (serial: string) => `node-${serial}`;
export const diskDeviceId = (serial: string) => `disk-${serial}`;

function blockNode(
  name: string,
  filename: string,
  options: { readonly readOnly: boolean; readonly disposable?: boolean },
): object {
  return {
    driver: "raw",
    "node-name": name,
    "read-only": options.readOnly,
    // What the guest trims or zeroes goes back to the datastore.
    ...(options.readOnly ? {} : { discard: "unmap", "detect-zeroes": "unmap" }),
    cache: { "no-flush": options.disposable === true },
    file: {
      driver: "file",
      filename,
      ...(options.readOnly ? {} : { discard: "unmap" }),
      cache: { "no-flush": options.disposable === true },
    },
  };
}

function nicArguments(nic: NonNullable<MicroVmSpec["nic"]>): string[] {
  return [
    ...["-netdev", `tap,id=net0,ifname=${nic.tap},script=no,downscript=no`],
    ...["-device", `virtio-net-device,netdev=net0,mac=${nic.mac}`],
  ];
}

function kernelCommandLine(spec: MicroVmSpec, options: QemuOptions): string {
  return [
    "console=ttyS0 quiet reboot=t panic=-1",
    "root=/dev/vda rootfstype=erofs ro init=/init",
    ...(options.tscKhz === undefined ? [] : [`tsc_early_khz=${options.tscKhz} tsc=reliable`]),
    ...(options.accelerator === "tcg" ? ["noreplace-smp"] : []),
    ...spec.kernelArguments,
  ].join(" ");
}
