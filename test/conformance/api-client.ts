import { readFileSync } from "node:fs";
import { systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { serverAccess } from "@atoll/machinery/client/kubeconfig";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { parse } from "yaml";

/** The typed client for a kubeconfig; `transport` is the caller's to dispose of. */
export function openClient(kubeconfigFile: string): { readonly client: Client; readonly transport: NodeTransport } {
  const document: unknown = parse(readFileSync(kubeconfigFile, "utf8"));
  const access = serverAccess(document, { readFile: (path) => readFileSync(path) });
  const transport = new NodeTransport({ ...access, clock: systemClock });
  return {
    client: new HttpClient({ transport: transport.send, clock: systemClock, userAgent: "conformance" }),
    transport,
  };
}
