// The schemas of the image service's kinds, in the form of the generated model; their TypeScript shapes are in the kinds'
// own folders and must say the same.

import type { Schema } from "../schema.ts";

const GROUP = "imagecontroller.vmware.com";
const VERSION = "v1";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
export const IMAGE_CONTROLLER_PREFIX = "com.vmware.imagecontroller.v1";

function text(description: string): Schema {
  return { type: "string", description };
}

function count(description: string, format: "int32" | "int64"): Schema {
  return { type: "integer", format, description };
}

function time(description: string): Schema {
  return { ref: `${META}.Time`, description };
}

const progress: Schema = {
  description: "How far the pull is.",
  type: "object",
  properties: {
    bytesDone: count("Bytes of layers fetched so far.", "int64"),
    bytesTotal: count("Bytes of all layers, 0 while the manifest is not known.", "int64"),
  },
  required: ["bytesDone", "bytesTotal"],
};

function objectFields(kind: string): Record<string, Schema> {
  return {
    apiVersion: text(`Always ${GROUP}/${VERSION}.`),
    kind: text(`Always ${kind}.`),
    metadata: { ref: `${META}.ObjectMeta`, description: "Standard object's metadata." },
  };
}

/** A kind's own definition and that of its lists. */
function makeKind(kind: string, description: string, properties: Record<string, Schema>): Record<string, Schema> {
  return {
    [`${IMAGE_CONTROLLER_PREFIX}.${kind}`]: {
      description,
      type: "object",
      properties: { ...objectFields(kind), ...properties },
      required: ["spec"],
      kinds: [{ group: GROUP, version: VERSION, kind }],
    },
    [`${IMAGE_CONTROLLER_PREFIX}.${kind}List`]: {
      description: `A list of ${kind} objects.`,
      type: "object",
      properties: {
        apiVersion: text(`Always ${GROUP}/${VERSION}.`),
        kind: text(`Always ${kind}List.`),
        metadata: { ref: `${META}.ListMeta`, description: "Standard list metadata." },
        items: {
          type: "array",
          items: { ref: `${IMAGE_CONTROLLER_PREFIX}.${kind}` },
          description: `The ${kind} objects.`,
        },
      },
      required: ["items"],
      kinds: [{ group: GROUP, version: VERSION, kind: `${kind}List` }],
    },
  };
}

export const imageControllerSchemas: Readonly<Record<string, Schema>> = {
  ...makeKind(
    "Image",
    "An image reference that pods of the namespace use, what it resolves to and how its pull goes.",
    {
      spec: {
        description: "What is wanted.",
        type: "object",
        properties: {
          reference: text("Fully qualified reference with a tag or a digest. Cannot be changed."),
          pullSecrets: {
            description: "Names of Secrets of the namespace that may hold the registry's credentials, tried in order.",
            type: "array",
            items: { type: "string" },
            listType: "set",
          },
          hostName: text(
            "The host that resolves and pulls; empty while none is chosen. Written by the image controller.",
          ),
          resolveOnly: { type: "boolean", description: "Only find the digest, make no disk." },
          refreshTime: time("What was resolved before this time is stale and is resolved again."),
        },
        required: ["reference"],
      },
      status: {
        description: "What the host named in the spec found. Written by that host's spherelet.",
        type: "object",
        properties: {
          observedGeneration: count("metadata.generation that this status answers.", "int64"),
          phase: text("Resolving, Pulling, Ready or Failed; empty before the first attempt."),
          digest: text('Digest of the image\'s manifest for this platform, "sha256:<hex>".'),
          disk: text("Name of the ImageDisk that holds the image."),
          resolvedTime: time("When the reference was last resolved to the digest."),
          progress,
          reason: text("One word why the last attempt failed."),
          message: text("A sentence for the user about the last attempt."),
          attempts: count("Failed attempts since the last success.", "int32"),
          nextRetryTime: time("When the host tries again."),
        },
      },
    },
  ),
  ...makeKind("ImageDisk", "One image as a read-only disk on the datastore, shared by all hosts.", {
    spec: {
      description: "What the disk is made from.",
      type: "object",
      properties: {
        digest: text('Digest of the image\'s manifest, "sha256:<hex>". Cannot be changed.'),
        reference: text("A reference that led to the digest."),
        hostName: text("The host that fetched the image."),
      },
      required: ["digest"],
    },
    status: {
      description: "What is on the datastore.",
      type: "object",
      properties: {
        phase: text("Pending, Pulling, Ready or Failed."),
        sizeBytes: count("Size of the disk's file.", "int64"),
        config: text("The image's OCI configuration as JSON text."),
        progress,
        reason: text("One word why the disk could not be made."),
        message: text("A sentence for the user."),
        readyTime: time("When the disk was finished."),
      },
    },
  }),
};
