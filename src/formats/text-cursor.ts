/** A piece of text that is handed out by lines or whole. A CRLF that two pieces share ends one line. */
export class TextCursor {
  #text = '';
  #index = 0;
  /** Where the next ends may be; looked for again when they lie before the index, and the length where there is none. */
  #lineFeed = 0;
  #carriageReturn = 0;
  #isAfterCarriageReturn = false;

  get isEmpty(): boolean {
    return this.#index === this.#text.length;
  }

  /** The next piece, once the last one is handed out. */
  refill(text: string): void {
    if (text === '') return;
    this.#text = text;
    this.#index = this.#isAfterCarriageReturn && text[0] === '\n' ? 1 : 0;
    this.#isAfterCarriageReturn = false;
    this.#lineFeed = -1;
    this.#carriageReturn = -1;
  }

  takeAll(): string {
    return this.#take(this.#text.length);
  }

  /** The text up to the next end of a line, which is dropped, or all of it; and whether there was an end. */
  takeLine(): { readonly piece: string; readonly isEnded: boolean } {
    const end = Math.min(this.#nextLineFeed(), this.#nextCarriageReturn());
    const piece = this.#take(end);
    const isEnded = end < this.#text.length;
    if (isEnded) this.#skipLineEnd();
    return { piece, isEnded };
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#index, end);
    this.#index = end;
    return text;
  }

  #skipLineEnd(): void {
    const isCarriageReturn = this.#text[this.#index] === '\r';
    this.#index += 1;
    if (!isCarriageReturn) return;
    this.#isAfterCarriageReturn = this.isEmpty;
    if (this.#text[this.#index] === '\n') this.#index += 1;
  }

  #nextLineFeed(): number {
    if (this.#lineFeed < this.#index) this.#lineFeed = this.#indexOf('\n');
    return this.#lineFeed;
  }

  #nextCarriageReturn(): number {
    if (this.#carriageReturn < this.#index) this.#carriageReturn = this.#indexOf('\r');
    return this.#carriageReturn;
  }

  #indexOf(end: string): number {
    const index = this.#text.indexOf(end, this.#index);
    return index === -1 ? this.#text.length : index;
  }
}
