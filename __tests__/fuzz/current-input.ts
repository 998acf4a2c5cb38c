const bytesOfHead = 8;
const bytesAtMost = 65_536;

/** The input that is being tried, in memory that can be read while the one who tries it hangs. */
export class CurrentInput {
  readonly #head: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.#head = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, bytesOfHead);
  }

  static createMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(bytesOfHead + bytesAtMost);
  }

  /** How many there were. */
  get count(): number {
    return Atomics.load(this.#head, 0);
  }

  set(input: Uint8Array): void {
    this.#bytes.set(input);
    Atomics.store(this.#head, 1, input.length);
    Atomics.add(this.#head, 0, 1);
  }

  get(): Buffer {
    return Buffer.from(this.#bytes.slice(0, Atomics.load(this.#head, 1)));
  }
}
