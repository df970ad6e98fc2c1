// Makes the claims of pods whose volumes are made for them alone; they go with their pod.

import { Pod } from "@atoll/api/core/pod/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import type { Volume } from "@atoll/api/generated/types";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import { defineController, type ReconcileContext } from "@atoll/machinery/controller/controller";
import { controllerOf, controllerReference, refersTo } from "@atoll/machinery/controller/ownership-references";

export const ephemeralVolume = defineController({
  name: "ephemeral-volume",
  watches: [
    {
      resource: Pod,
      keysOf: (pod: Pod) => (pod.spec?.volumes?.some(({ ephemeral }) => ephemeral) ? [nameOf(pod)] : []),
    },
    { resource: PersistentVolumeClaim, keysOf: podOfClaim },
  ],
  owns: ["PersistentVolumeClaim"],
  async reconcile(key, context) {
    const pod = context.cache.of(Pod).get(key);
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
    for (const volume of pod.spec?.volumes ?? []) {
      try {
        await makeClaim(pod, volume, context);
      } catch (thrown) {
        const message = `ephemeral volume ${volume.name}: ${describeError(thrown)}`;
        context.events.record(pod, { type: "Warning", reason: "FailedBinding", message });
        throw thrown;
      }
    }
  },
});

async function makeClaim(pod: Pod, volume: Volume, { cache, client, signal }: ReconcileContext): Promise<void> {
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (!template) return;
  const name = ephemeralClaimName(pod, volume);
  const { namespace = "" } = pod.metadata;
  const present = cache.of(PersistentVolumeClaim).get({ name, namespace });
  if (present) {
    if (isMadeForPod(present, pod)) return;
    throw new Error(
      `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`,
    );
  }
  const { labels, annotations } = template.metadata ?? {};
  const metadata = {
    name,
    namespace,
    ownerReferences: [controllerReference(Pod, pod)],
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
  };
  await client.create(PersistentVolumeClaim, { metadata, spec: template.spec }, { signal });
}

/** "web-0-scratch" */
export function ephemeralClaimName({ metadata }: Pod, { name }: Volume): string {
  return `${metadata.name}-${name}`;
}

export function isMadeForPod(claim: PersistentVolumeClaim, { metadata }: Pod): boolean {
  return claim.metadata.namespace === metadata.namespace && controllerOf(claim)?.uid === metadata.uid;
}

/** All claims that a pod's volumes are. */
export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [ephemeralClaimName(pod, volume)] : [];
  });
}

function podOfClaim(claim: PersistentVolumeClaim) {
  const owner = controllerOf(claim);
  return owner && refersTo(owner, Pod) ? [{ name: owner.name, namespace: claim.metadata.namespace }] : [];
}
