// What expressions of webhooks and policies may speak of.

import { baseEnvironment } from "../base-environment.ts";
import {
  BOOL,
  DYN,
  type CelType,
  INT,
  listOf,
  mapOf,
  objectType,
  opaqueType,
  STRING,
  TIMESTAMP,
} from "../check/cel-type.ts";
import { USER_INFO } from "../user-info.ts";
import { type Environment, extendEnvironment, type ObjectDeclaration, objectWithFields } from "../check/environment.ts";

const TEXTS = mapOf(STRING, STRING);

function declareObject(name: string, fields: Readonly<Record<string, CelType>>): ObjectDeclaration {
  return objectWithFields(`kubernetes.${name}`, fields).declaration;
}

const kindType = objectType("kubernetes.GroupVersionKind");
const resourceType = objectType("kubernetes.GroupVersionResource");

const OBJECTS: readonly ObjectDeclaration[] = [
  declareObject("GroupVersionKind", { group: STRING, version: STRING, kind: STRING }),
  declareObject("GroupVersionResource", { group: STRING, version: STRING, resource: STRING }),
  USER_INFO.declaration,
  declareObject("AdmissionRequest", {
    kind: kindType,
    resource: resourceType,
    subResource: STRING,
    requestKind: kindType,
    requestResource: resourceType,
    requestSubResource: STRING,
    name: STRING,
    namespace: STRING,
    operation: STRING,
    userInfo: USER_INFO.type,
    dryRun: BOOL,
    options: DYN,
  }),
  declareObject("NamespaceSpec", { finalizers: listOf(STRING) }),
  declareObject("NamespaceCondition", {
    status: STRING,
    type: STRING,
    lastTransitionTime: TIMESTAMP,
    message: STRING,
    reason: STRING,
  }),
  declareObject("NamespaceStatus", { conditions: listOf(objectType("kubernetes.NamespaceCondition")), phase: STRING }),
  declareObject("NamespaceMetadata", {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: TEXTS,
    annotations: TEXTS,
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  }),
  declareObject("Namespace", {
    metadata: objectType("kubernetes.NamespaceMetadata"),
    spec: objectType("kubernetes.NamespaceSpec"),
    status: objectType("kubernetes.NamespaceStatus"),
  }),
];

const COMMON = extendEnvironment(baseEnvironment(), {
  objects: OBJECTS,
  variables: {
    namespaceObject: objectType("kubernetes.Namespace"),
    request: objectType("kubernetes.AdmissionRequest"),
  },
});

export interface Declarations {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** Where they are known: of `object` and `oldObject`, and of `params`. */
  readonly types?: { readonly object?: CelType; readonly params?: CelType };
  /** What those types are made of. */
  readonly objects?: readonly ObjectDeclaration[];
}

export function admissionEnvironment({
  hasParams,
  hasAuthorizer,
  types = {},
  objects = [],
}: Declarations): Environment {
  const { object = DYN, params = DYN } = types;
  return extendEnvironment(COMMON, {
    objects,
    variables: {
      ...{ object, oldObject: object },
      ...(hasParams ? { params } : {}),
      ...(hasAuthorizer
        ? {
            authorizer: opaqueType("kubernetes.authorization.Authorizer"),
            "authorizer.requestResource": opaqueType("kubernetes.authorization.ResourceCheck"),
          }
        : {}),
    },
  });
}

const VARIABLES_TYPE = "kubernetes.variables";

/** With `variables`, which has these in it. */
export function withVariables(environment: Environment, types: ReadonlyMap<string, CelType>): Environment {
  if (types.size === 0) return environment;
  return extendEnvironment(environment, {
    objects: [{ name: VARIABLES_TYPE, fieldType: (field) => types.get(field) }],
    variables: { variables: objectType(VARIABLES_TYPE) },
  });
}
