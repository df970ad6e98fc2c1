import { z } from "zod";

/** Bytes of AES-128, AES-192 and AES-256. */
const KEY_BYTES = [16, 24, 32];

const key = z.strictObject({
  /** Stands before every value that the key has sealed. */
  name: z
    .string()
    .min(1)
    .regex(/^[^:]+$/, "must not contain a colon"),
  /** Base64. */
  secret: z.base64().refine((secret) => KEY_BYTES.includes(atob(secret).length), {
    message: "must be the base64 of 16, 24 or 32 bytes",
  }),
});

/**
 * Which objects are encrypted in the store, and how: Kubernetes' own document, so that an upstream API server opens what this
 * one has sealed, given the same file. Of its providers there are these two.
 */
export const encryptionConfiguration = z.strictObject({
  apiVersion: z.literal("apiserver.config.k8s.io/v1"),
  kind: z.literal("EncryptionConfiguration"),
  resources: z.array(
    z.strictObject({
      /** "secrets", "deployments.apps", "*.apps", "*." (the core group), "*.*" (everything). The first entry that fits counts. */
      resources: z.array(z.string().min(1)).min(1),
      /** The first seals, all open. */
      providers: z
        .array(
          z.union([
            z.strictObject({
              /** The first key seals, all open. */
              aesgcm: z.strictObject({ keys: z.array(key).min(1) }),
            }),
            /** Not encrypted. */
            z.strictObject({ identity: z.strictObject({}) }),
          ]),
        )
        .min(1),
    }),
  ),
});
export type EncryptionConfiguration = z.infer<typeof encryptionConfiguration>;
