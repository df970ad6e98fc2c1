// A program of informers, whatever it is written in.

export interface Informed extends AsyncDisposable {
  readonly name: string;
  describe(): Promise<InformedReport>;
}

export interface InformedReport {
  /** Lines by informer, whose name ends in the plural of what it watches. */
  readonly objects: Readonly<Record<string, readonly string[]>>;
  /** How often the server said that a version is too old to go on from, since the start. */
  readonly expired: number;
  readonly lists: number;
  /** What else is worth knowing at the end. */
  readonly notes: string;
}
