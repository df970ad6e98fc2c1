// The priority levels and flow schemas that are there from the beginning. The mandatory ones cannot be changed; the suggested
// ones are kept as they are here while they carry the annotation that says so.

import type {
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
  Subject,
} from "../generated/types.ts";

/** "true": the server keeps the spec as its own version has it; "false": it belongs to whoever set it. */
export const AUTOUPDATE_ANNOTATION = "apf.kubernetes.io/autoupdate-spec";

export const EXEMPT = "exempt";
export const CATCH_ALL = "catch-all";

export interface PriorityLevelSeed {
  readonly name: string;
  readonly spec: PriorityLevelConfigurationSpec;
}

export interface FlowSchemaSeed {
  readonly name: string;
  readonly spec: FlowSchemaSpec;
}

function level(
  name: string,
  shares: number,
  more: { readonly lendable: number; readonly queues: number; readonly hand: number },
): PriorityLevelSeed {
  const queuing = { queues: more.queues, handSize: more.hand, queueLengthLimit: 50 };
  return {
    name,
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: shares,
        lendablePercent: more.lendable,
        limitResponse: { type: "Queue", queuing },
      },
    },
  };
}

export const mandatoryPriorityLevels: readonly PriorityLevelSeed[] = [
  { name: EXEMPT, spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } } },
  {
    name: CATCH_ALL,
    spec: {
      type: "Limited",
      limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } },
    },
  },
];

export const suggestedPriorityLevels: readonly PriorityLevelSeed[] = [
  level("system", 30, { lendable: 33, queues: 64, hand: 6 }),
  level("node-high", 40, { lendable: 25, queues: 64, hand: 6 }),
  level("leader-election", 10, { lendable: 0, queues: 16, hand: 4 }),
  level("workload-high", 40, { lendable: 50, queues: 128, hand: 6 }),
  level("workload-low", 100, { lendable: 90, queues: 128, hand: 6 }),
  level("global-default", 20, { lendable: 50, queues: 128, hand: 6 }),
];

const EVERY_RESOURCE: ResourcePolicyRule = {
  verbs: ["*"],
  apiGroups: ["*"],
  resources: ["*"],
  clusterScope: true,
  namespaces: ["*"],
};
const LEASES: ResourcePolicyRule = {
  verbs: ["*"],
  apiGroups: ["coordination.k8s.io"],
  resources: ["leases"],
  namespaces: ["*"],
};
const NODES: ResourcePolicyRule = { ...EVERY_RESOURCE, apiGroups: [""], resources: ["nodes", "nodes/status"] };
const EVERYTHING = {
  resourceRules: [EVERY_RESOURCE],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
};

const user = (name: string): Subject => ({ kind: "User", user: { name } });
const group = (name: string): Subject => ({ kind: "Group", group: { name } });
const SYSTEM_ACCOUNTS: Subject = {
  kind: "ServiceAccount",
  serviceAccount: { namespace: "kube-system", name: "*" },
};
const EVERYBODY: readonly Subject[] = [group("system:unauthenticated"), group("system:authenticated")];

function schema(
  name: string,
  levelName: string,
  precedence: number,
  rule: {
    readonly by?: "ByUser" | "ByNamespace";
    readonly subjects: readonly Subject[];
    readonly of?: Omit<PolicyRulesWithSubjects, "subjects">;
  },
): FlowSchemaSeed {
  const { by, subjects, of = EVERYTHING } = rule;
  return {
    name,
    spec: {
      priorityLevelConfiguration: { name: levelName },
      matchingPrecedence: precedence,
      ...(by ? { distinguisherMethod: { type: by } } : {}),
      rules: [{ subjects: [...subjects], ...of }],
    },
  };
}

export const mandatoryFlowSchemas: readonly FlowSchemaSeed[] = [
  schema(EXEMPT, EXEMPT, 1, { subjects: [group("system:masters")] }),
  schema(CATCH_ALL, CATCH_ALL, 10_000, { by: "ByUser", subjects: EVERYBODY }),
];

export const suggestedFlowSchemas: readonly FlowSchemaSeed[] = [
  schema("probes", EXEMPT, 2, {
    subjects: EVERYBODY,
    of: { nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }] },
  }),
  schema("system-leader-election", "leader-election", 100, {
    by: "ByUser",
    subjects: [user("system:kube-controller-manager"), user("system:kube-scheduler"), SYSTEM_ACCOUNTS],
    of: { resourceRules: [{ ...LEASES, verbs: ["get", "create", "update"] }] },
  }),
  schema("system-node-high", "node-high", 400, {
    by: "ByUser",
    subjects: [group("system:nodes")],
    of: { resourceRules: [NODES, LEASES] },
  }),
  schema("system-nodes", "system", 500, { by: "ByUser", subjects: [group("system:nodes")] }),
  schema("kube-controller-manager", "workload-high", 800, {
    by: "ByNamespace",
    subjects: [user("system:kube-controller-manager")],
  }),
  schema("kube-scheduler", "workload-high", 800, { by: "ByNamespace", subjects: [user("system:kube-scheduler")] }),
  schema("kube-system-service-accounts", "workload-high", 900, { by: "ByNamespace", subjects: [SYSTEM_ACCOUNTS] }),
  schema("service-accounts", "workload-low", 9000, { by: "ByUser", subjects: [group("system:serviceaccounts")] }),
  schema("global-default", "global-default", 9900, { by: "ByUser", subjects: EVERYBODY }),
];
