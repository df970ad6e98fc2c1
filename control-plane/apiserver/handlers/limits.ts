// How much is worked on at once. Requests that end by themselves take a place among the readers or the writers; those that
// last as long as the client likes (watches, upgraded connections, followed logs) have a number of their own.

import { ApiError } from "@atoll/machinery/object/api-error";
import type { Handler, RequestContext } from "../request/context.ts";
import type { ApiResponse } from "../request/request.ts";

/** Upstream's defaults for one server: enough to keep two cores busy, few enough that each gets an answer in time. */
const READS_MAX = 400;
const WRITES_MAX = 200;
/** A thousand hosts with ten watches each. */
const LONG_RUNNING_MAX = 10_000;

const STREAMING_SUBRESOURCES: ReadonlySet<string> = new Set(["log", "exec", "attach", "portforward", "proxy"]);

type Lane = "reads" | "writes" | "longRunning";

export interface LimitSizes {
  readonly reads: number;
  readonly writes: number;
  readonly longRunning: number;
}

const DEFAULT_SIZES: LimitSizes = { reads: READS_MAX, writes: WRITES_MAX, longRunning: LONG_RUNNING_MAX };

export function limitInFlight(sizes: LimitSizes = DEFAULT_SIZES): Handler {
  const taken: Record<Lane, number> = { reads: 0, writes: 0, longRunning: 0 };
  return async (context, next) => {
    const lane = laneOf(context);
    if (taken[lane] >= sizes[lane]) {
      throw new ApiError(
        "TooManyRequests",
        "The server has received too many requests and has asked us to try again later",
        {
          details: { retryAfterSeconds: 1 },
        },
      );
    }
    taken[lane]++;
    let response: ApiResponse;
    try {
      response = await next();
    } catch (error) {
      taken[lane]--;
      throw error;
    }
    const { body } = response;
    if (body instanceof Uint8Array) {
      taken[lane]--;
      return response;
    }
    let isTaken = true;
    const release = () => {
      if (isTaken) taken[lane]--;
      isTaken = false;
    };
    // A client may go away before anybody begins to read the stream, and then the stream never ends.
    context.request.signal.addEventListener("abort", release, { once: true });
    return { ...response, body: releasing(body, release) };
  };
}

function laneOf({ info, request }: RequestContext): Lane {
  if (info.verb === "watch" || request.wantsUpgrade || STREAMING_SUBRESOURCES.has(info.subresource))
    return "longRunning";
  return request.method === "GET" || request.method === "HEAD" ? "reads" : "writes";
}

/** The stream with something to do at its end, however it ends. */
async function* releasing(body: AsyncIterable<Uint8Array>, release: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    release();
  }
}
