// Which host has to do with which object: through the pods it carries, the images it pulls, and the volumes of their claims.
// Kept as plain maps from an object to hosts, so that a question is two look-ups.

import type { Pod } from "@atoll/api/generated/types";
import { Pod as Pods } from "@atoll/api/core/pod/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import type { KubeObject } from "@atoll/api/resource";
import { ObjectFollower, type ObjectIndex } from "../../registry/object-follower.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import { objectKey, podReferences } from "./pod-references.ts";

const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

interface PersistentVolume extends KubeObject {
  readonly spec?: { readonly claimRef?: { readonly namespace?: string; readonly name?: string } };
}

interface VolumeAttachment extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
}

export class NodeGraph {
  /** How many things of a host refer to an object, by the object's key, then by host. */
  readonly #hosts = new Map<string, Map<string, number>>();
  readonly #claimOfVolume = new Map<string, string>();
  readonly #followers: readonly { pull(): void; pullNewest(): Promise<void> }[];
  readonly #resources: ResourceTable;

  constructor(resources: ResourceTable) {
    this.#resources = resources;
    const counted = <T extends KubeObject>(place: string, edgesOf: (object: T) => Edges) =>
      this.#countedIndex(place, edgesOf);
    this.#followers = [
      new ObjectFollower<Pod>(resources, Pods, counted("pod", podEdges)),
      new ObjectFollower<Image>(resources, Image, counted("image", imageEdges)),
      ...this.#optional<PersistentVolume>("", "persistentvolumes", this.#volumeIndex()),
      ...this.#optional<VolumeAttachment>(
        "storage.k8s.io",
        "volumeattachments",
        counted("attachment", attachmentEdges),
      ),
    ];
  }

  /** With what the cache shows now. */
  isRelated(node: string, key: string): boolean {
    for (const follower of this.#followers) follower.pull();
    return this.#lookUp(node, key);
  }

  /** With every write that was acknowledged before. */
  async isRelatedNewest(node: string, key: string): Promise<boolean> {
    await Promise.all(this.#followers.map((follower) => follower.pullNewest()));
    return this.#lookUp(node, key);
  }

  #lookUp(node: string, key: string): boolean {
    const claim = this.#claimOfVolume.get(key);
    return this.#hosts.get(claim ?? key)?.has(node) ?? false;
  }

  #optional<T extends KubeObject>(group: string, plural: string, index: ObjectIndex<T>): ObjectFollower<T>[] {
    const store = this.#resources.find(group, "v1", plural);
    // The resource's objects are of the type that its own kind says.
    return store
      ? [
          new ObjectFollower<T>(
            this.#resources,
            store.kind.resource as typeof store.kind.resource & { objectType?: T },
            index,
          ),
        ]
      : [];
  }

  #countedIndex<T extends KubeObject>(place: string, edgesOf: (object: T) => Edges): ObjectIndex<T> {
    const known = new Map<string, Edges>();
    const keyOf = ({ metadata }: T) => `${place}/${metadata.namespace ?? ""}/${metadata.name}`;
    const forget = (key: string) => {
      const edges = known.get(key);
      if (!edges) return;
      known.delete(key);
      for (const target of edges.targets) this.#count(target, edges.node, -1);
    };
    return {
      clear: () => {
        for (const key of known.keys()) forget(key);
      },
      remove: (object) => forget(keyOf(object)),
      add: (object) => {
        const edges = edgesOf(object);
        if (edges.node === "") return;
        known.set(keyOf(object), edges);
        for (const target of edges.targets) this.#count(target, edges.node, 1);
      },
    };
  }

  #count(target: string, node: string, change: 1 | -1): void {
    const nodes = this.#hosts.get(target) ?? new Map<string, number>();
    const count = (nodes.get(node) ?? 0) + change;
    if (count > 0) nodes.set(node, count);
    else nodes.delete(node);
    if (nodes.size > 0) this.#hosts.set(target, nodes);
    else this.#hosts.delete(target);
  }

  #volumeIndex(): ObjectIndex<PersistentVolume> {
    const keyOf = ({ metadata }: PersistentVolume) => objectKey("persistentvolumes", "", metadata.name ?? "");
    return {
      clear: () => this.#claimOfVolume.clear(),
      remove: (volume) => this.#claimOfVolume.delete(keyOf(volume)),
      add: (volume) => {
        const { namespace = "", name } = volume.spec?.claimRef ?? {};
        if (name) this.#claimOfVolume.set(keyOf(volume), objectKey("persistentvolumeclaims", namespace, name));
      },
    };
  }
}

interface Edges {
  /** "": no host has to do with it. */
  readonly node: string;
  readonly targets: ReadonlySet<string>;
}

function podEdges(pod: Pod): Edges {
  const { name = "", namespace = "", annotations } = pod.metadata;
  const self = objectKey("pods", namespace, name);
  // A host makes mirror pods itself: what they name would be what it chooses.
  const isMirror = annotations?.[MIRROR_ANNOTATION] !== undefined;
  return { node: pod.spec?.nodeName ?? "", targets: isMirror ? new Set([self]) : podReferences(pod).add(self) };
}

function imageEdges({ metadata, spec }: Image): Edges {
  const secrets = (spec?.pullSecrets ?? []).map((name) => objectKey("secrets", metadata.namespace ?? "", name));
  return { node: spec?.hostName ?? "", targets: new Set(secrets) };
}

function attachmentEdges({ metadata, spec }: VolumeAttachment): Edges {
  return {
    node: spec?.nodeName ?? "",
    targets: new Set([objectKey("volumeattachments", "", metadata.name ?? "")]),
  };
}
