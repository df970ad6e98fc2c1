// Every pod runs as a service account: "default" where it names none, and gets that account's token, the cluster's authority
// and its namespace in one read-only volume, as programs inside expect.

import { Pod } from "@atoll/api/core/pod/kind";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import type { Clock } from "@atoll/base/clock";
import { type Random, randomName } from "@atoll/base/random";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import type { AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
/** An hour, and seven seconds by which upstream's own are told from a user's. */
const TOKEN_LIFETIME_SECONDS = 3607;
/** A namespace's "default" account comes a moment after the namespace: a pod that is quicker waits a second for it. */
const DEFAULT_ACCOUNT_ATTEMPTS = 10;
const DEFAULT_ACCOUNT_WAIT_MS = 100;

export function serviceAccountAdmission(options: {
  readonly resources: ResourceTable;
  readonly clock: Clock;
  readonly random: Random;
}): AdmissionStep {
  const accounts = options.resources.of(ServiceAccount);
  const pods = options.resources.of(Pod);
  return {
    name: "ServiceAccount",
    async mutate(request) {
      if (request.operation !== "CREATE" || request.kind !== pods.kind || request.subresource !== "" || !request.object)
        return;
      const pod = request.object as Pod; // the kind is Pod
      if (!pod.spec) return;
      const name = pod.spec.serviceAccountName || "default";
      pod.spec.serviceAccountName = name;
      // The field's old name still has readers.
      pod.spec.serviceAccount = name;
      const account = (await findAccount(accounts, request.namespace, name, options.clock)) as
        | (StoredObject & { object: ServiceAccount }) // the store holds ServiceAccounts only
        | undefined;
      if (!account) {
        const where = `${request.namespace}/${name}`;
        throw forbid(
          request,
          `error looking up service account ${where}: serviceaccount ${JSON.stringify(name)} not found`,
        );
      }
      const automount = pod.spec.automountServiceAccountToken ?? account.object.automountServiceAccountToken ?? true;
      if (automount) mountToken(pod, options.random);
      const secrets = account.object.imagePullSecrets ?? [];
      if ((pod.spec.imagePullSecrets ?? []).length === 0 && secrets.length > 0) {
        pod.spec.imagePullSecrets = structuredClone(secrets);
      }
    },
  };
}

async function findAccount(
  accounts: ResourceStore,
  namespace: string,
  name: string,
  clock: Clock,
): Promise<StoredObject | undefined> {
  const key = accounts.keyOf(namespace, name);
  const known = accounts.peek(key) ?? (await accounts.get(key));
  if (known || name !== "default") return known;
  for (let attempt = 0; attempt < DEFAULT_ACCOUNT_ATTEMPTS; attempt++) {
    await clock.sleep(DEFAULT_ACCOUNT_WAIT_MS);
    const stored = accounts.peek(key);
    if (stored) return stored;
  }
  return undefined;
}

function mountToken(pod: Pod, random: Random): void {
  const { spec } = pod;
  if (!spec) return;
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter(({ volumeMounts = [] }) =>
    volumeMounts.every(({ mountPath }) => mountPath !== MOUNT_PATH),
  );
  if (without.length === 0) return;
  const name = `kube-api-access-${randomName(random, 5)}`;
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, mountPath: MOUNT_PATH, readOnly: true }];
  }
  spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function tokenVolume(name: string): NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number] {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_LIFETIME_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
    },
  };
}
