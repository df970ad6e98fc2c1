// The host's part of the pod network: one bridge, whose address is the pods' gateway, a tap per pod, and the rules around
// them. Every method may be called again, with the same result; nothing is remembered here that the kernel does not know.

import { readFile, writeFile } from "node:fs/promises";
import type { HostNetwork as HostNetworkSpec } from "@atoll/api/hostd/hostd";
import type { Logger } from "@atoll/base/log";
import { allDone } from "@atoll/base/all-done";
import { z } from "zod";
import { containsAddress, formatAddress, formatCidr, NetworkError, parseAddress, parseCidr } from "./address.ts";
import { networkNames, type NetworkNames } from "./names.ts";
import { addPort, buildRules, type PortRule, removePort, removeTables } from "./rules.ts";

/** Runs a program to its end with this input and gives its output; `runCommand` in a real host. */
export type RunProgram = (program: string, programArguments: readonly string[], input?: string) => Promise<string>;

export interface HostNetworkOptions {
  readonly hostName: string;
  readonly run: RunProgram;
  /** A process in the network namespace of the host: this one. */
  readonly pid: number;
  readonly log: Logger;
}

/** A tap in the namespace where a monitor will open it. */
export interface TapPlace {
  readonly tap: string;
  readonly networkNamespace: string;
}

/** What a pod may send from. */
export interface TapPort {
  readonly mac: string;
  /** With or without prefix length. */
  readonly address: string;
}

const links = z.array(z.object({ ifname: z.string() }));
/** Made where it is wanted: to move it from one namespace to another waits for every processor, some 12 ms. */
const MAKE_TAP = 'ip netns add "$1" && exec ip -n "$1" tuntap add "$1" mode tap vnet_hdr user "$2"';
const FORWARDING = "/proc/sys/net/ipv4/ip_forward";

export class HostNetwork {
  readonly #options: HostNetworkOptions;
  readonly #names: NetworkNames;
  #podCidr: string | undefined;

  constructor(options: HostNetworkOptions) {
    this.#options = options;
    this.#names = networkNames(options.hostName);
  }

  get isConfigured(): boolean {
    return this.#podCidr !== undefined;
  }

  /** Brings up bridge, gateway, rules and forwarding. */
  async configure(spec: HostNetworkSpec): Promise<void> {
    const pods = parseCidr(spec.podCidr);
    const cluster = parseCidr(spec.clusterCidr);
    const managementCidrs = spec.managementCidrs.map((cidr) => formatCidr(parseCidr(cidr)));
    if (pods.prefixLength > 30) throw new NetworkError("InvalidAddress", `"${spec.podCidr}" has no room for a pod`);
    const gateway = formatAddress(pods.network + 1);
    const { bridge } = this.#names;
    const known = await this.#links();
    await this.#ip([
      ...(known.has(bridge) ? [] : [`link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`]),
      // An address of an earlier range would keep its pods' way open.
      ...(known.has(bridge) && this.#podCidr !== formatCidr(pods) ? [`address flush dev ${bridge}`] : []),
      `address replace ${gateway}/${pods.prefixLength} dev ${bridge}`,
      `link set ${bridge} up`,
    ]);
    const cidrs = { podCidr: formatCidr(pods), clusterCidr: formatCidr(cluster), managementCidrs };
    await this.#nft(buildRules(this.#names, { gateway, ...cidrs }));
    if ((await readFile(FORWARDING, "utf8")).trim() !== "1") await writeFile(FORWARDING, "1");
    this.#podCidr = formatCidr(pods);
  }

  /** Refuses what the rules could not hold: an address that is not of this host's range, or the gateway's. */
  checkAddress(address: string): void {
    if (this.#podCidr === undefined)
      throw new NetworkError("NotConfigured", "The host's network is not configured yet");
    const pods = parseCidr(this.#podCidr);
    const number = parseAddress(address.split("/")[0] ?? "");
    if (!containsAddress(pods, number) || number <= pods.network + 1) {
      throw new NetworkError("InvalidAddress", `Address "${address}" is not one for a pod of "${this.#podCidr}"`);
    }
  }

  /** A namespace with nothing in it but a tap that `userId` may open. One program: the monitor waits for it. */
  async createTap(id: string, options: { readonly userId: number }): Promise<TapPlace> {
    const tap = this.#names.tap(id);
    await this.#options.run("sh", ["-c", MAKE_TAP, "sh", tap, String(options.userId)]);
    return { tap, networkNamespace: tap };
  }

  /** Brings the tap of `createTap`, which the monitor now holds open, onto the bridge; its rules stand before. */
  async plugTap(id: string, port: TapPort): Promise<void> {
    const tap = this.#names.tap(id);
    await allDone([
      this.#options.run("ip", ["-n", tap, "link", "set", tap, "netns", String(this.#options.pid)]),
      this.#nft(addPort(this.#names, this.#portRule(id, port))),
    ]);
    await this.#ip([`link set ${tap} master ${this.#names.bridge} up`, `netns delete ${tap}`]);
  }

  /** Makes sure of a tap that was plugged before: somebody may have emptied the rules, or made the bridge anew. */
  async keepTap(id: string, port: TapPort): Promise<void> {
    await this.#nft(addPort(this.#names, this.#portRule(id, port)));
    await this.#ip([`link set ${this.#names.tap(id)} master ${this.#names.bridge} up`]);
  }

  /** Whatever there is of the pod's tap: in its namespace, on the bridge, or only its rules. */
  async removeTap(id: string, port: TapPort): Promise<void> {
    const tap = this.#names.tap(id);
    const [known, namespaces] = await Promise.all([this.#links(), this.#namespaces()]);
    await this.#ip([
      ...(known.has(tap) ? [`link delete ${tap}`] : []),
      // The tap goes with its namespace once the monitor is gone.
      ...(namespaces.includes(tap) ? [`netns delete ${tap}`] : []),
    ]);
    await this.#nft(removePort(this.#names, this.#portRule(id, port)));
  }

  /** Taps and namespaces of pods that nobody knows any more. */
  async removeOrphans(options: { readonly knownIds: Iterable<string> }): Promise<void> {
    const known = new Set(Array.from(options.knownIds, (id) => this.#names.tap(id)));
    await this.#removeTaps((tap) => !known.has(tap));
  }

  /** Everything that this host ever made; forwarding stays as it is, for others may need it. */
  async removeAll(): Promise<void> {
    await this.#removeTaps(() => true);
    if ((await this.#links()).has(this.#names.bridge)) await this.#ip([`link delete ${this.#names.bridge}`]);
    await this.#nft(removeTables(this.#names));
    this.#podCidr = undefined;
  }

  async #removeTaps(isWanted: (tap: string) => boolean): Promise<void> {
    const isOurs = (name: string) => name.startsWith(this.#names.prefix) && isWanted(name);
    const [known, namespaces] = await Promise.all([this.#links(), this.#namespaces()]);
    await this.#ip([
      ...[...known].filter(isOurs).map((tap) => `link delete ${tap}`),
      ...namespaces.filter(isOurs).map((name) => `netns delete ${name}`),
    ]);
  }

  #portRule(id: string, port: TapPort): PortRule {
    const address = formatAddress(parseAddress(port.address.split("/")[0] ?? ""));
    return { tap: this.#names.tap(id), mac: port.mac, address };
  }

  async #links(): Promise<ReadonlySet<string>> {
    const text = await this.#options.run("ip", ["-json", "link", "show"]);
    return new Set(links.parse(JSON.parse(text)).map(({ ifname }) => ifname));
  }

  async #namespaces(): Promise<readonly string[]> {
    const text = await this.#options.run("ip", ["netns", "list"]);
    return text.split("\n").map((line) => line.split(" ")[0] ?? "");
  }

  async #ip(commands: readonly string[]): Promise<void> {
    if (commands.length > 0) await this.#options.run("ip", ["-batch", "-"], `${commands.join("\n")}\n`);
  }

  async #nft(rules: string): Promise<void> {
    await this.#options.run("nft", ["-f", "-"], rules);
  }
}
