import { ApiError } from "@atoll/machinery/object/api-error";
import type { User } from "../request/request.ts";
import type { Attributes } from "./authorizer.ts";

/** The refusal in the words scripts and people look for. */
export function forbidden(user: User, attributes: Attributes, reason: string | undefined): ApiError {
  const because = reason ? `: ${reason}` : "";
  const who = `User ${JSON.stringify(user.name)}`;
  if (!attributes.isResourceRequest) {
    return new ApiError(
      "Forbidden",
      `forbidden: ${who} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${because}`,
      {
        details: {},
      },
    );
  }
  const { group, resource, name, namespace, subresource } = attributes;
  const plural = group === "" ? resource : `${resource}.${group}`;
  const subject = name === "" ? plural : `${plural} ${JSON.stringify(name)}`;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return new ApiError(
    "Forbidden",
    `${subject} is forbidden: ${who} cannot ${attributes.verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${because}`,
    { details: { ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), kind: resource } },
  );
}
