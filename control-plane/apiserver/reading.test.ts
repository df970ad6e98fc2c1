import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readBody } from "@atoll/machinery/client/transport";
import { configMapOf, type Json, TestServer } from "./test-server.ts";

const MAPS = "/api/v1/namespaces/list/configmaps";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "list" } } });
  for (const name of ["a", "b", "c", "d", "e"]) {
    const labels = { odd: String("ace".includes(name)) };
    await server.call("POST", MAPS, { body: { ...configMapOf(name), metadata: { name, labels } } });
  }
});
after(() => server[Symbol.asyncDispose]());

const names = (body: Json): string[] => body.items.map((item: Json) => item.metadata.name);

describe("list", () => {
  test("comes in pages that show one moment", async () => {
    const first = await server.call("GET", `${MAPS}?limit=2`);
    assert.deepEqual(names(first.body), ["a", "b"]);
    assert.equal(first.body.metadata.remainingItemCount, 3);
    await server.call("POST", MAPS, { body: configMapOf("bb") });
    const next = `&continue=${encodeURIComponent(first.body.metadata.continue)}`;
    const second = await server.call("GET", `${MAPS}?limit=2${next}`);
    assert.deepEqual(names(second.body), ["c", "d"]);
    assert.equal(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
    await server.call("DELETE", `${MAPS}/bb`);
  });

  test("selects by labels and fields, page by page", async () => {
    const odd = await server.call("GET", `${MAPS}?labelSelector=odd%3Dtrue&limit=2`);
    assert.deepEqual(names(odd.body), ["a", "c"]);
    const rest = await server.call(
      "GET",
      `${MAPS}?labelSelector=odd%3Dtrue&limit=2&continue=${encodeURIComponent(odd.body.metadata.continue)}`,
    );
    assert.deepEqual(names(rest.body), ["e"]);
    assert.equal(rest.body.metadata.continue, undefined);
    assert.deepEqual(names((await server.call("GET", `${MAPS}?fieldSelector=metadata.name%3Db`)).body), ["b"]);
    const unknown = await server.call("GET", `${MAPS}?fieldSelector=data.a%3Db`);
    assert.equal(unknown.status, 400);
    assert.match(
      unknown.body.message,
      /"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"/,
    );
    const ofSecrets = await server.call("GET", MAPS.replace("configmaps", "secrets?fieldSelector=data.a%3Db"));
    assert.match(ofSecrets.body.message, /field label not supported: data.a/);
    assert.equal((await server.call("GET", `${MAPS}?labelSelector=%3D%3D`)).status, 400);
  });

  test("shows the exact version asked for, and says which are not there", async () => {
    const before = await server.call("GET", MAPS);
    const version = before.body.metadata.resourceVersion;
    await server.call("POST", MAPS, { body: configMapOf("later") });
    const exact = await server.call("GET", `${MAPS}?resourceVersion=${version}&resourceVersionMatch=Exact`);
    assert.ok(!names(exact.body).includes("later"));
    await server.call("DELETE", `${MAPS}/later`);
    const future = await server.call("GET", `${MAPS}?resourceVersion=999999`);
    assert.equal(future.status, 504);
    assert.equal(future.body.details.causes[0].reason, "ResourceVersionTooLarge");
    assert.equal((await server.call("GET", `${MAPS}?resourceVersionMatch=Exact`)).status, 422);
    await server.store.compact(await server.store.currentRevision());
    assert.equal((await server.call("GET", `${MAPS}?resourceVersion=3&resourceVersionMatch=Exact`)).status, 410);
  });

  test("reads odd numbers as upstream does: no limit is too large, and a version of zeros is any", async () => {
    const all = ["a", "b", "c", "d", "e"];
    const largest = "9223372036854775807";
    const named = (body: Json) => names(body).filter((name) => all.includes(name));
    for (const query of [`limit=${largest}&resourceVersion=1`, "resourceVersion=00&resourceVersionMatch=Exact"]) {
      const { status } = await server.call("GET", `${MAPS}?${query}`);
      assert.ok(status < 500, `${query}: ${status}`);
    }
    assert.deepEqual(named((await server.call("GET", `${MAPS}?limit=${largest}`)).body), all);
    const { body } = await server.call("GET", `${MAPS}?resourceVersion=00&resourceVersionMatch=Exact`);
    assert.deepEqual(named(body), all);
    for (const version of ["%201", "1e1", "0x1", "-1"]) {
      assert.equal((await server.call("GET", `${MAPS}?resourceVersion=${version}`)).status, 400, version);
    }
  });

  test("offers the rest of a list as it is now when its version is forgotten", async () => {
    const page = (token: string) => server.call("GET", `${MAPS}?limit=2&continue=${encodeURIComponent(token)}`);
    const first = await server.call("GET", `${MAPS}?limit=2`);
    await server.call("POST", MAPS, { body: configMapOf("bbb") });
    await server.store.compact(await server.store.currentRevision());
    const expired = await page(first.body.metadata.continue);
    assert.equal(expired.status, 410);
    assert.equal(expired.body.reason, "Expired");
    const rest = await page(expired.body.metadata.continue);
    assert.deepEqual(names(rest.body), ["bbb", "c"]);
    assert.notEqual(rest.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
    assert.deepEqual(names((await page(rest.body.metadata.continue)).body), ["d", "e"]);
    await server.call("DELETE", `${MAPS}/bbb`);
  });

  test("refuses a continue token that leads elsewhere", async () => {
    const forged = Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: 3, start: "/registry/secrets/" })).toString(
      "base64url",
    );
    assert.equal((await server.call("GET", `${MAPS}?continue=${forged}`)).status, 400);
    assert.equal((await server.call("GET", `${MAPS}?continue=nonsense`)).status, 400);
  });

  test("comes as a table or as metadata alone when asked", async () => {
    const accept = (as: string) => ({
      headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io,application/json` },
    });
    const table = (await server.call("GET", MAPS, accept("Table"))).body;
    assert.equal(table.kind, "Table");
    assert.equal(table.columnDefinitions[0].name, "Name");
    assert.equal(table.rows[0].cells[0], "a");
    assert.equal(table.rows[0].object.kind, "PartialObjectMetadata");
    const partial = (await server.call("GET", MAPS, accept("PartialObjectMetadataList"))).body;
    assert.equal(partial.kind, "PartialObjectMetadataList");
    assert.equal(partial.items[0].data, undefined);
  });
});

describe("watch", () => {
  async function take(path: string, count: number, act: () => Promise<unknown> = async () => {}): Promise<Json[]> {
    const stop = new AbortController();
    const events: Json[] = [];
    const reading = (async () => {
      for await (const event of server.watch(path, stop.signal)) {
        events.push(event);
        if (events.length === count) break;
      }
    })();
    await act();
    await reading;
    stop.abort();
    return events;
  }

  test("starts after a version and shows each change once", async () => {
    const { body } = await server.call("GET", MAPS);
    const path = `${MAPS}?watch=true&resourceVersion=${body.metadata.resourceVersion}`;
    const events = await take(path, 3, async () => {
      await server.call("POST", MAPS, { body: configMapOf("w") });
      await server.call("PATCH", `${MAPS}/w`, {
        body: { data: { a: "2" } },
        contentType: "application/merge-patch+json",
      });
      await server.call("DELETE", `${MAPS}/w`);
    });
    assert.deepEqual(
      events.map(({ type }) => type),
      ["ADDED", "MODIFIED", "DELETED"],
    );
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    assert.deepEqual(
      versions,
      versions.toSorted((left, right) => left - right),
    );
    assert.equal(new Set(versions).size, 3);
    assert.equal(events[2].object.data.a, "2");
  });

  test("shows objects that come into the selector's view and leave it", async () => {
    const { body } = await server.call("GET", MAPS);
    const path = `${MAPS}?watch=1&labelSelector=in%3Dview&resourceVersion=${body.metadata.resourceVersion}`;
    const label = (value: string) =>
      server.call("PATCH", `${MAPS}/v`, {
        body: { metadata: { labels: { in: value } } },
        contentType: "application/merge-patch+json",
      });
    const events = await take(path, 2, async () => {
      await server.call("POST", MAPS, { body: configMapOf("v") });
      await label("view");
      await label("gone");
      await server.call("DELETE", `${MAPS}/v`);
    });
    assert.deepEqual(
      events.map(({ type }) => type),
      ["ADDED", "DELETED"],
    );
    assert.equal(events[1].object.metadata.labels.in, "view");
  });

  test("streams a list that ends with a bookmark", async () => {
    const query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const events = await take(`${MAPS}?${query}`, 6);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["ADDED", "ADDED", "ADDED", "ADDED", "ADDED", "BOOKMARK"],
    );
    assert.equal(events[5].object.metadata.annotations["k8s.io/initial-events-end"], "true");
  });

  test("tells a reader of a version from before the server's start to list again", async () => {
    await using restarted = await TestServer.start(server.store);
    const response = restarted.watch(`${MAPS}?watch=true&resourceVersion=2`, AbortSignal.timeout(5000));
    const events = await Array.fromAsync(response);
    assert.equal(events.length, 1);
    assert.equal(events[0]?.type, "ERROR");
    assert.equal(events[0]?.object.code, 410);
    assert.equal(events[0]?.object.reason, "Expired");
  });

  test("ends at its time limit", async () => {
    const started = performance.now();
    const events = await Array.fromAsync(
      server.watch(`${MAPS}?watch=true&resourceVersion=0&timeoutSeconds=1`, AbortSignal.timeout(5000)),
    );
    assert.equal(events.length, 5);
    assert.ok(performance.now() - started < 3000);
  });

  test("reads its numbers as Go does, and lasts as long as the largest says", async () => {
    const ask = (query: string) => server.call("GET", `${MAPS}?${query}`);
    for (const query of [
      "watch=true&timeoutSeconds=1e9",
      "watch=true&timeoutSeconds=",
      "limit=0x10",
      "timeoutSeconds=x",
    ]) {
      const { status, body } = await ask(query);
      assert.equal(status, 400, query);
      assert.match(body.message, /^strconv.ParseInt: parsing "[^"]*": invalid syntax$/);
    }
    const { body } = await ask("limit=9223372036854775808");
    assert.equal(body.message, 'strconv.ParseInt: parsing "9223372036854775808": value out of range');
    const signal = AbortSignal.timeout(300);
    const lasting = `${MAPS}?watch=true&resourceVersion=0&timeoutSeconds=9223372036854775807`;
    const events = await Array.fromAsync(server.watch(lasting, signal)).catch((error: Error) => error);
    assert.ok(signal.aborted, "its client ended it");
    assert.ok(events instanceof Error ? events.name === "TimeoutError" : events.length === 5);
  });
});

describe("discovery", () => {
  test("lists groups, resources and subresources in both forms", async () => {
    const { body } = await server.call("GET", "/api/v1");
    const pod = body.resources.find(({ name }: Json) => name === "pods");
    assert.deepEqual(pod.shortNames, ["po"]);
    const resources: Json[] = body.resources;
    assert.ok(resources.some(({ name }) => name === "pods/log"));
    assert.deepEqual(
      resources,
      resources.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    );
    // As upstream's: of the group, the version and the kind that objects are stored as.
    assert.equal(resources.find(({ name }) => name === "configmaps")?.storageVersionHash, "qFsyl6wFWjQ=");
    const scalers = (await server.call("GET", "/apis/autoscaling/v1")).body;
    assert.equal(scalers.apiVersion, "v1");
    assert.equal(scalers.resources[0].storageVersionHash, "qwQve8ut294=");
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    const aggregated = await server.call("GET", "/apis", { headers: { accept } });
    assert.equal(aggregated.body.kind, "APIGroupDiscoveryList");
    const again = await server.call("GET", "/apis", {
      headers: { accept, "if-none-match": aggregated.headers.etag ?? "" },
    });
    assert.equal(again.status, 304);
    assert.equal((await server.call("GET", "/apis")).body.kind, "APIGroupList");
    assert.equal((await server.call("GET", "/apis/nope/v1")).status, 404);
  });

  test("indents for curl and for whoever asks, lists and refusals, too, but no watch", async () => {
    const text = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await server.api.handle({ method: "GET", path, headers });
      return Buffer.from(await readBody(answer.body)).toString();
    };
    const curl = { "user-agent": "curl/8.5.0", "accept-encoding": "gzip" };
    const plain = await text(MAPS);
    assert.equal(await text(MAPS, curl), JSON.stringify(JSON.parse(plain), undefined, 2));
    assert.equal(await text(`${MAPS}?pretty=true`), await text(MAPS, curl));
    assert.equal(await text(`${MAPS}?pretty=0`, curl), plain);
    assert.match(await text(`${MAPS}/absent`, curl), /^\{\n {2}"kind": "Status",\n/);
    // Longer than what is packed otherwise.
    for (let number = 0; number < 12; number++) {
      const data = { text: "x".repeat(16 * 1024) };
      const body = {
        ...configMapOf(`long-${number}`),
        metadata: { name: `long-${number}`, labels: { long: "yes" } },
        data,
      };
      assert.equal((await server.call("POST", MAPS, { body })).status, 201);
    }
    const long = await text(`${MAPS}?labelSelector=long`);
    assert.equal(await text(`${MAPS}?labelSelector=long`, curl), JSON.stringify(JSON.parse(long), undefined, 2));
    await server.call("DELETE", `${MAPS}?labelSelector=long`);
    assert.doesNotMatch(await text(`${MAPS}?watch=true&timeoutSeconds=1`, curl), /\n {2}/);
  });

  test("answers paths that no URL has, however they want to be shown", async () => {
    for (const path of ["///?pretty=true", "//x?pretty=true"])
      assert.equal((await server.call("GET", path)).status, 404);
  });

  test("answers health, version and OpenAPI", async () => {
    assert.equal((await server.call("GET", "/readyz")).body, "ok");
    assert.match((await server.call("GET", "/livez?verbose")).body, /\[\+\]store ok/);
    assert.equal((await server.call("GET", "/version")).body.minor, "36");
    assert.ok((await server.call("GET", "/openapi/v3")).body.paths["api/v1"]);
    assert.equal((await server.call("GET", "/openapi/v3/api/v1")).body.openapi, "3.0.0");
    const reviews = (await server.call("GET", "/openapi/v3/apis/authorization.k8s.io/v1")).body;
    assert.ok(reviews.paths["/apis/authorization.k8s.io/v1/subjectaccessreviews"].post);
    assert.ok(reviews.components.schemas["io.k8s.api.authorization.v1.SubjectAccessReviewSpec"]);
  });

  test("gives OpenAPI 2 in protobuf to clients that take nothing else, such as kubectl", async () => {
    const type = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    for (const accept of [
      type,
      "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
      `${type}, application/json`,
    ]) {
      const { status, headers } = await server.call("GET", "/openapi/v2", { headers: { accept } });
      assert.deepEqual([status, headers["content-type"]], [200, type]);
    }
    assert.equal((await server.call("GET", "/openapi/v2", { headers: { accept: "*/*" } })).body.swagger, "2.0");
    assert.equal((await server.call("GET", "/openapi/v2", { headers: { accept: "text/html" } })).status, 406);
  });
});
