// Claims and ingresses that name no class get the default one, if there is one.

import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import { namesStorageClass } from "@atoll/api/meta/volume-claims";
import { Ingress } from "@atoll/api/networking/ingress/kind";
import { IngressClass } from "@atoll/api/networking/ingress-class/kind";
import type { KubeObject } from "@atoll/api/resource";
import { isDefaultClass, StorageClass } from "@atoll/api/storage/storage-class/kind";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

const INGRESS_CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const INGRESS_DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class";

export function defaultStorageClass(resources: ResourceTable): AdmissionStep {
  const claims = resources.of(PersistentVolumeClaim);
  const classes = resources.of(StorageClass);
  return {
    name: "DefaultStorageClass",
    async mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind !== claims.kind || subresource !== "" || !object) return;
      const claim = object as PersistentVolumeClaim; // the kind is PersistentVolumeClaim
      if (namesStorageClass(claim)) return;
      const name = await newestDefault<StorageClass>(classes, isDefaultClass);
      if (name !== undefined) claim.spec.storageClassName = name;
    },
  };
}

export function defaultIngressClass(resources: ResourceTable): AdmissionStep {
  const ingresses = resources.of(Ingress);
  const classes = resources.of(IngressClass);
  return {
    name: "DefaultIngressClass",
    async mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind !== ingresses.kind || subresource !== "" || !object) return;
      const ingress = object as Ingress; // the kind is Ingress
      if (ingress.spec?.ingressClassName !== undefined) return;
      if (ingress.metadata.annotations?.[INGRESS_CLASS_ANNOTATION] !== undefined) return;
      const isDefault = ({ metadata }: IngressClass) => metadata.annotations?.[INGRESS_DEFAULT_ANNOTATION] === "true";
      const name = await newestDefault<IngressClass>(classes, isDefault);
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
    },
  };
}

/** The name of the default that was made last; of several of one second the first by name. */
async function newestDefault<T extends KubeObject>(
  classes: ResourceStore,
  isDefault: (candidate: T) => boolean,
): Promise<string | undefined> {
  // Claims and ingresses are made seldom enough to wait for a class that was made a moment ago.
  await classes.catchUp();
  const { items } = classes.rangeCached(classes.rangeOf(""), 0);
  const ageOrder = (a: T, b: T) =>
    (b.metadata.creationTimestamp ?? "").localeCompare(a.metadata.creationTimestamp ?? "") ||
    (a.metadata.name ?? "").localeCompare(b.metadata.name ?? "");
  return items
    .map(({ object }) => object as T) // the store holds this kind only
    .filter(isDefault)
    .toSorted(ageOrder)[0]?.metadata.name;
}
