// Who has which rules: all roles and bindings, found by the names a user goes by. Upstream walks every binding for every
// request; here a user's and his groups' own bindings are looked up.

import type { ClusterRole, PolicyRule, Role } from "@atoll/api/generated/types";
import { ClusterRole as ClusterRoles } from "@atoll/api/rbac/cluster-role/kind";
import { ClusterRoleBinding } from "@atoll/api/rbac/cluster-role-binding/kind";
import { Role as Roles } from "@atoll/api/rbac/role/kind";
import { RoleBinding } from "@atoll/api/rbac/role-binding/kind";
import type { AnyBinding } from "@atoll/api/rbac/binding";
import { ObjectFollower, type ObjectIndex } from "../../registry/object-follower.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { User } from "../../request/request.ts";
import { bindingEntries, type Grant, grantsOf, type GrantsBySubject, userKeys } from "./binding-grants.ts";
import { CompiledRules } from "./compiled-rules.ts";

export interface IndexedRole {
  readonly rules: readonly PolicyRule[];
  readonly compiled: CompiledRules;
}

export class RoleIndex {
  /** By name for cluster roles, by "namespace/name" for roles. */
  readonly #roles = new Map<string, IndexedRole>();
  readonly #clusterRoles = new Map<string, IndexedRole>();
  /** By namespace, "" for the whole cluster. */
  readonly #grants = new Map<string, GrantsBySubject>();
  readonly #followers: readonly { pull(): void; pullNewest(): Promise<void> }[];

  constructor(resources: ResourceTable) {
    this.#followers = [
      new ObjectFollower(
        resources,
        ClusterRoles,
        roleMap<ClusterRole>(this.#clusterRoles, (role) => role.metadata.name ?? ""),
      ),
      new ObjectFollower(
        resources,
        Roles,
        roleMap<Role>(this.#roles, ({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      ),
      new ObjectFollower(
        resources,
        ClusterRoleBinding,
        this.#bindingMap((namespace) => namespace === ""),
      ),
      new ObjectFollower(
        resources,
        RoleBinding,
        this.#bindingMap((namespace) => namespace !== ""),
      ),
    ];
  }

  /** What the cache shows now. To be called before every use. */
  pull(): void {
    for (const follower of this.#followers) follower.pull();
  }

  /** With every write that was acknowledged before. */
  async pullNewest(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.pullNewest()));
  }

  role(grant: Grant): IndexedRole | undefined {
    return grant.role.kind === "Role"
      ? this.#roles.get(`${grant.namespace}/${grant.role.name}`)
      : this.#clusterRoles.get(grant.role.name);
  }

  /** Calls `visit` for each binding of the user, the whole cluster's first, until it returns true. */
  findGrant(user: User, namespace: string, visit: (grant: Grant) => boolean): Grant | undefined {
    const keys = userKeys(user);
    return this.#findIn("", keys, visit) ?? (namespace === "" ? undefined : this.#findIn(namespace, keys, visit));
  }

  #findIn(namespace: string, keys: readonly string[], visit: (grant: Grant) => boolean): Grant | undefined {
    const bySubject = this.#grants.get(namespace);
    if (!bySubject) return undefined;
    for (const key of keys) {
      const grants = bySubject.get(key);
      if (!grants) continue;
      for (const grant of grants.values()) if (visit(grant)) return grant;
    }
    return undefined;
  }

  #bindingMap(isOwn: (namespace: string) => boolean): ObjectIndex<AnyBinding> {
    return {
      clear: () => {
        for (const namespace of this.#grants.keys()) if (isOwn(namespace)) this.#grants.delete(namespace);
      },
      add: (binding) => {
        const namespace = binding.metadata.namespace ?? "";
        const bySubject: GrantsBySubject = this.#grants.get(namespace) ?? new Map();
        this.#grants.set(namespace, bySubject);
        for (const { key, grant } of bindingEntries(binding)) grantsOf(bySubject, key).set(grant.binding, grant);
      },
      remove: (binding) => {
        const namespace = binding.metadata.namespace ?? "";
        const bySubject = this.#grants.get(namespace);
        for (const { key, grant } of bindingEntries(binding)) {
          const grants = bySubject?.get(key);
          grants?.delete(grant.binding);
          if (grants?.size === 0) bySubject?.delete(key);
        }
        if (bySubject?.size === 0) this.#grants.delete(namespace);
      },
    };
  }
}

function roleMap<T extends Role | ClusterRole>(
  roles: Map<string, IndexedRole>,
  keyOf: (role: T) => string,
): ObjectIndex<T> {
  return {
    clear: () => roles.clear(),
    add: (role) => {
      const rules = role.rules ?? [];
      roles.set(keyOf(role), { rules, compiled: new CompiledRules(rules) });
    },
    remove: (role) => roles.delete(keyOf(role)),
  };
}
