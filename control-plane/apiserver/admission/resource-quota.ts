// Charges what is written to the quotas of its namespace, before it is written. The last of all steps: nothing that another
// step refuses is charged. What was charged and then not written after all is counted off by the quota controller, later.

import type { ResourceQuota } from "@atoll/api/core/resource-quota/kind";
import { ResourceQuota as ResourceQuotaResource } from "@atoll/api/core/resource-quota/kind";
import type { KindDefinition } from "@atoll/api/kind";
import type { Clock } from "@atoll/base/clock";
import { ChargedWrite } from "@atoll/machinery/quota/charge";
import type { QuotaEvaluator } from "@atoll/machinery/quota/evaluator";
import { evaluatorOf } from "@atoll/machinery/quota/evaluators";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";
import { QuotaCharger } from "./quota-charger.ts";

export function resourceQuota({
  resources,
  clock,
}: {
  readonly resources: ResourceTable;
  readonly clock: Clock;
}): AdmissionStep {
  const quotas = resources.of(ResourceQuotaResource);
  const charger = new QuotaCharger(quotas);
  const evaluators = new WeakMap<KindDefinition, { readonly evaluator: QuotaEvaluator | undefined }>();
  const evaluatorFor = (kind: KindDefinition) => {
    let known = evaluators.get(kind);
    if (!known) {
      known = { evaluator: evaluatorOf(kind.resource) };
      evaluators.set(kind, known);
    }
    return known.evaluator;
  };
  return {
    name: "ResourceQuota",
    validate(request) {
      const { operation, namespace, object, kind } = request;
      if (namespace === "" || !object || (operation !== "CREATE" && operation !== "UPDATE")) return;
      const evaluator = evaluatorFor(kind);
      if (!evaluator) return;
      const { subresource, oldObject } = request;
      const write = { operation, subresource, object, oldObject };
      if (!evaluator.concerns(write)) return;
      // Most namespaces have no quota, and most quotas do not limit most kinds: neither makes anybody wait.
      const { items } = quotas.rangeCached(quotas.rangeOf(namespace), 0);
      const isLimited = items.some(
        ({ object: quota }) => Object.keys((quota as ResourceQuota).status?.hard ?? {}).some(evaluator.counts), // the store holds ResourceQuotas only
      );
      if (isLimited) return charge(request, new ChargedWrite(evaluator, write, clock.now()), charger);
    },
  };
}

async function charge(request: AdmissionRequest, write: ChargedWrite, charger: QuotaCharger): Promise<void> {
  if (write.fault !== "") throw forbid(request, write.fault);
  const why = await charger.charge(request.namespace, write, { dryRun: request.dryRun });
  if (why !== undefined) throw forbid(request, why);
}
