// Removes tokens for joining hosts when their time is over.

import { Secret } from "@atoll/api/core/secret/kind";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { BOOTSTRAP_TOKEN_TYPE, readBootstrapToken } from "./bootstrap-token.ts";

export const bootstrapTokenCleanup: ControllerDefinition = defineController({
  name: "bootstrap-token-cleanup",
  watches: [{ resource: Secret, fieldSelector: `type=${BOOTSTRAP_TOKEN_TYPE}` }],
  owns: [],
  async reconcile(key, { client, cache, clock, signal }) {
    const secret = cache.of(Secret).get(key);
    const token = secret && readBootstrapToken(secret);
    if (token?.endMs === undefined) return undefined;
    const remainingMs = token.endMs - clock.now();
    if (remainingMs > 0) return { requeueAfterMs: remainingMs };
    const { uid = "" } = secret?.metadata ?? {};
    try {
      await client.delete(Secret, key, { preconditions: { uid }, signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
    return undefined;
  },
});
