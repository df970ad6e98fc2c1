// What the tokens of service accounts die with, as the registry has it.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Secret } from "@atoll/api/core/secret/kind";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { whenThere } from "@atoll/base/eventual";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { BindingLookup } from "./service-account-tokens.ts";

export function bindingLookup(resources: ResourceTable): BindingLookup {
  const uidIn = (store: ResourceStore, namespace: string, name: string) => {
    const key = store.keyOf(namespace, name);
    return whenThere(store.peek(key) ?? store.get(key), (stored) => stored?.object.metadata.uid);
  };
  const accounts = resources.of(ServiceAccount);
  const pods = resources.of(Pod);
  const nodes = resources.of(Node);
  const secrets = resources.of(Secret);
  return {
    serviceAccountUid: (namespace, name) => uidIn(accounts, namespace, name),
    podUid: (namespace, name) => uidIn(pods, namespace, name),
    nodeUid: (name) => uidIn(nodes, "", name),
    secretUid: (namespace, name) => uidIn(secrets, namespace, name),
  };
}
