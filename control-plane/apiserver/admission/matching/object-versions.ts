// A request's objects in the version that a webhook or a policy wants to see, each made when somebody asks and then kept.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import type { AdmissionRequest } from "../admission.ts";
import type { RequestMatch } from "./request-matcher.ts";

export interface VersionedObjects {
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** The object as another kind that shows the same stored objects. */
export type ConvertObject = (
  object: KubeObject,
  from: KindDefinition,
  to: KindDefinition,
) => Promise<KubeObject> | KubeObject;

export class ObjectVersions {
  readonly #request: AdmissionRequest;
  readonly #convert: ConvertObject;
  readonly #made = new Map<KindDefinition, Promise<VersionedObjects>>();

  constructor(request: AdmissionRequest, convert: ConvertObject) {
    this.#request = request;
    this.#convert = convert;
  }

  /** Shared: never change them, copy first. */
  of({ kind }: RequestMatch): Promise<VersionedObjects> | VersionedObjects {
    const { kind: requested, bodyKind } = this.#request;
    // A body of a kind of its own is the same, whichever version of its parent it was sent to.
    if (kind === requested || bodyKind !== undefined) return this.#request;
    let made = this.#made.get(kind);
    if (!made) {
      made = this.#make(kind);
      this.#made.set(kind, made);
    }
    return made;
  }

  async #make(kind: KindDefinition): Promise<VersionedObjects> {
    const { object, oldObject, kind: requested } = this.#request;
    const convert = (one: KubeObject | undefined) => one && this.#convert(one, requested, kind);
    return { object: await convert(object), oldObject: await convert(oldObject) };
  }
}

/** Through the stored version, as a read of another version would do it. For kinds that are converted without asking anybody. */
export function convertByStoredForm(object: KubeObject, from: KindDefinition, to: KindDefinition): KubeObject {
  const stored = from.storedAs ? from.storedAs.toStored(object) : object;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = to.storedAs ? to.storedAs.fromStored(stored) : stored;
  return { kind: to.resource.kind, apiVersion: apiVersionOf(to.resource), ...rest };
}
