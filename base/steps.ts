// Long work in steps that whoever does it may pause between: a generator that yields there. Short work is not to pay for that, so
// a walk through a value goes through what is short at once and leaves what is long for after it.

/** No list that anybody needs has so many items. */
const SHORT_LIST_ITEMS_MAX = 200;

export function isLongList({ length }: readonly unknown[]): boolean {
  return length > SHORT_LIST_ITEMS_MAX;
}

/** For whoever has the time. */
export function doAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** The lists that a walk has left. */
export class LeftLists {
  readonly #left: (() => Generator<void>)[] = [];

  /** Does it now for each item of a short list, in `finish` for those of a long one. */
  forEach<T>(list: readonly T[], work: (item: T, index: number) => void): void {
    if (!isLongList(list)) list.forEach(work);
    else {
      this.#left.push(function* () {
        for (const [index, item] of list.entries()) {
          work(item, index);
          yield;
        }
      });
    }
  }

  /** To be called when the walk is over: what it has made is whole afterwards. Work may leave further lists. */
  *finish(): Generator<void> {
    for (let next = this.#left.shift(); next; next = this.#left.shift()) yield* next();
  }
}
