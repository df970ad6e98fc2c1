// Lists and maps that somebody has said to be empty. Objects do not hold them (decision 0260), and for nearly everybody they are
// the same as nothing. Upstream remembers them until the object is stored: its messages show them, a few checks count them as
// said, and a few kinds take them for a change. So who needs to know asks here; whoever reads objects notes it down.

type Empty = readonly never[] | Readonly<Record<string, never>>;

const EMPTIES = new WeakMap<object, Map<string, Empty>>();

export function noteEmpty(object: object, field: string, value: Empty): void {
  const noted = EMPTIES.get(object);
  if (noted) noted.set(field, value);
  else EMPTIES.set(object, new Map([[field, value]]));
}

/** By fields of the very object that was read; a copy knows nothing. */
export function emptiesOf(object: object): ReadonlyMap<string, Empty> | undefined {
  return EMPTIES.get(object);
}

export function isSaidEmpty(object: object, field: string): boolean {
  return EMPTIES.get(object)?.has(field) === true;
}

/** Anywhere in a value. */
export function holdsSaidEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return EMPTIES.has(value) || Object.values(value).some(holdsSaidEmpty);
}
