// A document while a JSON patch changes it: what is changed is copied once, all else stays shared with the document it was. Only its
// own fields are looked at, so that no path leads to a prototype.

export type Container = Record<string, unknown> | unknown[];

export class JsonPatchError extends Error {
  readonly isFailedTest: boolean;

  constructor(message: string, { isFailedTest = false }: { readonly isFailedTest?: boolean } = {}) {
    super(message);
    this.isFailedTest = isFailedTest;
  }
}

/** Where a path leads: into what, and there to which field or item. */
interface Place {
  readonly container: Container;
  readonly key: string;
}

const INDEX = /^[+-]?\d+$/;

export class PatchedDocument {
  root: Container;
  /** Made here, so that it may be changed. */
  readonly #own = new Set<Container>();

  constructor(root: Container) {
    this.root = root;
  }

  /** Null where a field is not there; throws where its holder is not, or a list has no such item. */
  valueAt(path: string, op: string): unknown {
    const { container, key } = this.#find(path, op, { isChanged: false });
    return Array.isArray(container) ? container[placeIn(container, key)] : (itemAt(container, key) ?? null);
  }

  add(path: string, value: unknown, op: string): void {
    const { container, key } = this.#find(path, op, { isChanged: true });
    if (!Array.isArray(container)) setField(container, key, value);
    else if (key === "-") container.push(value);
    else container.splice(placeIn(container, key, container.length + 1), 0, value);
  }

  /** Adds a field that is not there. */
  replace(path: string, value: unknown): void {
    const { container, key } = this.#find(path, "replace", { isChanged: true });
    if (Array.isArray(container)) container[placeIn(container, key)] = value;
    else setField(container, key, value);
  }

  remove(path: string, op: string): void {
    const { container, key } = this.#find(path, op, { isChanged: true });
    if (Array.isArray(container)) container.splice(placeIn(container, key), 1);
    else if (Object.hasOwn(container, key)) delete container[key];
    else throw new JsonPatchError(`Unable to remove nonexistent key: ${key}: missing value`);
  }

  #find(path: string, op: string, { isChanged }: { readonly isChanged: boolean }): Place {
    const missing = () => new JsonPatchError(`${op} operation does not apply: doc is missing path: ${path}`);
    // As upstream: what stands before the first slash is not looked at.
    const [, ...keys] = path.split("/").map(unescapeToken);
    const last = keys.pop();
    if (last === undefined) throw missing();
    if (isChanged) this.root = this.#owned(this.root);
    let container = this.root;
    for (const key of keys) {
      const place = Array.isArray(container) ? placeIn(container, key) : key;
      const child = itemAt(container, place);
      if (typeof child !== "object" || child === null) throw missing();
      const next = isChanged ? this.#owned(child as Container) : (child as Container); // objects and lists are the two
      if (next !== child) setField(container, place, next);
      container = next;
    }
    return { container, key: last };
  }

  #owned(container: Container): Container {
    if (this.#own.has(container)) return container;
    // Spread makes own fields of all names, also of "__proto__".
    const copy = Array.isArray(container) ? [...container] : { ...container };
    this.#own.add(copy);
    return copy;
  }
}

/** Undefined where there is none of its own. */
export function itemAt(container: Container, key: string | number): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined;
}

function setField(container: Container, key: string | number, value: unknown): void {
  const field = { value, enumerable: true, configurable: true, writable: true };
  if (key === "__proto__") Object.defineProperty(container, key, field);
  else (container as Record<string | number, unknown>)[key] = value;
}

/** Counted from the end where it is below zero, as Go reads whole numbers. */
function placeIn(list: readonly unknown[], key: string, places = list.length): number {
  const index = INDEX.test(key) ? Number(key) : Number.NaN;
  const place = index < 0 ? index + places : index;
  if (!(place >= 0 && place < places)) {
    throw new JsonPatchError(`Unable to access invalid index: ${key}: invalid index referenced`);
  }
  return place;
}

function unescapeToken(token: string): string {
  return token.includes("~") ? token.replaceAll("~1", "/").replaceAll("~0", "~") : token;
}
