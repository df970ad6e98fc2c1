// What a call can cost at most, from the sizes of its operands.

import { isSameType, itemOf } from "../check/cel-type.ts";
import type { Operand, SizeOfPath } from "./operand.ts";
import { add, type CostRange, fixed, multiply, ONE, scale, UNBOUNDED, UNKNOWN, union, ZERO } from "./range.ts";
import { SORTED_TYPES } from "./sorted-types.ts";

interface EstimatedCall {
  readonly name: string;
  /** Of the overload. */
  readonly id: string;
  readonly target: Operand | undefined;
  readonly operands: readonly Operand[];
  readonly sizeOfPath: SizeOfPath;
}

/** The operands' own costs are not in it. */
interface CallEstimate {
  readonly cost: CostRange;
  /** Of the result; undefined: it cannot be told. */
  readonly size?: CostRange | undefined;
}

const TRAVERSAL = 0.1;
const REGEX = 0.25;
const AUTHORIZATION_CHECK = 350_000;
const LIST_CREATION = 10;
const STRUCT_CREATION = 40;
/** Characters of the longest pattern behind a named format. */
const FORMAT_PATTERN_MAX = 128;
const FORMAT_NAME_MAX = 64;
/** Bytes of an address. */
const ADDRESS: CostRange = { min: 4, max: 16 };

const ADDRESSES_COMPARED = scale(add(ADDRESS, ADDRESS), TRAVERSAL);

const NOMINAL: CallEstimate = { cost: ONE };

export function estimateCall(call: EstimatedCall): CallEstimate {
  return BY_OVERLOAD.get(call.id)?.(call) ?? BY_NAME.get(call.name)?.(call) ?? byBasicOverload(call) ?? NOMINAL;
}

type Estimate = (call: EstimatedCall) => CallEstimate | undefined;

function named(estimate: Estimate, ...names: readonly string[]): [string, Estimate][] {
  return names
    .join(" ")
    .split(" ")
    .map((name) => [name, estimate]);
}

const firstTraversal: Estimate = (call) => ({ cost: scale(argumentSize(call, 0), TRAVERSAL) });

const BY_NAME: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ["check", () => ({ cost: fixed(AUTHORIZATION_CHECK) })],
  ...named(
    () => NOMINAL,
    "serviceAccount path group resource subresource namespace name allowed reason error errored format.named",
    "masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast",
    "sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch",
    "getScheme getHostname getHost getPort getEscapedPath getQuery",
  ),
  ...named((call) => ({ cost: selectorCost(argumentSize(call, 0)) }), "fieldSelector labelSelector"),
  ...named(walkOfList, "isSorted sum max min indexOf lastIndexOf"),
  ...named(
    (call) => ({ cost: scale(argumentSize(call, 0), TRAVERSAL), size: argumentSize(call, 0) }),
    "url jsonpatch.escapeKey",
  ),
  ...named(
    (call) => ({ cost: scale(targetSize(call), TRAVERSAL), size: targetSize(call) }),
    "lowerAscii upperAscii substring trim",
  ),
  ["replace", (call) => ({ cost: scale(targetSize(call), 2 * TRAVERSAL), size: sizeOfReplaced(call) })],
  ["split", (call) => ({ cost: scale(targetSize(call), 2 * TRAVERSAL), size: { min: 0, max: partsOfSplit(call) } })],
  ["join", joined],
  ...named(search, "find findAll"),
  ...named(firstTraversal, "cidr isIP isCIDR quantity isQuantity semver isSemver"),
  ["ip", (call) => (call.id === "cidr_ip" ? NOMINAL : firstTraversal(call))],
  ["ip.isCanonical", (call) => ({ cost: scale(argumentSize(call, 0), 2 * TRAVERSAL) })],
  ["containsIP", (call) => ({ cost: add(ADDRESSES_COMPARED, textCost(call, "cidr_contains_ip_string")) })],
  [
    "containsCIDR",
    (call) => ({
      cost: add(ADDRESSES_COMPARED, scale(ADDRESS, TRAVERSAL), ONE, textCost(call, "cidr_contains_cidr_string")),
    }),
  ],
  ["validate", (call) => ({ cost: scale(scale(argumentSize(call, 0), TRAVERSAL), FORMAT_PATTERN_MAX * REGEX) })],
  ["_==_", equality],
]);

function textCost(call: EstimatedCall, id: string): CostRange {
  return call.id === id ? scale(argumentSize(call, 0), TRAVERSAL) : ZERO;
}

function sizeOf(operand: Operand | undefined, sizeOfPath: SizeOfPath): CostRange {
  return operand?.size ?? (operand?.path && sizeOfPath(operand.path)) ?? UNKNOWN;
}

function argumentSize({ operands, sizeOfPath }: EstimatedCall, index: number): CostRange {
  return sizeOf(operands[index], sizeOfPath);
}

function targetSize({ target, sizeOfPath }: EstimatedCall): CostRange {
  return sizeOf(target, sizeOfPath);
}

function itemSize({ target, sizeOfPath }: EstimatedCall): CostRange {
  return (target?.path && sizeOfPath([...target.path, "@items"])) ?? UNKNOWN;
}

function hasItems({ target }: EstimatedCall): boolean {
  return (target?.type.parameters.length ?? 0) > 0;
}

function selectorCost(length: CostRange): CostRange {
  const requirements = scale(length, 0.5);
  return add(fixed(LIST_CREATION), scale(length, TRAVERSAL), scale(requirements, LIST_CREATION + STRUCT_CREATION));
}

function walkOfList(call: EstimatedCall): CallEstimate | undefined {
  const { target } = call;
  if (!target) return undefined;
  if (!hasItems(call)) return { cost: scale(targetSize(call), TRAVERSAL) };
  const { kind } = itemOf(target.type);
  const isText = kind === "string" || kind === "bytes";
  const each = isText ? add(ONE, scale(itemSize(call), TRAVERSAL)) : ONE;
  return { cost: multiply(targetSize(call), each) };
}

function sizeOfReplaced(call: EstimatedCall): CostRange {
  const [size, from, to] = [targetSize(call), argumentSize(call, 0), argumentSize(call, 1)];
  const around = (length: number) => (length < UNBOUNDED ? length + 1 : length);
  const most =
    from.min === 0
      ? { count: around(size.max), kept: size.max }
      : to.max <= from.min
        ? { count: 0, kept: size.max }
        : { count: Math.ceil(size.max / from.min), kept: 0 };
  const least =
    from.max === 0
      ? { count: around(size.min), kept: size.min }
      : from.max <= to.min
        ? { count: 0, kept: size.min }
        : { count: Math.ceil(size.min / from.max), kept: 0 };
  const counts = { min: least.count, max: most.count };
  return add(multiply(counts, to), { min: least.kept, max: most.kept });
}

function partsOfSplit(call: EstimatedCall): number {
  const limit = call.operands[1]?.literal?.value;
  return typeof limit === "bigint" ? Number(BigInt.asUintN(64, limit)) : targetSize(call).max;
}

function joined(call: EstimatedCall): CallEstimate {
  const length = targetSize(call);
  let size = hasItems(call) ? multiply(length, itemSize(call)) : ZERO;
  if (call.operands.length > 0) {
    const separators = { min: Math.max(0, length.min - 1), max: Math.max(0, length.max - 1) };
    size = add(size, multiply(argumentSize(call, 0), separators));
  }
  return { cost: scale(size, TRAVERSAL), size };
}

function search(call: EstimatedCall): CallEstimate {
  const size = targetSize(call);
  const cost = multiply(scale(add(size, ONE), TRAVERSAL), scale(argumentSize(call, 0), REGEX));
  return { cost, size: { min: 0, max: size.max } };
}

const COMPARED_AS_ONE: ReadonlySet<string> = new Set([
  ...["net.IP", "net.CIDR", "kubernetes.Quantity", "kubernetes.Semver"],
  ...["Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision"].map(
    (name) => `kubernetes.authorization.${name}`,
  ),
]);

function equality({ operands, sizeOfPath }: EstimatedCall): CallEstimate | undefined {
  const [left, right] = operands;
  if (!left || !right || !isSameType(left.type, right.type)) return undefined;
  const { name } = left.type;
  if (COMPARED_AS_ONE.has(name)) return NOMINAL;
  if (name === "kubernetes.NamedFormat") return { cost: scale({ min: 1, max: FORMAT_NAME_MAX }, TRAVERSAL) };
  if (name !== "kubernetes.URL") return undefined;
  const size = right.size ?? ONE;
  return { cost: scale({ min: 1, max: union(size, size).max }, TRAVERSAL), size: sizeOfPath([]) };
}

const COMPARISONS = "less_string less_equals_string greater_string greater_equals_string".split(" ");
const TEXT_COMPARISONS: ReadonlySet<string> = new Set([
  ...COMPARISONS,
  ...COMPARISONS.map((id) => id.replace("string", "bytes")),
  ...["equals", "not_equals"],
]);

/** What the language itself has. */
function byBasicOverload(call: EstimatedCall): CallEstimate | undefined {
  const { id, target, operands } = call;
  if (TEXT_COMPARISONS.has(id)) {
    const max = Math.min(argumentSize(call, 0).max, argumentSize(call, 1).max);
    return { cost: scale({ min: max > 0 ? 1 : 0, max }, TRAVERSAL) };
  }
  switch (id) {
    case "string_format":
      return { cost: scale(targetSize(call), TRAVERSAL) };
    case "string_to_bytes": {
      const size = argumentSize(call, 0);
      return { cost: scale(size, TRAVERSAL), size: { min: size.min, max: size.max * 4 } };
    }
    case "bytes_to_string": {
      const size = argumentSize(call, 0);
      return { cost: scale(size, TRAVERSAL), size: { min: Math.trunc(size.min / 4), max: size.max } };
    }
    case "strings_quote": {
      const size = argumentSize(call, 0);
      return { cost: scale(size, TRAVERSAL), size: { min: size.min + 2, max: size.max * 2 + 2 } };
    }
    case "starts_with_string":
    case "ends_with_string":
      return { cost: scale(argumentSize(call, 0), TRAVERSAL) };
    case "in_list":
      return { cost: argumentSize(call, 1) };
    case "matches_string":
      if (!target || operands.length !== 1) return undefined;
      return { cost: multiply(scale(add(targetSize(call), ONE), TRAVERSAL), scale(argumentSize(call, 0), REGEX)) };
    case "contains_string":
      return { cost: multiply(scale(targetSize(call), TRAVERSAL), scale(argumentSize(call, 0), TRAVERSAL)) };
    default:
      return undefined;
  }
}

function listCost(factor: number, size: CostRange, result = size): CallEstimate {
  return { cost: add(scale(size, factor), ONE, fixed(LIST_CREATION)), size: result };
}

function literalInt(operand: Operand | undefined, otherwise: number): number {
  const value = operand?.literal?.value;
  return typeof value === "bigint" ? Math.max(0, Number(value)) : otherwise;
}

function sortCost(size: CostRange, type: string): CallEstimate {
  const isText = type === "string" || type === "bytes";
  return listCost(isText ? 2 + TRAVERSAL : 2, multiply(size, size));
}

function setCost(call: EstimatedCall, factor: number): CallEstimate {
  return { cost: add(scale(multiply(argumentSize(call, 0), argumentSize(call, 1)), factor), ONE) };
}

/** Functions on lists. */
const BY_OVERLOAD: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  [
    "list_slice",
    (call) => {
      const [start, end] = call.operands;
      const length = literalInt(end, targetSize(call).max) - literalInt(start, 0);
      // A negative length wraps around as it does upstream.
      return listCost(1, fixed(length < 0 ? UNBOUNDED + length : length));
    },
  ],
  ["lists_range", (call) => listCost(1, fixed(literalInt(call.operands[0], UNBOUNDED)))],
  ["list_reverse", (call) => listCost(1, targetSize(call))],
  ...named(
    (call) => listCost(call.operands.length === 0 ? 1 : literalInt(call.operands[0], UNBOUNDED), targetSize(call)),
    "list_flatten list_flatten_int",
  ),
  ...named((call) => setCost(call, 1), "list_sets_contains_list list_sets_intersects_list"),
  ["list_sets_equivalent_list", (call) => setCost(call, 2)],
  ["list_distinct", (call) => listCost(2, multiply(targetSize(call), targetSize(call)))],
  ...SORTED_TYPES.flatMap((type): [string, Estimate][] => [
    [`list_${type}_sort`, (call) => sortCost(targetSize(call), type)],
    [`list_${type}_sortByAssociatedKeys`, (call) => sortCost(argumentSize(call, 0), type)],
  ]),
]);
