// Bodies in Kubernetes' protobuf encoding: of changed objects, with bytes changed, with messages that lie about their length or hold
// themselves.

import { schemaModel } from "@atoll/api/generated/schemas";
import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { Random } from "@atoll/base/random";
import { MAGIC, PROTOBUF_TYPE } from "@atoll/control-plane/apiserver/protobuf/envelope";
import { encoderOf } from "@atoll/control-plane/apiserver/protobuf/message-encoder";
import { chance, pick } from "../../differential/random-values.ts";
import { createAndDelete } from "../leave-nothing.ts";
import { below, skewed, spoilBytes } from "../odd-values.ts";
import { changedObject, collectionOf, isHarmless, pickKind, soundObject } from "../sound-objects.ts";
import { type InputContext, statelessTarget } from "../target.ts";

const DEPTH_MAX = 20_000;
const REPEATS_MAX = 100_000;
const DELETE_OPTIONS = { apiVersion: "v1", kind: "DeleteOptions" };

export const protobuf = statelessTarget(
  "protobuf",
  "bodies in protobuf, sound, spoilt and made up",
  async (context: InputContext) => {
    const { random, index, call } = context;
    const kind = pickKind(random);
    const name = `o${index}`;
    const body = makeBody(random, kind, name);
    const collection = collectionOf(kind);
    const accept = pick(random, ["application/json", PROTOBUF_TYPE, `${PROTOBUF_TYPE},application/json`]);
    const headers = { "content-type": PROTOBUF_TYPE, accept };
    const draw = random.float();
    if (draw < 0.1 && isHarmless(kind)) {
      await createAndDelete(context, { target: collection, headers: { ...headers, accept: "application/json" }, body });
    } else if (draw < 0.75) await call({ method: "POST", target: `${collection}?dryRun=All`, headers, body });
    else if (draw < 0.9) await call({ method: "PUT", target: `${collection}/${name}?dryRun=All`, headers, body });
    else if (draw < 0.95)
      await call({ method: "DELETE", target: `${collection}/${name}?dryRun=All`, headers, body: deletion(random) });
    else {
      const subresource = pick(random, ["status", "scale", "binding", "eviction", "token"]);
      await call({
        method: pick(random, ["POST", "PUT"]),
        target: `${collection}/${name}/${subresource}?dryRun=All`,
        headers,
        body,
      });
    }
  },
);

function makeBody(random: Random, kind: KindDefinition, name: string): Uint8Array {
  const sound = soundObject(kind, name);
  const draw = random.float();
  if (draw < 0.3) return encoded(kind, changedObject(random, kind, sound)) ?? encoded(kind, sound) ?? MAGIC;
  const bytes = encoded(kind, sound) ?? MAGIC;
  if (draw < 0.75) return spoilBytes(random, bytes);
  if (draw < 0.8) return Buffer.concat([MAGIC, random.bytes(skewed(random, 20_000))]);
  return enveloped(kind, madeUp(random));
}

/** Undefined where the object is too odd to be written. */
function encoded({ resource, schema }: KindDefinition, object: Record<string, unknown>): Uint8Array | undefined {
  try {
    return encoderOf(schemaModel).encode({ apiVersion: apiVersionOf(resource), kind: resource.kind }, schema, object)
      .body;
  } catch {
    // A text where a message should be cannot be said in protobuf; the caller says something else.
    return undefined;
  }
}

function deletion(random: Random): Uint8Array {
  const schema = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
  const { body } = encoderOf(schemaModel).encode(DELETE_OPTIONS, schema, {
    gracePeriodSeconds: below(random, 9),
    dryRun: ["All"],
  });
  return chance(random, 0.8) ? spoilBytes(random, body) : body;
}

// ---- messages by hand: https://protobuf.dev/programming-guides/encoding ------------------------------------------------------

const LENGTH_DELIMITED = 2;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function field(number: number, wireType: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + wireType)), ...parts]);
}

function message(number: number, content: Uint8Array): Buffer {
  return field(number, LENGTH_DELIMITED, varint(BigInt(content.length)), content);
}

/** In the wrapper that says what kind it is. */
function enveloped({ resource }: KindDefinition, raw: Uint8Array): Buffer {
  const type = Buffer.concat([message(1, Buffer.from(apiVersionOf(resource))), message(2, Buffer.from(resource.kind))]);
  return Buffer.concat([MAGIC, message(1, type), message(2, raw)]);
}

function madeUp(random: Random): Buffer {
  return pick(random, [
    () => nestedMessages(random),
    () =>
      Buffer.concat(
        Array.from({ length: skewed(random, REPEATS_MAX) }, () => message(1 + below(random, 3), Buffer.alloc(0))),
      ),
    () => Buffer.concat(Array.from({ length: 1 + below(random, 20) }, () => oddField(random))),
    () =>
      field(
        1 + below(random, 30),
        LENGTH_DELIMITED,
        varint(2n ** BigInt(below(random, 64))),
        random.bytes(below(random, 30)),
      ),
    () =>
      message(
        1,
        message(
          pick(random, [11, 12]),
          Buffer.concat([message(1, Buffer.from("__proto__")), message(2, Buffer.from("x"))]),
        ),
      ),
  ])();
}

/** Each in the one before: the fields of JSON schemas are such, and those of no kind are skipped. */
function nestedMessages(random: Random): Buffer {
  const number = pick(random, [1, 2, 3, 11, 27, 29, 30]);
  const depth = skewed(random, DEPTH_MAX);
  // From the inside out; the heads are joined at the end, so that a deep one is not copied at each step.
  const heads: Buffer[] = [];
  let length = 0;
  for (let level = 0; level < depth; level++) {
    const head = field(number, LENGTH_DELIMITED, varint(BigInt(length)));
    heads.push(head);
    length += head.length;
  }
  return message(2, Buffer.concat(heads.reverse()));
}

function oddField(random: Random): Buffer {
  const number = pick(random, [0, 1, 2, 3, 15, 16, 536_870_911]);
  return pick(random, [
    () => field(number, 0, varint(2n ** BigInt(below(random, 70)))),
    () => field(number, 0, Buffer.alloc(1 + below(random, 20), 0xff)),
    () => field(number, 1, random.bytes(8)),
    () => field(number, 5, random.bytes(4)),
    () => field(number, pick(random, [3, 4, 6, 7])),
    () => message(number, random.bytes(below(random, 40))),
  ])();
}
