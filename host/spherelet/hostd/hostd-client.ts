// hostd's API as typed calls. Getting in (tickets, sessions) is done here and nowhere else: a call that meets 401 gets a new
// session and tries once more, which is all that a restart of hostd asks of its callers.

import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import {
  AGENT_UPGRADE_PROTOCOL,
  type CrxSpec,
  type CrxStatus,
  crxStatus,
  type HostNetwork,
  type HostStatus,
  hostdError,
  hostdPaths,
  hostStatus,
  type ImagePullSpec,
  type ImagePullStatus,
  imagePullStatus,
  sessionResponse,
  ticketResponse,
} from "@atoll/api/hostd/hostd";
import { toError } from "@atoll/base/errors";
import { HostdError } from "./hostd-error.ts";
import type { HostdAnswer, HostdRequest, HostdTransport } from "./hostd-transport.ts";

/** A microVM starts in seconds even without KVM; hostd answers everything else at once. */
const CALL_TIMEOUT_MS = 120_000;

/** hostd answers a waiting call within 30 s by itself. */
const PULL_WAIT_MS = 20_000;

/** What the schemas of `api/hostd` have in common. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: Error };
}

/** For answers whose body says nothing. */
const anything: Schema<unknown> = { safeParse: (value) => ({ success: true, data: value }) };

type Call = Omit<HostdRequest, "token" | "signal">;

/** What the spherelet needs of its host. The one maker is HostdClient; tests bring a host of their own. */
export interface Hostd {
  host(signal: AbortSignal): Promise<HostStatus>;
  putNetwork(network: HostNetwork, signal: AbortSignal): Promise<void>;
  listCrx(signal: AbortSignal): Promise<readonly CrxStatus[]>;
  /** Undefined when hostd has none of that id. */
  getCrx(id: string, signal: AbortSignal): Promise<CrxStatus | undefined>;
  putCrx(id: string, spec: CrxSpec, signal: AbortSignal): Promise<CrxStatus>;
  /** Ends the microVM and removes all that is its. Idempotent. */
  deleteCrx(id: string, signal: AbortSignal): Promise<void>;
  /** The agent's line of a running CRX, raw. */
  connectAgent(id: string, signal: AbortSignal): Promise<Duplex>;
  putImagePull(id: string, spec: ImagePullSpec, signal: AbortSignal): Promise<ImagePullStatus>;
  /** Holds the answer until something changed, for some seconds. */
  waitImagePull(id: string, signal: AbortSignal): Promise<ImagePullStatus>;
}

export class HostdClient implements Hostd {
  readonly #transport: HostdTransport;
  readonly #user: string;
  #session: Promise<string> | undefined;

  constructor(options: { readonly transport: HostdTransport; readonly user: string }) {
    this.#transport = options.transport;
    this.#user = options.user;
  }

  host(signal: AbortSignal): Promise<HostStatus> {
    return this.#call({ method: "GET", path: hostdPaths.host }, hostStatus, signal);
  }

  async putNetwork(network: HostNetwork, signal: AbortSignal): Promise<void> {
    await this.#call({ method: "PUT", path: hostdPaths.network, body: network }, anything, signal);
  }

  async listCrx(signal: AbortSignal): Promise<readonly CrxStatus[]> {
    return this.#call({ method: "GET", path: hostdPaths.crx }, crxStatus.array(), signal);
  }

  async getCrx(id: string, signal: AbortSignal): Promise<CrxStatus | undefined> {
    try {
      return await this.#call({ method: "GET", path: `${hostdPaths.crx}/${id}` }, crxStatus, signal);
    } catch (error) {
      if (HostdError.isNotFound(error)) return undefined;
      throw error;
    }
  }

  putCrx(id: string, spec: CrxSpec, signal: AbortSignal): Promise<CrxStatus> {
    return this.#call({ method: "PUT", path: `${hostdPaths.crx}/${id}`, body: spec }, crxStatus, signal);
  }

  deleteCrx(id: string, signal: AbortSignal): Promise<void> {
    return this.#delete(`${hostdPaths.crx}/${id}`, signal);
  }

  async connectAgent(id: string, signal: AbortSignal): Promise<Duplex> {
    const path = `${hostdPaths.crx}/${id}/agent`;
    const answer = await this.#authorized({ method: "GET", path }, signal, (request) =>
      this.#transport.upgrade(request, AGENT_UPGRADE_PROTOCOL),
    );
    if ("status" in answer) throw errorOf(answer, `Connect to the agent of "${id}"`);
    return answer;
  }

  putImagePull(id: string, spec: ImagePullSpec, signal: AbortSignal): Promise<ImagePullStatus> {
    return this.#call({ method: "PUT", path: `${hostdPaths.imagePulls}/${id}`, body: spec }, imagePullStatus, signal);
  }

  waitImagePull(id: string, signal: AbortSignal): Promise<ImagePullStatus> {
    const path = `${hostdPaths.imagePulls}/${id}?waitMs=${PULL_WAIT_MS}`;
    return this.#call({ method: "GET", path }, imagePullStatus, signal);
  }

  async #delete(path: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#call({ method: "DELETE", path }, anything, signal);
    } catch (error) {
      if (!HostdError.isNotFound(error)) throw error;
    }
  }

  async #call<T>(call: Call, schema: Schema<T>, signal: AbortSignal): Promise<T> {
    const answer = await this.#authorized(call, signal, (request) => this.#transport.send(request));
    if (answer.status < 200 || answer.status > 299) throw errorOf(answer, `${call.method} ${call.path}`);
    return parse(answer, schema, `${call.method} ${call.path}`);
  }

  async #authorized<T extends HostdAnswer | Duplex>(
    call: Call,
    outer: AbortSignal,
    send: (request: HostdRequest) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    const session = this.#session ?? this.#open(signal);
    this.#session = session;
    const answer = await send({ ...call, token: await this.#tokenOf(session), signal });
    if (!isUnauthorized(answer)) return answer;
    // Another call may have renewed the session meanwhile; then its token serves us too.
    if (this.#session === session) this.#session = this.#open(signal);
    return send({ ...call, token: await this.#tokenOf(this.#session ?? this.#open(signal)), signal });
  }

  async #tokenOf(session: Promise<string>): Promise<string> {
    try {
      return await session;
    } catch (error) {
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }

  async #open(signal: AbortSignal): Promise<string> {
    const ticket = await this.#post(hostdPaths.tickets, { user: this.#user }, ticketResponse, signal);
    let secret: string;
    try {
      secret = (await readFile(ticket.secretFile, "utf8")).trim();
    } catch (error) {
      throw new HostdError("NoTicket", `Read the ticket for user "${this.#user}"`, { cause: toError(error) });
    }
    return (await this.#post(hostdPaths.sessions, { secret }, sessionResponse, signal)).token;
  }

  async #post<T>(path: string, body: unknown, schema: Schema<T>, signal: AbortSignal): Promise<T> {
    const answer = await this.#transport.send({ method: "POST", path, body, signal });
    if (answer.status < 200 || answer.status > 299) throw errorOf(answer, `POST ${path}`);
    return parse(answer, schema, `POST ${path}`);
  }
}

function parse<T>(answer: HostdAnswer, schema: Schema<T>, attempted: string): T {
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new HostdError("BadAnswer", `hostd's answer to ${attempted} is not understood`, { cause: parsed.error });
}

function isUnauthorized(answer: HostdAnswer | Duplex): boolean {
  return "status" in answer && answer.status === 401;
}

function errorOf(answer: HostdAnswer, attempted: string): HostdError {
  const said = hostdError.safeParse(answer.body);
  const code = said.success ? said.data.code : `Http${answer.status}`;
  const message = said.success ? said.data.message : `hostd answered with status ${answer.status}`;
  return new HostdError(code, `${attempted}: ${message}`, { status: answer.status });
}
