import { ApiError } from "@atoll/machinery/object/api-error";
import { type BodySource, EMPTY_BODY } from "./request.ts";

/** A body that is there already. */
export function memoryBody(bytes: Uint8Array = EMPTY_BODY): BodySource {
  return {
    read: async (bytesMax) => {
      if (bytes.length > bytesMax) throw bodyTooLarge(bytesMax);
      return bytes;
    },
    stream: async function* () {
      if (bytes.length > 0) yield bytes;
    },
  };
}

export function bodyTooLarge(bytesMax: number): ApiError {
  return new ApiError("RequestEntityTooLarge", `Request entity too large: limit is ${bytesMax}`);
}
