// The Supervisor's program: the store, the API server and the controllers in one process.
//
//   node bin/supervisor.ts --config FILE [--role all|api]
//   node bin/supervisor.ts --config FILE --role controllers --kubeconfig FILE
//   node bin/supervisor.ts backup --config FILE > BACKUP
//   node bin/supervisor.ts restore --config FILE < BACKUP
//   node bin/supervisor.ts issue-node --config FILE --name NODE --address IP --out DIR
//   node bin/supervisor.ts compile

import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type SupervisorConfiguration, supervisorConfiguration } from "@atoll/api/config/supervisor";
import { tracingConfiguration } from "@atoll/api/config/tracing";
import { schemaModel } from "@atoll/api/generated/schemas";
import { kinds } from "@atoll/api/kinds";
import { systemClock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Logger } from "@atoll/base/log";
import { MetricsRegistry } from "@atoll/base/metrics";
import { createLogger } from "@atoll/base/node/log";
import { systemRandom } from "@atoll/base/random";
import { ApiServer } from "@atoll/control-plane/apiserver/api-server";
import type { ServiceOptions } from "@atoll/control-plane/apiserver/api-server-options";
import { issueSecretToken } from "@atoll/control-plane/apiserver/authentication/secret-tokens";
import { ServiceAccountTokens } from "@atoll/control-plane/apiserver/authentication/service-account-tokens";
import { HttpServer } from "@atoll/control-plane/apiserver/http/http-server";
import { encryptionOf } from "@atoll/control-plane/apiserver/registry/value-cipher";
import { NodeClient } from "@atoll/control-plane/apiserver/streaming/node-client";
import { CertificateAuthority } from "@atoll/control-plane/certificates/certificate-authority";
import {
  makePrivateDirectory,
  PRIVATE_FILE_MODE,
  PUBLIC_FILE_MODE,
} from "@atoll/control-plane/certificates/certificate-files";
import { openEncryptionKeys } from "@atoll/control-plane/certificates/encryption-keys";
import { formatKubeconfig } from "@atoll/control-plane/certificates/kubeconfig";
import { openServiceAccountKey } from "@atoll/control-plane/certificates/service-account-key";
import {
  administratorCertificate,
  apiServerCertificate,
  FRONT_PROXY_NAME,
  frontProxyCertificate,
  issueNode,
  nodeClientCertificate,
  renewMonthly,
} from "@atoll/control-plane/certificates/supervisor-certificates";
import { runCompactor } from "@atoll/control-plane/store/compactor";
import { TracedStore } from "@atoll/control-plane/store/traced-store";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { inProcessTransport } from "@atoll/machinery/client/in-process";
import { limitedTransport } from "@atoll/machinery/client/limited-transport";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { advertisedAddress } from "./advertised-address.ts";
import { AuthenticationFile } from "./authentication-file.ts";
import { compileSupervisor } from "./compile-supervisor.ts";
import { startControllers } from "./controllers.ts";
import { startControllersAsLeader } from "./controllers-lease.ts";
import { openStore } from "./open-store.ts";
import { openAudit } from "./open-audit.ts";
import { readDocument } from "./read-document.ts";
import { readKubeconfig } from "./read-kubeconfig.ts";
import { backUp, restore } from "./store-commands.ts";

/** Requests of all controllers together that wait for an answer: below the API server's own limits, which users share. */
const CONTROLLER_REQUESTS_MAX = 64;

const clock = systemClock;
const random = systemRandom;

async function readConfiguration(file: string): Promise<SupervisorConfiguration> {
  const configuration = await readDocument(file, supervisorConfiguration);
  return { ...configuration, dataDirectory: resolve(configuration.dataDirectory) };
}

/** Whom else the API believes; undefined: nobody. */
async function openAuthentication(
  { api }: SupervisorConfiguration,
  { apiAudience, log }: { readonly apiAudience: string; readonly log: Logger },
): Promise<AuthenticationFile | undefined> {
  if (api.authenticationFile === undefined) return undefined;
  return AuthenticationFile.open({ path: api.authenticationFile, apiAudience, clock, log });
}

/** Who is told what is done for requests; undefined: nobody. */
async function openTracer({ api }: SupervisorConfiguration) {
  if (api.tracingFile === undefined) return undefined;
  const { endpoint, samplingRatePerMillion } = await readDocument(api.tracingFile, tracingConfiguration);
  // Its libraries are large: who sends no spans does not load them.
  const { OtlpTracer } = await import("@atoll/base/node/otlp-tracer");
  return OtlpTracer.open({ service: "apiserver", endpoint, samplesPerMillion: samplingRatePerMillion });
}

function serviceOptions({ api, network, store }: SupervisorConfiguration, log: Logger): ServiceOptions {
  const address = advertisedAddress(api, networkInterfaces());
  if (address === undefined) log.info("No address to advertise: the service kubernetes gets no endpoints");
  return {
    cidrs: [network.serviceCidr, ...(network.secondaryServiceCidr ? [network.secondaryServiceCidr] : [])],
    nodePorts: network.serviceNodePorts,
    sharesStore: store.type === "etcd",
    advertised: address === undefined ? undefined : { address, port: api.port },
  };
}

function openAuthority(configuration: SupervisorConfiguration): Promise<CertificateAuthority> {
  return CertificateAuthority.open({ directory: pkiDirectory(configuration), clock, random });
}

function pkiDirectory({ dataDirectory }: SupervisorConfiguration): string {
  return join(dataDirectory, "pki");
}

/** The API server with its store, the controllers and schedulers that work on any API server, or both in one process. */
const ROLES = ["all", "api", "controllers"] as const;
type Role = (typeof ROLES)[number];

/** Runs the controllers as a client of an API server that runs elsewhere, until the signal aborts. */
async function runControllers(
  configuration: SupervisorConfiguration,
  kubeconfigFile: string,
  signal: AbortSignal,
): Promise<void> {
  const log = createLogger({ component: "supervisor", level: configuration.log.level });
  const access = await readKubeconfig(kubeconfigFile);
  await using transport = new NodeTransport({ ...access, clock });
  const { certificateAuthority } = access;
  if (certificateAuthority === undefined) {
    throw new Error(`"${kubeconfigFile}" names no certificate authority, which the controllers publish to all pods`);
  }
  log.info("Controllers start", { server: access.server });
  await startControllersAsLeader({
    client: new HttpClient({
      transport: limitedTransport(transport.send, CONTROLLER_REQUESTS_MAX),
      clock,
      userAgent: "supervisor",
    }),
    clock,
    random,
    log: log.with({ component: "controllers" }),
    configuration,
    certificateAuthority: Buffer.from(certificateAuthority).toString(),
    // The authority's key is where that API server is: whoever has it signs.
    signCertificate: undefined,
    issueSecretToken: undefined,
    signal,
  });
  log.info("Controllers stop");
}

/** Runs until the signal aborts. */
async function runSupervisor(
  configuration: SupervisorConfiguration,
  role: Exclude<Role, "controllers">,
  signal: AbortSignal,
): Promise<void> {
  const { dataDirectory, api, network } = configuration;
  const log = createLogger({ component: "supervisor", level: configuration.log.level });
  await using running = new AsyncDisposableStack();
  await makePrivateDirectory(dataDirectory);
  const authority = await openAuthority(configuration);
  const proxyDirectory = join(pkiDirectory(configuration), "front-proxy");
  const proxyAuthority = await CertificateAuthority.open({ directory: proxyDirectory, clock, random });
  const makeServing = () =>
    apiServerCertificate(authority, {
      address: api.address,
      clusterDomain: network.clusterDomain,
      more: api.certificateNames,
    });
  const tracer = await openTracer(configuration);
  if (tracer) running.use(tracer);
  const opened = await openStore(configuration, { clock, random, log: log.with({ component: "store" }) });
  const store = running.use(tracer ? new TracedStore(opened, tracer, configuration.store.type) : opened);
  const nodeClient = running.use(
    new NodeClient({
      authorityPem: authority.certificatePem,
      keyPair: await nodeClientCertificate(authority),
      clock,
    }),
  );
  const apiAudience = `https://kubernetes.default.svc.${network.clusterDomain}`;
  const frontProxy = api.frontProxy && {
    authorityPem: await readFile(api.frontProxy.authorityFile, "utf8"),
    allowedNames: api.frontProxy.allowedNames,
  };
  const serviceAccountKey = await openServiceAccountKey(pkiDirectory(configuration));
  const authentication = await openAuthentication(configuration, {
    apiAudience,
    log: log.with({ component: "authentication" }),
  });
  const audit =
    api.audit && (await openAudit(api.audit, running, { clock, random, log: log.with({ component: "audit" }) }));
  const metrics = new MetricsRegistry();
  let controllersRun = false;
  const component = (name: string) => ({ name, failure: () => (controllersRun ? undefined : "not started yet") });
  const apiServer = running.use(
    new ApiServer({
      components: role === "all" ? [component("controller-manager"), component("scheduler")] : [],
      audit,
      tracer,
      metrics,
      frontProxy,
      aggregation: {
        keyPair: await frontProxyCertificate(proxyAuthority),
        clientAuthorityPem: authority.certificatePem,
        proxyAuthorityPem: proxyAuthority.certificatePem,
        proxyNames: [FRONT_PROXY_NAME],
      },
      store,
      kinds,
      model: schemaModel,
      tokens: new ServiceAccountTokens({
        key: serviceAccountKey,
        issuer: apiAudience,
        clock,
        random,
      }),
      encryption: encryptionOf(await openEncryptionKeys(pkiDirectory(configuration), random), random),
      nodeClient,
      authentication,
      serverAddress: `${api.address}:${api.port}`,
      services: serviceOptions(configuration, log.with({ component: "apiserver" })),
      clock,
      random,
      log: log.with({ component: "apiserver" }),
    }),
  );
  await apiServer.start(signal);
  const httpServer = running.use(
    new HttpServer({
      api: apiServer,
      address: api.address,
      port: api.port,
      keyPair: await makeServing(),
      authorityPem: authority.certificatePem,
      frontProxy,
      clock,
      log: log.with({ component: "apiserver" }),
    }),
  );
  // Before the server is closed, whatever lasts must be told to end.
  running.defer(async () => {
    await apiServer.announceShutdown();
    if (api.shutdownDelaySeconds) await clock.sleep(api.shutdownDelaySeconds * 1000);
    apiServer.shutDown();
  });
  const port = await httpServer.start();
  await writeCredentials(configuration, authority, port);
  log.info("Supervisor serves its API", { address: api.address, port });

  const client = new HttpClient({
    transport: limitedTransport(
      inProcessTransport((request) => apiServer.handle(request)),
      CONTROLLER_REQUESTS_MAX,
    ),
    clock,
    userAgent: "supervisor",
  });
  const controllers =
    role === "api"
      ? untilAborted(signal)
      : // A file has one Supervisor, whose controllers need not ask.
        (configuration.store.type === "etcd" ? startControllersAsLeader : startControllers)({
          client,
          clock,
          random,
          metrics,
          log: log.with({ component: "controllers" }),
          configuration,
          certificateAuthority: authority.certificatePem,
          signCertificate: (request, options) => authority.sign(request, options),
          issueSecretToken: (subject) => issueSecretToken(serviceAccountKey, subject),
          signal,
        });
  controllersRun = role === "all";
  const renewal = renewMonthly(clock, signal, async () => {
    httpServer.replaceCertificate(await makeServing());
    nodeClient.replaceCertificate(await nodeClientCertificate(authority));
    apiServer.replaceProxyCertificate(await frontProxyCertificate(proxyAuthority));
  });
  const compactor = runCompactor(
    {
      store,
      clock,
      log: log.with({ component: "store" }),
      intervalMs: configuration.store.historySeconds * 1000,
    },
    signal,
  );
  const resealing = apiServer.reseal(signal).then(
    (count) => count > 0 && log.info("Sealed stored values with the newest key", { count }),
    (error) => log.error("Sealing stored values with the newest key failed", { error }),
  );
  await Promise.all([controllers, renewal, compactor, resealing, authentication?.run(signal)]);
  log.info("Supervisor stops");
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The administrator's kubeconfig and the authority's certificate, made anew at every start. */
async function writeCredentials(
  { dataDirectory, api }: SupervisorConfiguration,
  authority: CertificateAuthority,
  port: number,
): Promise<void> {
  const host = api.address === "0.0.0.0" || api.address === "::" ? "127.0.0.1" : api.address;
  const kubeconfig = formatKubeconfig({
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    authorityPem: authority.certificatePem,
    userName: "kubernetes-admin",
    keyPair: await administratorCertificate(authority),
  });
  await writeFileAtomic(join(dataDirectory, "ca.crt"), authority.certificatePem, { mode: PUBLIC_FILE_MODE });
  await writeFileAtomic(join(dataDirectory, "admin.kubeconfig"), kubeconfig, { mode: PRIVATE_FILE_MODE });
}

/** Standard output is the backup's: nothing but failures is logged. */
function storeEnvironment(component: string) {
  return { clock, random, log: createLogger({ component, level: "error" }) };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: "string" },
      role: { type: "string", default: "all" },
      kubeconfig: { type: "string" },
      name: { type: "string" },
      address: { type: "string" },
      out: { type: "string" },
    },
  });
  const [command] = positionals;
  if (command === "compile") return await compileSupervisor(storeEnvironment("compile"));
  if (!values.config)
    throw new Error(
      "Usage: supervisor --config FILE [--role all|api|controllers] [--kubeconfig FILE], or supervisor issue-node --config FILE --name NODE --address IP --out DIR, or supervisor compile",
    );
  const configuration = await readConfiguration(values.config);
  if (command === "issue-node") {
    const { name, address, out } = values;
    if (!name || !address || !out)
      throw new Error("Usage: supervisor issue-node --config FILE --name NODE --address IP --out DIR");
    await issueNode(await openAuthority(configuration), { name, address, directory: resolve(out) });
    return;
  }
  if (command === "backup") return await backUp(configuration, storeEnvironment("backup"), process.stdout);
  if (command === "restore") {
    const count = await restore(configuration, storeEnvironment("restore"), process.stdin);
    process.stdout.write(`${count} keys restored\n`);
    return;
  }
  if (command !== undefined) throw new Error(`Unknown command "${command}"`);
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
  const role = ROLES.find((known) => known === values.role);
  if (role === undefined) throw new Error(`--role is one of ${ROLES.join(", ")}, not "${values.role}"`);
  if (role !== "controllers") return runSupervisor(configuration, role, stop.signal);
  if (!values.kubeconfig) throw new Error("--role controllers needs --kubeconfig FILE of the API server");
  await runControllers(configuration, values.kubeconfig, stop.signal);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
