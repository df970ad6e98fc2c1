// POST pods/<name>/eviction: a deletion that asks first. There are no disruption budgets yet, so the answer is always yes.

import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { writeAdmission } from "../registry/admission-request.ts";
import { deleteObject } from "../registry/delete-object.ts";
import { deleteCall, readDeleteOptions } from "../registry/delete-options.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import { respondSuccess } from "./respond-value.ts";
import type { Subresource } from "./subresource.ts";

const EVICTION = { apiVersion: "policy/v1", kind: "Eviction", schema: "io.k8s.api.policy.v1.Eviction" };

export const podEviction: Subresource = {
  group: "",
  plural: "pods",
  name: "eviction",
  async respond({ environment, context, store, target }: ResourceCall) {
    if (context.info.verb !== "create") throw methodNotAllowed();
    const { query } = context.info;
    const write = readWriteOptions(context);
    const eviction = readObject(
      environment.model,
      EVICTION,
      await parseBody(context.request, environment.model, EVICTION),
      write,
    );
    const bodyKind = { group: "policy", version: "v1", kind: EVICTION.kind, schema: EVICTION.schema };
    await environment.admission.admit(writeAdmission(target, { object: eviction, bodyKind }, write));
    const wanted = "deleteOptions" in eviction ? eviction.deleteOptions : undefined;
    const body = wanted ? { value: wanted, duplicateFields: [] } : undefined;
    const options = readDeleteOptions(environment.model, query, body);
    const call = deleteCall(context, { ...options, dryRun: options.dryRun || write.dryRun });
    await deleteObject(environment, store, target, call);
    return respondSuccess({ environment, context });
  },
};
