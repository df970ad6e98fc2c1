import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { before, test } from "node:test";
import { ensureUp, getObject, kubectl, makeNamespace, stateDirectory, tryKubectl, until } from "../harness/machine.ts";

let namespace = "";

before(() => {
  ensureUp();
  namespace = makeNamespace("bad");
});

function everything(): string {
  return kubectl(["-n", namespace, "get", "pods,configmaps,secrets,deployments", "-o", "name"]);
}

function pod(spec: string, name = "bad"): string {
  return `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${namespace}}, spec: ${spec}}`;
}

const CONTAINER = "{name: c, image: 127.0.0.1:1/none:1}";

const refused: readonly { what: string; manifest: string; message: RegExp }[] = [
  { what: "malformed YAML", manifest: "apiVersion: v1\nkind: [Pod\n", message: /yaml|parse/i },
  {
    what: "an unknown field",
    manifest: pod(`{containers: [${CONTAINER}], colour: red}`),
    message: /unknown field "spec.colour"/,
  },
  {
    what: "an over-long name",
    manifest: pod(`{containers: [${CONTAINER}]}`, "x".repeat(254)),
    message: /must be no more than 253/,
  },
  { what: "a pod without containers", manifest: pod("{containers: []}"), message: /spec.containers: Required value/ },
  { what: "a field of the wrong type", manifest: pod("{containers: 7}"), message: /containers/ },
  {
    what: "a port out of range",
    manifest: pod("{containers: [{name: c, image: i, ports: [{containerPort: 70000}]}]}"),
    message: /must be between 1 and 65535/,
  },
];

for (const { what, manifest, message } of refused) {
  test(`${what} is refused with its reason and changes nothing`, () => {
    const before = everything();
    const done = tryKubectl(["create", "-f", "-"], { input: manifest });
    assert.notEqual(done.code, 0);
    assert.match(done.stderr, message);
    assert.equal(everything(), before);
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function call(
  method: string,
  path: string,
  options: { token?: string; body?: Buffer; bytes?: number; type?: string } = {},
): Promise<Answer> {
  const server =
    /server: (\S+)/.exec(readFileSync(join(stateDirectory, "supervisor/admin.kubeconfig"), "utf8"))?.[1] ?? "";
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { "content-type": options.type ?? "application/json" };
    if (options.token) headers.authorization = `Bearer ${options.token}`;
    if (options.bytes) headers["content-length"] = String(options.bytes);
    const outgoing = request(`${server}${path}`, { method, headers, rejectUnauthorized: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    // The server may answer and close before it has read a body that it refuses.
    let failure: Error | undefined;
    outgoing.on("error", (error) => {
      failure = error;
      setTimeout(() => reject(failure), 1_000);
    });
    if (options.bytes) {
      const chunk = Buffer.alloc(1024 * 1024, 32);
      let left = options.bytes;
      const write = () => {
        while (left > 0 && !failure) {
          left -= chunk.length;
          if (!outgoing.write(chunk)) return outgoing.once("drain", write);
        }
        return outgoing.end();
      };
      write();
    } else outgoing.end(options.body);
  });
}

test("a wrong token is answered 401, no token at all 403", async () => {
  for (const options of [{ token: "wrong" }, { token: "a.b.c" }]) {
    const answer = await call("GET", "/api/v1/pods", options);
    assert.equal(answer.status, 401, answer.body);
    assert.equal(JSON.parse(answer.body).reason, "Unauthorized");
  }
  const nobody = await call("GET", "/api/v1/pods", {});
  assert.equal(nobody.status, 403, nobody.body);
  assert.match(nobody.body, /system:anonymous/);
});

/** A server that closes while its client still sends may reset the connection before the answer is read (RFC 9112, 9.6). */
async function callUntilAnswered(...parameters: Parameters<typeof call>): Promise<Answer> {
  const isReset = (error: Error & { code?: string }) => error.code === "ECONNRESET" || error.code === "EPIPE";
  for (let attempt = 1; ; attempt++) {
    const answer = await call(...parameters).catch((error: Error) => {
      if (attempt === 5 || !isReset(error)) throw error;
    });
    if (answer) return answer;
  }
}

test("a body of 100 MB is refused without being read to its end", async () => {
  const answer = await callUntilAnswered("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
    bytes: 100 * 1024 * 1024,
    token: "wrong",
  });
  assert.ok([401, 413].includes(answer.status), answer.body);
  kubectl([
    "-n",
    namespace,
    "create",
    "rolebinding",
    "large",
    "--clusterrole=edit",
    `--serviceaccount=${namespace}:default`,
  ]);
  const token = kubectl(["-n", namespace, "create", "token", "default", "--duration=10m"]).trim();
  const withToken = await callUntilAnswered("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
    bytes: 100 * 1024 * 1024,
    token,
  });
  assert.equal(withToken.status, 413, withToken.body);
  assert.equal(tryKubectl(["get", "--raw", "/readyz"]).code, 0);
});

test("a pod with a hostPath volume stays Pending with the reason", async () => {
  kubectl(["create", "-f", "-"], {
    input: pod(`{containers: [${CONTAINER}], volumes: [{name: v, hostPath: {path: /etc}}]}`, "hostpath"),
  });
  const condition = await until("the scheduler's refusal", () =>
    getObject(namespace, "pod", "hostpath").status.conditions?.find(
      (each: { type: string; status: string }) => each.type === "PodScheduled" && each.status === "False",
    ),
  );
  assert.match(condition.message, /hostPath/);
  kubectl(["-n", namespace, "delete", "pod", "hostpath", "--grace-period=0", "--force"]);
});

test("host namespaces are ignored with a warning that says so", () => {
  const done = tryKubectl(["create", "-f", "-"], {
    input: pod(`{containers: [${CONTAINER}], hostNetwork: true}`, "hostnetwork"),
  });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /Warning: .*hostNetwork/);
  kubectl(["-n", namespace, "delete", "pod", "hostnetwork", "--grace-period=0", "--force"]);
});
