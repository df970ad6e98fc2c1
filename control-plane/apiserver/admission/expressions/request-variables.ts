// The values that expressions see of a request. Each is made when an expression asks for it.

import type { Namespace } from "@atoll/api/core/namespace/kind";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { tableOf } from "@atoll/base/table-of";
import {
  type Answer,
  type Ask,
  authorizerValue,
  type Question,
  requestResourceValue,
} from "@atoll/machinery/cel/libraries/authorization";
import { toCel } from "@atoll/machinery/cel/values/json";
import type { CelValue } from "@atoll/machinery/cel/values/values";
import type { Attributes, Authorizer, Decision } from "../../authorization/authorizer.ts";
import type { User } from "../../request/request.ts";
import type { AdmissionRequest } from "../admission.ts";
import type { VersionedObjects } from "../matching/object-versions.ts";
import { namespaceNameOf, type RequestMatch } from "../matching/request-matcher.ts";
import { userInfo } from "../../request/user-info.ts";
import { groupVersionKind, groupVersionResource } from "../shown-request.ts";

/** Undefined: the variable has no value in this request. */
export type ReadVariable = (name: string) => CelValue | undefined;

export interface RequestFacts {
  readonly request: AdmissionRequest;
  readonly match: RequestMatch;
  readonly objects: VersionedObjects;
  /** Undefined: the object is in none. */
  readonly namespace: Namespace | undefined;
  /** Undefined: there are none, and the variable is null. */
  readonly params: KubeObject | undefined;
  readonly answers: AuthorizationAnswers;
}

export function requestVariables(facts: RequestFacts): ReadVariable {
  const known = new Map<string, CelValue>();
  return (name) => {
    const make = VARIABLES[name];
    if (!make) return undefined;
    let value = known.get(name);
    if (value === undefined) {
      value = make(facts);
      known.set(name, value);
    }
    return value;
  };
}

const VARIABLES: Readonly<Partial<Record<string, (facts: RequestFacts) => CelValue>>> = tableOf({
  object: ({ objects }) => shown(objects.object),
  oldObject: ({ objects }) => shown(objects.oldObject),
  request: (facts) => toCel(requestOf(facts)),
  namespaceObject: ({ namespace }) => (namespace ? toCel(namespaceView(namespace)) : null),
  params: ({ params }) => shown(params),
  authorizer: ({ answers }) => authorizerValue(answers.ask),
  "authorizer.requestResource": ({ answers, request, match }) =>
    requestResourceValue(answers.ask, {
      group: match.kind.resource.group,
      resource: match.kind.resource.plural,
      subresource: request.subresource,
      namespace: namespaceNameOf(request),
      name: request.name,
    }),
});

function shown(object: KubeObject | undefined): CelValue {
  return object ? toCel(object) : null;
}

function requestOf({ request, match }: RequestFacts): Record<string, unknown> {
  const { kind, bodyKind, subresource, name, operation, user, dryRun, options } = request;
  const namespace = namespaceNameOf(request);
  return {
    kind: groupVersionKind(match.objectKind),
    resource: groupVersionResource(match.kind.resource),
    ...(subresource === "" ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: groupVersionKind(bodyKind ?? kind.resource),
    requestResource: groupVersionResource(kind.resource),
    ...(name === "" ? {} : { name }),
    ...(namespace === "" ? {} : { namespace }),
    operation,
    userInfo: userInfo(user),
    dryRun,
    options: options ?? null,
  };
}

/** What of a namespace is nobody's secret: not its owners, not who manages which field. */
function namespaceView({ metadata, spec, status }: Namespace): Record<string, unknown> {
  const { ownerReferences: _owners, managedFields: _managers, selfLink: _link, ...kept } = metadata;
  return { metadata: kept, spec: spec ?? {}, status: status ?? {} };
}

/** What params are called by, whatever the store keeps. */
export function withTypeFields(
  object: KubeObject,
  resource: { group: string; version: string; kind: string },
): KubeObject {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
}

/** The authorizer's decisions of one request: each question is asked once, and waited for outside of a run. */
export class AuthorizationAnswers {
  readonly #authorizer: Authorizer;
  readonly #user: User;
  readonly #known = new Map<string, Answer>();

  constructor(authorizer: Authorizer, user: User) {
    this.#authorizer = authorizer;
    this.#user = user;
  }

  readonly ask: Ask = (question) => {
    const key = JSON.stringify(question);
    const known = this.#known.get(key);
    if (known) return known;
    const decision = this.#decide(question);
    if (decision instanceof Promise) return undefined;
    return this.#remember(key, decision);
  };

  /** After a run was ended by a question whose answer takes time. */
  async answer(question: Question): Promise<void> {
    try {
      this.#remember(JSON.stringify(question), await this.#decide(question));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#known.set(JSON.stringify(question), { isAllowed: false, reason: "", error: message });
    }
  }

  #decide(question: Question): Decision | Promise<Decision> {
    const { serviceAccount, verb, path } = question;
    const user = serviceAccount ? serviceAccountUser(serviceAccount) : this.#user;
    const { group, resource, subresource, namespace, name } = question;
    const attributes: Attributes = {
      isResourceRequest: path === "",
      ...{ verb, path, group, resource, subresource, namespace, name },
      version: path === "" ? "*" : "",
    };
    return this.#authorizer.authorize(user, attributes);
  }

  #remember(key: string, decision: Decision): Answer {
    const answer = { isAllowed: decision.type === "allow", reason: decision.reason ?? "", error: "" };
    this.#known.set(key, answer);
    return answer;
  }
}

function serviceAccountUser({ namespace, name }: { namespace: string; name: string }): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}
