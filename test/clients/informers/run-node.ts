import type { ClientRun } from "../client-run.ts";
import { NodeInformers } from "./node-informers.ts";
import { runInformers } from "./run-informers.ts";

export const runNode: ClientRun = (options) =>
  runInformers(options, async (kubeconfig) => [await NodeInformers.start(kubeconfig)]);
