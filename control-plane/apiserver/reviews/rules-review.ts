// "What may I do here?": all rules at once, for user interfaces and `kubectl auth can-i --list`.

import { ApiError } from "@atoll/machinery/object/api-error";
import { nodeNameOf } from "../authorization/nodes/node-identity.ts";
import { joinProblems } from "../authorization/roles/role-authorizer.ts";
import { defineReview, specOf } from "./review.ts";

/** Upstream's words: what a host may do depends on the objects. */
const NODE_PROBLEM = "node authorizer does not support user rule resolution";

export const selfSubjectRulesReview = defineReview(
  { group: "authorization.k8s.io", kind: "SelfSubjectRulesReview", scope: "Cluster" },
  async (body, { user }, { roles }) => {
    const { namespace = "" } = specOf<{ namespace?: string }>(body);
    if (namespace === "") throw new ApiError("BadRequest", "no namespace on request");
    const { rules, problems } = await roles.rulesFor(user, namespace);
    const all = nodeNameOf(user) === undefined ? problems : [NODE_PROBLEM, ...problems];
    const status = {
      resourceRules: rules
        .filter(({ resources }) => resources?.length)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          apiGroups: apiGroups ?? [],
          resources,
          ...(resourceNames?.length ? { resourceNames } : {}),
        })),
      nonResourceRules: rules
        .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: all.length > 0,
      ...(all.length > 0 ? { evaluationError: joinProblems(all) } : {}),
    };
    return { status };
  },
);
