import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestInfo } from "./request-info.ts";

test("a path and a method say what is asked", () => {
  const cases: readonly [string, string, string][] = [
    ["GET", "/api/v1/pods", "list   pods  "],
    ["GET", "/api/v1/namespaces/n/pods/p", "get  n pods p "],
    ["GET", "/api/v1/namespaces/n/pods?watch=true", "watch  n pods  "],
    ["GET", "/api/v1/namespaces/n/pods?watch=false", "list  n pods  "],
    ["POST", "/api/v1/namespaces/n/pods/p/exec", "create  n pods p exec"],
    ["PUT", "/apis/apps/v1/namespaces/n/deployments/d/status", "update apps n deployments d status"],
    ["DELETE", "/api/v1/namespaces/n/pods", "deletecollection  n pods  "],
    ["GET", "/api/v1/namespaces", "list   namespaces  "],
    ["GET", "/api/v1/namespaces/n", "get  n namespaces n "],
    ["PUT", "/api/v1/namespaces/n/finalize", "update  n namespaces n finalize"],
    ["GET", "/api/v1/nodes/a/proxy/stats/summary", "get   nodes a proxy"],
    ["GET", "/api/v1/namespaces/n/pods/a%20b", "get  n pods a b "],
  ];
  for (const [method, target, expected] of cases) {
    const { verb, group, namespace, resource, name, subresource } = parseRequestInfo(method, target);
    assert.equal([verb, group, namespace, resource, name, subresource].join(" "), expected, target);
  }
  assert.equal(parseRequestInfo("GET", "/api/v1/nodes/a/proxy/stats/summary").rest, "stats/summary");
});

test("discovery, health and the like are no resources", () => {
  for (const path of ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/livez", "/openapi/v3/api/v1"]) {
    assert.equal(parseRequestInfo("GET", path).isResourceRequest, false, path);
  }
});
