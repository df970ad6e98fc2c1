// Work for controllers: from the request that asks for it to the last event that shows it done.

import { setTimeout as sleep } from "node:timers/promises";
import { configMap } from "./bodies.ts";
import type { Connection } from "./connection.ts";

export const TASKS = ["deployment", "job", "namespace", "collection"] as const;
export type Task = (typeof TASKS)[number];

/** How many pods, objects or dependents: the numbers that the promises name. */
export const TASK_SIZES: Readonly<Record<Task, number>> = {
  deployment: 1000,
  job: 500,
  namespace: 5000,
  collection: 2000,
};

const CONCURRENCY = 16;
/** What was made before must have passed through the controllers' own caches. */
const SETTLE_MS = 3000;
const TIMEOUT_MS = 180_000;
const POLL_MS = 5;

/** Ends with its task: what went on would be served beside the next one. */
interface Watched extends Disposable {
  readonly added: number;
  readonly deleted: ReadonlySet<string>;
}

export async function runTask(
  connection: Connection,
  task: Task,
  namespace: string,
): Promise<{ readonly seconds: number }> {
  await must(connection, "POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  await untilAccount(connection, namespace);
  switch (task) {
    case "deployment":
      return untilPods(
        connection,
        namespace,
        TASK_SIZES.deployment,
        `/apis/apps/v1/namespaces/${namespace}/deployments`,
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "load" },
          spec: {
            replicas: TASK_SIZES.deployment,
            selector: { matchLabels: { app: "load" } },
            template: template("Always"),
          },
        },
      );
    case "job":
      return untilPods(connection, namespace, TASK_SIZES.job, `/apis/batch/v1/namespaces/${namespace}/jobs`, {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "load" },
        spec: { completions: TASK_SIZES.job, parallelism: TASK_SIZES.job, template: template("Never") },
      });
    case "namespace":
      return deleteNamespace(connection, namespace);
    case "collection":
      return deleteOwner(connection, namespace);
  }
}

function template(restartPolicy: "Always" | "Never"): object {
  const resources = { requests: { cpu: "100m", memory: "64Mi" } };
  const containers = [{ name: "c", image: "registry.invalid/load:1", resources }];
  return { metadata: { labels: { app: "load" } }, spec: { restartPolicy, containers } };
}

async function untilPods(
  connection: Connection,
  namespace: string,
  count: number,
  path: string,
  workload: object,
): Promise<{ readonly seconds: number }> {
  using pods = await watch(connection, `/api/v1/namespaces/${namespace}/pods`);
  const started = performance.now();
  await must(connection, "POST", path, workload);
  return await until(
    started,
    () => pods.added >= count,
    () => `${pods.added} of ${count} pods are there`,
  );
}

async function deleteNamespace(connection: Connection, namespace: string): Promise<{ readonly seconds: number }> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await createAll(TASK_SIZES.namespace, (index) => create(connection, path, configMap(`c-${index}`)));
  using namespaces = await watch(connection, "/api/v1/namespaces", `metadata.name=${namespace}`);
  await sleep(SETTLE_MS);
  const started = performance.now();
  await must(connection, "DELETE", `/api/v1/namespaces/${namespace}`);
  return await until(
    started,
    () => namespaces.deleted.has(namespace),
    () => "the namespace is still there",
  );
}

async function deleteOwner(connection: Connection, namespace: string): Promise<{ readonly seconds: number }> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const owner = JSON.parse(await create(connection, path, configMap("owner")));
  const reference = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.metadata.uid };
  const ownerReferences = [{ ...reference, controller: true, blockOwnerDeletion: true }];
  await createAll(TASK_SIZES.collection, (index) => {
    const dependent = JSON.parse(configMap(`owned-${index}`));
    return create(
      connection,
      path,
      JSON.stringify({ ...dependent, metadata: { ...dependent.metadata, ownerReferences } }),
    );
  });
  using configMaps = await watch(connection, path);
  await sleep(SETTLE_MS);
  const started = performance.now();
  const options = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Foreground" };
  await must(connection, "DELETE", `${path}/owner`, options);
  const describe = () => `${configMaps.deleted.size} of ${TASK_SIZES.collection} dependents are gone`;
  return await until(started, () => configMaps.deleted.has("owner"), describe);
}

/** Pods need the account that a controller makes, and its token's authority. */
async function untilAccount(connection: Connection, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  const deadline = performance.now() + TIMEOUT_MS;
  while ((await connection.call("GET", path)).status !== 200) {
    if (performance.now() > deadline) throw new Error("The namespace gets no service account");
    await sleep(POLL_MS);
  }
}

/** Goes on from the last event where the server ends the stream, as upstream does with a watcher that was slow for a moment. */
async function watch(connection: Connection, path: string, fieldSelector = ""): Promise<Watched> {
  const selector = `&fieldSelector=${encodeURIComponent(fieldSelector)}`;
  const listed = await connection.call("GET", `${path}?limit=1${selector}`, { wantsText: true });
  let version: string = JSON.parse(listed.text).metadata.resourceVersion;
  let stream: Disposable | undefined;
  const watched = {
    added: 0,
    deleted: new Set<string>(),
    isOver: false,
    [Symbol.dispose]: () => {
      watched.isOver = true;
      stream?.[Symbol.dispose]();
    },
  };
  const take = (line: string) => {
    const { type, object } = JSON.parse(line);
    if (type === "ERROR") throw new Error(`Watch ${path}: ${line.slice(0, 200)}`);
    version = object.metadata.resourceVersion;
    if (type === "ADDED") watched.added++;
    else if (type === "DELETED") watched.deleted.add(object.metadata.name);
  };
  const open = async (): Promise<void> => {
    let tail = "";
    const query = `watch=1&resourceVersion=${version}&timeoutSeconds=600${selector}`;
    const onData = (chunk: Buffer) => {
      const lines = (tail + chunk.toString()).split("\n");
      tail = lines.pop() ?? "";
      for (const line of lines) take(line);
    };
    stream = await connection.stream(`${path}?${query}`, onData, () => void (watched.isOver || open()));
  };
  await open();
  return watched;
}

async function until(
  startedMs: number,
  isDone: () => boolean,
  describe: () => string,
): Promise<{ readonly seconds: number }> {
  while (!isDone()) {
    if (performance.now() > startedMs + TIMEOUT_MS) throw new Error(`After ${TIMEOUT_MS} ms ${describe()}`);
    await sleep(POLL_MS);
  }
  return { seconds: (performance.now() - startedMs) / 1000 };
}

async function createAll(count: number, createOne: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await createOne(index);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function create(connection: Connection, path: string, body: string): Promise<string> {
  const answer = await connection.call("POST", path, { body, wantsText: true });
  if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
  return answer.text;
}

async function must(connection: Connection, method: string, path: string, body?: object): Promise<void> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await connection.call(method, path, { ...sent, wantsText: true });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
}
