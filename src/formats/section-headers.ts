import { malformedSection, tooManyHeaders } from './multipart-errors';

/** The headers of a section by their names in lower case; several of one name are joined as in HTTP. */
export type SectionHeaders = Readonly<Record<string, string>>;

/** RFC 9110 §5.6.2: what the name of a header may have in it. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const forbiddenInValue = /[\0\r\n]/;

/** Parses the lines of a section's headers, which come without the line end after the last. */
export function parseSectionHeaders(text: string, countLimit: number): SectionHeaders {
  const headers: Record<string, string> = Object.create(null);
  if (text === '') return headers;
  const lines = text.split('\r\n');
  let count = 0;
  let lastName: string | undefined;
  for (const line of lines) {
    if (forbiddenInValue.test(line)) throw malformedSection('a header has a bare CR, LF or NUL in it');
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (lastName === undefined) throw malformedSection('its headers begin with the rest of one');
      headers[lastName] += line;
      continue;
    }
    count += 1;
    if (count > countLimit) throw tooManyHeaders(countLimit);
    lastName = addHeader(headers, line);
  }
  return headers;
}

/** The headers of a field of a form that has nothing but a name. */
export function usualHeaders(name: string): SectionHeaders {
  const headers: Record<string, string> = Object.create(null);
  headers['content-disposition'] = `form-data; name="${name}"`;
  return headers;
}

/** Gives the header's name. */
function addHeader(headers: Record<string, string>, line: string): string {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).toLowerCase();
  if (colon === -1 || !headerName.test(name)) throw malformedSection('a line of its headers is no header');
  const value = line.slice(colon + 1).trim();
  const before = headers[name];
  // Two of them may be read as two different forms.
  if (before !== undefined && name === 'content-disposition') throw malformedSection(`it has "${name}" twice`);
  headers[name] = before === undefined ? value : `${before}, ${value}`;
  return name;
}
