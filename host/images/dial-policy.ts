// Where a pull may connect to. The guest that reads a hostile registry's answers has no network; each connection is asked for
// here. The registry that the user named is allowed at its own port, wherever it stands. Everything else (token services,
// mirrors and stores that a registry points to) is the registry's word, so it may only be a public address on the ports of
// the web: nothing on this host, nothing on the networks around it.

import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { StreamError } from "@atoll/base/multiplex/stream-status";

const HTTPS_PORT = 443;
const HTTP_PORT = 80;

export interface DialTarget {
  readonly host: string;
  readonly port: number;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export type ResolveHost = (host: string) => Promise<readonly ResolvedAddress[]>;

export const resolveHost: ResolveHost = (host) => lookup(host, { all: true });

/** The address to connect to, looked up once: a name that changes between a check and a connection gains nothing. */
export async function allowDial(
  target: DialTarget,
  pull: { readonly registry: string; readonly plainHttp: boolean; readonly resolve: ResolveHost },
): Promise<ResolvedAddress> {
  const registry = splitRegistry(pull.registry, pull.plainHttp ? HTTP_PORT : HTTPS_PORT);
  const isRegistry = target.host.toLowerCase() === registry.host && target.port === registry.port;
  const refuse = (why: string) =>
    new StreamError("FAILED_PRECONDITION", `Connect to "${target.host}:${target.port}": ${why}`);
  if (!isRegistry && target.port !== HTTPS_PORT && !(pull.plainHttp && target.port === HTTP_PORT)) {
    throw refuse("only the registry itself may be on this port");
  }
  let addresses: readonly ResolvedAddress[];
  try {
    addresses = await pull.resolve(target.host);
  } catch (error) {
    throw new StreamError("UNAVAILABLE", `Resolve "${target.host}"`, { cause: error });
  }
  const [first] = isRegistry ? addresses : addresses.filter(({ address }) => isPublic(address));
  if (!first) throw refuse(addresses.length === 0 ? "the name has no address" : "it is not a public address");
  return first;
}

function splitRegistry(registry: string, defaultPort: number): DialTarget {
  const url = new URL(`https://${registry}`);
  // URL drops 443 as the default of its scheme; written or not, it is what was meant.
  const isDefault = url.port === "" && !registry.endsWith(`:${HTTPS_PORT}`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: isDefault ? defaultPort : Number(url.port || HTTPS_PORT),
  };
}

/** Special purpose addresses of RFC 6890 and its updates, and multicast. */
const notPublic = new BlockList();
for (const [network, length] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  notPublic.addSubnet(network, length, "ipv4");
}
/** Of IPv6 only what is handed out to be reached is public, without its parts for tunnels and documentation. */
const publicV6 = new BlockList();
publicV6.addSubnet("2000::", 3, "ipv6");
for (const [network, length] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const) {
  notPublic.addSubnet(network, length, "ipv6");
}

export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !notPublic.check(address, "ipv4");
  if (isIP(address) === 6) return publicV6.check(address, "ipv6") && !notPublic.check(address, "ipv6");
  return false;
}
