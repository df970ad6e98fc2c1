import { methodNotAllowed, type ResourceCall, respondGet, respondPatch, respondUpdate } from "../registry/registry.ts";
import type { ApiResponse } from "../request/request.ts";

/** The status of any kind that has one of its own: the same verbs, but only the status moves. */
export async function respondStatus(call: ResourceCall): Promise<ApiResponse> {
  switch (call.context.info.verb) {
    case "get":
      return respondGet(call);
    case "update":
      return respondUpdate(call);
    case "patch":
      return respondPatch(call);
    default:
      throw methodNotAllowed();
  }
}
