// Texts by their code points, which is how expressions count. JavaScript counts halves of pairs, and to count the pairs of a text
// takes as long as the text is: of a long one that was asked about last, what was found is kept for the next question, because an
// expression may ask about one text in every round of a loop.

/** Texts up to here are counted faster than they are remembered. */
const SHORT_LENGTH = 64;

interface Counted {
  readonly text: string;
  readonly count: number;
  /** Where each code point begins, of a text that has pairs, once a place in it is asked for. */
  places: Uint32Array | undefined;
}

let last: Counted = { text: "", count: 0, places: undefined };

export function codePointCount(text: string): number {
  return text.length <= SHORT_LENGTH ? countOf(text) : counted(text).count;
}

/** From one place to before another one; both are within the text. */
export function codePointsBetween(text: string, start: number, end: number): string {
  return text.slice(unitsBefore(text, start), unitsBefore(text, end));
}

/** Where a code point begins, in JavaScript's count. */
export function unitsBefore(text: string, place: number): number {
  const known = counted(text);
  if (known.count === text.length) return place;
  if (place >= known.count) return text.length;
  known.places ??= placesIn(known);
  return known.places[place] ?? text.length;
}

function placesIn({ text, count }: Counted): Uint32Array {
  const places = new Uint32Array(count);
  for (let unit = 0, place = 0; place < count; place++) {
    places[place] = unit;
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  return places;
}

function counted(text: string): Counted {
  if (last.text !== text) last = { text, count: countOf(text), places: undefined };
  return last;
}

function countOf(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // The second half of a pair counts with the first.
    if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      count--;
      index++;
    }
  }
  return count;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
