// What a failure of the store means to a client.

import { ApiError } from "@atoll/machinery/object/api-error";
import { StoreError } from "../../store/store.ts";

/** What a caller cannot help becomes an answer; everything else stays what it is. */
export function toApiFailure(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.code) {
    case "Unavailable":
      return new ApiError("ServiceUnavailable", "The store cannot be used now", { cause: error });
    case "Undecided":
      return new ApiError("Timeout", "The store did not answer: the change may have been made or not", {
        cause: error,
      });
    case "TooLarge":
      return new ApiError("RequestEntityTooLarge", "The object is larger than the store takes", { cause: error });
    default:
      return error;
  }
}
