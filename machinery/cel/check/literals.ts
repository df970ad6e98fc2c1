// Literals that can never work are refused when the expression is written: patterns, durations and moments in time.

import { regularExpression } from "../../object/regular-expression.ts";
import { type Call, type Expression, partsOf } from "../syntax/ast.ts";
import type { Complaint } from "../syntax/source.ts";
import { parseDuration, parseTimestamp } from "../values/times.ts";
import { CelError } from "../values/values.ts";

/** Only the first kind of complaint that there is. */
export function literalComplaints(expression: Expression): Complaint[] {
  for (const complaintOf of [durationComplaint, timestampComplaint, patternComplaint]) {
    const complaints: Complaint[] = [];
    visit(expression, (call) => {
      const complaint = complaintOf(call);
      if (complaint) complaints.push(complaint);
    });
    if (complaints.length > 0) return complaints;
  }
  return [];
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

function visit(expression: Expression, onCall: (call: Call) => void): void {
  if (expression.kind === "call") onCall(expression);
  for (const part of partsOf(expression)) visit(part, onCall);
}
