import type { ClientRun } from "../client-run.ts";
import { runInformers } from "../informers/run-informers.ts";
import { NodeInformers } from "./node-informers.ts";

export const runNode: ClientRun = (options) =>
  runInformers("node", options, async (kubeconfig) => [await NodeInformers.start(kubeconfig)]);
