// From a resource request to its answer: which kind, which verb, and in which form the result goes out. What each verb does
// is in the file of its name; what subresources do is in `subresources/`.

import type { KubeObject } from "@atoll/api/resource";
import { type Eventual, whenThere } from "@atoll/base/eventual";
import { doInSteps, endOfLongStep } from "@atoll/base/node/long-step";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import { bodyKindOf } from "../input/body-kind.ts";
import { parseBody } from "../input/parse-body.ts";
import { isApplyPatch, readConfiguration, readPatch, requirePatchType } from "../input/patch.ts";
import { readObjectInSteps } from "../input/read-object.ts";
import { readPatchedInSteps } from "../input/read-patched.ts";
import { MEDIA_TYPES, type OutputForm, PLAIN_JSON, readOutputForm, readStreamForm } from "../output/output-form.ts";
import { renderList, renderObject, type RenderOptions } from "../output/render.ts";
import { readIncludeObject } from "../output/table.ts";
import { statusResponse } from "../output/values.ts";
import type { Answer, RequestContext } from "../request/context.ts";
import { type ApiResponse, bytesResponse } from "../request/request.ts";
import { applyObject } from "./apply-object.ts";
import { createObject } from "./create-object.ts";
import { deleteCollection } from "./delete-collection.ts";
import { deleteObject, type DeleteResult, warnOfOrphans } from "./delete-object.ts";
import { DELETE_OPTIONS, deleteCall, readDeleteOptions } from "./delete-options.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf } from "./field-errors.ts";
import { listObjects, parseResourceVersion, readListOptions, waitForVersion } from "./list-objects.ts";
import { requireCreate } from "./require-create.ts";
import type { ResourceStore } from "./resource-store.ts";
import { readSelection } from "./selection.ts";
import { checkName, checkNamespace, requireNamespace } from "./server-metadata.ts";
import type { StoredObject } from "./stored-object.ts";
import { updateObject } from "./update-object.ts";
import { openWatch, readWatchRequest } from "./watch-objects.ts";
import { readWriteOptions, type Target } from "./write-options.ts";

/** Watches tell proxies on the way not to wait for more. */
const WATCH_CACHING = "no-cache, private";

/** One request to one stored kind, everything looked up. */
export interface ResourceCall {
  readonly environment: RegistryEnvironment;
  readonly context: RequestContext;
  readonly store: ResourceStore;
  readonly target: Target;
}

export function respondResource(call: ResourceCall): Answer {
  const { context, store } = call;
  const { verb } = context.info;
  const asVerb = store.kind.verbs.find((known) => known === verb);
  if (!asVerb) throw methodNotAllowed();
  if (store.kind.deprecation) context.warnings.push(store.kind.deprecation);
  // What cannot be answered in a form that the client takes is not done either.
  if (asVerb !== "watch") readOutputForm(context.request.headers.accept, store.kind);
  switch (asVerb) {
    case "get":
      return respondGet(call);
    case "list":
      return respondList(call);
    case "watch":
      return respondWatch(call);
    case "create":
      return respondCreate(call);
    case "update":
      return respondUpdate(call);
    case "patch":
      return respondPatch(call);
    case "delete":
      return respondDelete(call);
    case "deletecollection":
      return respondDeleteCollection(call);
  }
}

export function methodNotAllowed(): ApiError {
  return new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource", {
    details: {},
  });
}

export function respondGet(call: ResourceCall): Answer {
  const { context, store, target } = call;
  const { query } = context.info;
  const version = query.size > 0 ? (query.get("resourceVersion") ?? "") : "";
  return whenThere(readAt(store, store.keyOf(target.namespace, target.name), version), (stored) => {
    if (!stored) throw notFound(subjectOf(store.kind), target.name);
    return respondObject(200, { ...call, stored });
  });
}

function readAt(store: ResourceStore, key: string, version: string): Eventual<StoredObject | undefined> {
  switch (version) {
    case "":
      return store.get(key);
    case "0": {
      const stored = store.peek(key);
      return whenThere<void, StoredObject | undefined>(stored && store.settle([stored]), () => stored);
    }
    default:
      return whenThere<void, StoredObject | undefined>(waitForVersion(store, parseResourceVersion(version)), () =>
        store.get(key),
      );
  }
}

interface Result {
  readonly environment: RegistryEnvironment;
  readonly context: RequestContext;
  readonly store: ResourceStore;
  readonly stored: StoredObject;
}

export function respondObject(status: number, { environment, context, store, stored }: Result): ApiResponse {
  const form = readOutputForm(context.request.headers.accept, store.kind);
  // The quick way for most: the bytes as they are.
  if (form === PLAIN_JSON) return bytesResponse(status, stored.bytes);
  const body = renderObject(store.kind, stored, renderOptions(environment, context, form));
  return bytesResponse(status, body, MEDIA_TYPES[form.encoding]);
}

function renderOptions(
  { clock, model }: RegistryEnvironment,
  context: RequestContext,
  form: OutputForm,
): RenderOptions {
  return { form, includeObject: readIncludeObject(context.info.query), nowMs: clock.now(), model };
}

async function respondList({ environment, context, store, target }: ResourceCall): Promise<ApiResponse> {
  const { query } = context.info;
  const form = readOutputForm(context.request.headers.accept, store.kind);
  const render = renderOptions(environment, context, form);
  const selection = readSelection(store.kind, query, "");
  const list = await listObjects(store, target.namespace, selection, readListOptions(query));
  return bytesResponse(200, renderList(store.kind, list, render), MEDIA_TYPES[form.encoding]);
}

async function respondWatch({ environment, context, store, target }: ResourceCall): Promise<ApiResponse> {
  const { query } = context.info;
  const form = readStreamForm(context.request.headers.accept, store.kind);
  const body = await openWatch({
    store,
    namespace: target.namespace,
    selection: readSelection(store.kind, query, target.name),
    request: readWatchRequest(query),
    render: renderOptions(environment, context, form),
    metrics: environment.watches,
    clock: environment.clock,
    spread: environment.random.float(),
    signal: context.request.signal,
  });
  const type = form.encoding === "protobuf" ? `${MEDIA_TYPES.protobuf};stream=watch` : MEDIA_TYPES.json;
  return { status: 200, headers: { "content-type": type, "cache-control": WATCH_CACHING }, body };
}

async function respondCreate({ environment, context, store, target }: ResourceCall): Promise<ApiResponse> {
  requireNamespace(target);
  if (target.name !== "") throw methodNotAllowed();
  const { request } = context;
  const options = readWriteOptions(context);
  const expected = bodyKindOf(store.kind);
  const body = await parseBody(request, environment.model, expected);
  const object = await doInSteps(readObjectInSteps(environment.model, expected, body, options));
  await endOfLongStep();
  const stored = await createObject(environment, store, target, object, options);
  await endOfLongStep();
  return respondObject(201, { environment, context, store, stored });
}

export async function respondUpdate({ environment, context, store, target }: ResourceCall): Promise<ApiResponse> {
  requireNamespace(target);
  const { request } = context;
  const options = readWriteOptions(context);
  const expected = bodyKindOf(store.kind);
  const body = await parseBody(request, environment.model, expected);
  const wanted = await doInSteps(readObjectInSteps(environment.model, expected, body, options));
  // That it is there is asked for later.
  checkNamespace(target, wanted);
  checkName(target, wanted);
  const isWhole = target.subresource === "" || target.subresource === "status";
  const mayCreate = isWhole && store.kind.isCreatedByUpdate === true && !wanted.metadata.resourceVersion;
  if (mayCreate && !(await store.get(store.keyOf(target.namespace, target.name)))) {
    await requireCreate(environment, target, options.user);
    const stored = await createObject(environment, store, target, wanted, options);
    return respondObject(201, { environment, context, store, stored });
  }
  let unused: KubeObject | undefined = wanted;
  // An attempt makes what is stored out of what it gets: where another writer was quicker, the body is read again.
  const makeObject = () => {
    const object = unused ?? doInSteps(readObjectInSteps(environment.model, expected, body, options));
    unused = undefined;
    return object;
  };
  const stored = await updateObject(environment, store, target, makeObject, options);
  return respondObject(200, { environment, context, store, stored });
}

export async function respondPatch({ environment, context, store, target }: ResourceCall): Promise<ApiResponse> {
  requireNamespace(target);
  const { request } = context;
  requirePatchType(request, store.kind);
  const options = readWriteOptions(context);
  const isApply = isApplyPatch(request);
  const force = options.force === true;
  if (isApply) {
    const configuration = await readConfiguration(request, options);
    const applied = { configuration, force };
    const { stored, isNew } = await applyObject(environment, store, target, applied, options);
    return respondObject(isNew ? 201 : 200, { environment, context, store, stored });
  }
  const patch = await readPatch(request, environment.model, store.kind);
  const expected = bodyKindOf(store.kind);
  const makeObject = (old: KubeObject) => readPatchedInSteps(environment.model, expected, { patch, old }, options);
  const stored = await updateObject(environment, store, target, makeObject, options);
  return respondObject(200, { environment, context, store, stored });
}

async function respondDelete(call: ResourceCall): Promise<ApiResponse> {
  const { environment, context, store, target } = call;
  requireNamespace(target);
  const { info, request } = context;
  const options = readDeleteOptions(
    environment.model,
    info.query,
    await parseBody(request, environment.model, DELETE_OPTIONS),
  );
  const deletion = deleteCall(context, options);
  warnOfOrphans(store.kind, deletion);
  const result = await deleteObject(environment, store, target, deletion);
  const answer = respondDeleted(call, result);
  return result.isGone || !options.keepsNoOrphans ? answer : { ...answer, status: 202 };
}

export function respondDeleted(
  { environment, context, store, target }: ResourceCall,
  { stored, isGone }: DeleteResult,
): ApiResponse {
  if (!isGone || store.kind.isReturnedByDelete) return respondObject(200, { environment, context, store, stored });
  const { group, plural } = store.kind.resource;
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name: target.name, ...(group === "" ? {} : { group }), kind: plural, uid: stored.metadata.uid },
  };
  const { encoding } = readOutputForm(context.request.headers.accept, store.kind);
  return statusResponse(200, status, { encoding, model: environment.model });
}

async function respondDeleteCollection({ environment, context, store, target }: ResourceCall): Promise<ApiResponse> {
  const { info, request } = context;
  const listed = readListOptions(info.query);
  const selection = readSelection(store.kind, info.query, "");
  const options = readDeleteOptions(
    environment.model,
    info.query,
    await parseBody(request, environment.model, DELETE_OPTIONS),
  );
  const deletion = deleteCall(context, options);
  warnOfOrphans(store.kind, deletion);
  const list = await listObjects(store, target.namespace, selection, listed);
  const deleted = await deleteCollection(environment, store, list, deletion);
  const form = readOutputForm(context.request.headers.accept, store.kind);
  const body = renderList(store.kind, deleted, renderOptions(environment, context, form));
  return bytesResponse(200, body, MEDIA_TYPES[form.encoding]);
}
