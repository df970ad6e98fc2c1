// What one client is given to run with, and what it reports.

import type { KubectlMinor } from "./client-programs.ts";

export interface ClientRunOptions {
  /** Of the run's own, for data and logs. */
  readonly directory: string;
  readonly cacheDirectory: string;
  readonly minors: readonly KubectlMinor[];
  /** Whether what is printed is compared with upstream's, too. */
  readonly hasUpstream: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

export interface ClientReport {
  readonly summary: readonly string[];
  readonly failures: readonly string[];
}

export type ClientRun = (options: ClientRunOptions) => Promise<ClientReport>;
