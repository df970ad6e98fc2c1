// A scale is admitted as the Scale that is sent; the object behind it is written as the server's own consequence of it.

import type { KubeObject } from "@atoll/api/resource";
import { AdmissionChain } from "../admission/admission.ts";
import { writeAdmission } from "../registry/admission-request.ts";
import type { RegistryEnvironment } from "../registry/environment.ts";
import type { Target, WriteOptions } from "../registry/write-options.ts";

const SCALE = { group: "autoscaling", version: "v1", kind: "Scale", schema: "io.k8s.api.autoscaling.v1.Scale" };

const NOBODY = new AdmissionChain([]);

/** `target` is that of the subresource; the scale may be changed in place. */
export function admitScale(
  { admission }: RegistryEnvironment,
  target: Target,
  { scale, old }: { readonly scale: KubeObject; readonly old: KubeObject },
  options: WriteOptions,
): Promise<void> {
  return admission.admit(writeAdmission(target, { object: scale, oldObject: old, bodyKind: SCALE }, options));
}

/** For the write of the object that was scaled. */
export function withoutAdmission(environment: RegistryEnvironment): RegistryEnvironment {
  return { ...environment, admission: NOBODY };
}
