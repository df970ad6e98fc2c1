import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { kinds } from "@atoll/api/kinds";
import { doAtOnce } from "@atoll/base/steps";
import { OpenApiDocuments } from "./openapi-documents.ts";

const documents = new OpenApiDocuments(schemaModel, kinds);

function parse(document: { readonly body: string } | undefined): Record<string, unknown> {
  assert.ok(document);
  const value: unknown = JSON.parse(document.body);
  assert.ok(typeof value === "object" && value !== null);
  return { ...value };
}

/** The value at a path of keys. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    assert.ok(typeof inner === "object" && inner !== null && key in inner, `"${key}" of ${keys.join(" > ")}`);
    return (inner as Record<string, unknown>)[key]; // has the key, as asserted
  }, value);
}

function referencesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : referencesOf(inner),
  );
}

test("the index names every group version with the hash of its document", () => {
  const paths = at(parse(doAtOnce(documents.index())), "paths");
  assert.ok(typeof paths === "object" && paths !== null);
  const versions = kinds.map(({ resource: { group, version } }) =>
    group === "" ? `api/${version}` : `apis/${group}/${version}`,
  );
  const groups = kinds.map(({ resource }) => resource.group).filter((group) => group !== "");
  const plain = [".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version"];
  const expected = new Set([...versions, ...groups.map((group) => `apis/${group}`), ...plain]);
  assert.deepEqual(Object.keys(paths).sort(), [...expected].sort());
  for (const path of Object.keys(paths)) {
    const url = `/openapi/v3/${path}?hash=${documents.groupVersion(path)?.hash}`;
    assert.equal(at(paths, path, "serverRelativeURL"), url);
  }
  assert.equal(documents.groupVersion("apis/none/v1"), undefined);
  assert.equal(documents.groupVersion("apis/none"), undefined);
  const group = parse(documents.groupVersion("apis/apps"));
  const answer = at(group, "paths", "/apis/apps/", "get", "responses", "200", "content", "application/json", "schema");
  assert.deepEqual(answer, { $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup" });
});

test("every reference leads to a definition in the same document, and everything is made once", () => {
  for (const path of ["api/v1", "apis/apps/v1", "apis/coordination.k8s.io/v1", "apis/imagecontroller.vmware.com/v1"]) {
    const document = parse(documents.groupVersion(path));
    for (const reference of new Set(referencesOf(document))) {
      at(document, "components", "schemas", reference.replace("#/components/schemas/", ""));
    }
    assert.equal(documents.groupVersion(path), documents.groupVersion(path));
  }
  const version2 = parse(doAtOnce(documents.version2()));
  for (const reference of new Set(referencesOf(version2))) {
    at(version2, "definitions", reference.replace("#/definitions/", ""));
  }
});

test("a patch operation says its kind, its action and that it takes fieldValidation: kubectl asks for these", () => {
  const patch = at(
    parse(documents.groupVersion("apis/apps/v1")),
    "paths",
    "/apis/apps/v1/namespaces/{namespace}/deployments/{name}",
    "patch",
  );
  assert.equal(at(patch, "operationId"), "patchAppsV1NamespacedDeployment");
  assert.equal(at(patch, "x-kubernetes-action"), "patch");
  assert.deepEqual(at(patch, "x-kubernetes-group-version-kind"), { group: "apps", version: "v1", kind: "Deployment" });
  const parameters = at(patch, "parameters");
  assert.ok(Array.isArray(parameters));
  assert.deepEqual(
    parameters.map((parameter) => at(parameter, "name")),
    ["dryRun", "fieldManager", "fieldValidation", "force"],
  );
});

test("lists carry what patches and server-side apply need", () => {
  const containers = at(
    parse(documents.groupVersion("api/v1")),
    "components",
    "schemas",
    "io.k8s.api.core.v1.PodSpec",
    "properties",
    "containers",
  );
  assert.equal(at(containers, "x-kubernetes-list-type"), "map");
  assert.deepEqual(at(containers, "x-kubernetes-list-map-keys"), ["name"]);
  assert.equal(at(containers, "x-kubernetes-patch-strategy"), "merge");
  assert.equal(at(containers, "x-kubernetes-patch-merge-key"), "name");
});

test("cluster kinds have no namespace in their paths, subresources have the bodies of their own kinds", () => {
  const core = at(parse(documents.groupVersion("api/v1")), "paths");
  at(core, "/api/v1/nodes/{name}", "get");
  const scale = at(
    parse(documents.groupVersion("apis/apps/v1")),
    "paths",
    "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale",
    "put",
  );
  assert.deepEqual(at(scale, "x-kubernetes-group-version-kind"), {
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
  });
  assert.ok(referencesOf(scale).every((reference) => reference.endsWith("autoscaling.v1.Scale")));
});

test("the long ones are made in steps, and then are there at once", () => {
  const fresh = new OpenApiDocuments(schemaModel, kinds);
  const versions = new Set(kinds.map(({ resource: { group, version } }) => `${group}/${version}`));
  assert.equal([...fresh.index()].length, versions.size);
  assert.equal([...fresh.version2()].length, kinds.length + 1);
  assert.equal([...fresh.index(), ...fresh.version2()].length, 0);
});
