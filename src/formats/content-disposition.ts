import { decodeExtendedValue } from './extended-value';
import { malformedSection } from './multipart-errors';

/** What a Content-Disposition says of a section of a form. */
export interface ContentDisposition {
  /** `form-data` in forms; in lower case. */
  readonly type: string;
  readonly name: string | undefined;
  /** As the client sent it, paths included. */
  readonly filename: string | undefined;
}

/** That of a field of a form. */
export function fieldDisposition(name: string): ContentDisposition {
  return { type: 'form-data', name, filename: undefined };
}

/** RFC 7230 §3.2.6. */
const tokenCharacters = new Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

/**
 * Reads a Content-Disposition as browsers, curl and RFC 7578 write it. What cannot be read, and a parameter that comes
 * twice, is a 400, `multipart.malformed`.
 */
export function parseContentDisposition(header: string): ContentDisposition {
  const scanner = new ParameterScanner(header);
  const type = scanner.token().toLowerCase();
  if (type === '') throw malformedSection('its Content-Disposition has no type');
  const parameters = new Map<string, string>();
  for (let name = scanner.nextName(); name !== undefined; name = scanner.nextName()) {
    if (parameters.has(name)) throw malformedSection(`its Content-Disposition has "${name}" twice`);
    parameters.set(name, scanner.value());
  }
  const extended = parameters.get('filename*');
  const filename = extended === undefined ? undefined : decodeExtendedValue(extended);
  if (extended !== undefined && filename === undefined && !parameters.has('filename')) {
    throw malformedSection('its "filename*" cannot be decoded');
  }
  return {
    type,
    name: unescapeFormName(parameters.get('name')),
    // An empty one that is extended is no better than the other.
    filename: (filename || unescapeFormName(parameters.get('filename'))) ?? filename,
  };
}

/**
 * WHATWG HTML, "multipart/form-data encoding algorithm": names and file names have LF, CR and `"` as %0A, %0D and %22,
 * and nothing else escaped, so that nothing else may be unescaped.
 */
function unescapeFormName(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('%')) return text;
  return text.replace(/%0A/gi, '\n').replace(/%0D/gi, '\r').replaceAll('%22', '"');
}

/** A cursor over `type; name=value; name="value"`. */
class ParameterScanner {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  token(): string {
    const start = this.#index;
    while (tokenCharacters.has(this.#text[this.#index] as string)) this.#index += 1;
    return this.#text.slice(start, this.#index);
  }

  /** The name of the next parameter in lower case, up to its `=`; undefined at the end. */
  nextName(): string | undefined {
    for (;;) {
      this.#skipSpaces();
      if (this.#index === this.#text.length) return undefined;
      this.#expect(';');
      this.#skipSpaces();
      const name = this.token().toLowerCase();
      // A `;` at the end, or two in a row.
      if (name === '' && (this.#index === this.#text.length || this.#text[this.#index] === ';')) continue;
      if (name === '') throw malformedSection('its Content-Disposition cannot be read');
      this.#skipSpaces();
      this.#expect('=');
      this.#skipSpaces();
      return name;
    }
  }

  value(): string {
    return this.#text[this.#index] === '"' ? this.#quoted() : this.#unquoted();
  }

  /** Browsers do not escape a backslash, others write `\"` and `\\`: before any other character it stands for itself. */
  #quoted(): string {
    const text = this.#text;
    let value = '';
    let start = this.#index + 1;
    for (let index = start; index < text.length; index += 1) {
      if (text[index] === '"') {
        this.#index = index + 1;
        return value + text.slice(start, index);
      }
      if (text[index] === '\\' && (text[index + 1] === '"' || text[index + 1] === '\\')) {
        value += text.slice(start, index);
        start = index + 1;
        index += 1;
      }
    }
    throw malformedSection('its Content-Disposition has a quotation mark that is not closed');
  }

  /** Some clients leave the quotation marks out, whatever the name has in it. */
  #unquoted(): string {
    const end = this.#text.indexOf(';', this.#index);
    const value = this.#text.slice(this.#index, end === -1 ? this.#text.length : end);
    this.#index += value.length;
    return value.trimEnd();
  }

  #skipSpaces(): void {
    while (this.#text[this.#index] === ' ' || this.#text[this.#index] === '\t') this.#index += 1;
  }

  #expect(character: string): void {
    if (this.#text[this.#index] !== character) throw malformedSection('its Content-Disposition cannot be read');
    this.#index += 1;
  }
}
