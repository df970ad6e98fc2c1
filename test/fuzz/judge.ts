// What an answer may be: anything but the server's own fault. What upstream's server answers with a status of 500 or more too
// stands here with its reason.

import type { Exchange } from "./target.ts";

interface Excuse {
  readonly because: string;
  readonly covers: (exchange: Exchange, status: number, text: string) => boolean;
}

const EXCUSES: readonly Excuse[] = [
  {
    because: "who binds to a role that is none asks a question that upstream fails to answer, with the same words",
    covers: (_exchange, status, text) => status === 500 && text.includes("unsupported role reference kind"),
  },
  {
    because: "a version that is not there yet is waited for, and the wait has an end, as upstream's has",
    covers: (_exchange, status, text) => status === 504 && text.includes("Too large resource version"),
  },
  {
    because: "ports of a service that the range has no room for are an internal error, as upstream's",
    covers: (_exchange, status, text) =>
      status === 500 && text.includes("failed to allocate a nodePort: range is full"),
  },
  {
    because: "a host that does not do what it should is a gateway's error, as upstream's",
    covers: ({ sent }, status) =>
      (status === 502 || status === 503) && /^GET \S+\/pods\/hostile-\d+:80\/proxy/.test(sent),
  },
];

/** Undefined: nothing is wrong with it. */
export function faultOf(exchange: Exchange): string | undefined {
  const { outcome, mayClose } = exchange;
  if (outcome.type === "hung") return `hung: ${outcome.why}`;
  if (outcome.type === "closed") return mayClose ? undefined : "the connection was closed without an answer";
  const { status, text } = outcome;
  if (status < 500 || EXCUSES.some(({ covers }) => covers(exchange, status, text))) return undefined;
  return `${status} ${text.slice(0, 400)}`;
}
