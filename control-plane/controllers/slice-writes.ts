// What the two makers of EndpointSlices share: how slices are found by the service they belong to, and how changes are written.

import { EndpointSlice } from "@atoll/api/discovery/endpoint-slice/kind";
import { nameOf, type ObjectName } from "@atoll/machinery/client/client";
import type { CacheReader, ReconcileContext } from "@atoll/machinery/controller/controller";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import type { SliceChanges } from "./slice-packing.ts";

export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
export const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";

/** A name that a generated suffix still fits behind. */
const PREFIX_CHARACTERS_MAX = 252;

const slicesByMaker: CacheIndex<EndpointSlice> = {
  name: "slices by service and maker",
  valuesOf: ({ metadata }) => {
    const service = metadata.labels?.[SERVICE_NAME_LABEL];
    return service ? [indexValue({ name: service, namespace: metadata.namespace }, makerOf(metadata))] : [];
  },
};

function makerOf({ labels }: EndpointSlice["metadata"]): string {
  return labels?.[MANAGED_BY_LABEL] ?? "";
}

function indexValue({ namespace = "", name }: ObjectName, maker: string): string {
  return `${namespace}/${name}/${maker}`;
}

/** Those that are not on their way out, the oldest first. */
export function slicesOf(service: ObjectName, maker: string, cache: CacheReader): EndpointSlice[] {
  return cache
    .of(EndpointSlice)
    .indexed(slicesByMaker, indexValue(service, maker))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((left, right) => ageOf(left).localeCompare(ageOf(right)));
}

function ageOf({ metadata }: EndpointSlice): string {
  return `${metadata.creationTimestamp ?? ""} ${metadata.name ?? ""}`;
}

/** The service that a slice of this maker belongs to. */
export function serviceOfSlice(maker: string) {
  return ({ metadata }: EndpointSlice): readonly ObjectName[] => {
    const name = metadata.labels?.[SERVICE_NAME_LABEL];
    return name && makerOf(metadata) === maker ? [{ name, namespace: metadata.namespace }] : [];
  };
}

export function namePrefixOf(service: string): string {
  return service.length < PREFIX_CHARACTERS_MAX ? `${service}-` : service;
}

export interface WriteOptions {
  /** False: what is missing stays so, for its owner is on its way out. */
  readonly mayCreate: boolean;
}

export async function writeSlices(
  { create, update, delete: gone }: SliceChanges,
  { mayCreate }: WriteOptions,
  { client, signal }: Pick<ReconcileContext, "client" | "signal">,
): Promise<void> {
  try {
    if (mayCreate) for (const slice of create) await client.create(EndpointSlice, slice, { signal });
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error;
    return;
  }
  for (const slice of update) await client.update(EndpointSlice, slice, { signal });
  for (const slice of gone) {
    try {
      const uid = slice.metadata.uid ?? "";
      await client.delete(EndpointSlice, nameOf(slice), { preconditions: { uid }, signal });
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  }
}
