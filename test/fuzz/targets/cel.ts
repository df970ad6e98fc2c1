// Expressions of CEL where users write them: in schemas of custom resources and in admission policies, and evaluated on objects
// that the policies and rules are about.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { below, oddText, skewed } from "../odd-values.ts";
import { type FuzzTarget, type InputContext, NAMESPACE, type TargetSetup } from "../target.ts";
import { customKind, definition, GROUP, LIMIT_MIN, servedStatus } from "./cel-definitions.ts";
import { bindingOf, policy, type PolicyKind, policySpec } from "./cel-policies.ts";

const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";
const POLICIES: Readonly<Record<PolicyKind, string>> = {
  ValidatingAdmissionPolicy: `${REGISTRATION}/validatingadmissionpolicies`,
  MutatingAdmissionPolicy: `${REGISTRATION}/mutatingadmissionpolicies`,
};
const POLICY_KINDS: readonly PolicyKind[] = ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"];
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const JSON_HEADERS = { "content-type": "application/json" };
const MERGE_HEADERS = { "content-type": "application/merge-patch+json" };
const ENTRIES_MAX = 2000;

/** Each connection has policies and a kind of its own, which mean its objects alone. */
const nameOf = (laneNumber: number) => `lane${laneNumber}`;
const labelsOf = (laneNumber: number, kind: PolicyKind) => ({ lane: nameOf(laneNumber), policy: kind });

export const cel: FuzzTarget = {
  name: "cel",
  what: "expressions in schemas and admission policies, and their evaluation",
  async open({ make, lanes }: TargetSetup) {
    for (let lane = 0; lane < lanes; lane++) {
      const name = nameOf(lane);
      for (const kind of POLICY_KINDS) {
        const spec = kind === "ValidatingAdmissionPolicy" ? SOUND_VALIDATION : SOUND_MUTATION;
        await make("POST", POLICIES[kind], policy(kind, name, labelsOf(lane, kind), spec));
        await make("POST", bindingsOf(kind), bindingOf(kind, name));
      }
      await make("POST", DEFINITIONS, customKind(name, { type: "object" }));
      await make("PATCH", `${DEFINITIONS}/${name}s.${GROUP}/status`, { status: servedStatus(name) });
    }
    return {
      send: sendExpression,
      async [Symbol.asyncDispose]() {
        for (const kind of POLICY_KINDS) {
          await make("DELETE", bindingsOf(kind));
          await make("DELETE", POLICIES[kind]);
        }
        await make("DELETE", DEFINITIONS);
      },
    };
  },
};

const SOUND_VALIDATION = { validations: [{ expression: "true" }] };
const SOUND_MUTATION = {
  reinvocationPolicy: "Never",
  mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[JSONPatch{op: 'test', path: '/none'}]" } }],
};

function bindingsOf(kind: PolicyKind): string {
  return POLICIES[kind].replace("policies", "policybindings");
}

async function sendExpression(context: InputContext): Promise<void> {
  const { random, call, index } = context;
  const draw = random.float();
  const kind = pick(random, POLICY_KINDS);
  if (draw < 0.55) await evaluatePolicy(context, kind);
  else if (draw < 0.7) await evaluateRules(context);
  else {
    const isPolicy = draw < 0.85;
    const object = isPolicy ? policy(kind, `c${index}`, {}, policySpec(random, kind)) : definition(random, `c${index}`);
    const target = `${isPolicy ? POLICIES[kind] : DEFINITIONS}?dryRun=All`;
    await call({ method: "POST", target, headers: JSON_HEADERS, body: JSON.stringify(object) });
  }
}

/** The policy of the connection says something else, and an object is held to it. */
async function evaluatePolicy({ random, call, laneNumber, index }: InputContext, kind: PolicyKind): Promise<void> {
  const body = JSON.stringify({ spec: policySpec(random, kind) });
  const target = `${POLICIES[kind]}/${nameOf(laneNumber)}`;
  const written = await call({ method: "PATCH", target, headers: MERGE_HEADERS, body });
  if (written.type !== "answer" || written.status !== 200) return;
  const object = {
    ...{ apiVersion: "v1", kind: "ConfigMap" },
    metadata: { name: `e${index}`, labels: labelsOf(laneNumber, kind) },
    data: entries(random),
  };
  await call({
    ...{ method: "POST", target: `${CONFIG_MAPS}?dryRun=All`, headers: JSON_HEADERS },
    body: JSON.stringify(object),
  });
}

/** The kind of the connection has other rules, and an object is held to them. */
async function evaluateRules({ random, call, laneNumber, index }: InputContext): Promise<void> {
  const name = nameOf(laneNumber);
  const { spec } = definition(random, name);
  const body = JSON.stringify({ spec });
  const target = `${DEFINITIONS}/${name}s.${GROUP}`;
  const written = await call({ method: "PATCH", target, headers: MERGE_HEADERS, body });
  if (written.type !== "answer" || written.status !== 200) return;
  // Rules are looked at only where the rest is sound.
  const texts = Object.values(entries(random)).map((text) => (chance(random, 0.9) ? text.slice(0, LIMIT_MIN) : text));
  const list = chance(random, 0.9) ? texts.slice(0, LIMIT_MIN) : texts;
  const map = Object.fromEntries(list.map((text, index) => [text, index]));
  const values = { text: list[0] ?? "", number: texts.length, list, map, deep: { deep: { text: "t" } } };
  const kind = `Lane${laneNumber}`;
  const object = { apiVersion: `${GROUP}/v1`, kind, metadata: { name: `e${index}` }, spec: values };
  await call({
    ...{ method: "POST", target: `/apis/${GROUP}/v1/namespaces/${NAMESPACE}/${name}s?dryRun=All` },
    ...{ headers: JSON_HEADERS, body: JSON.stringify(object) },
  });
}

function entries(random: Random): Record<string, string> {
  const count = chance(random, 0.8) ? below(random, 5) : skewed(random, ENTRIES_MAX);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`k${index}`, index % 7 ? "a".repeat(20) : oddText(random)]),
  );
}
