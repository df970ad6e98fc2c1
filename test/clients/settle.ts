// What no two servers agree on is made alike before their outputs are compared, and what is meant to differ is told apart.

import { isRecord } from "@atoll/base/is-record";

const SETTLED: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} [\d:]{8} \+0000/g, "<time>"],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d+ [\d:]{8} \d{4}/g, "<time>"],
  [/(resourceVersion"?: ?)"\d+"/g, "$1<version>"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
  [/\b10\.96\.\d+\.\d+\b/g, "<address>"],
  [/\b3[012]\d{3}\b/g, "<port>"],
  [/(LIVE|MERGED)-\d+/g, "$1"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000/g, "<time>"],
  [/(Resource Version:\s+)\d+/g, "$1<version>"],
  [/kubectl-edit-\d+/g, "kubectl-edit"],
  [/\b(configmap\/g)-[bcdfghjklmnpqrstvwxz24-9]{5}/g, "$1-<hash>"],
  [/(serverAddress"?: ?)"[^"]+"/g, "$1<server>"],
  [/https:\/\/127\.0\.0\.1:\d+/g, "<server>"],
  [/(<invalid>|\b(\d+[dhms]){1,2})(?=\s|$|\))/gm, "<age>"],
  // Names end in five random letters; those of ReplicaSets and of their pods before that in a hash of the template.
  [/-[bcdf0-9]*[bcdfghjklmnpqrstvwxz24-9]{8,10}(-[bcdfghjklmnpqrstvwxz24-9]{5})?\b/g, "-<hash>"],
  [/(pod-template-hash[=:] ?)"?[bcdfghjklmnpqrstvwxz24-9]{8,10}"?/g, "$1<hash>"],
  // Columns are as wide as what stands in them.
  [/ {3,}/g, "   "],
  [/kube-api-access-[bcdfghjklmnpqrstvwxz24-9]{5}/g, "kube-api-access-<hash>"],
  [/\b10\.\d+\.\d+\.\d+\b/g, "<address>"],
  [/[ \t]+$/gm, ""],
];

export function settle(output: string): string {
  return settleText(inOrder(output));
}

/** What is one object in JSON is compared field by field: no two servers write fields in the same order. */
function inOrder(output: string): string {
  if (!output.startsWith("{")) return output;
  try {
    return JSON.stringify(JSON.parse(output), (_key, value) => (isRecord(value) ? sorted(value) : value), 1);
  } catch {
    return output;
  }
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function settleText(output: string): string {
  return SETTLED.reduce((text, [pattern, word]) => text.replace(pattern, word), output);
}

interface KnownDifference {
  readonly because: string;
  /** Of a line with its sign in front. */
  readonly text: RegExp;
  /** Of the command; left out: all. */
  readonly command?: RegExp;
}

/** Everything else that the two servers say differently is a fault of ours, and fails the run. */
const KNOWN: readonly KnownDifference[] = [
  { because: "kinds of the Supervisor's own", text: /^\+ .*\bvmware\.com\b/ },
  {
    because: "who writes the status of flow control: one server, and not by applying it",
    command: /--show-managed-fields/,
    text: /^[+-] +(manager: (api-priority-and-fairness-config-consumer-v1|kube-apiserver)|operation: \w+|subresource: status)$/,
  },
  {
    because: "the administrator's name and credentials",
    text: /^[+-] .*(\b(kubernetes-admin|admin|credential-id|X509SHA256=\w+)\b|\bextra:$)/,
  },
  {
    because: "warnings of what a host does not do (docs/operating/limits.md)",
    text: /^\+ Warning: .*(only volumes of CSI drivers|hosts open no port|shares nothing with its host)/,
  },
  {
    because: "descriptions of fields: fewer, and without their line breaks (docs/operating/limits.md)",
    command: /^kubectl explain/,
    text: /^[+-] (?! *\S+\t<)(?!\w+:)/,
  },
];

export function reasonFor(text: string, command: string): string | undefined {
  return KNOWN.find((known) => known.text.test(text) && (known.command?.test(command) ?? true))?.because;
}
