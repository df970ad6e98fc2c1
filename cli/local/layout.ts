// Where a local Supervisor keeps everything, so that `down --purge` can name all of it.

import { join } from "node:path";

/** Roots that the flags and the environment of `atoll` may move; everything else follows from them. */
export interface LocalRoots {
  /** Survives restarts of the machine: store, keys, datastore, logs. */
  readonly stateDirectory: string;
  /** Sockets, pids, tickets: gone after a restart of the machine. */
  readonly runDirectory: string;
  /** Guest bundles and what they are built from; shared by all checkouts of the machine. */
  readonly cacheDirectory: string;
  /** The checkout that this program runs from. */
  readonly programDirectory: string;
}

export interface HostLayout {
  readonly name: string;
  readonly directory: string;
  readonly runDirectory: string;
  readonly hostdConfiguration: string;
  readonly sphereletConfiguration: string;
  /** Certificates of the node, owned by the spherelet's user. */
  readonly credentialsDirectory: string;
  /** What Node compiled the last time, writable for the program alone. */
  readonly hostdCompileCache: string;
  readonly sphereletCompileCache: string;
}

export class LocalLayout {
  readonly roots: LocalRoots;

  constructor(roots: LocalRoots) {
    this.roots = roots;
  }

  /** What `up` was asked for the last time; its presence means that there is a local Supervisor. */
  get planFile(): string {
    return join(this.roots.stateDirectory, "plan.json");
  }

  get supervisorDirectory(): string {
    return join(this.roots.stateDirectory, "supervisor");
  }

  get supervisorConfiguration(): string {
    return join(this.roots.stateDirectory, "supervisor.yaml");
  }

  get supervisorCompileCache(): string {
    return join(this.supervisorDirectory, "compile-cache");
  }

  /** Of which sources the compile caches were filled. */
  get compiledFile(): string {
    return join(this.roots.stateDirectory, "compiled.json");
  }

  get adminKubeconfig(): string {
    return join(this.supervisorDirectory, "admin.kubeconfig");
  }

  get datastoreDirectory(): string {
    return join(this.roots.stateDirectory, "datastore");
  }

  get registryDirectory(): string {
    return join(this.roots.stateDirectory, "demo-registry");
  }

  get logDirectory(): string {
    return join(this.roots.stateDirectory, "logs");
  }

  /** Where confined programs see the checkout. */
  get confinedProgramDirectory(): string {
    return join(this.roots.runDirectory, "program");
  }

  logFile(service: string): string {
    return join(this.logDirectory, `${service}.log`);
  }

  pidFile(service: string): string {
    return join(this.roots.runDirectory, "pids", `${service}.pid`);
  }

  host(name: string): HostLayout {
    const directory = join(this.roots.stateDirectory, "hosts", name);
    return {
      name,
      directory,
      runDirectory: join(this.roots.runDirectory, "hosts", name),
      hostdConfiguration: join(directory, "hostd.yaml"),
      sphereletConfiguration: join(directory, "spherelet.yaml"),
      credentialsDirectory: join(directory, "credentials"),
      hostdCompileCache: join(directory, "hostd-compile-cache"),
      sphereletCompileCache: join(directory, "spherelet-compile-cache"),
    };
  }
}
