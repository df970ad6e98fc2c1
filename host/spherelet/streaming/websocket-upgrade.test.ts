import assert from "node:assert/strict";
import { once } from "node:events";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { acceptWebSocket } from "./websocket-upgrade.ts";

test("a client that is gone already is not waited for", { timeout: 10_000 }, async () => {
  const request = new IncomingMessage(new Socket());
  request.method = "GET";
  request.headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "v4.channel.k8s.io",
  };
  const [duplex] = duplexPair();
  duplex.destroy();
  await once(duplex, "close");
  const accepted = async () => acceptWebSocket(request, duplex, Buffer.alloc(0), ["v4.channel.k8s.io"]);
  await assert.rejects(accepted(), /The client left during the upgrade/);
});
