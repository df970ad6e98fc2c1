/** A name without a tag, and with the tag "latest", mean the newest there is. */
const NEWEST = "latest";
const PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${HOST_COMPONENT}(?:\\.${HOST_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^(?:${HOST}/)?${PATH_COMPONENT}(?:/${PATH_COMPONENT})*(?::(${TAG}))?(?:@(${DIGEST}))?$`);
/** An image by its own hash: no name. */
const IDENTIFIER = /^[a-f0-9]{64}$/;

/** The newest is looked up each time; any other, and what is no reference at all, only when no host has it. */
export function defaultPullPolicy(reference: string): "Always" | "IfNotPresent" {
  const match = IDENTIFIER.test(reference) ? null : REFERENCE.exec(reference);
  if (!match) return "IfNotPresent";
  const [, tag, digest] = match;
  return tag === NEWEST || (tag === undefined && digest === undefined) ? "Always" : "IfNotPresent";
}
