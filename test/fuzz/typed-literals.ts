// Values of each type of CEL, as they are written.

import { type CelType, DYN, INT, STRING } from "@atoll/machinery/cel/check/cel-type";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import { below, oddText } from "./odd-values.ts";

const TEXTS = [
  "''",
  "'a'",
  "'abc'",
  "'10.0.0.1'",
  "'1Ki'",
  "'a,b,c'",
  "'ä€🏝'",
  "'(a+)+$'",
  "'%s'",
  "'2026-01-02T03:04:05Z'",
];

const PLAIN: Readonly<Record<string, readonly string[]>> = {
  bool: ["true", "false"],
  int: ["0", "1", "-1", "2", "7", "100", "9223372036854775807", "-9223372036854775808"],
  uint: ["0u", "1u", "18446744073709551615u"],
  double: ["0.0", "1.5", "-1.0", "1e300", "5e-324"],
  bytes: ["b''", "b'a'", "b'\\xff'"],
  null: ["null"],
  timestamp: ["timestamp('2026-01-02T03:04:05Z')", "timestamp('0001-01-01T00:00:00Z')", "timestamp(253402300799)"],
  duration: ["duration('1s')", "duration('-1h')", "duration('87600h')"],
};

const OPAQUE: Readonly<Record<string, readonly string[]>> = {
  "net.IP": ["ip('10.0.0.1')", "ip('::1')", "ip('fe80::1')"],
  "net.CIDR": ["cidr('10.0.0.0/8')", "cidr('::/0')", "cidr('2001:db8::/32')"],
  "kubernetes.Quantity": ["quantity('1')", "quantity('1.5Gi')", "quantity('-3m')", "quantity('12E')"],
  "kubernetes.URL": ["url('https://a.example:8443/b?c=d&c=e')", "url('http://[::1]/')", "url('/a')"],
  "kubernetes.Semver": ["semver('1.2.3')", "semver('0.0.0-rc.1+b')", "semver('v1', true)"],
  "kubernetes.authorization.Authorizer": ["authorizer"],
  "kubernetes.authorization.PathCheck": ["authorizer.path('/healthz')"],
  "kubernetes.authorization.GroupCheck": ["authorizer.group('apps')"],
  "kubernetes.authorization.ResourceCheck": ["authorizer.requestResource", "authorizer.group('').resource('pods')"],
  "kubernetes.authorization.Decision": ["authorizer.path('/healthz').check('get')"],
  "kubernetes.NamedFormat": ["format.dns1123Label()", "format.uuid()", "format.named('byte').value()"],
};

/** `inner` writes what is in a list, a map or an optional value. */
export function literalOf(random: Random, type: CelType, inner: (type: CelType) => string): string {
  const [first = DYN, second = DYN] = type.parameters;
  const length = chance(random, 0.15) ? 0 : 1 + below(random, 3);
  const several = (write: () => string) => Array.from({ length }, write).join(", ");
  switch (type.kind) {
    case "string":
      return pick(random, [() => pick(random, TEXTS), () => JSON.stringify(oddText(random).slice(0, 100))])();
    case "list":
      return `[${several(() => inner(first))}]`;
    case "map":
      return `{${several(() => `${inner(first)}: ${inner(second)}`)}}`;
    case "type":
      return `type(${inner(first)})`;
    case "dyn":
      return `dyn(${inner(pick(random, [INT, STRING]))})`;
    case "opaque":
      if (type.name === "optional_type")
        return chance(random, 0.8) ? `optional.of(${inner(first)})` : "optional.none()";
      return pick(random, OPAQUE[type.name] ?? ["nothing"]);
    default:
      return pick(random, PLAIN[type.kind] ?? ["nothing"]);
  }
}
