// A claim may only grow once it has its volume, and only where its class says that its volumes can.

import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "@atoll/api/meta/quantity";
import { storageClassOf } from "@atoll/api/meta/volume-claims";
import { StorageClass } from "@atoll/api/storage/storage-class/kind";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

export function claimResize(resources: ResourceTable): AdmissionStep {
  const claims = resources.of(PersistentVolumeClaim);
  const classes = resources.of(StorageClass);
  return {
    name: "PersistentVolumeClaimResize",
    validate(request) {
      const { operation, kind, subresource } = request;
      if (operation !== "UPDATE" || kind !== claims.kind || subresource !== "") return;
      const claim = request.object as PersistentVolumeClaim; // the kind is PersistentVolumeClaim
      const old = request.oldObject as PersistentVolumeClaim; // likewise
      if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return;
      if (old.status?.phase !== "Bound") {
        throw forbid(request, "Only bound persistent volume claims can be expanded");
      }
      if (!mayGrow(claim, old, classes)) {
        throw forbid(
          request,
          "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
        );
      }
    },
  };
}

function sizeOf({ spec }: PersistentVolumeClaim) {
  return parseQuantity(spec.resources?.requests?.storage ?? 0) ?? ZERO_QUANTITY;
}

function mayGrow(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, classes: ResourceStore): boolean {
  const name = storageClassOf(claim);
  if (name === "" || name !== storageClassOf(old)) return false;
  const found = classes.peek(classes.keyOf("", name))?.object as StorageClass | undefined; // the store holds StorageClasses only
  return found?.allowVolumeExpansion === true;
}
