// The machinery's door to what stands with the API's own types, where the kinds' validation needs it too.

export * from "@atoll/api/meta/quantity";
