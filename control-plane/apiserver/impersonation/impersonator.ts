// Whether somebody may act as somebody else for one request: each mode that is for such a user is tried, and the first that is
// allowed decides.

import { ANONYMOUS, AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP } from "../authentication/authenticator.ts";
import { parseServiceAccountUserName } from "../authentication/service-account-tokens.ts";
import type { Attributes, Authorizer } from "../authorization/authorizer.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { User } from "../request/request.ts";
import {
  AUTHENTICATION_GROUP,
  IMPERSONATION_MODES,
  type ImpersonationMode,
  impliedGroups,
  neverAllowed,
  nodeOf,
} from "./modes.ts";
import type { WantedUser } from "./wanted-user.ts";

/** From so many groups or extra values on, the right to all of them is asked for first; in constrained modes. */
const MANY = 4;
/** Requestors of whom it is remembered which mode was the last one that was allowed. */
const REMEMBERED_MAX = 10_000;

export interface Impersonated {
  readonly user: User;
  /** For the audit log: the verb of a constrained mode. */
  readonly constraint: string | undefined;
}

export class Impersonator {
  readonly #authorizer: Authorizer;
  /** By the requestor's name: the mode to try first, so that most requests ask for no right in vain. */
  readonly #lastModes = new Map<string, ImpersonationMode>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** `request` is what shall be done as the user. Throws Forbidden, for what was asked for first. */
  async become(wanted: WantedUser, requestor: User, request: Attributes): Promise<Impersonated> {
    let firstError: unknown;
    for (const mode of this.#modesFor(requestor)) {
      if (!mode.applies(wanted, requestor)) continue;
      try {
        await this.#check(mode, wanted, { requestor, request });
      } catch (error) {
        firstError ??= error;
        continue;
      }
      this.#remember(requestor, mode);
      return { user: userOf(mode, wanted), constraint: mode.isConstrained ? mode.verb : undefined };
    }
    throw firstError;
  }

  #modesFor({ name }: User): readonly ImpersonationMode[] {
    const last = this.#lastModes.get(name);
    return last ? [last, ...IMPERSONATION_MODES.filter((mode) => mode !== last)] : IMPERSONATION_MODES;
  }

  #remember({ name }: User, mode: ImpersonationMode): void {
    this.#lastModes.delete(name);
    this.#lastModes.set(name, mode);
    if (this.#lastModes.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#lastModes.keys()) {
      this.#lastModes.delete(oldest);
      return;
    }
  }

  async #check(
    mode: ImpersonationMode,
    wanted: WantedUser,
    { requestor, request }: { readonly requestor: User; readonly request: Attributes },
  ): Promise<void> {
    const asking = mode.asking?.(requestor) ?? requestor;
    if (mode.isConstrained) {
      await this.#require(asking, { ...request, verb: `impersonate-on:${mode.name}:${request.verb}` });
    }
    const rights = rightsTo(mode, wanted);
    await this.#require(asking, rights.name);
    if (rights.uid) await this.#require(asking, rights.uid);
    const refusal = mode.isConstrained ? neverAllowed(wanted) : undefined;
    if (refusal?.part === "groups") throw forbidden(asking, { ...rights.group, name: refusal.name }, refusal.reason);
    const groups = wanted.groups.map((name) => ({ ...rights.group, name }));
    await this.#requireAll(mode, asking, { each: groups, all: { ...rights.group, name: "*" } });
    if (refusal) throw forbidden(asking, rights.extra, refusal.reason);
    const fields = [...wanted.extra].flatMap(([subresource, values]) =>
      values.map((name) => ({ ...rights.extra, subresource, name })),
    );
    await this.#requireAll(mode, asking, { each: fields, all: { ...rights.extra, subresource: "*", name: "*" } });
  }

  async #requireAll(
    { isConstrained }: ImpersonationMode,
    asking: User,
    { each, all }: { readonly each: readonly Attributes[]; readonly all: Attributes },
  ): Promise<void> {
    if (isConstrained && each.length >= MANY && (await this.#authorizer.authorize(asking, all)).type === "allow")
      return;
    for (const attributes of each) await this.#require(asking, attributes);
  }

  async #require(asking: User, attributes: Attributes): Promise<void> {
    const decision = await this.#authorizer.authorize(asking, attributes);
    if (decision.type !== "allow") throw forbidden(asking, attributes, decision.reason);
  }
}

/** What must be allowed for each part of the user. */
function rightsTo(mode: ImpersonationMode, { name, uid }: WantedUser) {
  const right = (resource: string, group: string, more: Partial<Attributes> = {}): Attributes => ({
    ...{ isResourceRequest: true, verb: mode.verb, path: "", group, version: "v1" },
    ...{ resource, namespace: "", name: "", subresource: "" },
    ...more,
  });
  const account = parseServiceAccountUserName(name);
  const node = mode.isConstrained ? nodeOf(name) : undefined;
  return {
    name: account
      ? right("serviceaccounts", mode.group, account)
      : node === undefined
        ? right("users", mode.group, { name })
        : right("nodes", mode.group, { name: mode.anyName ?? node }),
    uid: uid === "" ? undefined : right("uids", AUTHENTICATION_GROUP, { name: uid }),
    group: right("groups", mode.group),
    extra: right("userextras", AUTHENTICATION_GROUP),
  };
}

function userOf(mode: ImpersonationMode, wanted: WantedUser): User {
  const { name, uid } = wanted;
  const groups = [...impliedGroups(mode, wanted)];
  const isNobody = groups.includes(UNAUTHENTICATED_GROUP);
  if (name === ANONYMOUS.name) {
    if (!isNobody) groups.push(UNAUTHENTICATED_GROUP);
  } else if (!isNobody && !groups.includes(AUTHENTICATED_GROUP)) groups.push(AUTHENTICATED_GROUP);
  const extra: Record<string, readonly string[]> = Object.create(null) as Record<string, readonly string[]>; // any name
  for (const [field, values] of wanted.extra) if (values.length > 0) extra[field] = values;
  return { name, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
}
