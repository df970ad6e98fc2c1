// Values that are mostly there at once and sometimes have to be waited for. A promise for each of a dozen steps costs a request
// more than the steps do, so what is known is handed on as it is.

export type Eventual<T> = T | Promise<T>;

/** Goes on with the value: now, where it is there. What `next` throws now, it would reject with later. */
export function whenThere<T, R>(value: Eventual<T>, next: (value: T) => Eventual<R>): Eventual<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
