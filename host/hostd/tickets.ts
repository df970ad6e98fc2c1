// Who may talk to hostd: a local user proves to be one by reading a file that only this user can read. A ticket is good for
// one session, once, within seconds; a session is a token in memory, so a restart of hostd ends them all.

import { createHash } from "node:crypto";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SESSION_IDLE_MS, TICKET_LIFETIME_MS } from "@atoll/api/hostd/hostd";
import type { Clock } from "@atoll/base/clock";
import { CodedError } from "@atoll/base/errors";
import type { Random } from "@atoll/base/random";

export class AccessError extends CodedError<"Unauthorized" | "Forbidden"> {}

const SECRET_BYTES = 32;
/** Asking needs no proof, so somebody may ask for ever: the oldest gives way. */
const TICKETS_MAX = 64;
const SESSIONS_MAX = 256;

export interface TicketOptions {
  /** Empty at the start, and ours alone. */
  readonly directory: string;
  readonly users: readonly string[];
  /** The number of a local user; rejects for one that does not exist. */
  readonly findUserId: (user: string) => Promise<number>;
  readonly clock: Clock;
  readonly random: Random;
}

interface Ticket {
  readonly user: string;
  readonly path: string;
  readonly timer: Disposable;
}

interface Session {
  readonly user: string;
  usedMs: number;
}

export class Tickets {
  readonly #options: TicketOptions;
  /** By the secret's hash: a look-up takes the same time for a nearly right secret. */
  readonly #tickets = new Map<string, Ticket>();
  readonly #sessions = new Map<string, Session>();

  private constructor(options: TicketOptions) {
    this.#options = options;
  }

  static async open(options: TicketOptions): Promise<Tickets> {
    // Secrets of a process that is gone open nothing; their files go too.
    await rm(options.directory, { recursive: true, force: true });
    // Others may walk through, to the file they own, but not look around.
    await mkdir(options.directory, { recursive: true, mode: 0o711 });
    return new Tickets(options);
  }

  /** Gives the path of the file with the secret. */
  async issue(user: string): Promise<string> {
    const { users, findUserId, random, clock, directory } = this.#options;
    if (!users.includes(user)) throw new AccessError("Forbidden", `User "${user}" may not ask for tickets`);
    const userId = await findUserId(user);
    const secret = randomSecret(random);
    const path = join(directory, Buffer.from(random.bytes(16)).toString("hex"));
    await writeFile(path, secret, { flag: "wx", mode: 0o400 });
    await chown(path, userId, userId);
    const key = hashOf(secret);
    this.#tickets.set(key, { user, path, timer: clock.setTimer(TICKET_LIFETIME_MS, () => void this.#drop(key)) });
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size <= TICKETS_MAX) break;
      await this.#drop(oldest);
    }
    return path;
  }

  /** Trades a secret for a session's token; the secret is used up by trying. */
  async redeem(secret: string): Promise<{ readonly token: string; readonly user: string }> {
    const ticket = await this.#drop(hashOf(secret));
    if (!ticket) throw new AccessError("Unauthorized", "The ticket is unknown, used or too old");
    const token = randomSecret(this.#options.random);
    this.#sessions.set(hashOf(token), { user: ticket.user, usedMs: this.#options.clock.monotonicMs() });
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= SESSIONS_MAX) break;
      this.#sessions.delete(oldest);
    }
    return { token, user: ticket.user };
  }

  /** The user behind the header of a request. */
  authenticate(authorization: string | undefined): string {
    const token = /^Bearer ([A-Za-z0-9_-]+)$/.exec(authorization ?? "")?.[1];
    const key = hashOf(token ?? "");
    const session = this.#sessions.get(key);
    const nowMs = this.#options.clock.monotonicMs();
    if (!token || !session || nowMs - session.usedMs > SESSION_IDLE_MS) {
      this.#sessions.delete(key);
      throw new AccessError("Unauthorized", "The session is unknown or too old: ask for a ticket");
    }
    session.usedMs = nowMs;
    return session.user;
  }

  async #drop(key: string): Promise<Ticket | undefined> {
    const ticket = this.#tickets.get(key);
    if (!ticket) return undefined;
    this.#tickets.delete(key);
    ticket.timer[Symbol.dispose]();
    await rm(ticket.path, { force: true });
    return ticket;
  }
}

function randomSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
