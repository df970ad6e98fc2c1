// A host's server for exec, attach and port-forwarding as a program of its own: the real one, in front of a guest in its memory.
//
//   node test/fuzz/kubelet-process.ts --credentials DIR --port PORT --namespace NAMESPACE --pod NAME

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Pod } from "@atoll/api/generated/types";
import { systemClock } from "@atoll/base/clock";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import { createLogger } from "@atoll/base/node/log";
import { MemoryGuest } from "@atoll/host/spherelet/memory-host";
import { KubeletServer } from "@atoll/host/spherelet/server/kubelet-server";
import { ObjectCache } from "@atoll/machinery/controller/object-cache";

const { values } = parseArgs({
  options: {
    credentials: { type: "string", default: "" },
    port: { type: "string", default: "0" },
    namespace: { type: "string", default: "" },
    pod: { type: "string", default: "" },
  },
});

const read = (file: string) => readFileSync(join(values.credentials, file), "utf8");
const pods = new ObjectCache<Pod>();
pods.put({
  metadata: { name: values.pod, namespace: values.namespace, uid: "1" },
  spec: { containers: [{ name: "main" }] },
  status: { phase: "Running" },
});
const stop = new AbortController();
const line = Multiplexer.connect(duplexLine(new MemoryGuest().connect()), { epoch: 1n, signal: stop.signal });
await using _server = await KubeletServer.listen({
  ...{ address: "127.0.0.1", port: Number(values.port), nodeName: "host", pods, clock: systemClock },
  ...{ certificate: read("serving.crt"), key: read("serving.key"), clientAuthority: read("ca.crt") },
  lines: { connect: () => line },
  log: createLogger({ component: "kubelet", level: "error" }),
});
await new Promise<void>((resolve) => process.once("SIGTERM", () => resolve()));
stop.abort(new Error("The host ends"));
