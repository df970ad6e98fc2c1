// Two controllers that write one field fight for ever, and nobody sees it but in the number of writes. Each names what it
// writes as data, and this check refuses the overlap before anything runs.

export interface Owner {
  readonly name: string;
  readonly owns: readonly string[];
}

/**
 * Throws when two owners name the same thing, or one a field within another's field. A kind alone ("Pod") means making
 * and deleting its objects and is apart from its fields ("Pod.spec.nodeName").
 */
export function refuseSharedOwnership(owners: readonly Owner[]): void {
  const names = new Set<string>();
  const claims: { readonly field: string; readonly owner: string }[] = [];
  for (const { name, owns } of owners) {
    if (names.has(name)) throw new Error(`Two controllers have the name "${name}"`);
    names.add(name);
    for (const field of owns) {
      const other = claims.find((claim) => overlaps(claim.field, field));
      if (other) throw new Error(`"${name}" and "${other.owner}" both own "${field}" (claimed as "${other.field}")`);
    }
    for (const field of owns) claims.push({ field, owner: name });
  }
}

function overlaps(left: string, right: string): boolean {
  if (left === right) return true;
  const [shorter, longer] = left.length < right.length ? [left, right] : [right, left];
  return shorter.includes(".") && longer.startsWith(`${shorter}.`);
}
