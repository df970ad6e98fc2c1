// What a build tells while it runs.

/** `fraction` is between 0 and 1, absent where nobody can tell. */
export type OnProgress = (step: string, fraction: number | undefined, detail: string) => void;
