// Lists and deletions of lists by labels and fields, in pages, at versions, with limits of time and number.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { deleteAll } from "../leave-nothing.ts";
import { below, longText, oddNumberText, oddText, skewed } from "../odd-values.ts";
import { type FuzzTarget, type InputContext, NAMESPACE, type TargetSetup } from "../target.ts";

/** So that selectors have something to look at, and pages follow each other. */
const OBJECTS = 60;
const REQUIREMENTS_MAX = 3000;
/** Upstream takes a mebibyte of headers, this server 64 KiB; some are longer. */
const QUERY_LENGTH_MAX = 80_000;

const LISTS = [
  ...[
    `/api/v1/namespaces/${NAMESPACE}/configmaps`,
    `/api/v1/namespaces/${NAMESPACE}/pods`,
    "/api/v1/pods",
    "/api/v1/configmaps",
  ],
  ...[
    "/api/v1/namespaces",
    "/apis/apps/v1/deployments",
    "/api/v1/events",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ],
  ...[
    "/api/v1/secrets",
    "/api/v1/nodes",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/apis/batch/v1/jobs",
  ],
];
const FIELDS = [
  ...[
    "metadata.name",
    "metadata.namespace",
    "spec.nodeName",
    "status.phase",
    "spec.restartPolicy",
    "involvedObject.name",
  ],
  ...[
    "type",
    "status.podIP",
    "spec.unschedulable",
    "metadata.uid",
    "spec",
    "",
    "a.b.c",
    "metadata.labels.app",
    "__proto__",
  ],
];
const KEYS = [
  ...[
    "app",
    "number",
    "example.com/x",
    "a/b/c",
    "",
    "-",
    "-a",
    "a_",
    "A".repeat(63),
    "A".repeat(64),
    "x".repeat(300),
    "__proto__",
  ],
  ...[
    "constructor",
    "app ",
    " app",
    "äpp",
    "kubernetes.io/metadata.name",
    "/",
    "a/",
    "/a",
    "in",
    "notin",
    "exists",
    "!app",
  ],
];

export const selectors: FuzzTarget = {
  name: "selectors",
  what: "selectors of labels and fields, continue tokens, limits, versions, timeouts",
  async open({ make }: TargetSetup) {
    for (let number = 0; number < OBJECTS; number++) {
      const metadata = { name: `s${number}`, labels: { app: number % 2 ? "a" : "b", number: `${number}` } };
      await make("POST", `/api/v1/namespaces/${NAMESPACE}/configmaps`, { metadata });
    }
    return { send: sendList, [Symbol.asyncDispose]: () => deleteAll(make, ["configmaps"]) };
  },
};

/** A sound token of this server's, changed by inputs; the same for each as long as the server is. */
let soundToken: string | undefined;

async function sendList(context: InputContext): Promise<void> {
  const { random, call } = context;
  soundToken ??= await firstToken(context);
  const query = new Map<string, string>();
  if (chance(random, 0.6)) query.set("labelSelector", labelSelector(random));
  if (chance(random, 0.35)) query.set("fieldSelector", fieldSelector(random));
  if (chance(random, 0.35))
    query.set("limit", pick(random, ["1", "3", "0", "-1", "x", "", "500", oddNumberText(random)]));
  if (chance(random, 0.25)) query.set("continue", continueToken(random, soundToken));
  if (chance(random, 0.3)) query.set("resourceVersion", version(random));
  if (chance(random, 0.2)) query.set("resourceVersionMatch", pick(random, ["Exact", "NotOlderThan", "x", "", "exact"]));
  if (chance(random, 0.2)) query.set("timeoutSeconds", pick(random, ["1", "0", "-1", "x", oddNumberText(random)]));
  if (chance(random, 0.05)) query.set(oddText(random), oddText(random));
  const text = [...query].map(([name, value]) => `${encode(random, name)}=${encode(random, value)}`).join("&");
  const target = `${pick(random, LISTS)}?${text}${chance(random, 0.05) ? pick(random, ["&", "&&=", "&=x", "&a", "#x", "?"]) : ""}`;
  if (target.length > QUERY_LENGTH_MAX) return;
  const isDelete = chance(random, 0.15);
  if (isDelete) await call({ method: "DELETE", target: `${target}&dryRun=All` });
  else await call({ method: "GET", target });
}

async function firstToken({ lane }: InputContext): Promise<string> {
  const outcome = await lane.send({ method: "GET", target: `/api/v1/namespaces/${NAMESPACE}/configmaps?limit=1` });
  const token = outcome.type === "answer" ? /"continue":"([^"]+)"/.exec(outcome.text)?.[1] : undefined;
  if (token === undefined) throw new Error("A list with a limit has no token");
  return token;
}

/** Mostly as a client would write it; some as none would. */
function encode(random: Random, text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  if (chance(random, 0.97)) return encoded;
  const at = below(random, encoded.length + 1);
  return (
    encoded.slice(0, at) +
    pick(random, ["%", "%zz", "%ff", "%00", "+", "%C0%AF", "%ed%a0%80", "&", ";"]) +
    encoded.slice(at)
  );
}

function labelSelector(random: Random): string {
  const draw = random.float();
  if (draw < 0.06) return oddText(random);
  if (draw < 0.1) return longText(random, 60_000);
  const count = draw < 0.93 ? 1 + below(random, 4) : skewed(random, REQUIREMENTS_MAX);
  const text = Array.from({ length: count }, () => requirement(random)).join(pick(random, [",", ", ", ",,", " "]));
  return chance(random, 0.1) ? scrambled(random, text) : text;
}

function requirement(random: Random): string {
  const key = pick(random, KEYS);
  const value = () =>
    chance(random, 0.8) ? pick(random, ["a", "b", "", "-a", "A_b.c", "x".repeat(64), "ä", "1"]) : oddText(random);
  const list = () => Array.from({ length: skewed(random, 2000) }, value).join(",");
  return pick(random, [
    () => `${key}=${value()}`,
    () => `${key}==${value()}`,
    () => `${key}!=${value()}`,
    () => key,
    () => `!${key}`,
    () => `${key} in (${list()})`,
    () => `${key} notin (${list()})`,
    () => `${key}>${pick(random, ["1", "-1", "a", "9".repeat(30)])}`,
    () => `${key}<${pick(random, ["1", "", "1.5"])}`,
    () => `${key} in ${value()}`,
    () => `${key} in (`,
    () => `${key}=${value()}=${value()}`,
  ])();
}

function fieldSelector(random: Random): string {
  const count = chance(random, 0.9) ? 1 + below(random, 3) : skewed(random, REQUIREMENTS_MAX);
  const term = () => {
    const value = chance(random, 0.7)
      ? pick(random, ["s1", "Running", "", "a\\,b", "a\\=b", "\\", "a=b", "x"])
      : oddText(random);
    return `${pick(random, FIELDS)}${pick(random, ["=", "==", "!=", "", "<", "=!", " in "])}${value}`;
  };
  const text = Array.from({ length: count }, term).join(",");
  return chance(random, 0.1) ? scrambled(random, text) : text;
}

function scrambled(random: Random, text: string): string {
  const at = below(random, text.length + 1);
  return (
    text.slice(0, at) +
    pick(random, ["(", ")", ",", "!", "=", "\\", "\u0000", " ", "in", "🏝"]) +
    text.slice(at + below(random, 3))
  );
}

function continueToken(random: Random, sound: string): string {
  const decoded = Buffer.from(sound, "base64url").toString();
  const parts: Record<string, unknown> = decoded.startsWith("{") ? JSON.parse(decoded) : {};
  const changed = () => {
    const [name] = pick(random, Object.entries({ ...parts, v: "", rv: 0, start: "" }));
    return {
      ...parts,
      [name]: pick<unknown>(random, [null, -1, 0, 1e300, "x", {}, [], "../..", "\u0000", oddText(random)]),
    };
  };
  return pick(random, [
    () => sound,
    () => Buffer.from(JSON.stringify(changed())).toString("base64url"),
    () => sound.slice(0, below(random, sound.length)),
    () => Buffer.from(random.bytes(skewed(random, 2000))).toString("base64url"),
    () => Buffer.from(pick(random, ["null", "[]", "{}", "0", '"x"', "{", ""])).toString("base64url"),
    () => oddText(random),
  ])();
}

function version(random: Random): string {
  return pick(random, [
    "0",
    "1",
    "2",
    "",
    "-1",
    "x",
    "1.5",
    "00",
    "1e3",
    "0x1",
    " 1",
    "100000000",
    oddNumberText(random),
    oddText(random),
  ]);
}
