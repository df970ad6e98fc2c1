import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { imageName, parseImageReference } from "./reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

const names: readonly (readonly [text: string, name: string])[] = [
  ["nginx", "docker.io/library/nginx:latest"],
  ["nginx:1.27", "docker.io/library/nginx:1.27"],
  ["team/app", "docker.io/team/app:latest"],
  ["docker.io/nginx", "docker.io/library/nginx:latest"],
  ["index.docker.io/library/nginx:x", "docker.io/library/nginx:x"],
  ["localhost/app", "localhost/app:latest"],
  ["localhost:5000/app:v1", "localhost:5000/app:v1"],
  ["127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest"],
  ["[::1]:5000/app", "[::1]:5000/app:latest"],
  ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"],
  [`registry.k8s.io/pause@${DIGEST}`, `registry.k8s.io/pause@${DIGEST}`],
  [`app:v1@${DIGEST}`, `docker.io/library/app@${DIGEST}`],
];

test("gives every way to write a reference its full form", () => {
  for (const [text, name] of names) {
    const reference = parseImageReference(text);
    assert.equal("error" in reference ? reference.error : reference.name, name);
  }
});

test("puts another default registry before names that have none, without Docker Hub's library", () => {
  const reference = parseImageReference("nginx", { defaultRegistry: "registry.example.com:5000" });
  assert.equal("name" in reference && reference.name, "registry.example.com:5000/nginx:latest");
});

test("refuses what is no reference and says why", () => {
  const wrong = [
    ["", /empty/],
    ["Nginx", /lowercase/],
    ["nginx:", /invalid tag/],
    ["nginx:a:b", /invalid tag/],
    ["a@b@c", /more than one/],
    ["nginx@sha256:abc", /invalid digest/],
    ["a//b", /invalid repository/],
    ["-a/b", /invalid repository/],
    ["nginx latest", /invalid repository/],
    ["host.:x/y", /invalid registry/],
    [`r.io/${"a".repeat(300)}`, /not be more than 255/],
  ] as const;
  for (const [text, why] of wrong) {
    const result = parseImageReference(text);
    assert.match("error" in result ? result.error : "", why, text);
  }
});

test("reads its own full form as itself, and never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9./:@_-]{1,60}$/)), (text) => {
      const reference = parseImageReference(text);
      if ("error" in reference) return;
      const again = parseImageReference(reference.name);
      assert.equal("error" in again ? again.error : again.name, reference.name);
      assert.match(imageName(reference.name), /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }),
  );
});

test("names Images readably, with a known hash that differs by reference", () => {
  assert.match(imageName("docker.io/library/nginx:1.27"), /^nginx-1-27-[0-9a-f]{16}$/);
  assert.notEqual(imageName("docker.io/library/nginx:1.27"), imageName("docker.io/other/nginx:1.27"));
  assert.match(imageName(""), /^image-cbf29ce484222325$/);
});
