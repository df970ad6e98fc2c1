// Says of definitions in Kubernetes' own groups whether Kubernetes has agreed to them.

import { type Approval, approvalOf } from "@atoll/api/apiextensions/custom-resource-definition/approval";
import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { writeCondition } from "./custom-resource-definition-status.ts";

const TYPE = "KubernetesAPIApprovalPolicyConformant";

const STATES: Readonly<Record<Approval["state"], { readonly status: string; readonly reason: string }>> = {
  approved: { status: "True", reason: "ApprovedAnnotation" },
  bypassed: { status: "False", reason: "UnapprovedAnnotation" },
  missing: { status: "False", reason: "MissingAnnotation" },
  invalid: { status: "False", reason: "InvalidAnnotation" },
};

export const customResourceDefinitionApproval: ControllerDefinition = defineController({
  name: "custom-resource-definition-approval",
  watches: [{ resource: CustomResourceDefinition }],
  owns: [`CustomResourceDefinition.status.conditions.${TYPE}`],
  async reconcile(key, context) {
    const definition = context.cache.of(CustomResourceDefinition).get(key);
    const approval = definition && approvalOf(definition.spec.group, definition.metadata.annotations);
    if (!approval) return undefined;
    const { state, message } = approval;
    await writeCondition(definition, { type: TYPE, ...STATES[state], message }, context);
    return undefined;
  },
});
