import { readEncoding } from "../output/output-form.ts";
import { valueResponse } from "../output/values.ts";
import type { RegistryEnvironment } from "../registry/environment.ts";
import type { RequestContext } from "../request/context.ts";
import type { ApiResponse } from "../request/request.ts";

const STATUS_SCHEMA = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

interface Call {
  readonly environment: Pick<RegistryEnvironment, "model">;
  readonly context: RequestContext;
}

/** Answers with what is no object of a stored kind; `schema` is its name in the schema model. */
export function respondValue(
  status: number,
  { environment, context }: Call,
  value: object,
  schema: string,
): ApiResponse {
  const encoding = readEncoding(context.request.headers.accept);
  return valueResponse(status, value, { encoding, model: environment.model, schema });
}

/** Answers that it was done, where there is nothing to show for it. */
export function respondSuccess(call: Call): ApiResponse {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return respondValue(201, call, status, STATUS_SCHEMA);
}
