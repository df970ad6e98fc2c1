// The endpoints of `api/hostd/hostd.ts` as one table: path, method, who may call, and what to do. No socket in here.

import {
  crxId,
  crxSpec,
  type HostNetwork as HostNetworkSpec,
  type HostStatus,
  hostdPaths,
  hostNetwork,
  imagePullSpec,
  sessionRequest,
  ticketRequest,
} from "@atoll/api/hostd/hostd";
import type { CrxManager } from "../crx/crx-manager.ts";
import type { ImagePuller } from "../images/image-puller.ts";
import type { HostNetwork } from "../network/host-network.ts";
import type { Datastore } from "../storage/datastore.ts";
import { RequestError } from "./http-error.ts";
import type { Tickets } from "./tickets.ts";

/** Longest time an answer is held for a change. */
const WAIT_MS_MAX = 30_000;

export interface HostdParts {
  readonly tickets: Tickets;
  readonly crx: CrxManager;
  readonly images: ImagePuller;
  readonly network: HostNetwork;
  readonly datastore: Datastore;
  readonly status: () => Promise<HostStatus>;
  /** Keeps what the network was told over a restart. */
  readonly rememberNetwork: (spec: HostNetworkSpec) => Promise<void>;
}

export interface HostdRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  /** Parsed JSON, undefined without a body. */
  readonly body: unknown;
  readonly signal: AbortSignal;
}

export interface HostdAnswer {
  readonly status: number;
  readonly body?: unknown;
}

type Handler = (parts: HostdParts, request: HostdRequest, id: string) => Promise<HostdAnswer>;

interface Route {
  readonly path: string;
  /** The path has one more segment, an id. */
  readonly hasId?: boolean;
  readonly isOpen?: boolean;
  readonly methods: Readonly<Record<string, Handler>>;
}

const ok = (body: unknown): HostdAnswer => ({ status: 200, body });
const gone: HostdAnswer = { status: 204 };

const routes: readonly Route[] = [
  {
    path: hostdPaths.tickets,
    isOpen: true,
    methods: {
      POST: async ({ tickets }, { body }) => ok({ secretFile: await tickets.issue(ticketRequest.parse(body).user) }),
    },
  },
  {
    path: hostdPaths.sessions,
    isOpen: true,
    methods: { POST: async ({ tickets }, { body }) => ok(await tickets.redeem(sessionRequest.parse(body).secret)) },
  },
  { path: hostdPaths.host, methods: { GET: async ({ status }) => ok(await status()) } },
  {
    path: hostdPaths.network,
    methods: {
      PUT: async ({ network, rememberNetwork }, { body }) => {
        const spec = hostNetwork.parse(body);
        await network.configure(spec);
        await rememberNetwork(spec);
        return ok(spec);
      },
    },
  },
  { path: hostdPaths.crx, methods: { GET: async ({ crx }) => ok(crx.list()) } },
  {
    path: hostdPaths.crx,
    hasId: true,
    methods: {
      GET: async ({ crx }, _request, id) => ok(crx.get(id)),
      PUT: async ({ crx }, { body, signal }, id) => ok(await crx.ensure(id, crxSpec.parse(body), signal)),
      DELETE: async ({ crx }, _request, id) => {
        await crx.remove(id);
        return gone;
      },
    },
  },
  { path: hostdPaths.imagePulls, methods: { GET: async ({ images }) => ok(images.list()) } },
  {
    path: hostdPaths.imagePulls,
    hasId: true,
    methods: {
      GET: async ({ images }, { url, signal }, id) => {
        const waitMs = Math.min(Number(url.searchParams.get("waitMs") ?? 0) || 0, WAIT_MS_MAX);
        return ok(await images.get(id, { waitMs, signal }));
      },
      PUT: async ({ images }, { body }, id) => ok(images.ensure(id, imagePullSpec.parse(body))),
      DELETE: async ({ images }, _request, id) => {
        await images.remove(id);
        return gone;
      },
    },
  },
  {
    path: hostdPaths.imageDisks,
    methods: {
      GET: async ({ datastore }) =>
        ok(
          (await datastore.listImages()).map(({ digest, diskBytes, configJson }) => ({
            digest,
            diskBytes,
            configJson,
          })),
        ),
    },
  },
];

export async function answerRequest(parts: HostdParts, request: HostdRequest): Promise<HostdAnswer> {
  const { route, id } = findRoute(request.url.pathname);
  if (!route.isOpen) parts.tickets.authenticate(request.authorization);
  const handler = route.methods[request.method];
  if (!handler) throw new RequestError("MethodNotAllowed", `${request.method} is not for "${request.url.pathname}"`);
  return await handler(parts, request, id);
}

/** The id in the path of an agent's line, "/v1/crx/{id}/agent". */
export function agentLineId(pathname: string): string {
  const id =
    pathname.startsWith(`${hostdPaths.crx}/`) && /^\/([^/]+)\/agent$/.exec(pathname.slice(hostdPaths.crx.length));
  if (!id) throw new RequestError("NotFound", `No upgrade is served at "${pathname}"`);
  return crxId.parse(id[1]);
}

function findRoute(pathname: string): { readonly route: Route; readonly id: string } {
  for (const route of routes) {
    if (!route.hasId && pathname === route.path) return { route, id: "" };
    const rest = route.hasId && pathname.startsWith(`${route.path}/`) ? pathname.slice(route.path.length + 1) : "";
    if (rest && !rest.includes("/")) return { route, id: crxId.parse(rest) };
  }
  throw new RequestError("NotFound", `Nothing is served at "${pathname}"`);
}
