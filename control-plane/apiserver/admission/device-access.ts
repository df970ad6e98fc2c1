// Who may use devices as their administrator, and who may say what of a claim on devices. It is checked together with the object,
// as upstream does it.

import { Namespace } from "@atoll/api/core/namespace/kind";
import type { AllocatedDeviceStatus, ResourceClaimStatus } from "@atoll/api/generated/types";
import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { forbidden, isEqualJson } from "@atoll/api/meta/field-error";
import { ResourceClaim } from "@atoll/api/resource/resource-claim/kind";
import { ResourceClaimTemplate } from "@atoll/api/resource/resource-claim-template/kind";
import type { ApiError } from "@atoll/machinery/object/api-error";
import { isAccountOn } from "../authentication/service-account-tokens.ts";
import type { Attributes, Authorizer } from "../authorization/authorizer.ts";
import { forbidden as forbiddenRequest } from "../authorization/forbidden.ts";
import type { CheckFieldRights } from "../registry/environment.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest } from "./admission.ts";

/** On namespaces in which devices may be used as their administrator. */
const ADMIN_LABEL = "resource.kubernetes.io/admin-access";

export function deviceAccess(
  resources: ResourceTable,
  authorizer: Authorizer,
): ReadonlyMap<KindDefinition, CheckFieldRights> {
  const namespaces = resources.of(Namespace);
  const checkAdministrator = async (request: AdmissionRequest, field: string | undefined): Promise<FieldError[]> => {
    if (field === undefined) return [];
    const namespace = await namespaces.get(namespaces.keyOf("", request.namespace));
    if (namespace?.object.metadata.labels?.[ADMIN_LABEL] === "true") return [];
    const text = `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`;
    return [forbidden(field, text)];
  };
  const checkClaim: CheckFieldRights = async (request) => {
    const { operation, subresource, object, oldObject } = request;
    if (operation === "CREATE") return checkAdministrator(request, requestedField((object as ResourceClaim).spec));
    if (subresource !== "status") return [];
    const [status = {}, old = {}] = [(object as ResourceClaim).status, (oldObject as ResourceClaim).status];
    const field = grantedField(old) === undefined ? grantedField(status) : undefined;
    const faults = await checkAdministrator(request, field);
    const asked = { request, authorizer };
    faults.push(...(await bindingFaults(asked, status, old)));
    if (status.allocation) faults.push(...(await driverFaults(asked, status, old)));
    return faults;
  };
  const checkTemplate: CheckFieldRights = async (request) =>
    request.operation === "CREATE" ? checkAdministrator(request, requestedField(templateSpec(request.object))) : [];
  return new Map([
    [resources.of(ResourceClaim).kind, checkClaim],
    [resources.of(ResourceClaimTemplate).kind, checkTemplate],
  ]);
}

function templateSpec(object: AdmissionRequest["object"]): ResourceClaim["spec"] | undefined {
  return (object as Partial<ResourceClaimTemplate>).spec?.spec; // the kind is ResourceClaimTemplate, and not checked yet
}

/** Where administrator's access is asked for. */
function requestedField(spec: ResourceClaim["spec"] | undefined): string | undefined {
  const index = (spec?.devices?.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  return index < 0 ? undefined : `spec.devices.requests[${index}].adminAccess`;
}

/** Where it is given. */
function grantedField({ allocation }: ResourceClaimStatus): string | undefined {
  const index = (allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess === true);
  return index < 0 ? undefined : `status.allocation.devices.results[${index}].adminAccess`;
}

interface Asked {
  readonly request: AdmissionRequest;
  readonly authorizer: Authorizer;
}

/** Undefined: the server writes by itself, and may. */
function verbOf({ caller }: AdmissionRequest): "update" | "patch" | undefined {
  return caller && (caller.method === "PATCH" ? "patch" : "update");
}

async function bindingFaults(
  asked: Asked,
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
): Promise<FieldError[]> {
  const isSame =
    isEqualJson(status.allocation, old.allocation) && isEqualJson(status.reservedFor ?? [], old.reservedFor ?? []);
  const verb = verbOf(asked.request);
  if (isSame || verb === undefined) return [];
  const refusal = await refusalOf(asked, { verb, subresource: "binding", namespace: "", name: "" });
  if (!refusal) return [];
  const text = `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: ${refusal.message}`;
  return [forbidden("status.allocation", text)];
}

/** Each driver speaks of its own devices, a driver on the claim's host of those there. */
async function driverFaults(
  asked: Asked,
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
): Promise<FieldError[]> {
  const verb = verbOf(asked.request);
  if (verb === undefined) return [];
  const isOnHost = isAccountOn(asked.request.user, allocatedNode(status));
  const verbs = [...(isOnHost ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`];
  const faults: FieldError[] = [];
  for (const name of changedDrivers(status.devices ?? [], old.devices ?? [])) {
    const refusals: (ApiError | undefined)[] = [];
    for (const one of verbs) {
      const { namespace } = asked.request;
      refusals.push(await refusalOf(asked, { verb: one, subresource: "driver", namespace, name }));
      if (refusals.includes(undefined)) break;
    }
    if (refusals.includes(undefined)) continue;
    const text = `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(" ")}]" permission: ${refusals[0]?.message}`;
    faults.push(forbidden("status.devices", text));
  }
  return faults;
}

/** Undefined: allowed. */
async function refusalOf(
  { request, authorizer }: Asked,
  asked: Pick<Attributes, "verb" | "subresource" | "namespace" | "name">,
): Promise<ApiError | undefined> {
  const { group, version, plural } = request.kind.resource;
  const attributes = { isResourceRequest: true, path: "", group, version, resource: plural, ...asked };
  const decision = await authorizer.authorize(request.user, attributes);
  return decision.type === "allow" ? undefined : forbiddenRequest(request.user, attributes, decision.reason);
}

function changedDrivers(devices: readonly AllocatedDeviceStatus[], old: readonly AllocatedDeviceStatus[]): string[] {
  const keyOf = ({ driver, pool, device, shareID = "" }: AllocatedDeviceStatus) =>
    JSON.stringify([driver, pool, device, shareID]);
  const before = new Map(old.map((device) => [keyOf(device), device]));
  const drivers = new Set<string>();
  for (const device of devices) {
    const key = keyOf(device);
    if (!isEqualJson(device, before.get(key))) drivers.add(device.driver);
    before.delete(key);
  }
  for (const { driver } of before.values()) drivers.add(driver);
  return [...drivers].sort();
}

/** The one host whose devices the claim has; undefined: they are of none in particular. */
function allocatedNode({ allocation }: ResourceClaimStatus): string | undefined {
  const [term, ...otherTerms] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  if (!term || otherTerms.length > 0 || (term.matchExpressions ?? []).length > 0) return undefined;
  const [field, ...otherFields] = term.matchFields ?? [];
  if (field?.key !== "metadata.name" || field.operator !== "In" || otherFields.length > 0) return undefined;
  return field.values?.length === 1 ? field.values[0] : undefined;
}
