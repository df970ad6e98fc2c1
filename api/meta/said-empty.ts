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

/** Whole objects with notes somewhere in them, so that most need no look. */
const NOTED = new WeakSet<object>();

/** To be called for a whole object once something in it was noted. */
export function markNoted(object: object): void {
  NOTED.add(object);
}

/** A copy of a whole object knows nothing by itself. */
export function carryNotes(from: object, to: object): void {
  if (!NOTED.has(from)) return;
  NOTED.add(to);
  carry(from, to);
}

/** For a copy of some of a record's fields. */
export function withNotesOf<T extends object>(from: object, to: T): T {
  const noted = EMPTIES.get(from);
  if (noted) EMPTIES.set(to, noted);
  return to;
}

function carry(from: unknown, to: unknown): void {
  if (!isObject(from) || !isObject(to)) return;
  withNotesOf(from, to);
  for (const [name, value] of Object.entries(from)) carry(value, Object.getOwnPropertyDescriptor(to, name)?.value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** By fields of the very object that was read. */
export function emptiesOf(object: object): ReadonlyMap<string, Empty> | undefined {
  return EMPTIES.get(object);
}

/** What a message shows of a field: null where nobody has said anything. */
export function shownField(object: object | undefined, field: string): unknown {
  if (!object) return null;
  const value: unknown = Object.getOwnPropertyDescriptor(object, field)?.value;
  return value ?? EMPTIES.get(object)?.get(field) ?? null;
}

/** Not where a default has filled it since. */
export function isSaidEmpty(object: object, field: string): boolean {
  return EMPTIES.get(object)?.has(field) === true && isNothing(Object.getOwnPropertyDescriptor(object, field)?.value);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}

/** Anywhere in a value. */
export function holdsSaidEmpty(value: unknown): boolean {
  if (!isObject(value)) return false;
  const noted = [...(EMPTIES.get(value)?.keys() ?? [])];
  return noted.some((field) => isSaidEmpty(value, field)) || Object.values(value).some(holdsSaidEmpty);
}
