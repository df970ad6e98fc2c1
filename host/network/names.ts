// Names of what a host's network is made of. Everything of one host begins the same way, so that its removal can be complete,
// and two hosts on one machine never touch each other's. The kernel allows 15 characters for an interface.

import { createHash } from "node:crypto";

const INTERFACE_NAME_MAX = 15;

export interface NetworkNames {
  readonly bridge: string;
  /** Of every tap, and of every network namespace of a monitor. */
  readonly prefix: string;
  /** Of the nftables tables, in the families bridge and inet. */
  readonly table: string;
  tap(id: string): string;
}

export function networkNames(hostName: string): NetworkNames {
  const prefix = `at${shortHash(hostName, 4)}-`;
  const readable = `at-${hostName}`;
  return {
    bridge: readable.length <= INTERFACE_NAME_MAX ? readable : `at-${shortHash(hostName, 10)}`,
    prefix,
    table: `atoll-${hostName}`,
    tap: (id) => `${prefix}${shortHash(id, INTERFACE_NAME_MAX - prefix.length)}`,
  };
}

function shortHash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
