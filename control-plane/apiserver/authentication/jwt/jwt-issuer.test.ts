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

test("a configuration with an expression, without TLS or without a prefix is refused", () => {
  const username = { claim: "sub", prefix: "" };
  const issuer = { url: URL, audiences: ["a"] };
  for (const wrong of [
    { issuer: { ...issuer, url: "http://issuer.test" } },
    { issuer: { ...issuer, audiences: [] } },
    { claimMappings: { username: { claim: "sub" } } },
    { claimMappings: { username: { expression: "claims.sub" } } },
    { claimMappings: { username }, userValidationRules: [] },
  ]) {
    assert.throws(() => configurationOf(wrong));
  }
});
