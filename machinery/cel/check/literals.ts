// Literals that can never work are refused when the expression is written: patterns, durations and moments in time.

import { formatProblem } from "../libraries/string-format.ts";
import { regularExpression } from "../../object/regular-expression.ts";
import { type Call, type Expression, partsOf } from "../syntax/ast.ts";
import type { Complaint } from "../syntax/source.ts";
import { parseDuration, parseTimestamp } from "../values/times.ts";
import { CelError } from "../values/values.ts";
import { DYN, formatType, isSameType, unwrapOptional } from "./cel-type.ts";

/** Only the first kind of complaint that there is. */
export function literalComplaints(expression: Expression): Complaint[] {
  const kinds: readonly ((part: Expression) => Complaint[])[] = [
    ofCalls(durationComplaint),
    ofCalls(timestampComplaint),
    ofCalls(patternComplaint),
    mixtureComplaints,
    ofCalls(formatComplaint),
  ];
  for (const complaintsOf of kinds) {
    const complaints = [...everyPart(expression, complaintsOf === mixtureComplaints)].flatMap(complaintsOf);
    if (complaints.length > 0) return complaints;
  }
  return [];
}

function* everyPart(expression: Expression, leavesOutFormats: boolean): Iterable<Expression> {
  // What is to be printed may be of all types.
  if (leavesOutFormats && expression.kind === "call" && expression.name === "format") return;
  yield expression;
  for (const part of partsOf(expression)) yield* everyPart(part, leavesOutFormats);
}

function ofCalls(complaintOf: (call: Call) => Complaint | undefined): (part: Expression) => Complaint[] {
  return (part) => {
    const complaint = part.kind === "call" ? complaintOf(part) : undefined;
    return complaint ? [complaint] : [];
  };
}

/** The items of a list, and the keys and the values of a map, are of one type. */
function mixtureComplaints(part: Expression): Complaint[] {
  if (part.kind === "list") return mixture(part.elements);
  if (part.kind !== "map") return [];
  const keys = part.entries.map(({ key }) => ({ value: key, isOptional: false }));
  return [...mixture(keys), ...mixture(part.entries)];
}

function mixture(items: readonly { readonly value: Expression; readonly isOptional: boolean }[]): Complaint[] {
  const typeOfItem = (item: (typeof items)[number]) => {
    const type = item.value.type ?? DYN;
    return item.isOptional ? unwrapOptional(type) : type;
  };
  const [first] = items;
  if (!first) return [];
  const wanted = typeOfItem(first);
  const other = items.find((item) => !isSameType(typeOfItem(item), wanted));
  if (!other) return [];
  const names = `expected type '${formatType(wanted)}' but found '${formatType(typeOfItem(other))}'`;
  return [{ position: other.value.position, message: names }];
}

function formatComplaint({ name, target, arguments: given, position }: Call): Complaint | undefined {
  const [list] = given;
  const isLiteral = target?.kind === "literal" && typeof target.value === "string" && list?.kind === "list";
  if (name !== "format" || !isLiteral) return undefined;
  const items = list.elements.map(({ value }) => value);
  const problem = formatProblem(
    String(target.value),
    items.map(({ type }) => type ?? DYN),
  );
  if (!problem) return undefined;
  const culprit = problem.index === undefined ? undefined : items[problem.index];
  return { position: culprit?.position ?? position, message: problem.message };
}

function durationComplaint({ name, arguments: given }: Call): Complaint | undefined {
  const [literal] = given;
  if (name !== "duration" || literal?.kind !== "literal" || typeof literal.value !== "string") return undefined;
  return parseDuration(literal.value)
    ? undefined
    : { position: literal.position, message: "invalid duration argument" };
}

function timestampComplaint({ name, arguments: given }: Call): Complaint | undefined {
  const [literal] = given;
  if (name !== "timestamp" || literal?.kind !== "literal" || typeof literal.value !== "string") return undefined;
  const moment = parseTimestamp(literal.value);
  if (moment !== undefined && !(moment instanceof CelError)) return undefined;
  return { position: literal.position, message: "invalid timestamp argument" };
}

function patternComplaint({ name, target, arguments: given }: Call): Complaint | undefined {
  const literal = target ? given[0] : given[1];
  if (name !== "matches" || literal?.kind !== "literal" || typeof literal.value !== "string") return undefined;
  const isSound = !(regularExpression(literal.value) instanceof Error);
  return isSound ? undefined : { position: literal.position, message: "invalid matches argument" };
}
