// Where a container sees volumes: as directories, or as raw devices.

import type { Container, EphemeralContainer, Volume, VolumeMount } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notFound, notSupported, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { validateDescendingPath, validateNoBackSteps } from "./path-validation.ts";

type AnyContainer = Container | EphemeralContainer;
type Volumes = ReadonlyMap<string, Volume>;

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];
const RECURSIVE_READ_ONLY = ["Disabled", "Enabled", "IfPossible"];

export function validateMounts(container: AnyContainer, volumes: Volumes, path: string): FieldError[] {
  const devices = container.volumeDevices ?? [];
  const seen = new Set<string>();
  return checkEach(container.volumeMounts ?? [], (mount, i) => {
    const field = `${path}[${i}]`;
    const { name = "", mountPath = "", subPath, subPathExpr }: Partial<VolumeMount> = mount;
    const errors: FieldError[] = [];
    if (name === "") errors.push(required(`${field}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${field}.name`, name));
    if (mountPath === "") errors.push(required(`${field}.mountPath`));
    if (seen.has(mountPath)) errors.push(invalidValue(`${field}.mountPath`, mountPath, "must be unique"));
    seen.add(mountPath);
    if (devices.some((device) => (device.name ?? "") === name)) {
      errors.push(invalidValue(`${field}.name`, name, "must not already exist in volumeDevices"));
    }
    if (devices.some((device) => (device.devicePath ?? "") === mountPath)) {
      const text = "must not already exist as a path in volumeDevices";
      errors.push(invalidValue(`${field}.mountPath`, mountPath, text));
    }
    // From here on upstream names the list's field, not the item's.
    if (subPath) errors.push(...validateDescendingPath(subPath, `${path}.subPath`));
    if (subPathExpr) {
      const text = "subPathExpr and subPath are mutually exclusive";
      if (subPath) errors.push(invalidValue(`${field}.subPathExpr`, subPathExpr, text));
      errors.push(...validateDescendingPath(subPathExpr, `${path}.subPathExpr`));
    }
    return [...errors, ...validatePropagation(mount, container, path), ...validateRecursiveReadOnly(mount, path)];
  });
}

function validatePropagation({ mountPropagation }: VolumeMount, container: AnyContainer, path: string): FieldError[] {
  if (mountPropagation === undefined) return [];
  const field = `${path}.mountPropagation`;
  if (!PROPAGATIONS.includes(mountPropagation)) return [notSupported(field, mountPropagation, PROPAGATIONS)];
  if (mountPropagation !== "Bidirectional" || container.securityContext?.privileged) return [];
  return [forbidden(field, "Bidirectional mount propagation is available only to privileged containers")];
}

function validateRecursiveReadOnly(mount: VolumeMount, path: string): FieldError[] {
  const { recursiveReadOnly, readOnly, mountPropagation = "None" } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return [];
  const field = `${path}.recursiveReadOnly`;
  if (!RECURSIVE_READ_ONLY.includes(recursiveReadOnly)) {
    return [notSupported(field, recursiveReadOnly, RECURSIVE_READ_ONLY)];
  }
  const errors: FieldError[] = [];
  if (!readOnly) errors.push(forbidden(field, "may only be specified when readOnly is true"));
  if (mountPropagation !== "None") {
    errors.push(forbidden(field, "may only be specified when mountPropagation is None or not specified"));
  }
  return errors;
}

export function validateDevices(container: AnyContainer, volumes: Volumes, path: string): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const [names, paths] = [new Set<string>(), new Set<string>()];
  return checkEach(container.volumeDevices ?? [], ({ name = "", devicePath = "" }: Partial<VolumeDevice>, i) => {
    const errors: FieldError[] = [];
    const refuse = (field: "name" | "devicePath", text: string) =>
      errors.push(invalidValue(`${path}[${i}].${field}`, field === "name" ? name : devicePath, text));
    const volume = volumes.get(name);
    if (name === "") errors.push(required(`${path}[${i}].name`));
    if (names.has(name)) refuse("name", "must be unique");
    if (!volume) errors.push(notFound(`${path}[${i}].name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      refuse("name", "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    }
    if (devicePath === "") errors.push(required(`${path}[${i}].devicePath`));
    if (paths.has(devicePath)) refuse("devicePath", "must be unique");
    if (validateNoBackSteps(devicePath, path).length > 0) refuse("devicePath", "can not contain backsteps ('..')");
    else paths.add(devicePath);
    if (mounts.some((mount) => (mount.name ?? "") === name)) refuse("name", "must not already exist in volumeMounts");
    if (mounts.some((mount) => (mount.mountPath ?? "") === devicePath)) {
      refuse("devicePath", "must not already exist as a path in volumeMounts");
    }
    if (name !== "") names.add(name);
    return errors;
  });
}

type VolumeDevice = NonNullable<Container["volumeDevices"]>[number];
