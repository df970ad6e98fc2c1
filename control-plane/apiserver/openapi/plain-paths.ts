// Paths that belong to no kind: what the server says of itself. Each stands in a document of its own, beside those of the group
// versions.

import { type OpenApiSchema, referTo } from "./schema-dialect.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

export interface PlainPath {
  /** The name of the document, which is the path without its slashes at both ends. */
  readonly name: string;
  readonly operationId: string;
  readonly tag: string;
  readonly description: string;
  /** Undefined: what is answered is no object of the model. */
  readonly schema: string | undefined;
}

const OWN: readonly PlainPath[] = [
  {
    name: ".well-known/openid-configuration",
    operationId: "getServiceAccountIssuerOpenIDConfiguration",
    tag: "WellKnown",
    description: "who issues the tokens of service accounts",
    schema: undefined,
  },
  {
    name: "api",
    operationId: "getCoreAPIVersions",
    tag: "core",
    description: "versions of the group without a name",
    schema: `${META}.APIVersions`,
  },
  {
    name: "apis",
    operationId: "getAPIVersions",
    tag: "apis",
    description: "groups and their versions",
    schema: `${META}.APIGroupList`,
  },
  {
    name: "openid/v1/jwks",
    operationId: "getServiceAccountIssuerOpenIDKeyset",
    tag: "openid",
    description: "public keys of the tokens of service accounts",
    schema: undefined,
  },
  {
    name: "version",
    operationId: "getCodeVersion",
    tag: "version",
    description: "version of the server",
    schema: "io.k8s.apimachinery.pkg.version.Info",
  },
];

/** `groups`: those with a name. */
export function plainPaths(groups: readonly string[]): PlainPath[] {
  const ofGroups = groups.map((group) => {
    const [word = ""] = group.split(".");
    return {
      name: `apis/${group}`,
      operationId: `get${word.charAt(0).toUpperCase()}${word.slice(1)}APIGroup`,
      tag: word,
      description: "versions of the group",
      schema: `${META}.APIGroup`,
    };
  });
  return [...OWN, ...ofGroups];
}

/** Of version 3. */
export function writePlainPath({ name, operationId, tag, description, schema }: PlainPath): OpenApiSchema {
  const content = { "application/json": { schema: schema === undefined ? { type: "string" } : referTo(schema, "v3") } };
  const responses = { 200: { description: "OK", content }, 401: { description: "Unauthorized" } };
  return { [`/${name}/`]: { get: { tags: [tag], description, operationId, responses } } };
}
