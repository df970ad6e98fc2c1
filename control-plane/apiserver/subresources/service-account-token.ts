// POST serviceaccounts/<name>/token: a new token for the account, bound to a pod, a Secret or a node where the request says so.

import type { FieldError } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";
import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { ApiError, conflict, invalid, notFound } from "@atoll/machinery/object/api-error";
import { NODE_USER_PREFIX, NODES_GROUP } from "../authentication/authenticator.ts";
import type { ObjectReference, ServiceAccountTokens, TokenBinding } from "../authentication/service-account-tokens.ts";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { writeAdmission } from "../registry/admission-request.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { User } from "../request/request.ts";
import { respondValue } from "./respond-value.ts";
import type { Subresource } from "./subresource.ts";

const GROUP = "authentication.k8s.io";
const KIND = "TokenRequest";
const TOKEN_REQUEST = {
  apiVersion: `${GROUP}/v1`,
  kind: KIND,
  schema: `io.k8s.api.authentication.v1.${KIND}`,
};

const LIFETIME_DEFAULT_SECONDS = 3600;
/** Shorter ones would expire between a refresh and its use. */
const LIFETIME_MIN_SECONDS = 600;
/** The API's own upper limit of the field: 2^32 seconds. */
const LIFETIME_FIELD_MAX_SECONDS = 4_294_967_296;

interface TokenRequest extends KubeObject {
  spec?: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
  };
}

interface BoundPod extends KubeObject {
  spec: { nodeName?: string; serviceAccountName?: string };
}

export function serviceAccountToken(tokens: ServiceAccountTokens): Subresource {
  return {
    group: "",
    plural: "serviceaccounts",
    name: "token",
    async respond(call: ResourceCall) {
      const { environment, context, store, target } = call;
      if (context.info.verb !== "create") throw methodNotAllowed();
      const options = readWriteOptions(context);
      const body: TokenRequest = readObject(
        environment.model,
        TOKEN_REQUEST,
        await parseBody(context.request, environment.model, TOKEN_REQUEST),
        options,
      );
      checkNames(body, target);
      const account = await store.get(store.keyOf(target.namespace, target.name));
      if (!account) throw notFound({ group: "", name: "serviceaccounts" }, target.name);
      const { uid = "" } = account.object.metadata;
      checkUid(body, target.name, uid);
      const bodyKind = { group: GROUP, version: "v1", kind: KIND, schema: TOKEN_REQUEST.schema };
      await environment.admission.admit(writeAdmission(target, { object: body, bodyKind }, options));
      const { audiences = [], expirationSeconds = LIFETIME_DEFAULT_SECONDS } = body.spec ?? {};
      checkLifetime(expirationSeconds);
      const bound = await findBound(call, body);
      checkNodeMayAsk(context.user, bound);
      const { token, expiresAtMs } = await tokens.issue(
        { namespace: target.namespace, serviceAccount: { name: target.name, uid }, ...bound },
        { audiences, lifetimeSeconds: expirationSeconds },
      );
      const answer = {
        kind: TOKEN_REQUEST.kind,
        apiVersion: TOKEN_REQUEST.apiVersion,
        metadata: {
          ...body.metadata,
          name: target.name,
          namespace: target.namespace,
          uid,
          creationTimestamp: formatTime(environment.clock.now()),
        },
        spec: {
          ...body.spec,
          audiences: audiences.length > 0 ? audiences : [tokens.issuer],
          expirationSeconds,
          boundObjectRef: body.spec?.boundObjectRef ?? null,
        },
        status: { token, expirationTimestamp: formatTime(expiresAtMs) },
      };
      return respondValue(201, call, answer, TOKEN_REQUEST.schema);
    },
  };
}

function refuse(name: string, error: FieldError): ApiError {
  const { type, field, message } = error;
  return invalid({ group: GROUP, name: KIND }, name, [{ reason: type, field, message }]);
}

function checkNames({ metadata }: TokenRequest, { name, namespace }: ResourceCall["target"]): void {
  const must = (what: string) => `must match the service account ${what} if specified`;
  if (metadata.name && metadata.name !== name) {
    throw refuse(name, invalidValue("metadata.name", metadata.name, must("name")));
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw refuse(name, invalidValue("metadata.namespace", metadata.namespace, must("namespace")));
  }
}

function checkUid({ metadata }: TokenRequest, name: string, uid: string): void {
  if (!metadata.uid || metadata.uid === uid) return;
  const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
  throw conflict({ group: GROUP, name: KIND }, name, why);
}

function checkLifetime(seconds: number): void {
  const field = "spec.expirationSeconds";
  if (seconds < LIFETIME_MIN_SECONDS) {
    throw refuse("", invalidValue(field, seconds, "may not specify a duration less than 10 minutes"));
  }
  if (seconds > LIFETIME_FIELD_MAX_SECONDS) {
    throw refuse("", invalidValue(field, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
}

async function findBound(call: ResourceCall, { spec }: TokenRequest): Promise<TokenBinding> {
  const reference = spec?.boundObjectRef;
  if (!reference) return {};
  const { kind = "", apiVersion = "", name = "", uid } = reference;
  const { namespace } = call.target;
  // The version is not looked at, as upstream does not.
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const checked = (object: KubeObject): ObjectReference => {
    if (!uid || uid === object.metadata.uid) return { name, uid: object.metadata.uid ?? "" };
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: "", name: kind }, name, why);
  };
  switch (group === "" ? kind : "") {
    case "Pod": {
      const pod = (await find(call, "pods", { namespace, name })) as BoundPod; // the store holds Pods only
      if ((pod.spec.serviceAccountName ?? "") !== call.target.name) {
        const who = JSON.stringify(call.target.name);
        const why = `cannot bind token for serviceaccount ${who} to pod running with different serviceaccount name.`;
        throw new ApiError("BadRequest", why);
      }
      return { pod: checked(pod), node: await nodeOf(call, pod.spec.nodeName) };
    }
    case "Node":
      return { node: checked(await find(call, "nodes", { namespace: "", name })) };
    case "Secret":
      return { secret: checked(await find(call, "secrets", { namespace, name })) };
    default:
      throw new ApiError("BadRequest", `cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  }
}

async function find(
  { environment }: ResourceCall,
  plural: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<KubeObject> {
  const store = environment.resources.find("", "v1", plural);
  const stored = await store?.get(store.keyOf(namespace, name));
  if (!stored) throw notFound({ group: "", name: plural }, name);
  return stored.object;
}

/** The pod's node, by its name alone where there is no such object. */
async function nodeOf({ environment }: ResourceCall, name: string | undefined): Promise<TokenBinding["node"]> {
  if (!name) return undefined;
  const nodes = environment.resources.find("", "v1", "nodes");
  const stored = nodes && (nodes.peek(nodes.keyOf("", name)) ?? (await nodes.get(nodes.keyOf("", name))));
  return { name, uid: stored?.object.metadata.uid ?? "" };
}

/** A host gets tokens for the pods it carries and for no others. */
function checkNodeMayAsk(user: User, { pod, node }: TokenBinding): void {
  if (!user.groups.includes(NODES_GROUP)) return;
  if (pod && node && user.name === `${NODE_USER_PREFIX}${node.name}`) return;
  throw new ApiError("Forbidden", `${user.name} may only ask for tokens bound to a pod that runs on it`);
}
