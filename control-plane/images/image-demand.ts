// Makes one Image per namespace and reference that pods with a host need, keeps its spec as those pods ask (secrets, host,
// freshness), and deletes it some time after the last of them is gone. Pulling, and trying again, is the spherelet's part.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Container } from "@atoll/api/generated/types";
import { Image, type ImageSpec } from "@atoll/api/imagecontroller/image/kind";
import { imageName, parseImageReference } from "@atoll/api/imagecontroller/reference";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import type { CacheIndex, Lister } from "@atoll/machinery/controller/informer";
import { isPodActive, isPodFinished } from "@atoll/machinery/controller/pod-state";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";

export const UNUSED_SINCE_ANNOTATION = "imagecontroller.vmware.com/unused-since";

/** A Deployment that is rolled back, or a Job that comes again, should find its image resolved. */
export const UNUSED_GRACE_MS = 30 * 60_000;

/** References whose reading is remembered; a Supervisor rarely has more in use. */
const REMEMBERED_MAX = 4096;

const imagesByHost: CacheIndex<Image> = {
  name: "images by host",
  valuesOf: (image) => (image.spec.hostName ? [image.spec.hostName] : []),
};

interface Use {
  readonly reference: string;
  /** Of the Image. */
  readonly name: string;
  readonly policy: string;
}

export function imageDemand(options: { readonly defaultRegistry: string }): ControllerDefinition {
  const parse = rememberingParser(options);
  const usesOf = (pod: Pod): Use[] =>
    containersOf(pod).flatMap(({ image = "", imagePullPolicy = "IfNotPresent" }) => {
      const parsed = parse(image);
      // A name that is none is told by the spherelet, on the container that has it.
      return parsed ? [{ ...parsed, policy: imagePullPolicy }] : [];
    });
  const podsByImage: CacheIndex<Pod> = {
    name: "pods by image",
    valuesOf: (pod) =>
      pod.spec.nodeName && !isPodFinished(pod)
        ? [...new Set(usesOf(pod).map(({ name }) => imageKey(pod.metadata.namespace, name)))]
        : [],
  };
  return defineController({
    name: "image-demand",
    watches: [
      { resource: Image },
      {
        resource: Pod,
        keysOf: (pod: Pod, cache: CacheReader) => {
          const { namespace } = pod.metadata;
          return pod.spec.nodeName
            ? usesOf(pod)
                .filter((use) => !isServed(pod, use, cache))
                .map(({ name }) => ({ name, namespace }))
            : [];
        },
      },
      {
        resource: Node,
        keysOf: (node: Node, cache: CacheReader) =>
          cache
            .of(Image)
            .indexed(imagesByHost, node.metadata.name ?? "")
            .map(nameOf),
      },
    ],
    owns: ["Image", "Image.spec", `Image.metadata.annotations[${UNUSED_SINCE_ANNOTATION}]`],
    async reconcile(key, context) {
      const { client, cache, events, signal } = context;
      const image = cache.of(Image).get(key);
      const users = cache
        .of(Pod)
        .indexed(podsByImage, imageKey(key.namespace, key.name))
        .map((pod) => ({ pod, uses: usesOf(pod).filter(({ name }) => name === key.name) }));
      if (users.length === 0) return image && collect(image, context);
      const wanted = wantedSpec(users, image, cache.of(Node));
      if (!wanted) return;
      if (!image) {
        const wantedImage = { metadata: { ...key }, spec: wanted } as Image; // A key is a name and a namespace.
        await client.create(Image, wantedImage, { signal }).catch((thrown: unknown) => {
          if (!isNamespaceTerminating(thrown)) throw thrown;
        });
        return;
      }
      if (image.spec.reference !== wanted.reference) {
        const message = `Image ${key.name} is in use for ${image.spec.reference}, whose name has the same hash`;
        for (const { pod } of users) events.record(pod, { type: "Warning", reason: "ImageNameCollision", message });
        return;
      }
      await bringUpToDate(image, wanted, context);
      return;
    },
  });
}

/** Most pods share few images, and each change of each pod asks for all of its own: the last ones read are remembered. */
function rememberingParser(options: { readonly defaultRegistry: string }) {
  const remembered = new Map<string, Pick<Use, "reference" | "name"> | undefined>();
  return (image: string) => {
    if (remembered.has(image)) return remembered.get(image);
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    const reference = parseImageReference(image, options);
    const parsed = "error" in reference ? undefined : { reference: reference.name, name: imageName(reference.name) };
    remembered.set(image, parsed);
    return parsed;
  };
}

/**
 * True when the Image already is as this pod needs it, so that the many changes in a pod's life (a thousand pods of one
 * image!) wake nobody. A pod that ends or is gone always does: it may have been the last one.
 */
function isServed(pod: Pod, use: Use, cache: CacheReader): boolean {
  if (!isPodActive(pod) || cache.of(Pod).get(nameOf(pod))?.metadata.uid !== pod.metadata.uid) return false;
  const image = cache.of(Image).get({ name: use.name, namespace: pod.metadata.namespace });
  if (!image) return use.policy === "Never";
  const { reference, hostName, pullSecrets = [], refreshTime = "" } = image.spec;
  return (
    reference === use.reference &&
    hostName !== undefined &&
    image.metadata.annotations?.[UNUSED_SINCE_ANNOTATION] === undefined &&
    (pod.spec.imagePullSecrets ?? []).every(({ name = "" }) => name === "" || pullSecrets.includes(name)) &&
    (use.policy !== "Always" || refreshTime >= createdAt(pod))
  );
}

function containersOf(pod: Pod): Container[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
}

function imageKey(namespace: string | undefined, name: string): string {
  return `${namespace}/${name}`;
}

type User = { readonly pod: Pod; readonly uses: readonly Use[] };

/** Undefined when all users say Never: they take what is there, or nothing. */
function wantedSpec(users: readonly User[], image: Image | undefined, nodes: Lister<Node>): ImageSpec | undefined {
  const active = users
    .filter(({ pod }) => isPodActive(pod))
    .toSorted((left, right) => (createdAt(left.pod) < createdAt(right.pod) ? -1 : 1));
  const pulling = active.filter(({ uses }) => uses.some(({ policy }) => policy !== "Never"));
  const reference = pulling[0]?.uses[0]?.reference;
  if (reference === undefined) return undefined;
  const pullSecrets = [
    ...new Set(pulling.flatMap(({ pod }) => (pod.spec.imagePullSecrets ?? []).map(({ name = "" }) => name))),
  ]
    .filter(Boolean)
    .sort();
  const refreshTime = pulling
    .filter(({ uses }) => uses.some(({ policy }) => policy === "Always"))
    .map(({ pod }) => createdAt(pod))
    .concat(image?.spec.refreshTime ?? [])
    .sort()
    .at(-1);
  const hostName = chooseHost(pulling, image, nodes);
  return {
    reference,
    ...(pullSecrets.length > 0 ? { pullSecrets } : {}),
    ...(hostName === undefined ? {} : { hostName }),
    ...(refreshTime === undefined ? {} : { refreshTime }),
  };
}

/** The host it has while that works; else the first of its pods' hosts that does. */
function chooseHost(users: readonly User[], image: Image | undefined, nodes: Lister<Node>): string | undefined {
  const isWorking = (name: string | undefined) =>
    name !== undefined &&
    (nodes.get({ name })?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ??
      false);
  const current = image?.spec.hostName;
  if (isWorking(current)) return current;
  const hosts = users.map(({ pod }) => pod.spec.nodeName);
  return hosts.find(isWorking) ?? current ?? hosts[0];
}

async function bringUpToDate(image: Image, wanted: ImageSpec, { client, signal }: ReconcileContext): Promise<void> {
  const { spec, metadata } = image;
  const isUnused = metadata.annotations?.[UNUSED_SINCE_ANNOTATION] !== undefined;
  const isSame =
    spec.hostName === wanted.hostName &&
    spec.refreshTime === wanted.refreshTime &&
    (spec.pullSecrets ?? []).join() === (wanted.pullSecrets ?? []).join();
  if (isSame && !isUnused) return;
  const body = {
    metadata: { uid: metadata.uid, ...(isUnused ? { annotations: { [UNUSED_SINCE_ANNOTATION]: null } } : {}) },
    spec: { ...wanted, pullSecrets: wanted.pullSecrets ?? null },
  };
  await client.patch(Image, nameOf(image), { type: "merge", body }, { signal });
}

/** The time stands on the object, so that a restart of the controller does not begin the grace anew. */
async function collect(image: Image, { client, clock, signal }: ReconcileContext) {
  const { uid = "", annotations, deletionTimestamp } = image.metadata;
  if (deletionTimestamp !== undefined) return undefined;
  const since = Date.parse(annotations?.[UNUSED_SINCE_ANNOTATION] ?? "");
  if (Number.isNaN(since)) {
    const body = { metadata: { uid, annotations: { [UNUSED_SINCE_ANNOTATION]: formatTime(clock.now()) } } };
    await client.patch(Image, nameOf(image), { type: "merge", body }, { signal });
    return { requeueAfterMs: UNUSED_GRACE_MS };
  }
  const remainingMs = since + UNUSED_GRACE_MS - clock.now();
  if (remainingMs > 0) return { requeueAfterMs: remainingMs };
  try {
    await client.delete(Image, nameOf(image), { preconditions: { uid }, signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
  return undefined;
}

function createdAt(pod: Pod): string {
  return pod.metadata.creationTimestamp ?? "";
}
