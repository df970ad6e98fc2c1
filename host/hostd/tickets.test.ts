import assert from "node:assert/strict";
import { mkdtempDisposable, readFile, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SESSION_IDLE_MS, TICKET_LIFETIME_MS } from "@atoll/api/hostd/hostd";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { systemRandom } from "@atoll/base/random";
import { Tickets } from "./tickets.ts";

async function openTickets() {
  const directory = await mkdtempDisposable(join(tmpdir(), "tickets-"));
  const clock = new VirtualClock();
  const findUserId = async () => userInfo().uid;
  const options = {
    directory: join(directory.path, "tickets"),
    users: ["worker"],
    findUserId,
    clock,
    random: systemRandom,
  };
  return { clock, tickets: await Tickets.open(options), [Symbol.asyncDispose]: () => directory.remove() };
}

test("a secret in a file that only its user can read opens one session, once", async () => {
  await using world = await openTickets();
  const path = await world.tickets.issue("worker");
  assert.equal((await stat(path)).mode & 0o777, 0o400);
  const secret = await readFile(path, "utf8");
  const { token, user } = await world.tickets.redeem(secret);
  assert.equal(user, "worker");
  assert.equal(world.tickets.authenticate(`Bearer ${token}`), "worker");
  await assert.rejects(world.tickets.redeem(secret), { code: "Unauthorized" });
  await assert.rejects(stat(path), { code: "ENOENT" });
});

test("a ticket is of no use after its time, and its file is gone", async () => {
  await using world = await openTickets();
  const path = await world.tickets.issue("worker");
  const secret = await readFile(path, "utf8");
  await world.clock.advance(TICKET_LIFETIME_MS);
  await assert.rejects(world.tickets.redeem(secret), { code: "Unauthorized" });
});

test("a session ends when nobody uses it", async () => {
  await using world = await openTickets();
  const { token } = await world.tickets.redeem(await readFile(await world.tickets.issue("worker"), "utf8"));
  await world.clock.advance(SESSION_IDLE_MS);
  world.tickets.authenticate(`Bearer ${token}`);
  await world.clock.advance(SESSION_IDLE_MS + 1);
  assert.throws(() => world.tickets.authenticate(`Bearer ${token}`), { code: "Unauthorized" });
});

test("only the named users get tickets, and only so many wait", async () => {
  await using world = await openTickets();
  await assert.rejects(world.tickets.issue("stranger"), { code: "Forbidden" });
  const first = await readFile(await world.tickets.issue("worker"), "utf8");
  for (let i = 0; i < 64; i++) await world.tickets.issue("worker");
  await assert.rejects(world.tickets.redeem(first), { code: "Unauthorized" });
  assert.throws(() => world.tickets.authenticate(undefined), { code: "Unauthorized" });
  assert.throws(() => world.tickets.authenticate("Bearer "), { code: "Unauthorized" });
});
