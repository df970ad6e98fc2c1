// POST serviceaccounts/<name>/token: a new token for the account, bound to a pod where the request says so.

import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { ApiError, conflict, notFound } from "@atoll/machinery/object/api-error";
import { NODE_USER_PREFIX, NODES_GROUP } from "../authentication/authenticator.ts";
import type { ObjectReference, ServiceAccountTokens } from "../authentication/service-account-tokens.ts";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { writeAdmission } from "../registry/admission-request.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { User } from "../request/request.ts";
import { respondValue } from "./respond-value.ts";
import type { Subresource } from "./subresource.ts";

const TOKEN_REQUEST = {
  apiVersion: "authentication.k8s.io/v1",
  kind: "TokenRequest",
  schema: "io.k8s.api.authentication.v1.TokenRequest",
};

const LIFETIME_DEFAULT_SECONDS = 3600;
/** Shorter ones would expire between a refresh and its use. */
const LIFETIME_MIN_SECONDS = 600;
/** Longer wishes are granted this much. */
const LIFETIME_MAX_SECONDS = 86_400;
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
      const account = await store.get(store.keyOf(target.namespace, target.name));
      if (!account) throw notFound({ group: "", name: "serviceaccounts" }, target.name);
      const bodyKind = {
        group: "authentication.k8s.io",
        version: "v1",
        kind: TOKEN_REQUEST.kind,
        schema: TOKEN_REQUEST.schema,
      };
      await environment.admission.admit(writeAdmission(target, { object: body, bodyKind }, options));
      const { audiences = [], expirationSeconds = LIFETIME_DEFAULT_SECONDS } = body.spec ?? {};
      checkLifetime(expirationSeconds);
      const bound = await findBoundPod(call, body);
      checkNodeMayAsk(context.user, bound?.nodeName);
      const { token, expiresAtMs } = await tokens.issue(
        {
          namespace: target.namespace,
          serviceAccount: { name: target.name, uid: account.object.metadata.uid ?? "" },
          pod: bound?.pod,
        },
        { audiences, lifetimeSeconds: Math.min(expirationSeconds, LIFETIME_MAX_SECONDS) },
      );
      const answer = {
        kind: TOKEN_REQUEST.kind,
        apiVersion: TOKEN_REQUEST.apiVersion,
        metadata: {
          name: target.name,
          namespace: target.namespace,
          creationTimestamp: formatTime(environment.clock.now()),
        },
        spec: {
          ...body.spec,
          audiences: audiences.length > 0 ? audiences : [tokens.issuer],
          expirationSeconds,
        },
        status: { token, expirationTimestamp: formatTime(expiresAtMs) },
      };
      return respondValue(201, call, answer, TOKEN_REQUEST.schema);
    },
  };
}

function checkLifetime(seconds: number): void {
  const refuse = (text: string) => {
    throw new ApiError(
      "Invalid",
      `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${seconds}: ${text}`,
    );
  };
  if (seconds < LIFETIME_MIN_SECONDS) refuse("may not specify a duration less than 10 minutes");
  if (seconds > LIFETIME_FIELD_MAX_SECONDS) refuse("may not specify a duration larger than 2^32 seconds");
}

async function findBoundPod(
  { environment, target }: ResourceCall,
  { spec }: TokenRequest,
): Promise<{ readonly pod: ObjectReference; readonly nodeName: string | undefined } | undefined> {
  const reference = spec?.boundObjectRef;
  if (!reference) return undefined;
  const { kind, apiVersion, name = "", uid } = reference;
  if (kind !== "Pod" || apiVersion !== "v1") {
    throw new ApiError(
      "BadRequest",
      `cannot bind token to object of type ${apiVersion ?? ""}, Kind=${kind ?? ""}: only v1 Pod is served`,
    );
  }
  const pods = environment.resources.find("", "v1", "pods");
  const stored = await pods?.get(pods.keyOf(target.namespace, name));
  if (!stored) throw notFound({ group: "", name: "pods" }, name);
  const pod = stored.object as BoundPod; // the store holds Pods only
  if (uid && uid !== pod.metadata.uid) {
    throw conflict(
      { group: "", name: "pods" },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const account = pod.spec.serviceAccountName ?? "";
  if (account !== target.name) {
    throw new ApiError(
      "BadRequest",
      `cannot bind token for serviceaccount ${JSON.stringify(target.name)} to pod running with different serviceaccount name.`,
    );
  }
  return { pod: { name, uid: pod.metadata.uid ?? "" }, nodeName: pod.spec.nodeName };
}

/** A host gets tokens for the pods it carries and for no others. */
function checkNodeMayAsk(user: User, nodeName: string | undefined): void {
  if (!user.groups.includes(NODES_GROUP)) return;
  if (nodeName !== undefined && user.name === `${NODE_USER_PREFIX}${nodeName}`) return;
  throw new ApiError("Forbidden", `${user.name} may only ask for tokens bound to a pod that runs on it`);
}
