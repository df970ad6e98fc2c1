// Bodies of creations, updates and deletions: JSON and YAML of objects that are nearly sound, text that is nearly JSON, types that
// are not those of the text.

import { gzipSync } from "node:zlib";
import type { KindDefinition } from "@atoll/api/kind";
import type { Random } from "@atoll/base/random";
import { stringify } from "yaml";
import { chance, pick } from "../../differential/random-values.ts";
import { changedObject, collectionOf, isHarmless, pickKind, soundObject } from "../sound-objects.ts";
import { spoilJson, spoilYaml } from "../spoil-text.ts";
import { type InputContext, statelessTarget } from "../target.ts";
import { createAndDelete } from "../leave-nothing.ts";
import { below, oddText } from "../odd-values.ts";

const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";
const ODD_TYPES = [
  ...[
    "",
    "text/plain",
    "application/json;charset=utf-16",
    "application/JSON",
    "application/json, application/yaml",
    "*/*",
  ],
  ...[
    "application/vnd.kubernetes.protobuf",
    "application/cbor",
    "application/x-www-form-urlencoded",
    "json",
    ";",
    "a/b;c",
  ],
  ...[
    "application/merge-patch+json",
    "multipart/form-data; boundary=x",
    "text/yaml",
    "application/json;q=",
    "application/xml",
  ],
];

interface Body {
  readonly type: string;
  readonly bytes: string | Uint8Array;
  readonly encoding?: string;
}

export const bodies = statelessTarget("bodies", "objects as JSON and YAML, sound, spoilt and torn", async (context) => {
  const { random, index } = context;
  const kind = pickKind(random);
  const name = `b${index}`;
  const { type, bytes, encoding } = makeBody(random, kind, changedObject(random, kind, soundObject(kind, name, index)));
  const headers = { "content-type": type, ...(encoding === undefined ? {} : { "content-encoding": encoding }) };
  await sendBody(context, kind, { headers, body: bytes, name });
});

function makeBody(random: Random, kind: KindDefinition, object: Record<string, unknown>): Body {
  const draw = random.float();
  const text = JSON.stringify(object);
  if (draw < 0.45) return { type: JSON_TYPE, bytes: text };
  if (draw < 0.68) return { type: JSON_TYPE, bytes: spoilJson(random, text) };
  if (draw < 0.76) return { type: YAML_TYPE, bytes: stringify(object) };
  if (draw < 0.85) return { type: YAML_TYPE, bytes: spoilYaml(random, stringify(soundObject(kind, "y"))) };
  if (draw < 0.9) return { type: YAML_TYPE, bytes: spoilJson(random, text) };
  if (draw < 0.95) return { type: pick(random, ODD_TYPES), bytes: text };
  const encoding = pick(random, ["gzip", "deflate", "br", "zstd", "identity", "x", "gzip, gzip", "GZIP"]);
  return { type: JSON_TYPE, encoding, bytes: chance(random, 0.7) ? gzipSync(text) : text };
}

async function sendBody(
  context: InputContext,
  kind: KindDefinition,
  sent: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array;
    readonly name: string;
  },
): Promise<void> {
  const { random, call } = context;
  const { headers, body, name } = sent;
  const collection = collectionOf(kind);
  const draw = random.float();
  const query = writeQuery(random);
  if (draw < 0.12 && isHarmless(kind)) {
    await createAndDelete(context, { target: collection, headers, body });
  } else if (draw < 0.75) {
    await call({ method: "POST", target: `${collection}?dryRun=All${query}`, headers, body });
  } else if (draw < 0.9) {
    await call({ method: "PUT", target: `${collection}/${name}?dryRun=All${query}`, headers, body });
  } else if (draw < 0.95) {
    await call({ method: "DELETE", target: `${collection}/${name}?dryRun=All${query}`, headers, body });
  } else {
    const subresource = pick(random, ["status", "scale", "binding", "eviction", "token", "approval", "finalize", "x"]);
    const method = pick(random, ["POST", "PUT"]);
    await call({ method, target: `${collection}/${name}/${subresource}?dryRun=All${query}`, headers, body });
  }
}

function writeQuery(random: Random): string {
  const options = [
    "fieldValidation=Strict",
    "fieldValidation=Warn",
    "fieldValidation=Ignore",
    "pretty=1",
    "fieldManager=f",
  ];
  const chosen = options.filter(() => chance(random, 0.2));
  if (chance(random, 0.03)) chosen.push(`fieldManager=${encodeURIComponent(oddText(random).toWellFormed())}`);
  if (chance(random, 0.03)) chosen.push(`fieldValidation=${below(random, 9)}`);
  return chosen.map((option) => `&${option}`).join("");
}
