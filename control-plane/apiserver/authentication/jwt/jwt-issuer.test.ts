import assert from "node:assert/strict";
import { test } from "node:test";
import { authenticationConfiguration, type JwtIssuerConfiguration } from "@atoll/api/config/authentication";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { JwtIssuer } from "./jwt-issuer.ts";

const URL = "https://issuer.test";
const API = "https://api.test";

const configurationOf = (more: object = {}): JwtIssuerConfiguration => {
  const jwt = [
    {
      issuer: { url: URL, audiences: ["atoll"] },
      claimMappings: { username: { claim: "sub", prefix: "idp:" }, groups: { claim: "groups", prefix: "idp:" } },
      ...more,
    },
  ];
  const document = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthenticationConfiguration", jwt };
  const [first] = authenticationConfiguration.parse(document).jwt;
  assert.ok(first);
  return first;
};

const keyOf = async (kid: string) => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
};
type Key = Awaited<ReturnType<typeof keyOf>>;

class World {
  readonly clock = new VirtualClock();
  readonly published: Key[] = [];
  fetches = 0;
  readonly issuer: JwtIssuer;

  constructor(more: object = {}) {
    this.issuer = new JwtIssuer({
      configuration: configurationOf(more),
      apiAudience: API,
      clock: this.clock,
      log: silentLogger,
      fetchJson: async (url) => {
        this.fetches++;
        if (url.endsWith("/.well-known/openid-configuration")) return { issuer: URL, jwks_uri: `${URL}/keys` };
        return { keys: this.published.map(({ jwk }) => jwk) };
      },
    });
  }

  sign(key: Key, claims: JWTPayload = {}): Promise<string> {
    const now = Math.floor(this.clock.now() / 1000);
    const payload = { iss: URL, aud: "atoll", sub: "ann", exp: now + 3600, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: key.kid }).sign(key.privateKey);
  }

  async user(token: string) {
    return (await this.issuer.verify(token, [API]))?.user;
  }
}

test("a token of the issuer is a user with the groups its claims name", async () => {
  const world = new World();
  const key = await keyOf("a");
  world.published.push(key);
  assert.deepEqual(await world.user(await world.sign(key, { groups: ["g", "h"], jti: "7" })), {
    name: "idp:ann",
    groups: ["idp:g", "idp:h", "system:authenticated"],
    extra: { "authentication.kubernetes.io/credential-id": ["JTI=7"] },
  });
  assert.deepEqual((await world.user(await world.sign(key, { groups: "one" })))?.groups, [
    "idp:one",
    "system:authenticated",
  ]);
  assert.equal(world.fetches, 2, "keys are fetched once");
  assert.equal(await world.issuer.verify(await world.sign(key), ["elsewhere"]), undefined);
});

test("what is wrong with a token makes it nobody's", async () => {
  const world = new World({ claimValidationRules: [{ claim: "hd", requiredValue: "x" }] });
  const [key, stranger] = [await keyOf("a"), await keyOf("a")];
  world.published.push(key);
  const good = { hd: "x" };
  const now = Math.floor(world.clock.now() / 1000);
  assert.ok(await world.user(await world.sign(key, good)));
  const wrongs: readonly [string, Key, JWTPayload][] = [
    ["another key", stranger, good],
    ["another audience", key, { ...good, aud: "x" }],
    ["out of date", key, { ...good, exp: now - 1 }],
    ["not yet", key, { ...good, nbf: now + 60 }],
    ["a claim required", key, {}],
    ["no name", key, { ...good, sub: "" }],
    ["groups that are none", key, { ...good, groups: [7] }],
  ];
  for (const [what, signer, claims] of wrongs) {
    await assert.rejects(world.user(await world.sign(signer, claims)), { reason: "Unauthorized" }, what);
  }
  assert.equal(await world.user(await world.sign(key, { ...good, iss: "https://other.test" })), undefined);
  assert.equal(await world.user("no.token.atall"), undefined);
});

test("a new key is found, a withdrawn one forgotten, and nobody makes us ask all the time", async () => {
  const world = new World();
  const [first, second] = [await keyOf("a"), await keyOf("b")];
  world.published.push(first);
  assert.ok(await world.user(await world.sign(first)));
  world.published.splice(0, 1, second);
  await assert.rejects(world.user(await world.sign(second)));
  assert.equal(world.fetches, 2);
  await world.clock.advance(11_000);
  assert.ok(await world.user(await world.sign(second)));
  assert.equal(world.fetches, 4);
  world.published.pop();
  await world.clock.advance(11 * 60_000);
  await assert.rejects(world.user(await world.sign(second)));
});

test("an address that is not confirmed is nobody", async () => {
  const world = new World({ claimMappings: { username: { claim: "email", prefix: "" } } });
  const key = await keyOf("a");
  world.published.push(key);
  const email = "ann@example.org";
  assert.equal((await world.user(await world.sign(key, { email, email_verified: true })))?.name, email);
  await assert.rejects(world.user(await world.sign(key, { email, email_verified: false })));
});

test("expressions over the claims make a user, and say whom they let in", async () => {
  const world = new World({
    claimMappings: {
      username: { expression: 'claims.email_verified ? claims.email : ""' },
      groups: { expression: 'claims.roles.filter(r, r.startsWith("k8s-"))' },
      uid: { expression: "claims.sub" },
      extra: [
        { key: "example.org/tenant", valueExpression: "claims.org.name" },
        { key: "example.org/none", valueExpression: "[]" },
        { key: "example.org/dotted", valueExpression: 'claims.example__dot__org == 2.0 ? "two" : "other"' },
      ],
    },
    claimValidationRules: [{ expression: "claims.exp - claims.iat <= 86400", message: "a day at most" }],
    userValidationRules: [
      { expression: '!user.username.startsWith("system:")' },
      { expression: 'user.extra["example.org/tenant"].exists(t, t != "blocked")' },
    ],
  });
  const key = await keyOf("a");
  world.published.push(key);
  const iat = Math.floor(world.clock.now() / 1000);
  const good = {
    ...{ iat, email: "ann@example.org", email_verified: true, roles: ["k8s-admin", "other"] },
    ...{ org: { name: "acme" }, "example.org": 2 },
  };
  assert.deepEqual(await world.user(await world.sign(key, good)), {
    name: "ann@example.org",
    groups: ["k8s-admin", "system:authenticated"],
    uid: "ann",
    extra: { "example.org/tenant": ["acme"], "example.org/dotted": ["two"] },
  });
  const wrongs: readonly [string, JWTPayload][] = [
    ["an empty name", { ...good, email_verified: false }],
    ["a claim that is not there", { ...good, roles: undefined }],
    ["a list of something else", { ...good, roles: [7] }],
    ["no rule of claims", { ...good, iat: iat - 86_400 }],
    ["a user that may not be", { ...good, email: "system:admin" }],
    ["a rule of users", { ...good, org: { name: "blocked" } }],
  ];
  for (const [what, claims] of wrongs) {
    await assert.rejects(world.user(await world.sign(key, claims)), { reason: "Unauthorized" }, what);
  }
});

test("expressions that are not sound are refused with their places", () => {
  const issuerOf = (more: object) => () => new World(more);
  const username = { claim: "sub", prefix: "" };
  const wrongs: readonly [object, RegExp][] = [
    [
      { claimMappings: { username: { expression: "claims." } } },
      /^claimMappings\.username\.expression: compilation failed/,
    ],
    [
      { claimValidationRules: [{ expression: "claims.sub + 'a'" }] },
      /^claimValidationRules\[0\]\.expression: must evaluate to bool/,
    ],
    [
      { userValidationRules: [{ expression: "user.nobody == 'a'" }] },
      /^userValidationRules\[0\]\.expression: .*undefined field/s,
    ],
    [{ claimMappings: { username: { expression: "claims.email" } } }, /email_verified must be used/],
    [{ claimMappings: { username: { expression: "claims.?email.orValue('')" } } }, /email_verified must be used/],
    [{ claimMappings: { username, extra: [{ key: "a.b/c", valueExpression: "user" }] } }, /^claimMappings\.extra\[0\]/],
  ];
  for (const [more, expected] of wrongs) {
    assert.throws(issuerOf(more), (error: Error) => expected.test(error.message), JSON.stringify(more));
  }
  const emailWithRule = {
    claimMappings: { username: { expression: "claims.email" } },
    claimValidationRules: [{ expression: "claims.?email_verified.orValue(true) == true" }],
  };
  assert.doesNotThrow(issuerOf(emailWithRule));
});

test("a configuration without TLS, without a prefix, with two ways to a name or a rule said twice is refused", () => {
  const username = { claim: "sub", prefix: "" };
  const issuer = { url: URL, audiences: ["a"] };
  const rule = { claim: "hd", requiredValue: "x" };
  for (const wrong of [
    { issuer: { ...issuer, url: "http://issuer.test" } },
    { issuer: { ...issuer, audiences: [] } },
    { claimMappings: { username: { claim: "sub" } } },
    { claimMappings: { username: { expression: "claims.sub", claim: "sub" } } },
    { claimMappings: { username: { expression: "claims.sub", prefix: "a" } } },
    { claimMappings: { username: {} } },
    { claimMappings: { username, uid: { claim: "a", expression: "claims.a" } } },
    { claimMappings: { username, extra: [{ key: "plain", valueExpression: "'a'" }] } },
    { claimMappings: { username, extra: [{ key: "a.k8s.io/b", valueExpression: "'a'" }] } },
    { claimValidationRules: [rule, rule] },
    { claimValidationRules: [{ ...rule, message: "a" }] },
    { claimValidationRules: [{ expression: "true", requiredValue: "x" }] },
    { userValidationRules: [{ message: "a" }] },
  ]) {
    assert.throws(() => configurationOf(wrong), JSON.stringify(wrong));
  }
});
