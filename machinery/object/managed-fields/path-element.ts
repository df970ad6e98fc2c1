// One step of a path inside an object, as the text that stands in `fieldsV1`:
//
//   f:NAME          a field of a map
//   k:{"KEY":...}   the item of a keyed list that has these values
//   v:JSON          the item of a set that is this value
//   i:NUMBER        the item at this place; nothing here makes one, but others' field sets may hold it
//
// The text is the identity: two steps are the same exactly when their texts are, so everything that makes one must write it
// the one canonical way (keys sorted, numbers as JSON writes them, and Go's escapes).

export type PathElement = string;

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** `keys` in any order. */
export function keyElement(keys: Keys): PathElement {
  const sorted = keys.length < 2 ? keys : [...keys].sort(([left], [right]) => compareText(left, right));
  return `k:{${sorted.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(",")}}`;
}

export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`;
}

/** The canonical text of what a client wrote. Undefined: nothing we know, to be left out. Throws SyntaxError for bad JSON. */
export function canonicalElement(text: string): PathElement | undefined {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case "f:":
      return text;
    case "v:":
      return valueElement(JSON.parse(rest));
    case "k:":
      return keyElement(readKeys(rest));
    case "i:":
      if (!/^[+-]?\d{1,15}$/.test(rest)) throw new SyntaxError(`${JSON.stringify(rest)} is no index`);
      return `i:${Number(rest)}`;
    default:
      return undefined;
  }
}

/**
 * In the order of `fieldsV1`: fields, keyed items, values, indexes; each by its content. The very list where it is in order. Of
 * the items of a long list each is read once, and not again for each that it is compared with.
 */
export function sortElements(elements: readonly PathElement[]): readonly PathElement[] {
  if (elements.length < 2) return elements;
  // Their text orders fields, and the element of its own before them.
  if (elements.every((element) => element.startsWith("f") || element === ".")) {
    const isOrdered = elements.every((element, index) => index === 0 || (elements[index - 1] ?? "") < element);
    return isOrdered ? elements : [...elements].sort();
  }
  const places = elements.map(placeOf);
  const isInOrder = places.every((place, index) => {
    const before = places[index - 1];
    return before === undefined || comparePlaces(before, place) < 0;
  });
  return isInOrder ? elements : places.sort(comparePlaces).map(({ element }) => element);
}

/** Where an element stands among others. */
interface Place {
  readonly element: PathElement;
  readonly type: number;
  /** Of all but fields, which their text orders. */
  readonly content: unknown;
}

/** An element of its own, which stands for the node itself, comes first. */
const ELEMENT_ORDER = ".fkvi";

function placeOf(element: PathElement): Place {
  const letter = element.charAt(0);
  const rest = element.slice(2);
  const content = letter === "k" ? readKeys(rest) : letter === "v" || letter === "i" ? JSON.parse(rest) : undefined;
  return { element, type: ELEMENT_ORDER.indexOf(letter), content };
}

function comparePlaces(left: Place, right: Place): number {
  if (left.element === right.element) return 0;
  if (left.type !== right.type) return left.type - right.type;
  if (left.content === undefined || right.content === undefined) return compareText(left.element, right.element);
  const isKeyed = left.element.startsWith("k");
  // What `placeOf` read of keys.
  return isKeyed
    ? compareKeys(left.content as Keys, right.content as Keys)
    : compareValues(left.content, right.content);
}

/** As conflicts show it: `.name`, `[name="x"]`, `[="x"]`, `[0]`. */
export function describeElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.charAt(0)) {
    case "k":
      return `[${readKeys(rest)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(",")}]`;
    case "v":
      return `[=${JSON.stringify(JSON.parse(rest))}]`;
    case "i":
      return `[${rest}]`;
    default:
      return `.${rest}`;
  }
}

export function describePath(path: readonly PathElement[]): string {
  return path.map(describeElement).join("");
}

type Keys = readonly (readonly [name: string, value: unknown])[];

function readKeys(json: string): Keys {
  const keys: unknown = JSON.parse(json);
  if (typeof keys !== "object" || keys === null || Array.isArray(keys)) throw new SyntaxError("keys must be an object");
  return Object.entries(keys).sort(([left], [right]) => compareText(left, right));
}

function compareKeys(left: Keys, right: Keys): number {
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (!other) return 1;
    const order = compareText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers before texts before booleans; anything else by its JSON, for it cannot be a key. */
function compareValues(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (typeof left === typeof right) return compareText(goJson(left), goJson(right));
  return rankOf(left) - rankOf(right);
}

function rankOf(value: unknown): number {
  return ["number", "string", "boolean", "object"].indexOf(typeof value);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Go's encoder escapes what could end a script element in a page; a field set from upstream must name the same item. */
function goJson(value: unknown): string {
  const json = JSON.stringify(value) ?? "null";
  return /[<>&\u2028\u2029]/.test(json)
    ? json.replace(/[<>&\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : json;
}
