/**
 * Where a text stops to be JSON: the offset of the first character that cannot be there, the text's length when more
 * should come, -1 when it is JSON. One pass, for the messages of `JSON.parse` that do not say it.
 */
export function findJsonError(text: string): number {
  const scanner = new JsonScanner(text);
  while (!scanner.isAtEnd) if (!scanner.step()) return scanner.offset;
  return scanner.isWhole ? -1 : text.length;
}

// Sticky, and each has one way to match a text. Of control characters in strings Node says the position.
const whiteSpace = /[ \t\n\r]*/y;
const plainCharacters = /[^"\\]*/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = 0x20;
const words = ['true', 'false', 'null'];

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'comma';

class JsonScanner {
  offset = 0;
  readonly #text: string;
  /** What ends the objects and arrays that are open. */
  readonly #closers: string[] = [];
  #expected: Expected = 'value';

  constructor(text: string) {
    this.#text = text;
    this.#skip(whiteSpace);
  }

  get isAtEnd(): boolean {
    return this.offset === this.#text.length;
  }

  get isWhole(): boolean {
    return this.#expected === 'comma' && this.#closers.length === 0;
  }

  /** Goes over what comes next and the white space after it; false when it cannot be there. */
  step(): boolean {
    const isFine = this.#take();
    if (isFine && this.#text.charCodeAt(this.offset) <= space) this.#skip(whiteSpace);
    return isFine;
  }

  #take(): boolean {
    const isFirst = this.#expected === 'first key' || this.#expected === 'first value';
    if ((isFirst || this.#expected === 'comma') && this.#takeCloser()) return true;
    switch (this.#expected) {
      case 'comma':
        return this.#closers.length > 0 && this.#takeCharacter(',', this.#closers.at(-1) === '}' ? 'key' : 'value');
      case 'colon':
        return this.#takeCharacter(':', 'value');
      case 'key':
      case 'first key':
        return this.#takeString('colon');
      default:
        return this.#takeValue();
    }
  }

  #takeCloser(): boolean {
    const closer = this.#closers.at(-1);
    if (closer === undefined || !this.#takeCharacter(closer, 'comma')) return false;
    this.#closers.pop();
    return true;
  }

  #takeValue(): boolean {
    const first = this.#text[this.offset];
    if (first === '"') return this.#takeString('comma');
    if (first === '{' || first === '[') {
      this.#closers.push(first === '{' ? '}' : ']');
      return this.#takeCharacter(first, first === '{' ? 'first key' : 'first value');
    }
    this.#expected = 'comma';
    const word = words.find((known) => known[0] === first);
    return word === undefined ? this.#skip(number) > 0 : this.#takeWord(word);
  }

  #takeWord(word: string): boolean {
    for (const character of word) {
      if (this.isAtEnd) {
        this.#expected = 'value';
        return true;
      }
      if (this.#text[this.offset] !== character) return false;
      this.offset += 1;
    }
    return true;
  }

  #takeString(next: 'colon' | 'comma'): boolean {
    if (this.#text[this.offset] !== '"') return false;
    this.offset += 1;
    do this.#skip(plainCharacters);
    while (this.#skip(escapeSequence) > 0);
    // An escape that the text ends in.
    if (this.offset === this.#text.length - 1) this.#skip(/\\/y);
    return this.isAtEnd || this.#takeCharacter('"', next);
  }

  #takeCharacter(character: string, next: Expected): boolean {
    if (this.#text[this.offset] !== character) return false;
    this.offset += 1;
    this.#expected = next;
    return true;
  }

  /** Goes over what the pattern matches, and says how much it was. */
  #skip(pattern: RegExp): number {
    const start = this.offset;
    pattern.lastIndex = start;
    if (pattern.test(this.#text)) this.offset = pattern.lastIndex;
    return this.offset - start;
  }
}
