import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryBody } from "../request/memory-body.ts";
import { type AnonymousAccess, anonymousUsers } from "./configured-authentication.ts";

async function isAnonymous(anonymous: AnonymousAccess | undefined, target: string): Promise<boolean> {
  const { signal } = new AbortController();
  const request = { method: "GET", target, headers: {}, body: memoryBody(undefined), signal };
  const ask = anonymousUsers({ verifiers: [], anonymous });
  return (await ask({ ...request, wantsUpgrade: false, transportUser: undefined }))?.name === "system:anonymous";
}

test("who shows nothing is anonymous where the configuration lets him", async () => {
  const health = { enabled: true, conditions: [{ path: "/livez" }, { path: "/readyz" }] };
  assert.equal(await isAnonymous(undefined, "/api"), true);
  assert.equal(await isAnonymous({ enabled: true, conditions: [] }, "/api"), true);
  assert.equal(await isAnonymous({ enabled: false, conditions: [] }, "/livez"), false);
  assert.equal(await isAnonymous(health, "/livez?verbose"), true);
  assert.equal(await isAnonymous(health, "/livez/"), false);
  assert.equal(await isAnonymous(health, "/api"), false);
});
