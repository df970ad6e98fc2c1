import { join } from "node:path";
import type { ClientRun } from "../client-run.ts";
import { ensureInformer, GoInformers } from "./go-informers.ts";
import { runInformers } from "../informers/run-informers.ts";

/** What a user of client-go can set by the environment. */
const VARIANTS: readonly { readonly name: string; readonly environment: NodeJS.ProcessEnv }[] = [
  { name: "client-go", environment: { KUBE_FEATURE_WatchListClient: "false" } },
  { name: "client-go with WatchList", environment: { KUBE_FEATURE_WatchListClient: "true" } },
  {
    name: "client-go over HTTP/1.1",
    environment: { KUBE_FEATURE_WatchListClient: "false", DISABLE_HTTP2: "true" },
  },
];

/** client-go's informers in three ways of asking, at once. */
export const runGo: ClientRun = (options) => {
  const program = ensureInformer(options.cacheDirectory, options.note);
  return runInformers("go", options, async (kubeconfig, directory) =>
    VARIANTS.map(
      ({ name, environment }) =>
        new GoInformers({
          name,
          program,
          kubeconfig,
          environment,
          logFile: join(directory, `${name.replaceAll(/[ /]/g, "-")}.log`),
        }),
    ),
  );
};
