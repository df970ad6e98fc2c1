// Sends the same requests to Atoll and to upstream's API server and compares what they say: `npm run differential`.
//
//   node test/differential/run.ts [--requests N] [--seed S] [--kinds pods,services] [--report FILE] [--cache DIR]

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { CustomResourceDefinition } from "@atoll/api/generated/types";
import { hasCondition } from "@atoll/api/apiextensions/custom-resource-definition/lifecycle";
import { kinds } from "@atoll/api/kinds";
import { formatTime, systemClock } from "@atoll/base/clock";
import { seededRandom } from "@atoll/base/random";
import { nameStatus } from "@atoll/control-plane/controllers/custom-resource-definition-names";
import { ensureUpstream } from "../conformance/upstream-programs.ts";
import { startAtoll, startUpstreamSide } from "../performance/api-sides.ts";
import { CUSTOM_DEFINITIONS, CUSTOM_KINDS, CUSTOM_SCHEMAS } from "./custom-kinds.ts";
import { compareAnswers, type Difference, isOfObject, type ServerAnswer } from "./compare-answers.ts";
import { DEFINITION_KINDS } from "./definition-kinds.ts";
import { reasonFor } from "./known-differences.ts";
import { NAMESPACE, SECURED_NAMESPACES, scriptedKinds, type ScriptedRequest, ScriptWriter } from "./request-script.ts";
import { type Sender, senderTo } from "./sender.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const PROGRESS_EVERY = 1000;
const POLL_MS = 50;
const SERVED_WITHIN_MS = 30_000;
/** Of each sort of difference, so that one fault does not hide the others. */
const EXAMPLES_MAX = 3;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    kinds: { type: "string" },
    report: { type: "string", default: ".build/differential.txt" },
    cache: { type: "string", default: "/var/cache/atoll" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(
    "node test/differential/run.ts [--requests N] [--seed S] [--kinds pods,services] [--report FILE] [--cache DIR]",
  );
  process.exit(0);
}

interface Found {
  count: number;
  readonly examples: string[];
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`Stopped by ${name}`)));
const wanted = values.kinds?.split(",");
const chosen = [...scriptedKinds(kinds), ...CUSTOM_KINDS, ...DEFINITION_KINDS].filter(
  ({ kind }) => !wanted || wanted.includes(kind.resource.plural),
);
const model = { definitions: { ...schemaModel.definitions, ...CUSTOM_SCHEMAS } };
if (chosen.length === 0) throw new Error(`No kind is called ${values.kinds}`);
const { paths: programs } = await ensureUpstream(["kube-apiserver"], {
  cacheDirectory: values.cache,
  jobs: undefined,
  note: (text) => console.log(text),
  signal: stop.signal,
});
const directory = await mkdtemp(join(tmpdir(), "differential-"));
const found = new Map<string, Found>();
const meant = new Map<string, number>();
let sent = 0;
try {
  await using atoll = await startAtoll({
    directory: join(directory, "atoll"),
    withControllers: false,
    signal: stop.signal,
  });
  const options = { directory: join(directory, "upstream"), withControllers: false, signal: stop.signal };
  await using upstream = await startUpstreamSide(programs, options);
  using ours = senderTo(atoll);
  using theirs = senderTo(upstream);
  await prepare(ours, theirs);
  await compareAll(ours, theirs);
} catch (error) {
  // What was found until somebody stopped it is worth telling.
  if (!stop.signal.aborted) throw error;
  console.log("stopped");
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exitCode = await report();

/** Without controllers nobody makes the account that pods need, and nobody of ours accepts the names of definitions. */
async function prepare(...senders: readonly Sender[]): Promise<void> {
  const customs = CUSTOM_DEFINITIONS.filter(({ spec }) =>
    chosen.some(({ kind }) => kind.resource.group === spec.group && kind.resource.plural === spec.names.plural),
  );
  for (const { send } of senders) {
    const write = async (method: string, path: string, object: object): Promise<object> => {
      const headers = { "content-type": "application/json" };
      const { status, body } = await send({ method, path, headers, body: JSON.stringify(object) });
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${body}`);
      return JSON.parse(body);
    };
    for (const [name, labels] of Object.entries({ [NAMESPACE]: {}, ...SECURED_NAMESPACES })) {
      await write("POST", "/api/v1/namespaces", { metadata: { name, labels } });
      await write("POST", `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
    }
    for (const definition of customs) {
      await write("POST", DEFINITIONS, definition);
      if (send === senders[0]?.send) await acceptNames(send, definition.metadata.name ?? "");
      await untilServed(send, definition);
    }
  }
}

/** What a controller of ours would do. */
async function acceptNames(send: Sender["send"], name: string): Promise<void> {
  const path = `${DEFINITIONS}/${name}`;
  const made: CustomResourceDefinition = JSON.parse((await send({ method: "GET", path, headers: {} })).body);
  const status = { ...made.status, ...nameStatus(made, [], formatTime(systemClock.now())) };
  const answer = await send({
    ...{ method: "PUT", path: `${path}/status?fieldManager=kube-apiserver` },
    ...{ headers: { "content-type": "application/json" }, body: JSON.stringify({ ...made, status }) },
  });
  if (answer.status !== 200) throw new Error(`PUT ${path}/status: ${answer.status} ${answer.body}`);
}

/** What both servers say of a new definition before its names are accepted differs from what they say afterwards. */
async function settleDefinition(ours: Sender, theirs: Sender, body: string): Promise<void> {
  const { metadata }: CustomResourceDefinition = JSON.parse(body);
  const path = `${DEFINITIONS}/${metadata.name}`;
  await acceptNames(ours.send, metadata.name ?? "");
  const untilMs = systemClock.now() + SERVED_WITHIN_MS;
  for (;;) {
    const { body: shown } = await theirs.send({ method: "GET", path, headers: {} });
    if (hasCondition(JSON.parse(shown), "Established")) return;
    if (systemClock.now() > untilMs) throw new Error(`${path} is not established after ${SERVED_WITHIN_MS / 1000} s`);
    await systemClock.sleep(POLL_MS, stop.signal);
  }
}

/** A definition is taken before its resources are served. */
async function untilServed(send: Sender["send"], { spec }: CustomResourceDefinition): Promise<void> {
  const untilMs = systemClock.now() + SERVED_WITHIN_MS;
  for (const { name } of spec.versions) {
    const path = `/apis/${spec.group}/${name}/${spec.names.plural}`;
    while ((await send({ method: "GET", path, headers: {} })).status !== 200) {
      if (systemClock.now() > untilMs) throw new Error(`${path} is not served after ${SERVED_WITHIN_MS / 1000} s`);
      await systemClock.sleep(POLL_MS, stop.signal);
    }
  }
}

async function compareAll(ours: Sender, theirs: Sender): Promise<void> {
  const scripts = new ScriptWriter({ model, kinds: chosen, random: seededRandom(Number(values.seed)) });
  while (sent < Number(values.requests)) {
    for (const request of scripts.next()) {
      stop.signal.throwIfAborted();
      const [atoll, upstream] = await Promise.all([ours.send(request), theirs.send(request)]);
      const differences = compareAnswers(atoll, upstream);
      for (const difference of differences) note(request, difference, { atoll, upstream });
      const isMade = request.method === "POST" && atoll.status === 201 && upstream.status === 201;
      const isKept = !request.path.includes("dryRun=All");
      if (isMade && isKept && request.path.startsWith(DEFINITIONS)) await settleDefinition(ours, theirs, atoll.body);
      if (++sent % PROGRESS_EVERY === 0) console.log(`${sent} requests, ${found.size} sorts of difference`);
      // From here on the two hold different objects, and everything would differ.
      const isMeant = differences.some((difference) => isOfObject(difference) && reasonFor(difference, request));
      if (request.method !== "GET" && (atoll.status !== upstream.status || isMeant)) break;
    }
  }
}

function note(
  request: ScriptedRequest,
  difference: Difference,
  answers: { readonly atoll: ServerAnswer; readonly upstream: ServerAnswer },
): void {
  const because = reasonFor(difference, request);
  if (because !== undefined) {
    meant.set(because, (meant.get(because) ?? 0) + 1);
    return;
  }
  const where = difference.where.replaceAll(/\[\d+\]/g, "[]");
  const detail = where === "causes" || where === "status" ? ` ${difference.upstream.slice(0, 60)}` : "";
  const key = `${request.what}: ${where}${detail}`;
  const entry = found.get(key) ?? { count: 0, examples: [] };
  found.set(key, entry);
  entry.count += 1;
  if (entry.count === 1) console.log(`after ${sent} requests: ${key}`);
  if (entry.examples.length >= EXAMPLES_MAX) return;
  entry.examples.push(
    [
      `  ${request.method} ${request.path}`,
      ...(request.body === undefined ? [] : [`  ${request.body}`]),
      `    atoll:    ${difference.atoll}`,
      `    upstream: ${difference.upstream}`,
      ...(difference.where === "status" ? [] : [`    answers: ${answers.atoll.status}`]),
    ].join("\n"),
  );
}

/** 0: no difference but those that are meant. */
async function report(): Promise<number> {
  const sorted = [...found].sort(([, left], [, right]) => right.count - left.count);
  const lines = sorted.flatMap(([key, { count, examples }]) => [`${count} × ${key}`, ...examples, ""]);
  await mkdir(dirname(values.report), { recursive: true });
  await writeFile(values.report, `${lines.join("\n")}\n`);
  const total = sorted.reduce((sum, [, { count }]) => sum + count, 0);
  for (const [because, count] of meant) console.log(`${count} × meant: ${because}`);
  for (const [key, { count }] of sorted.slice(0, 40)) console.log(`${count} × ${key}`);
  console.log(
    `seed ${values.seed}: ${sent} requests about ${chosen.length} kinds, ${total} unexplained differences of ${found.size} sorts, see ${values.report}`,
  );
  return total === 0 ? 0 : 1;
}
