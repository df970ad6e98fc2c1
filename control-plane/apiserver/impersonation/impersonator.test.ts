import assert from "node:assert/strict";
import { test } from "node:test";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { Attributes } from "../authorization/authorizer.ts";
import type { User } from "../request/request.ts";
import { Impersonator } from "./impersonator.ts";
import type { WantedUser } from "./wanted-user.ts";

const listPods: Attributes = {
  ...{ isResourceRequest: true, verb: "list", path: "/api/v1/namespaces/n/pods", group: "", version: "v1" },
  ...{ namespace: "n", resource: "pods", name: "", subresource: "" },
};
const ann: User = { name: "ann", groups: [] };

const wantedOf = (name: string, more: Partial<WantedUser> = {}): WantedUser => ({
  ...{ name, uid: "", groups: [], extra: new Map() },
  ...more,
});

/** "verb resource[/subresource] name". */
const describe = ({ verb, resource, subresource, name }: Attributes) =>
  `${verb} ${resource}${subresource === "" ? "" : `/${subresource}`} ${name}`.trim();

/** Allows what is listed, and writes down all that it is asked for. */
function worldWith(...allowed: string[]) {
  const asked: string[] = [];
  const users: User[] = [];
  const impersonator = new Impersonator({
    authorize(user, attributes) {
      users.push(user);
      asked.push(describe(attributes));
      return { type: allowed.includes(describe(attributes)) ? "allow" : "no-opinion" };
    },
  });
  return { impersonator, asked, users };
}

test("a constrained right is one to be the user and one to do this as him", async () => {
  const { impersonator, asked } = worldWith("impersonate-on:user-info:list pods", "impersonate:user-info users x");
  const { user, constraint } = await impersonator.become(wantedOf("x"), ann, listPods);
  assert.deepEqual(user, { name: "x", groups: ["system:authenticated"] });
  assert.equal(constraint, "impersonate:user-info");
  assert.deepEqual(asked, ["impersonate-on:user-info:list pods", "impersonate:user-info users x"]);
  const getPods = { ...listPods, verb: "get" };
  await assert.rejects(impersonator.become(wantedOf("x"), ann, getPods), (error) => hasReason(error, "Forbidden"));
});

test("the legacy right is for everything, and is tried first once it was used", async () => {
  const { impersonator, asked } = worldWith("impersonate users x");
  const { constraint } = await impersonator.become(wantedOf("x"), ann, listPods);
  assert.equal(constraint, undefined);
  assert.deepEqual(asked, ["impersonate-on:user-info:list pods", "impersonate users x"]);
  asked.length = 0;
  await impersonator.become(wantedOf("x"), ann, listPods);
  assert.deepEqual(asked, ["impersonate users x"]);
});

test("nodes and accounts have modes of their own, with their groups and nothing else", async () => {
  const onNode = { "authentication.kubernetes.io/node-name": ["n1"] };
  const agent: User = { name: "system:serviceaccount:n:agent", groups: [], extra: onNode };
  const associated = worldWith("impersonate-on:associated-node:list pods", "impersonate:associated-node nodes *");
  const { user } = await associated.impersonator.become(wantedOf("system:node:n1"), agent, listPods);
  assert.deepEqual(user, { name: "system:node:n1", groups: ["system:nodes", "system:authenticated"] });
  const keys = { "authentication.kubernetes.io/associated-node-keys": Object.keys(onNode) };
  assert.deepEqual(associated.users[0]?.extra, keys);
  await assert.rejects(associated.impersonator.become(wantedOf("system:node:n2"), agent, listPods));

  const arbitrary = worldWith("impersonate-on:arbitrary-node:list pods", "impersonate:arbitrary-node nodes n2");
  assert.equal(
    (await arbitrary.impersonator.become(wantedOf("system:node:n2"), ann, listPods)).constraint,
    "impersonate:arbitrary-node",
  );

  const account = wantedOf("system:serviceaccount:n:s");
  const accounts = worldWith("impersonate-on:serviceaccount:list pods", "impersonate:serviceaccount serviceaccounts s");
  const { user: asAccount } = await accounts.impersonator.become(account, ann, listPods);
  assert.deepEqual(asAccount.groups, ["system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated"]);
  await assert.rejects(accounts.impersonator.become({ ...account, groups: ["g"] }, ann, listPods));
});

test("every part takes a right, many of a sort one for all, and some are never allowed", async () => {
  const base = ["impersonate-on:user-info:list pods", "impersonate:user-info users x"];
  const extra = new Map([["a.b/c", ["1"]]]);
  const parts = [...base, "impersonate:user-info uids 7", "impersonate:user-info groups g"];
  const all = worldWith(...parts, "impersonate:user-info userextras/a.b/c 1");
  const wanted = wantedOf("x", { uid: "7", groups: ["g"], extra });
  const { user } = await all.impersonator.become(wanted, ann, listPods);
  assert.deepEqual(
    [user.uid, user.groups, { ...user.extra }],
    ["7", ["g", "system:authenticated"], { "a.b/c": ["1"] }],
  );
  await assert.rejects(worldWith(...parts).impersonator.become(wanted, ann, listPods));

  const many = wantedOf("x", { groups: ["a", "b", "c", "d"] });
  await worldWith(...base, "impersonate:user-info groups *").impersonator.become(many, ann, listPods);

  const rights = [...base, "impersonate:user-info groups *", "impersonate:user-info groups system:masters"];
  for (const [never, reason] of [
    [{ groups: ["system:masters"] }, /system:masters group is not allowed/],
    [{ groups: [""] }, /empty string group/],
    [{ extra: new Map([["scopes", ["1"]]]) }, /invalid key in extra/],
    [{ extra: new Map([["a.b/C", ["1"]]]) }, /non-lowercase key/],
    [{ extra: new Map([["a.b/c", [""]]]) }, /empty string value/],
  ] as const) {
    const refused = worldWith(...rights).impersonator.become(wantedOf("x", never), ann, listPods);
    await assert.rejects(refused, reason);
  }
});
