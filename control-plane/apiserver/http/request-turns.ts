// When requests begin. Node tells of all that has come on a connection in one turn of its event loop, and a client can send a
// thousand requests in it, to take them back in the same breath. All others would wait until each of them had been looked at.
// So few begin in one turn, and what is still waiting then takes its turns by connection: whoever sends one request is not behind
// all those of whoever sends many.

/** Of all connections. The smallest requests take a fifth of a millisecond each. */
const BEGUN_MAX = 32;

/** What came on one connection. */
interface Line {
  readonly connection: object;
  /** Since the last turn. */
  arrived: number;
  readonly waiting: (() => void)[];
}

export class RequestTurns {
  /** Of this turn, and those on which requests wait. */
  #lines = new Map<object, Line>();
  #begun = 0;
  #isArmed = false;

  /** Calls now, or in one of the next turns. Says how many there are on the connection, waiting ones and those of this turn. */
  join(connection: object, begin: () => void): number {
    let line = this.#lines.get(connection);
    if (!line) {
      line = { connection, arrived: 0, waiting: [] };
      this.#lines.set(connection, line);
    }
    line.arrived++;
    if (!this.#isArmed) {
      this.#isArmed = true;
      setImmediate(this.#turn);
    }
    const count = Math.max(line.arrived, line.waiting.length + 1);
    if (line.waiting.length > 0 || this.#begun >= BEGUN_MAX) {
      line.waiting.push(begin);
    } else {
      this.#begun++;
      begin();
    }
    return count;
  }

  readonly #turn = (): void => {
    const lines = [...this.#lines.values()].filter(({ waiting }) => waiting.length > 0);
    for (const line of lines) line.arrived = 0;
    this.#begun = 0;
    this.#isArmed = lines.length > 0;
    if (this.#isArmed) setImmediate(this.#turn);
    const steps: (() => void)[] = [];
    // Whose turn it was is behind all others in the next one.
    for (let line = lines.shift(); line; line = steps.length < BEGUN_MAX ? lines.shift() : undefined) {
      const step = line.waiting.shift();
      if (!step) continue;
      steps.push(step);
      lines.push(line);
    }
    this.#lines = new Map(lines.map((line) => [line.connection, line]));
    this.#begun = steps.length;
    for (const step of steps) step();
  };
}
