// The ports that services have on all hosts. One record holds them all as bits, in upstream's own form and place, so that an
// upstream server started on the same store knows which are taken.

import type { Random } from "@atoll/base/random";
import type { Store } from "../../store/store.ts";
import type { Companions } from "../registry/reservation.ts";
import { type ReservedShare, reservedOf, searchOrder } from "./number-bands.ts";

const KEY = "/registry/ranges/servicenodeports";
const RESERVED: ReservedShare = { least: 16, most: 128, oneIn: 32 };

export interface PortSpan {
  readonly first: number;
  readonly last: number;
}

/** Why a port cannot be given, in the words that clients know. */
export class PortRefused extends Error {
  override readonly name = "PortRefused";
}

/** The record as it is stored. */
interface RangeAllocation {
  readonly kind: "RangeAllocation";
  readonly apiVersion: "v1";
  readonly metadata: Record<string, never>;
  /** "30000-32767" */
  readonly range: string;
  /** Base64 of a big-endian number: its bit i is set while port first + i is taken. */
  readonly data?: string;
}

export class NodePorts {
  readonly #store: Store;
  readonly #span: PortSpan;
  readonly #random: Random;

  constructor({ store, span, random }: { readonly store: Store; readonly span: PortSpan; readonly random: Random }) {
    this.#store = store;
    this.#span = span;
    this.#random = random;
  }

  /** What is taken now, to take more and to give back. */
  async open(): Promise<NodePortTransaction> {
    const { items } = await this.#store.range({ start: KEY });
    const [item] = items;
    const taken = item ? decodeBits(Buffer.from(item.value).toString(), this.#span) : 0n;
    return new NodePortTransaction({ span: this.#span, random: this.#random, revision: item?.modRevision ?? 0, taken });
  }

  /** Makes the record say what the services say: for stores that somebody else wrote, or that have none yet. */
  async repair(readPorts: () => Promise<readonly number[]>): Promise<void> {
    const { first, last } = this.#span;
    // The record before the services: whoever changes one of them meanwhile changes the record, too, and keeps it right.
    const { items } = await this.#store.range({ start: KEY });
    const [item] = items;
    const wanted = (await readPorts())
      .filter((port) => port >= first && port <= last)
      .reduce((bits, port) => bits | (1n << BigInt(port - first)), 0n);
    const value = encodeBits(wanted, this.#span);
    if (item && Buffer.from(item.value).equals(value)) return;
    await this.#store.transact({
      compares: [{ key: KEY, modRevision: item?.modRevision ?? 0 }],
      writes: [{ type: "put", key: KEY, value }],
    });
  }
}

/** What one write of a service takes and gives back. Ports given back are free only once it is written. */
export class NodePortTransaction {
  readonly #span: PortSpan;
  readonly #random: Random;
  readonly #revision: number;
  readonly #before: bigint;
  #taken: bigint;
  #released = 0n;

  constructor(options: {
    readonly span: PortSpan;
    readonly random: Random;
    readonly revision: number;
    readonly taken: bigint;
  }) {
    this.#span = options.span;
    this.#random = options.random;
    this.#revision = options.revision;
    this.#before = options.taken;
    this.#taken = options.taken;
  }

  /** Throws PortRefused where the port is out of range or taken. */
  take(port: number): void {
    const { first, last } = this.#span;
    if (port < first || port > last) {
      throw new PortRefused(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
    }
    const bit = 1n << BigInt(port - first);
    if ((this.#taken & bit) !== 0n) throw new PortRefused("provided port is already allocated");
    this.#taken |= bit;
  }

  /** Throws PortRefused where none is free. */
  takeAny(): number {
    const { first, last } = this.#span;
    const size = BigInt(last - first + 1);
    // As text, the last port first: a service may ask for all ports of a nearly full range, and to shift thousands of bits for
    // each look takes long.
    const taken = this.#taken.toString(2);
    for (const offset of searchOrder({ size, reserved: reservedOf(size, RESERVED) }, this.#random)) {
      if (taken.at(-1 - Number(offset)) === "1") continue;
      this.#taken |= 1n << offset;
      return first + Number(offset);
    }
    throw new PortRefused("range is full");
  }

  /** A port that is out of range is nobody's to give back. */
  giveBack(port: number): void {
    const { first, last } = this.#span;
    if (port >= first && port <= last) this.#released |= 1n << BigInt(port - first);
  }

  /** Undefined: nothing has changed. */
  get companions(): Companions | undefined {
    const after = this.#taken & ~this.#released;
    if (after === this.#before) return undefined;
    return {
      compares: [{ key: KEY, modRevision: this.#revision }],
      writes: [{ type: "put", key: KEY, value: encodeBits(after, this.#span) }],
    };
  }
}

function encodeBits(bits: bigint, { first, last }: PortSpan): Buffer {
  const hex = bits.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const record: RangeAllocation = {
    kind: "RangeAllocation",
    apiVersion: "v1",
    metadata: {},
    range: `${first}-${last}`,
    ...(bits === 0n ? {} : { data: bytes.toString("base64") }),
  };
  return Buffer.from(JSON.stringify(record));
}

/** The bits of another range mean other ports: they are read as what they meant, as far as this one has them. */
function decodeBits(text: string, { first, last }: PortSpan): bigint {
  const { range, data = "" } = JSON.parse(text) as RangeAllocation; // whoever can write to the store is trusted
  const bits = data === "" ? 0n : BigInt(`0x${Buffer.from(data, "base64").toString("hex")}`);
  const from = Number(range.split("-")[0]);
  const shifted = from >= first ? bits << BigInt(from - first) : bits >> BigInt(first - from);
  return shifted & ((1n << BigInt(last - first + 1)) - 1n);
}
