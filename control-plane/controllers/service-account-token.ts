// Fills Secrets that ask for a service account's token, and removes them with their account.

import { Secret, type Secret as SecretObject } from "@atoll/api/core/secret/kind";
import {
  ACCOUNT_NAME_ANNOTATION,
  ACCOUNT_UID_ANNOTATION,
  AUTHORITY_KEY,
  NAMESPACE_KEY,
  SERVICE_ACCOUNT_TOKEN_TYPE,
  TOKEN_KEY,
} from "@atoll/api/core/secret/service-account-token";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { type ObjectName, nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { hasReason } from "@atoll/machinery/object/api-error";

export interface SecretTokenOptions {
  /** PEM of the API server's authority. */
  readonly certificateAuthority: string;
  readonly issue: (subject: {
    readonly namespace: string;
    readonly account: { readonly name: string; readonly uid: string };
    readonly secretName: string;
  }) => Promise<string>;
}

const byAccount: CacheIndex<SecretObject> = {
  name: "account",
  valuesOf: ({ metadata }) => {
    const account = metadata.annotations?.[ACCOUNT_NAME_ANNOTATION];
    return account ? [`${metadata.namespace}/${account}`] : [];
  },
};

export function serviceAccountTokens(options: SecretTokenOptions): ControllerDefinition {
  return defineController({
    name: "service-account-token",
    watches: [
      { resource: Secret, fieldSelector: `type=${SERVICE_ACCOUNT_TOKEN_TYPE}` },
      { resource: ServiceAccount, keysOf: secretsOf },
    ],
    owns: ["Secret.data of service account tokens"],
    async reconcile(key, context) {
      const secret = context.cache.of(Secret).get(key);
      const { name = "", namespace = "" } = key;
      const accountName = secret?.metadata.annotations?.[ACCOUNT_NAME_ANNOTATION];
      if (!secret || secret.metadata.deletionTimestamp || !accountName) return undefined;
      const account = await findAccount({ name: accountName, namespace }, context);
      const wantedUid = secret.metadata.annotations?.[ACCOUNT_UID_ANNOTATION];
      if (!account || (wantedUid && wantedUid !== account.metadata.uid)) {
        await deleteSecret(secret, context);
        return undefined;
      }
      const { uid = "" } = account.metadata;
      const token = async () =>
        btoa(await options.issue({ namespace, account: { name: accountName, uid }, secretName: name }));
      const { data = {} } = secret;
      const wanted = {
        [AUTHORITY_KEY]: btoa(options.certificateAuthority),
        [NAMESPACE_KEY]: data[NAMESPACE_KEY] ?? btoa(namespace),
        [TOKEN_KEY]: data[TOKEN_KEY] ?? (await token()),
      };
      const isFilled = Object.entries(wanted).every(([field, value]) => data[field] === value);
      if (isFilled && wantedUid) return undefined;
      const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID_ANNOTATION]: uid };
      const filled = { ...secret, metadata: { ...secret.metadata, annotations }, data: { ...data, ...wanted } };
      await context.client.update(Secret, filled, { signal: context.signal });
      return undefined;
    },
  });
}

function secretsOf({ metadata }: ServiceAccount, cache: CacheReader): ObjectName[] {
  return cache.of(Secret).indexed(byAccount, `${metadata.namespace}/${metadata.name}`).map(nameOf);
}

/** Asked of the API before anything is deleted for its absence. */
async function findAccount(
  name: ObjectName,
  { cache, client, signal }: ReconcileContext,
): Promise<ServiceAccount | undefined> {
  const known = cache.of(ServiceAccount).get(name);
  if (known) return known;
  try {
    return await client.get(ServiceAccount, name, { signal });
  } catch (thrown) {
    if (hasReason(thrown, "NotFound")) return undefined;
    throw thrown;
  }
}

async function deleteSecret(secret: SecretObject, { client, signal }: ReconcileContext): Promise<void> {
  const { uid = "", resourceVersion = "" } = secret.metadata;
  try {
    await client.delete(Secret, nameOf(secret), { preconditions: { uid, resourceVersion }, signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}
