// What there is to say against a value: as much as helps anybody, in the order of the places that it is about.

/** More complaints than this help nobody and would only make the answer long. */
export const COMPLAINTS_MAX = 100;

export class Complaints<T> {
  readonly #told: (T | Complaints<T>)[] = [];
  #count = 0;

  get isFull(): boolean {
    return this.#count >= COMPLAINTS_MAX;
  }

  add(complaint: T): void {
    this.#told.push(complaint);
    this.#count += 1;
  }

  /** For those of a place that is looked at later. */
  leaveRoom(): Complaints<T> {
    const room = new Complaints<T>();
    this.#told.push(room);
    return room;
  }

  all(): T[] {
    if (this.#told.length === this.#count) return this.#told as T[]; // there is no room among them
    const all = this.#told.flatMap((told) => (told instanceof Complaints ? told.all() : [told]));
    return all.slice(0, COMPLAINTS_MAX);
  }
}
