// The typed client for Node: what a program that is generated from upstream's OpenAPI sends, and what it makes of the answers.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  Log,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
  VersionApi,
} from "@kubernetes/client-node";
import { NAMESPACE } from "../informers/watched-objects.ts";

export interface TypedCall {
  readonly name: string;
  run(): Promise<void>;
}

const GADGETS = { group: "clients.example.com", version: "v1", namespace: NAMESPACE, plural: "gadgets" };
const template = {
  metadata: { labels: { app: "typed" } },
  spec: { containers: [{ name: "c", image: "example.com/c" }], nodeSelector: { "example.com/nowhere": "true" } },
};

/** In this order: later ones look at what earlier ones have made. */
export function typedCalls(kubeconfig: string): readonly TypedCall[] {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const objects = KubernetesObjectApi.makeApiClient(config);
  const inNamespace = { namespace: NAMESPACE };
  const named = (name: string) => ({ ...inNamespace, name });
  const call = (name: string, run: () => Promise<void>): TypedCall => ({ name, run });
  return [
    call("says its version", async () => {
      const { minor, gitVersion } = await config.makeApiClient(VersionApi).getCode();
      assert.equal(minor, "36");
      assert.match(gitVersion, /^v1\.36\./);
    }),
    call("makes and reads an object with its dates", async () => {
      const body = { metadata: { name: "typed", labels: { app: "typed" } }, data: { a: "ä\n" } };
      const made = await core.createNamespacedConfigMap({ ...inNamespace, body });
      assert.ok(made.metadata?.creationTimestamp instanceof Date);
      const read = await core.readNamespacedConfigMap(named("typed"));
      assert.deepEqual(read, made);
    }),
    call("is told what is there already, absent, wrong or outdated", async () => {
      const body = { metadata: { name: "typed" } };
      await refused(core.createNamespacedConfigMap({ ...inNamespace, body }), 409, "AlreadyExists");
      await refused(core.readNamespacedConfigMap(named("absent")), 404, "NotFound");
      const wrong = { metadata: { name: "UPPER" } };
      const causes = await refused(core.createNamespacedConfigMap({ ...inNamespace, body: wrong }), 422, "Invalid");
      assert.equal(causes[0]?.field, "metadata.name");
      const old = { metadata: { name: "typed", resourceVersion: "1" } };
      await refused(core.replaceNamespacedConfigMap({ ...named("typed"), body: old }), 409, "Conflict");
    }),
    call("replaces and patches in three ways", async () => {
      const read = await core.readNamespacedConfigMap(named("typed"));
      const body = { ...read, data: { a: "1" } };
      assert.equal((await core.replaceNamespacedConfigMap({ ...named("typed"), body })).data?.a, "1");
      const patch = async (strategy: PatchStrategy, body: object) =>
        (await core.patchNamespacedConfigMap({ ...named("typed"), body }, setHeaderOptions("Content-Type", strategy)))
          .data;
      assert.deepEqual(await patch(PatchStrategy.MergePatch, { data: { b: "2" } }), { a: "1", b: "2" });
      assert.deepEqual(await patch(PatchStrategy.StrategicMergePatch, { data: { a: null } }), { b: "2" });
      const operations = [{ op: "add", path: "/data/c", value: "3" }];
      assert.deepEqual(await patch(PatchStrategy.JsonPatch, operations), { b: "2", c: "3" });
    }),
    call("applies from the server's side, and is told of conflicts", async () => {
      const applied = (colour: string): KubernetesObject & { data: object } => ({
        ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied", namespace: NAMESPACE } },
        data: { colour },
      });
      const apply = (colour: string, manager: string, force?: boolean) =>
        objects.patch(applied(colour), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
      await apply("blue", "one");
      await refused(apply("green", "two"), 409, "Conflict");
      const taken = await apply("green", "two", true);
      assert.deepEqual(
        taken.metadata?.managedFields?.map(({ manager }) => manager),
        ["two"],
      );
    }),
    call("pages through a list", async () => {
      const first = await core.listNamespacedConfigMap({ ...inNamespace, limit: 1 });
      assert.equal(first.items.length, 1);
      const rest = await core.listNamespacedConfigMap({ ...inNamespace, _continue: first.metadata?._continue ?? "" });
      assert.equal(rest.metadata?.resourceVersion, first.metadata?.resourceVersion);
      const chosen = await core.listNamespacedConfigMap({ ...inNamespace, labelSelector: "app=typed" });
      assert.deepEqual(
        chosen.items.map(({ metadata }) => metadata?.name),
        ["typed"],
      );
      await refused(core.listNamespacedConfigMap({ ...inNamespace, _continue: "nonsense" }), 400, "BadRequest");
    }),
    call("scales, and reads and writes a status", async () => {
      const spec = { replicas: 0, selector: { matchLabels: { app: "typed" } }, template };
      await apps.createNamespacedDeployment({ ...inNamespace, body: { metadata: { name: "typed" }, spec } });
      const scale = await apps.readNamespacedDeploymentScale(named("typed"));
      assert.equal(scale.status?.selector, "app=typed");
      // Of no version: a controller has its say about the deployment meanwhile.
      const body = { metadata: named("typed"), spec: { replicas: 1 } };
      assert.equal((await apps.replaceNamespacedDeploymentScale({ ...named("typed"), body })).spec?.replicas, 1);
      const status = await apps.readNamespacedDeploymentStatus(named("typed"));
      assert.equal(status.spec?.strategy?.rollingUpdate?.maxSurge, "25%");
    }),
    call("deals with custom resources", async () => {
      const body = {
        ...{ apiVersion: "clients.example.com/v1", kind: "Gadget", metadata: { name: "typed" } },
        spec: { size: 1 },
      };
      await custom.createNamespacedCustomObject({ ...GADGETS, body });
      const patch = [{ op: "replace", path: "/spec/size", value: 2 }];
      const patched = await custom.patchNamespacedCustomObject({ ...GADGETS, name: "typed", body: patch });
      assert.equal(patched.spec.size, 2);
      const wrong = [{ op: "replace", path: "/spec/size", value: "large" }];
      await refused(custom.patchNamespacedCustomObject({ ...GADGETS, name: "typed", body: wrong }), 422, "Invalid");
      await custom.deleteNamespacedCustomObject({ ...GADGETS, name: "typed" });
      await refused(custom.getNamespacedCustomObject({ ...GADGETS, name: "typed" }), 404, "NotFound");
    }),
    call("asks who may do what, with a token of its own", async () => {
      const review = { spec: { resourceAttributes: { verb: "list", resource: "secrets", namespace: NAMESPACE } } };
      const may = async (api: AuthorizationV1Api) =>
        (await api.createSelfSubjectAccessReview({ body: review })).status?.allowed;
      assert.equal(await may(config.makeApiClient(AuthorizationV1Api)), true);
      await core.createNamespacedServiceAccount({ ...inNamespace, body: { metadata: { name: "typed" } } });
      const asked = { ...named("typed"), body: { spec: { audiences: [], expirationSeconds: 600 } } };
      const { status } = await core.createNamespacedServiceAccountToken(asked);
      const own = new KubeConfig();
      const cluster = config.getCurrentCluster();
      assert.ok(cluster && status?.token);
      own.loadFromClusterAndUser(cluster, { name: "typed", token: status.token });
      assert.equal(await may(own.makeApiClient(AuthorizationV1Api)), false);
      await refused(own.makeApiClient(CoreV1Api).listNamespacedSecret(inNamespace), 403, "Forbidden");
      const role = {
        metadata: { name: "typed" },
        rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }],
      };
      await config.makeApiClient(RbacAuthorizationV1Api).createNamespacedRole({ ...inNamespace, body: role });
    }),
    call("asks for a log and evicts where there is no host", async () => {
      await core.createNamespacedPod({
        ...inNamespace,
        body: { metadata: { name: "typed", labels: { app: "typed" } }, spec: template.spec },
      });
      const text = await new Log(config).log(NAMESPACE, "typed", "c", new PassThrough(), {}).then(
        () => "",
        (error: unknown) => String(error),
      );
      assert.match(text, /^$|does not have a host assigned|400/);
      await refused(core.readNamespacedPodLog(named("absent")), 404, "NotFound");
      const body = { metadata: { name: "typed", namespace: NAMESPACE } };
      await core.createNamespacedPodEviction({ ...named("typed"), body });
    }),
    call("deletes one, and all that are selected", async () => {
      const gone = await core.deleteNamespacedConfigMap(named("typed"));
      assert.equal(gone.status, "Success");
      await core.deleteCollectionNamespacedConfigMap({ ...inNamespace, fieldSelector: "metadata.name=applied" });
      await refused(core.readNamespacedConfigMap(named("applied")), 404, "NotFound");
      await apps.deleteNamespacedDeployment({ ...named("typed"), propagationPolicy: "Foreground" });
    }),
  ];
}

interface StatusCause {
  readonly field?: string;
}

/** The causes in the answer. */
async function refused(request: Promise<unknown>, code: number, reason: string): Promise<readonly StatusCause[]> {
  const error: unknown = await request.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  assert.ok(error instanceof ApiException, `${code} ${reason} was expected, not ${error}`);
  const status = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
  assert.deepEqual([error.code, status.reason], [code, reason]);
  return status.details?.causes ?? [];
}
