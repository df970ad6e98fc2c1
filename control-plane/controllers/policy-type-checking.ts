// Says of a ValidatingAdmissionPolicy which of its expressions do not fit the kinds it is about. A hint only: the policy is
// held to either way, and what it names may come later.

import { ValidatingAdmissionPolicy } from "@atoll/api/admission-registration/validating-admission-policy/kind";
import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import type { ExpressionWarning } from "@atoll/api/generated/types";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { typeWarnings } from "./policy-expression-types.ts";

export const policyTypeChecking: ControllerDefinition = defineController({
  name: "policy-type-checking",
  watches: [
    { resource: ValidatingAdmissionPolicy },
    // Only read: a policy is looked at once for each of its generations.
    { resource: CustomResourceDefinition, keysOf: () => [] },
  ],
  owns: ["ValidatingAdmissionPolicy.status"],
  async reconcile(key, { client, cache, signal }) {
    const policy = cache.of(ValidatingAdmissionPolicy).get(key);
    if (!policy) return;
    const { generation = 0 } = policy.metadata;
    if (generation <= (policy.status?.observedGeneration ?? 0)) return;
    const expressionWarnings: ExpressionWarning[] = typeWarnings(policy, cache.of(CustomResourceDefinition).list());
    const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
    const status = { ...policy.status, observedGeneration: generation, typeChecking };
    await client.update(ValidatingAdmissionPolicy, { ...policy, status }, { subresource: "status", signal });
  },
});
