import type { ApiResponse } from "../request/request.ts";
import type { ResourceCall } from "../registry/registry.ts";

/** One subresource of one kind: its path is `<plural>/<name>`, and it does whatever its verbs mean there. */
export interface Subresource {
  readonly group: string;
  readonly plural: string;
  readonly name: string;
  respond(call: ResourceCall): Promise<ApiResponse>;
}
