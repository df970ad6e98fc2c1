// Upstream's TracingConfiguration: where spans of requests go, and how many.

import { z } from "zod";

const MILLION = 1_000_000;

export const tracingConfiguration = z.strictObject({
  apiVersion: z.enum(["apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1"]),
  kind: z.literal("TracingConfiguration"),
  /** "host:port" of a collector that takes OTLP over gRPC. */
  endpoint: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/, "must be host:port")
    .default("localhost:4317"),
  /** Requests whose senders do not say themselves that they are recorded. */
  samplingRatePerMillion: z.int().min(0).max(MILLION).default(0),
});
export type TracingConfiguration = z.infer<typeof tracingConfiguration>;
