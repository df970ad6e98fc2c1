// Whether somebody may do something: authorizer.group("apps").resource("deployments").namespace("x").check("create").allowed().
//
// Authorization may have to look things up, and a run never waits: a check whose answer is not known yet ends the run with a
// Pending error, and whoever runs the program waits for the answer and starts it again. A run can ask twice at most, by its cost.

import { checkDns1123Label, checkDns1123Subdomain } from "@atoll/api/meta/names";
import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { CelError, type CelValue, Opaque } from "../values/values.ts";

export interface Question {
  /** Undefined: whoever makes the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  /** Set, and all else empty, where it is about a path. */
  readonly path: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface Answer {
  readonly isAllowed: boolean;
  readonly reason: string;
  /** "" if it went well. */
  readonly error: string;
}

/** Undefined: not known yet; the answer will be. */
export type Ask = (question: Question) => Answer | undefined;

/** Thrown out of a run. */
export class Pending extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super("An authorization check has no answer yet");
    this.question = question;
  }
}

const NOTHING_ASKED: Question = {
  serviceAccount: undefined,
  path: "",
  verb: "",
  group: "",
  resource: "",
  subresource: "",
  namespace: "",
  name: "",
  fieldSelector: "",
  labelSelector: "",
};

type CheckType = "Authorizer" | "PathCheck" | "GroupCheck" | "ResourceCheck";

class Check extends Opaque {
  readonly typeName: string;
  readonly ask: Ask;
  readonly question: Question;

  constructor(type: CheckType, ask: Ask, question: Question) {
    super();
    this.typeName = `kubernetes.authorization.${type}`;
    this.ask = ask;
    this.question = question;
  }

  equals(other: Opaque): boolean {
    return other instanceof Check && JSON.stringify(other.question) === JSON.stringify(this.question);
  }

  as(type: CheckType, more: Partial<Question>): Check {
    return new Check(type, this.ask, { ...this.question, ...more });
  }
}

class Decision extends Opaque {
  readonly typeName = "kubernetes.authorization.Decision";
  readonly answer: Answer;

  constructor(answer: Answer) {
    super();
    this.answer = answer;
  }

  equals(other: Opaque): boolean {
    return other instanceof Decision && other.answer === this.answer;
  }
}

/** The variable `authorizer`. */
export function authorizerValue(ask: Ask): CelValue {
  return new Check("Authorizer", ask, NOTHING_ASKED);
}

/** The variable `authorizer.requestResource`. */
export function requestResourceValue(
  ask: Ask,
  resource: Pick<Question, "group" | "resource" | "subresource" | "namespace" | "name">,
): CelValue {
  return new Check("ResourceCheck", ask, { ...NOTHING_ASKED, ...resource });
}

const TYPES = "kubernetes.authorization";
const [A, P, G, R, D] = ["Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision"].map(
  (name) => `${TYPES}.${name}`,
);

const narrowed = (name: "subresource" | "namespace" | "name" | "fieldSelector" | "labelSelector", id: string) =>
  declare(name, [
    overload(`${R}.(string) -> ${R}`, id, (check: Check, text: string) => check.as("ResourceCheck", { [name]: text })),
  ]);

export const AUTHORIZATION: readonly FunctionDeclaration[] = [
  declare("path", [
    overload(`${A}.(string) -> ${P}`, "authorizer_path", (check: Check, path: string): CelValue => {
      return path.trim() === "" ? new CelError("path must not be empty") : check.as("PathCheck", { path });
    }),
  ]),
  declare("group", [
    overload(`${A}.(string) -> ${G}`, "authorizer_group", (check: Check, group: string) =>
      check.as("GroupCheck", { group }),
    ),
  ]),
  declare("serviceAccount", [overload(`${A}.(string, string) -> ${A}`, "authorizer_serviceaccount", asServiceAccount)]),
  declare("resource", [
    overload(`${G}.(string) -> ${R}`, "groupcheck_resource", (check: Check, resource: string): CelValue => {
      return resource.trim() === ""
        ? new CelError("resource must not be empty")
        : check.as("ResourceCheck", { resource });
    }),
  ]),
  narrowed("subresource", "resourcecheck_subresource"),
  narrowed("namespace", "resourcecheck_namespace"),
  narrowed("name", "resourcecheck_name"),
  narrowed("fieldSelector", "authorizer_fieldselector"),
  narrowed("labelSelector", "authorizer_labelselector"),
  declare("check", [
    overload(`${P}.(string) -> ${D}`, "pathcheck_check", decide),
    overload(`${R}.(string) -> ${D}`, "resourcecheck_check", decide),
  ]),
  declare("errored", [overload(`${D}.() -> bool`, "decision_errored", ({ answer }: Decision) => answer.error !== "")]),
  declare("error", [overload(`${D}.() -> string`, "decision_error", ({ answer }: Decision) => answer.error)]),
  declare("allowed", [overload(`${D}.() -> bool`, "decision_allowed", ({ answer }: Decision) => answer.isAllowed)]),
  declare("reason", [overload(`${D}.() -> string`, "decision_reason", ({ answer }: Decision) => answer.reason)]),
];

function asServiceAccount(check: Check, namespace: string, name: string): CelValue {
  if (checkDns1123Subdomain(name).length > 0) return new CelError("Invalid service account name");
  if (checkDns1123Label(namespace).length > 0) return new CelError("Invalid service account namespace");
  return check.as("Authorizer", { serviceAccount: { namespace, name } });
}

function decide(check: Check, verb: string): CelValue {
  const question = { ...check.question, verb };
  const answer = check.ask(question);
  if (!answer) throw new Pending(question);
  return new Decision(answer);
}
