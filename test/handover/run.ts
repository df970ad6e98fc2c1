// Hands a cluster's data over to an upstream API server and back: a Supervisor on etcd writes objects of all kinds, an
// upstream kube-apiserver of the same level is started on what it wrote, must show the same, and changes some; a Supervisor
// started again must show the same as upstream: `npm run handover`. Exit code 1 for the first difference that is not one of the
// known ones.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kinds } from "@atoll/api/kinds";
import type { Resource } from "@atoll/api/resource";
import { systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { hasReason } from "@atoll/machinery/object/api-error";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { serverAccess } from "@atoll/machinery/client/kubeconfig";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { openClient } from "../conformance/api-client.ts";
import { ensureUpstream } from "../conformance/upstream-programs.ts";
import { readArguments } from "../harness/read-arguments.ts";
import { SupervisorProcess } from "../harness/supervisor-process.ts";
import { freePort, startEtcd, startUpstream, type UpstreamControlPlane } from "../harness/upstream-control-plane.ts";
import { type ApiState, type Comparison, compareStates, readState } from "./api-state.ts";
import { SAMPLES, sampleDefinition } from "./sample-objects.ts";

/** Objects are written so many at a time. */
const PARALLEL = 8;
const NAMESPACES = ["handover-a", "handover-b", "handover-c"];
const LABEL = "handover.example.com/number";
const DIFFERENCES_SHOWN = 20;

const WIDGET: Resource = {
  group: "handover.example.com",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  scope: "Namespaced",
};

const { values } = readArguments({
  usage: "npm run handover -- [options]",
  about: "Starts upstream's API server on what a Supervisor wrote to etcd, and a Supervisor on what upstream wrote.",
  options: {
    objects: { type: "string", value: "N", default: "5000", help: "that the Supervisor writes" },
    changes: { type: "string", value: "N", default: "500", help: "that upstream makes" },
    media: { type: "string", value: "json|protobuf", default: "json", help: "what upstream writes" },
    directory: { type: "string", value: "DIR", help: "of the data, which is kept; else one that is removed" },
    cache: { type: "string", value: "DIR", default: "/var/cache/atoll", help: "where programs are kept" },
  },
});

/** What upstream writes; its own default is protobuf. It reads both, as we do. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  protobuf: "application/vnd.kubernetes.protobuf",
};

const aborter = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => aborter.abort());
const { signal } = aborter;
const note = (text: string) => console.log(text);

const stored = kinds.filter(({ storedAs, verbs }) => !storedAs && verbs.includes("create") && verbs.includes("list"));
const sampled = stored.filter(({ resource }) => SAMPLES[resource.kind]);
/** Shown by both servers: also other versions and groups of what is stored once. Custom resources of ours only we serve. */
const compared = [
  ...kinds.filter(({ verbs }) => verbs.includes("list")).map(({ resource }) => resource),
  WIDGET,
].filter(({ group }) => !group.endsWith("vmware.com"));

process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  const unsampled = stored.filter((kind) => !sampled.includes(kind) && !isLeftOut(kind.resource));
  if (unsampled.length > 0) {
    note(
      `There is no sample of ${unsampled.map(({ resource }) => resource.kind).join(", ")}: add it to sample-objects.ts`,
    );
    return false;
  }
  await using stack = new AsyncDisposableStack();
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), "handover-")));
  if (!values.directory) stack.defer(() => rm(directory, { recursive: true }));
  const { paths } = await ensureUpstream(["kube-apiserver"], { cacheDirectory: values.cache, jobs: 1, note, signal });
  const etcd = stack.use(await startEtcd({ directory, signal }));
  const port = await freePort();
  const store = { type: "etcd", endpoints: [etcd.url.replace("http://", "")] };
  const supervisor = { directory: join(directory, "supervisor"), port, store };

  const written = await withSupervisor(supervisor, async (client) => {
    await writeObjects(client, Number(values.objects));
    return await readState(client, compared);
  });
  note(`Atoll wrote ${written.size} objects to etcd and was stopped`);

  const upstreamSaw = await (async () => {
    await using upstream = await startUpstream({
      programs: paths,
      directory: join(directory, "upstream"),
      etcdUrl: etcd.url,
      apiServerFlags: [
        `--storage-media-type=${MEDIA_TYPES[values.media] ?? values.media}`,
        `--encryption-provider-config=${join(supervisor.directory, "data/pki/encryption.yaml")}`,
      ],
      signal,
    });
    const client = await upstreamClient(upstream, join(directory, "upstream"));
    // The definition of custom resources is followed, not waited for.
    await untilServed(client, WIDGET);
    const first = await readState(client, compared);
    if (!report("upstream after Atoll", compareStates(written, first))) return undefined;
    const changed = await changeObjects(client, first, Number(values.changes));
    note(`upstream changed ${changed} objects`);
    return { state: await readState(client, compared), changed };
  })();
  if (!upstreamSaw) return false;

  const seen = await withSupervisor(supervisor, (client) => readState(client, compared));
  const back = compareStates(upstreamSaw.state, seen);
  const isSame = report("Atoll after upstream", back);
  const marked = [...seen.values()].filter(({ metadata }) => metadata.annotations?.["handover.example.com/changed"]);
  note(`Atoll shows ${marked.length} of the ${upstreamSaw.changed} changes`);
  return isSame && marked.length === upstreamSaw.changed;
}

/** What a client cannot make without a server's part in it, or cannot make a sample of. */
function isLeftOut({ kind, group }: Resource): boolean {
  return group.endsWith("vmware.com") || ["CustomResourceDefinition", "APIService"].includes(kind);
}

async function withSupervisor<T>(
  options: Parameters<typeof SupervisorProcess.start>[0],
  use: (client: Client) => Promise<T>,
): Promise<T> {
  await using supervisor = await SupervisorProcess.start(options);
  const { client, transport } = openClient(supervisor.kubeconfig);
  await using _ = transport;
  return await use(client);
}

async function upstreamClient({ url, token }: UpstreamControlPlane, directory: string): Promise<Client> {
  const document = {
    clusters: [{ name: "c", cluster: { server: url, "certificate-authority": join(directory, "pki/ca.crt") } }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  const authority = await readFile(join(directory, "pki/ca.crt"));
  const access = serverAccess(document, { readFile: () => authority });
  const transport = new NodeTransport({ ...access, clock: systemClock });
  return new HttpClient({ transport: transport.send, clock: systemClock, userAgent: "handover" });
}

async function writeObjects(client: Client, count: number): Promise<void> {
  for (const name of NAMESPACES) await client.create(resourceOf("Namespace"), { metadata: { name } });
  const definition = resourceOf("CustomResourceDefinition");
  await client.create(definition, sampleDefinition());
  await untilServed(client, WIDGET);
  const resources = [...sampled.map(({ resource }) => resource), WIDGET];
  await inParallel(count, async (number) => {
    // A third are ConfigMaps, as in many clusters; the others are of all kinds in turn.
    const resource =
      number % 3 === 0 ? resourceOf("ConfigMap") : resources[Math.floor(number / 1.5) % resources.length];
    if (resource) await writeObject(client, resource, number);
  });
}

async function writeObject(client: Client, resource: Resource, number: number): Promise<void> {
  const namespace = resource.scope === "Namespaced" ? (NAMESPACES[number % NAMESPACES.length] ?? "") : undefined;
  const labels = { [LABEL]: `${number}` };
  const fields =
    resource === WIDGET ? { spec: { name: `w${number}` } } : (SAMPLES[resource.kind]?.(number, labels) ?? {});
  if (resource.kind === "Event") Object.assign(fields, { involvedObject: { kind: "Pod", namespace, name: "p" } });
  const name = resource.kind === "IPAddress" ? `10.99.${number >> 8}.${number & 255}` : `h${number}`;
  const object = { metadata: { name, ...(namespace && { namespace }), labels }, ...fields };
  try {
    await client.create(resource, object).catch(async (error) => {
      // A connection may end at any time: a client asks again, and takes what is there for its own.
      if (!hasReason(error, "ServiceUnavailable")) throw error;
      await client.create(resource, object).catch((again) => {
        if (!hasReason(again, "AlreadyExists")) throw again;
      });
    });
  } catch (cause) {
    throw new Error(`Atoll refuses the sample of ${resource.kind}`, { cause });
  }
}

/** Marks objects of all kinds; returns how many are shown as marked, in however many versions. */
async function changeObjects(client: Client, state: ApiState, count: number): Promise<number> {
  const own = [...state].filter(([, { metadata }]) => metadata.labels?.[LABEL] && !metadata.deletionTimestamp);
  const step = Math.max(1, Math.floor(own.length / count));
  const chosen = own.filter((_, index) => index % step === 0).slice(0, count);
  await inParallel(chosen.length, async (index) => {
    const [key, object] = chosen[index] ?? [];
    const resource = compared.find(({ group, version, kind }) =>
      key?.startsWith(`${group && `${group}/`}${version} ${kind} `),
    );
    if (!resource || !object) return;
    const { name = "", namespace } = object.metadata;
    const body = { metadata: { annotations: { "handover.example.com/changed": `${index}` } } };
    await client.patch(resource, { name, namespace }, { type: "merge", body });
  });
  const marked = await readState(client, compared);
  return [...marked.values()].filter(({ metadata }) => metadata.annotations?.["handover.example.com/changed"]).length;
}

async function inParallel(count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count && !signal.aborted) await work(next++);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  signal.throwIfAborted();
}

async function untilServed(client: Client, resource: Resource): Promise<void> {
  for (;;) {
    try {
      await client.list(resource, { limit: 1 });
      return;
    } catch {
      await systemClock.sleep(100, signal);
    }
  }
}

function resourceOf(name: string): Resource {
  const kind = kinds.find(({ resource, storedAs }) => resource.kind === name && !storedAs);
  if (!kind) throw new Error(`There is no kind "${name}"`);
  return kind.resource;
}

/** False when something of the sample is gone, or shown otherwise. */
function report(what: string, { same, different, missing, changed }: Comparison): boolean {
  note(
    `${what}: ${same} shown alike, ${different.size} not, ${missing.length} missing, ${changed.length} written since`,
  );
  const reasons = new Map<string, string[]>();
  for (const [name, fields] of different) {
    const key = `${name.split(" ")[1]}: ${fields[0]?.split(":")[0]}`;
    reasons.set(key, [...(reasons.get(key) ?? []), name]);
  }
  for (const [reason, names] of [...reasons].slice(0, DIFFERENCES_SHOWN)) {
    const [example = ""] = names;
    note(`  ${names.length} × ${reason}, as in ${example}: ${different.get(example)?.join(", ").slice(0, 300)}`);
  }
  for (const name of missing.slice(0, DIFFERENCES_SHOWN)) note(`  missing: ${name}`);
  const rewritten = changed.filter((name) => / (handover-[abc]\/|\/)h\d+$/.test(name));
  for (const name of rewritten.slice(0, DIFFERENCES_SHOWN)) note(`  written since: ${name}`);
  return different.size === 0 && missing.length === 0;
}
