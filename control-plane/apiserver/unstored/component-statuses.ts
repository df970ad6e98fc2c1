// The health of the control plane's parts as objects, for clients of before /readyz. Each is asked when somebody reads.

import {
  type ComponentStatus,
  ComponentStatus as componentStatus,
  componentStatusKind,
  HEALTHY,
} from "@atoll/api/core/component-status/kind";
import type { SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import { notFound } from "@atoll/machinery/object/api-error";
import type { HealthCheck } from "../discovery/health.ts";
import { MEDIA_TYPES, readOutputForm } from "../output/output-form.ts";
import { formatTable, readIncludeObject } from "../output/table.ts";
import { encodeJson, encodeValue } from "../output/values.ts";
import { subjectOf } from "../registry/field-errors.ts";
import { readSelection } from "../registry/selection.ts";
import type { RequestContext } from "../request/context.ts";
import { type ApiResponse, bytesResponse } from "../request/request.ts";
import type { UnstoredResource } from "./unstored-resource.ts";

const TYPE = { kind: componentStatus.kind, apiVersion: "v1" };

export interface ComponentStatusOptions {
  readonly components: readonly HealthCheck[];
  readonly model: SchemaModel;
  readonly clock: Clock;
}

export function componentStatuses(options: ComponentStatusOptions): UnstoredResource {
  const { singular, shortNames, verbs, schema } = componentStatusKind;
  return {
    ...{ ...componentStatus, singular, shortNames, verbs, schema },
    respond: (context) => (context.info.verb === "get" ? respondOne(context, options) : respondAll(context, options)),
  };
}

async function respondOne(context: RequestContext, options: ComponentStatusOptions): Promise<ApiResponse> {
  const { name } = context.info;
  const component = options.components.find((candidate) => candidate.name === name);
  if (!component) throw notFound(subjectOf(componentStatusKind), name);
  const status = await statusOf(component);
  return render(context, options, {
    objects: [status],
    value: { ...TYPE, ...status },
    schema: componentStatusKind.schema,
  });
}

async function respondAll(context: RequestContext, options: ComponentStatusOptions): Promise<ApiResponse> {
  const selection = readSelection(componentStatusKind, context.info.query, "");
  const all = await Promise.all(options.components.map(statusOf));
  const items = all.filter((status) => selection.matches(status));
  const value = { kind: `${TYPE.kind}List`, apiVersion: TYPE.apiVersion, metadata: {}, items };
  return render(context, options, { objects: items, value, schema: `${componentStatusKind.schema}List` });
}

async function statusOf({ name, failure }: HealthCheck): Promise<ComponentStatus> {
  const message = await failure();
  const condition =
    message === undefined
      ? { type: HEALTHY, status: "True", message: "ok" }
      : { type: HEALTHY, status: "False", message };
  return { metadata: { name }, conditions: [condition] };
}

interface Shown {
  readonly objects: readonly ComponentStatus[];
  readonly value: object;
  /** Of the value, in the schema model. */
  readonly schema: string;
}

function render(
  context: RequestContext,
  { model, clock }: ComponentStatusOptions,
  { objects, value, schema }: Shown,
): ApiResponse {
  context.warnings.push(componentStatusKind.deprecation ?? "");
  const { encoding, transform } = readOutputForm(context.request.headers.accept, componentStatusKind);
  if (transform?.kind !== "Table")
    return bytesResponse(200, encodeValue(value, encoding, { model, schema }), MEDIA_TYPES[encoding]);
  const table = formatTable(componentStatusKind, objects, {
    includeObject: readIncludeObject(context.info.query),
    nowMs: clock.now(),
    listMetadata: {},
    version: transform.version,
    withColumns: true,
  });
  return bytesResponse(200, encodeJson(table));
}
