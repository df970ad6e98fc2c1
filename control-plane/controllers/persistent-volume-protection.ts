// Lets volumes, claims and attributes classes go when nobody uses them any more: each has a finalizer until then, which
// admission has put on it, or one of these where it was made before.

import { Pod } from "@atoll/api/core/pod/kind";
import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import {
  CLAIM_PROTECTION_FINALIZER,
  VOLUME_ATTRIBUTES_CLASS_PROTECTION_FINALIZER,
  VOLUME_PROTECTION_FINALIZER,
} from "@atoll/api/meta/volume-claims";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { VolumeAttributesClass } from "@atoll/api/storage/volume-attributes-class/kind";
import { nameOf } from "@atoll/machinery/client/client";
import { defineController, type ReconcileContext } from "@atoll/machinery/controller/controller";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { cacheKey } from "@atoll/machinery/controller/object-cache";
import { hasReason } from "@atoll/machinery/object/api-error";
import { claimNamesOf, ephemeralClaimName, isMadeForPod } from "./ephemeral-volume.ts";

export const volumeProtection = defineController({
  name: "persistent-volume-protection",
  watches: [{ resource: PersistentVolume }],
  owns: [`PersistentVolume.metadata.finalizers[${VOLUME_PROTECTION_FINALIZER}]`],
  async reconcile(key, context) {
    const volume = context.cache.of(PersistentVolume).get(key);
    const isUsed = () => volume?.status?.phase === "Bound";
    await protect(PersistentVolume, volume, { finalizer: VOLUME_PROTECTION_FINALIZER, isUsed }, context);
    return undefined;
  },
});

const podsByClaim: CacheIndex<Pod> = {
  name: "pods by claim",
  valuesOf: (pod) => claimNamesOf(pod).map((name) => cacheKey({ name, namespace: pod.metadata.namespace })),
};

export const claimProtection = defineController({
  name: "persistent-volume-claim-protection",
  watches: [
    { resource: PersistentVolumeClaim },
    {
      resource: Pod,
      keysOf: (pod: Pod) => claimNamesOf(pod).map((name) => ({ name, namespace: pod.metadata.namespace })),
    },
  ],
  owns: [`PersistentVolumeClaim.metadata.finalizers[${CLAIM_PROTECTION_FINALIZER}]`],
  async reconcile(key, context) {
    const { cache, client, signal } = context;
    const claim = cache.of(PersistentVolumeClaim).get(key);
    const isUsed = async () => {
      if (!claim) return false;
      if (
        cache
          .of(Pod)
          .indexed(podsByClaim, cacheKey(key))
          .some((pod) => usesClaim(pod, claim))
      )
        return true;
      // A pod that the cache has not seen yet may be using it: its data is worth the question.
      const { items } = await client.list(Pod, { namespace: key.namespace, signal });
      return items.some((pod) => usesClaim(pod, claim));
    };
    await protect(PersistentVolumeClaim, claim, { finalizer: CLAIM_PROTECTION_FINALIZER, isUsed }, context);
    return undefined;
  },
});

/** Only a pod that has its host does: no host starts one whose claim is going. */
function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec?.nodeName) return false;
  const { name } = claim.metadata;
  return (pod.spec.volumes ?? []).some(
    (volume) =>
      volume.persistentVolumeClaim?.claimName === name ||
      (volume.ephemeral !== undefined &&
        !isShutDown(pod) &&
        ephemeralClaimName(pod, volume) === name &&
        isMadeForPod(claim, pod)),
  );
}

/** Its host is done with it, and it may itself be waiting for the claim to go. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}

const claimsByAttributesClass: CacheIndex<PersistentVolumeClaim> = {
  name: "claims by attributes class",
  valuesOf: attributesClassesOfClaim,
};

const volumesByAttributesClass: CacheIndex<PersistentVolume> = {
  name: "volumes by attributes class",
  valuesOf: attributesClassesOfVolume,
};

export const attributesClassProtection = defineController({
  name: "volume-attributes-class-protection",
  watches: [
    { resource: VolumeAttributesClass },
    {
      resource: PersistentVolumeClaim,
      keysOf: (claim: PersistentVolumeClaim) => attributesClassesOfClaim(claim).map((name) => ({ name })),
    },
    {
      resource: PersistentVolume,
      keysOf: (volume: PersistentVolume) => attributesClassesOfVolume(volume).map((name) => ({ name })),
    },
  ],
  owns: [`VolumeAttributesClass.metadata.finalizers[${VOLUME_ATTRIBUTES_CLASS_PROTECTION_FINALIZER}]`],
  async reconcile(key, context) {
    const { cache } = context;
    const attributesClass = cache.of(VolumeAttributesClass).get(key);
    const isUsed = () =>
      cache.of(PersistentVolume).indexed(volumesByAttributesClass, key.name).length > 0 ||
      cache.of(PersistentVolumeClaim).indexed(claimsByAttributesClass, key.name).length > 0;
    const finalizer = VOLUME_ATTRIBUTES_CLASS_PROTECTION_FINALIZER;
    await protect(VolumeAttributesClass, attributesClass, { finalizer, isUsed }, context);
    return undefined;
  },
});

function attributesClassesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  return [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].flatMap((name) => name || []);
}

function attributesClassesOfVolume({ spec }: PersistentVolume): string[] {
  return [spec?.volumeAttributesClassName].flatMap((name) => name || []);
}

async function protect<T extends KubeObject>(
  resource: Resource<T>,
  object: T | undefined,
  { finalizer, isUsed }: { readonly finalizer: string; readonly isUsed: () => Promise<boolean> | boolean },
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (!object) return;
  const { uid, resourceVersion, finalizers = [], deletionTimestamp } = object.metadata;
  const isProtected = finalizers.includes(finalizer);
  const isLeaving = deletionTimestamp !== undefined;
  if (isLeaving !== isProtected || (isLeaving && (await isUsed()))) return;
  const wanted = isLeaving ? finalizers.filter((each) => each !== finalizer) : [...finalizers, finalizer];
  // The list is replaced whole, so the version must be the one it was read at.
  const body = { metadata: { uid, resourceVersion, finalizers: wanted.length > 0 ? wanted : null } };
  try {
    await client.patch(resource, nameOf(object), { type: "merge", body }, { signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}
