// Differences that are meant, each with its reason. Everything else that the two servers say differently is a fault of ours, and
// fails the run.

import { canonicalText } from "@atoll/api/meta/repeats";
import { type Difference, isSameMessage, settle } from "./compare-answers.ts";
import { HUNG_UP } from "./sender.ts";
import type { ScriptedRequest } from "./request-script.ts";

export interface KnownDifference {
  readonly because: string;
  readonly covers: (difference: Difference, request: ScriptedRequest) => boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    because: "warnings that say what a microVM cannot share with its host (docs/operating/limits.md)",
    covers: ({ where, atoll }) => where === "warnings" && atoll.includes("shares nothing with its host"),
  },
  {
    because: "the warning that no host opens a port for a service (docs/operating/limits.md)",
    covers: ({ where, atoll, upstream }) =>
      where === "warnings" && atoll.includes("hosts open no port") && atoll.replace(PORT_WARNING, "") === upstream,
  },
  {
    because: "the warning that a volume can be in no pod (docs/operating/limits.md)",
    covers: ({ where, atoll, upstream }) => where === "warnings" && atoll.replace(VOLUME_WARNING, "") === upstream,
  },
  {
    because: "upstream shows how its own types differ, where a field may not change",
    covers: ({ where, atoll, upstream }) =>
      where === "message" && DUMP.test(upstream) && isSameMessage(atoll, upstream.replace(DUMP, "")),
  },
  {
    because: "descriptions of columns are our own words",
    covers: ({ where }) => /^columnDefinitions\[\d+\]\.description$/.test(where),
  },
  {
    because: "a JSON patch that does not apply is refused with the reason, upstream gives none",
    covers: ({ where, atoll, upstream }) => where === "message" && upstream === REJECTED && atoll.startsWith(REJECTED),
  },
  {
    because:
      "a patched object that does not fit is shown with its fields in our order, and with what each server has made",
    covers: ({ where, atoll, upstream }) =>
      where === "message" && atoll !== upstream && isSameMessage(withoutOrder(atoll), withoutOrder(upstream)),
  },
  {
    because: "upstream counts the volumes of a StatefulSet's claims in an order that changes from one time to the next",
    covers: ({ where, atoll, upstream }, { path }) =>
      (where === "causes" || where === "message") &&
      path.includes("/statefulsets") &&
      atoll.replaceAll(CLAIM_VOLUME, "") === upstream.replaceAll(CLAIM_VOLUME, ""),
  },
  {
    because: "types are named as in the schema, not as in upstream's program",
    covers: sameMessage(/Go struct field \S+ of type \S+|cannot convert \S+ to \S+/g),
  },
  {
    because: "what is wrong with the JSON in a secret is not told",
    covers: sameMessage(/(?<=<secret contents redacted>": )[^,\]]*/g),
  },
  {
    because: "a configuration that does not fit its schema is its sender's mistake (decision 0141)",
    covers: ({ where, atoll, upstream }) =>
      where === "status" &&
      ((/^400 BadRequest: failed to create typed/.test(atoll) &&
        /^500 \w+: failed to create (typed|manager)/.test(upstream)) ||
        (atoll.startsWith("400 BadRequest: ") && /^500 \w+: failed to convert new object/.test(upstream))),
  },
  {
    because:
      "whether what cannot be read is called a patch hangs on the sort of patch, not on how strict its fields are read",
    covers: ({ where, atoll, upstream }) =>
      where === "message" && atoll !== upstream && withoutPrefix(atoll) === withoutPrefix(upstream),
  },
  {
    because: "an empty list, or text, is none once it is read (decision 0260), and a message shows it as none",
    covers: sameMessage(/Invalid value: (null|\[\]|"")|(?<=":)(null|\[\])(?=[,}])/g),
  },
  {
    because: "upstream sorts the JSON of a ControllerRevision when it is patched, and takes that for a change",
    covers: ({ where, upstream }, { what }) =>
      / controllerrevisions: patch (json|merge|strategic-merge|apply)$/.test(what) &&
      (where === "causes" ? upstream.includes("FieldValueInvalid data") : upstream.includes("data: Invalid value: ")),
  },
  {
    because:
      "a number that is too large for its field is refused; in strategic merge patches and applies upstream cuts it off",
    covers: ({ where, atoll }, { what, body = "" }) =>
      (where === "causes" && atoll === "FieldValueInvalid patch" && TOO_LARGE.test(body)) ||
      (where === "status" &&
        (atoll.includes("cannot convert int64 to int32") ||
          (what.endsWith(" apply") && /cannot unmarshal number \d{10,} into .* of type int32$/.test(atoll)))),
  },
  {
    because: "conflicts stand in the order of their managers' names, upstream's in none (decision 0141)",
    covers: ({ where, atoll, upstream }) =>
      where === "message" && /^Apply failed with \d+ conflict/.test(atoll) && linesOf(atoll) === linesOf(upstream),
  },
  {
    because: "a service that is not there is not made by an apply to its status; upstream makes one without an address",
    covers: ({ where, atoll, upstream }, { what }) =>
      where === "status" &&
      what === "v1 services: patch status apply" &&
      atoll.startsWith("404 ") &&
      (upstream === "201" || upstream.startsWith("422 ")),
  },
  {
    because: "a service that is made by way of its status is given its addresses, upstream forgets to",
    covers: ({ where, atoll, upstream }, { what }) =>
      what === "v1 services: update status" &&
      ((where === "causes" &&
        (upstream.includes("FieldValueRequired spec.clusterIPs") ||
          atoll.includes("FieldValueForbidden spec.clusterIPs")) &&
        withoutAddresses(atoll) === withoutAddresses(upstream.replace(/; FieldValueRequired spec\.ports\b/, ""))) ||
        // Without its address a headless service is none, and wants ports.
        (where === "status" && atoll === "201" && upstream.endsWith(NO_ADDRESSES))),
  },
  {
    because: "upstream falls over what is refused here, and hangs up",
    covers: ({ where, atoll, upstream }) =>
      where === "status" && upstream === `${HUNG_UP}` && (atoll.startsWith("422 ") || atoll.startsWith("400 ")),
  },
  {
    because:
      "ports of a service that share a node port are its sender's mistake, upstream takes them for a fault of the server",
    covers: ({ where, atoll, upstream }) =>
      where === "status" && atoll.startsWith("422 ") && upstream.startsWith("500 undefined: duplicate nodePort: "),
  },
  {
    because:
      "a port for health checks that is out of range is its sender's mistake, upstream takes it for the server's",
    covers: ({ where, atoll, upstream }) =>
      where === "status" &&
      /^422 Invalid: .*spec\.healthCheckNodePort: Invalid value: \d+: provided port is not in the valid range/.test(
        atoll,
      ) &&
      /^500 InternalError: .*failed to allocate requested HealthCheck NodePort \d+: provided port is not in the valid range/.test(
        upstream,
      ),
  },
  {
    because: "a runtime class of a name that none can have is not there; upstream fails to ask for it",
    covers: ({ where, atoll, upstream }) =>
      where === "status" &&
      /^403 Forbidden: .* RuntimeClass "[^"]*" not found$/.test(atoll) &&
      upstream.startsWith("500 undefined: invalid resource name "),
  },
  {
    because: "a definition's versions and schemas are shown in short where a message would show all of them",
    covers: ({ where, atoll, upstream }, { what }) =>
      where === "message" &&
      what.includes(" customresourcedefinitions: ") &&
      isSameMessage(atoll.replaceAll(WHOLE_DEFINITION, "$1: "), upstream.replaceAll(WHOLE_DEFINITION, "$1: ")),
  },
  {
    because: "what is wrong with the scale of a custom resource is told, upstream names a line of its program",
    covers: ({ where, atoll, upstream }, { what }) =>
      where === "message" &&
      what.endsWith(" update scale") &&
      /^no kind is registered for the type v1\.Scale in scheme/.test(upstream) &&
      atoll.includes("cannot be handled as a Scale"),
  },
  {
    because: "a list item without its merge key is a mistake of the patch, upstream takes it for a fault of the server",
    covers: ({ where, atoll, upstream }) =>
      where === "status" && atoll.startsWith("400 ") && /^500 .*does not contain declared merge key/.test(upstream),
  },
  {
    because: "what a slice of this version drops of its endpoints is no change; upstream counts it as one",
    covers: ({ where }, { what, body = "" }) =>
      where === "metadata.generation" && what.includes(" endpointslices: ") && body.includes("deprecatedTopology"),
  },
  {
    because:
      "an object without owners has some again before its first apply, where a server has written its status meanwhile",
    covers: ({ where, atoll, upstream }, { what }) =>
      where === "status" &&
      / (flowschemas|apiservices|customresourcedefinitions): patch apply$/.test(what) &&
      atoll.startsWith("409 Conflict: ") &&
      atoll.includes('conflict with "before-first-apply"') &&
      upstream === "200",
  },
  {
    because: "a time has whole seconds from when it is read; upstream compares the fractions that it then forgets",
    covers: ({ where, atoll, upstream }, { body = "" }) =>
      where === "message" && FRACTION.test(body) && withoutEarlier(atoll) === withoutEarlier(upstream),
  },
  {
    because: "how a flow schema tells flows apart is shown with the fields of the API",
    covers: sameMessage(/distinguisherMethod\.type: Unsupported value: \{"[Tt]ype":/),
  },
  {
    because: "a configuration that is JSON is read as JSON; in YAML, as upstream reads it, a line may end in a text",
    covers: (_difference, { body = "", what }) => what.endsWith("patch apply") && /[\u0085\u2028\u2029]/.test(body),
  },
];

const FRACTION = /:\d\d\.\d+Z"/;
const NO_ADDRESSES = "[spec.ports: Required value, spec.clusterIPs: Required value]";
const PATCHED = /(?<=patch: Invalid value: )"(?:[^"\\]|\\.)*"(?=: )/s;
const TOO_LARGE = /:2147483648[,}]/;
const WHOLE_DEFINITION =
  /(spec\.versions|openAPIV3Schema): Invalid value: [[{].*?[\]}]: (?=must contain unique version names|must have exactly one|only \[Description)/g;
const CLAIM_VOLUME = /(?<=spec\.template\.spec\.volumes\[)\d+(?=\])/g;
const PORT_WARNING = /(, )?299 - "[^"]*hosts open no port[^"]*"/;
const VOLUME_WARNING =
  /(, )?299 - "[^"]* is in no pod: only volumes of CSI drivers can be attached to virtual machines"/;
/** Lines of it begin with a sign of their own, unlike what follows. */
const DUMP = /\n@@ .*(\n[ +@-].*)*\n?/;
const withoutPrefix = (message: string) => message.replace(/^error decoding patch: /, "");
const REJECTED = "the server rejected our request due to an error in our request";

function withoutAddresses(causes: string): string {
  return causes
    .split("; ")
    .filter((cause) => !cause.includes(" spec.clusterIPs"))
    .join("; ");
}

/** With the fields of a patched object in one order, and without what no two servers agree on. */
function withoutOrder(message: string): string {
  return message.replace(PATCHED, (shown) => {
    try {
      const text: string = JSON.parse(shown);
      return canonicalText(settle(JSON.parse(text)));
    } catch {
      // Shown as a map of Go: the same order everywhere.
      return shown;
    }
  });
}

/** Without that one time is earlier than another: a single fault of those that are left stands without brackets. */
function withoutEarlier(message: string): string {
  return message
    .replaceAll(/, [\w.]+: Invalid value: "<time>": must be equal to or after `\w+`/g, "")
    .replaceAll(/[[\]]/g, "");
}

function linesOf(text: string): string {
  return text.split("\n").sort().join("\n");
}

/** The messages are the same without what fits `apart`, which both have. */
function sameMessage(apart: RegExp): KnownDifference["covers"] {
  return ({ where, atoll, upstream }) =>
    where === "message" && atoll !== upstream && isSameMessage(atoll.replace(apart, ""), upstream.replace(apart, ""));
}

export function reasonFor(difference: Difference, request: ScriptedRequest): string | undefined {
  return KNOWN_DIFFERENCES.find(({ covers }) => covers(difference, request))?.because;
}
