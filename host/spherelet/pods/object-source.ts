// Where a pod's ConfigMaps, Secrets and tokens come from, as the code that reads them sees it.

import type { ConfigMap, Secret } from "@atoll/api/generated/types";

export interface ObjectSource {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

/** A pod's token for one audience; fresh for at least a fifth of its life. */
export interface TokenSource {
  token(request: {
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly podName: string;
    readonly podUid: string;
    /** Absent: the API server's own. */
    readonly audience: string | undefined;
    readonly expirationSeconds: number;
  }): Promise<string>;
}

/** Something the pod refers to is missing or wrong; the user mends it and the worker tries again. */
export class PodSourceError extends Error {
  override readonly name = "PodSourceError";
}
