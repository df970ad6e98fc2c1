import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterRole as Role, RbacV1Subject, RoleBinding as Binding } from "@atoll/api/generated/types";
import { kinds } from "@atoll/api/kinds";
import { ClusterRole } from "@atoll/api/rbac/cluster-role/kind";
import { ClusterRoleBinding } from "@atoll/api/rbac/cluster-role-binding/kind";
import { type PolicyRule, RBAC_GROUP } from "@atoll/api/rbac/policy-rule";
import { Role as NamespacedRole } from "@atoll/api/rbac/role/kind";
import { RoleBinding } from "@atoll/api/rbac/role-binding/kind";
import fc from "fast-check";
import type { User } from "../../request/request.ts";
import { TestResources } from "../../test-resources.ts";
import type { Attributes } from "../authorizer.ts";
import { account, group, paths, rule, user } from "../bootstrap/notation.ts";
import { pathAttributes, resourceAttributes as on } from "../test-attributes.ts";
import { RoleAuthorizer } from "./role-authorizer.ts";
import { RoleIndex } from "./role-index.ts";

const RBAC_KINDS = kinds.filter(({ resource }) => resource.group === RBAC_GROUP);
const userOf = (name: string, ...groups: string[]): User => ({ name, groups });

const metadataOf = (name: string, namespace: string) => ({ name, ...(namespace === "" ? {} : { namespace }) });
const roleOf = (name: string, namespace: string, rules: PolicyRule[]): Role => ({
  metadata: metadataOf(name, namespace),
  rules,
});
const bindingOf = (
  name: string,
  namespace: string,
  { kind, role, subjects }: { kind: string; role: string; subjects: RbacV1Subject[] },
): Binding => ({
  metadata: metadataOf(name, namespace),
  roleRef: { apiGroup: RBAC_GROUP, kind, name: role },
  subjects,
});

const putRole = (resources: TestResources, role: Role) =>
  resources.put(role.metadata.namespace ? NamespacedRole : ClusterRole, role);
const putBinding = (resources: TestResources, binding: Binding) =>
  resources.put(binding.metadata.namespace ? RoleBinding : ClusterRoleBinding, binding);

test("a binding gives its subjects the role, in its namespace or everywhere, and the reason says through what", async () => {
  await using resources = await TestResources.start(RBAC_KINDS);
  const authorizer = new RoleAuthorizer(new RoleIndex(resources.table));
  await putRole(resources, roleOf("reader", "", [rule("get", "core", "pods"), paths("get", "/x")]));
  const bind = (name: string, namespace: string, subjects: RbacV1Subject[]) =>
    putBinding(resources, bindingOf(name, namespace, { kind: "ClusterRole", role: "reader", subjects }));
  await bind("all", "", [user("ann")]);
  await bind("some", "n", [group("team"), account("", "robot")]);
  const decide = async (who: User, attributes: Attributes) => (await authorizer.authorize(who, attributes)).type;
  const inN = on("get", "pods", { namespace: "n" });
  assert.equal(await decide(userOf("ann"), inN), "allow");
  assert.equal(await decide(userOf("ann"), on("get", "pods")), "allow");
  assert.equal(await decide(userOf("ann"), pathAttributes("get", "/x")), "allow");
  assert.equal(await decide(userOf("bob", "team"), inN), "allow");
  assert.equal(await decide(userOf("bob", "team"), on("get", "pods")), "no-opinion");
  assert.equal(await decide(userOf("bob", "team"), pathAttributes("get", "/x")), "no-opinion");
  assert.equal(await decide(userOf("system:serviceaccount:n:robot"), inN), "allow");
  assert.equal(await decide(userOf("system:serviceaccount:m:robot"), inN), "no-opinion");
  assert.deepEqual(await authorizer.authorize(userOf("bob", "team"), inN), {
    type: "allow",
    reason: 'RBAC: allowed by RoleBinding "some/n" of ClusterRole "reader" to Group "team"',
  });
  await resources.remove(RoleBinding, "n", "some");
  await resources.table.of(RoleBinding).catchUp();
  assert.equal(await decide(userOf("bob", "team"), inN), "no-opinion");
});

test("a role that is not there is named in the refusal", async () => {
  await using resources = await TestResources.start(RBAC_KINDS);
  const authorizer = new RoleAuthorizer(new RoleIndex(resources.table));
  await putBinding(resources, bindingOf("b", "n", { kind: "Role", role: "gone", subjects: [user("ann")] }));
  assert.deepEqual(await authorizer.authorize(userOf("ann"), on("get", "pods", { namespace: "n" })), {
    type: "no-opinion",
    reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found',
  });
});

const word = (...words: string[]) => fc.constantFrom(...words);
const words = (...of: string[]) => fc.subarray(of, { minLength: 1, maxLength: 2 });
const anyRule = fc.oneof(
  fc.record({
    verbs: words("get", "list", "*"),
    apiGroups: words("", "apps", "*"),
    resources: words("pods", "pods/log", "*/log", "*"),
    resourceNames: fc.subarray(["a", "b"]),
  }),
  fc.record({ verbs: words("get", "*"), nonResourceURLs: words("/a", "/a/*", "*") }),
);
const anySubject = fc.oneof(
  word("ann", "bob").map(user),
  word("team", "crew").map(group),
  fc.tuple(word("n", "m", ""), word("robot")).map(([namespace, name]) => account(namespace, name)),
);
const anyStep = fc.oneof(
  fc.record({
    type: fc.constant("role"),
    name: word("r", "s"),
    namespace: word("", "n"),
    rules: fc.array(anyRule, { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant("binding"),
    name: word("b", "c", "d"),
    namespace: word("", "n", "m"),
    kind: word("ClusterRole", "Role"),
    role: word("r", "s"),
    subjects: fc.array(anySubject, { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant("remove"),
    of: fc.constantFrom(ClusterRole, ClusterRoleBinding),
    name: word("r", "b"),
  }),
);
const anyUser = fc.record({
  name: word("ann", "bob", "system:serviceaccount:n:robot"),
  groups: fc.subarray(["team", "crew"]),
});
const anyQuestion = fc.oneof(
  fc
    .record({
      verb: word("get", "list"),
      resource: word("pods", "pods/log", "x/log"),
      group: word("", "apps"),
      namespace: word("", "n", "m"),
      name: word("", "a", "b"),
    })
    .map(({ verb, resource, ...rest }) => on(verb, resource, rest)),
  fc.tuple(word("get", "put"), word("/a", "/a/b", "/c")).map(([verb, path]) => pathAttributes(verb, path)),
);

interface World {
  readonly roles: Map<string, Role>;
  readonly bindings: Map<string, Binding>;
}

test("any history of roles and bindings gives the answers of reading them all", async () => {
  const history = fc.array(anyStep, { maxLength: 12 });
  const questions = fc.array(fc.tuple(anyUser, anyQuestion), { minLength: 10, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(history, questions, async (steps, asked) => {
      await using resources = await TestResources.start(RBAC_KINDS);
      const authorizer = new RoleAuthorizer(new RoleIndex(resources.table));
      const world: World = { roles: new Map(), bindings: new Map() };
      for (const [index, step] of steps.entries()) {
        await carryOut(step, resources, world);
        // Asked in the middle, the index follows; asked at the end only, it reads all.
        if (index % 3 === 1) await authorizer.authorize(userOf("ann"), on("get", "pods"));
      }
      for (const store of resources.table.all()) await store.catchUp();
      for (const [who, question] of asked) {
        const isAllowed = (await authorizer.authorize(who, question)).type === "allow";
        assert.equal(isAllowed, naivelyAllowed(world, who, question));
      }
    }),
    { numRuns: 60 },
  );
});

async function carryOut(
  step: typeof anyStep extends fc.Arbitrary<infer Step> ? Step : never,
  resources: TestResources,
  world: World,
) {
  if ("rules" in step) {
    const role = roleOf(step.name, step.namespace, step.rules as PolicyRule[]);
    world.roles.set(`${step.namespace}/${step.name}`, role);
    await putRole(resources, role);
  } else if ("subjects" in step) {
    const { name, namespace } = step;
    const binding = bindingOf(name, namespace, { ...step, kind: namespace === "" ? "ClusterRole" : step.kind });
    world.bindings.set(`${namespace}/${name}`, binding);
    await putBinding(resources, binding);
  } else {
    (step.of === ClusterRole ? world.roles : world.bindings).delete(`/${step.name}`);
    await resources.remove(step.of, "", step.name);
  }
}

function naivelyAllowed({ roles, bindings }: World, who: User, question: Attributes): boolean {
  return [...bindings.values()].some(({ metadata, roleRef, subjects = [] }) => {
    const home = metadata.namespace ?? "";
    if (home !== "" && (!question.isResourceRequest || home !== question.namespace)) return false;
    if (!subjects.some((subject) => isMeant(subject, who, home))) return false;
    const role = roles.get(`${roleRef.kind === "Role" ? home : ""}/${roleRef.name}`);
    return (role?.rules ?? []).some((each) => naivelyMatches(each, question));
  });
}

function isMeant({ kind, name, namespace }: RbacV1Subject, who: User, home: string): boolean {
  if (kind === "User") return who.name === name;
  if (kind === "Group") return who.groups.includes(name);
  return who.name === `system:serviceaccount:${namespace || home}:${name}`;
}

function naivelyMatches(
  each: PolicyRule,
  { isResourceRequest, verb, path, group: asked, resource, subresource, name }: Attributes,
) {
  const has = (list: readonly string[] | undefined, item: string) =>
    list?.includes("*") || list?.includes(item) || false;
  if (!has(each.verbs, verb)) return false;
  if (!isResourceRequest) {
    return (each.nonResourceURLs ?? []).some((url) =>
      url.endsWith("*") ? path.startsWith(url.slice(0, -1)) : url === path,
    );
  }
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  const isNamed = (each.resourceNames ?? []).length === 0 || (each.resourceNames ?? []).includes(name);
  const isResource = has(each.resources, whole) || (subresource !== "" && each.resources?.includes(`*/${subresource}`));
  return has(each.apiGroups, asked) && isNamed && Boolean(isResource);
}
