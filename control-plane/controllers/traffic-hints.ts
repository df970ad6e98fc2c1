// Hints for those who send traffic to a service: which endpoints are for which zones or hosts. Pure.

import type { Endpoint, EndpointSlice } from "@atoll/api/generated/types";
import { isEqualJson } from "@atoll/api/meta/field-error";

/** "none": endpoints are for everybody. */
export type TrafficPreference = "none" | "same-zone" | "same-node";

export function trafficPreferenceOf(trafficDistribution: string | undefined): TrafficPreference {
  switch (trafficDistribution) {
    case "PreferClose":
    case "PreferSameZone":
      return "same-zone";
    case "PreferSameNode":
      return "same-node";
    default:
      return "none";
  }
}

/** The slice with the hints that its endpoints should have; the very slice where they have them. */
export function withHints(slice: EndpointSlice, preference: TrafficPreference): EndpointSlice {
  const endpoints = slice.endpoints ?? [];
  const hinted = endpoints.map((endpoint) => hintedEndpoint(endpoint, preference));
  return hinted.every((endpoint, i) => endpoint === endpoints[i]) ? slice : { ...slice, endpoints: hinted };
}

function hintedEndpoint(endpoint: Endpoint, preference: TrafficPreference): Endpoint {
  const { hints: old, ...rest } = endpoint;
  // Hints for one that takes no traffic lead nobody anywhere.
  if (preference !== "none" && endpoint.conditions?.ready !== true) return endpoint;
  const hints = hintsFor(endpoint, preference);
  if (isEqualJson(hints, old)) return endpoint;
  return hints ? { ...rest, hints } : rest;
}

function hintsFor({ zone, nodeName }: Endpoint, preference: TrafficPreference): Endpoint["hints"] {
  const hints = {
    ...(preference !== "none" && zone ? { forZones: [{ name: zone }] } : {}),
    ...(preference === "same-node" && nodeName ? { forNodes: [{ name: nodeName }] } : {}),
  };
  return Object.keys(hints).length > 0 ? hints : undefined;
}
