import type { ServerResponse } from 'node:http';

/** Headers as `writeHead` takes them: an object, pairs, or a flat list. */
type HeadersArgument = object | readonly unknown[] | undefined;

/** The headers without Content-Length, in the shape that they came in; a reason phrase as it is. */
export function withoutContentLength(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null) return argument;
  if (!Array.isArray(argument)) return Object.fromEntries(Object.entries(argument).filter(([name]) => !isLength(name)));
  if (Array.isArray(argument[0])) return argument.filter(([name]) => !isLength(name));
  return argument.filter((_, index) => !isLength(argument[index - (index % 2)]));
}

/** Puts what `writeHead` was given onto the response, where starting callbacks can still see and change it. */
export function applyHead(response: ServerResponse, statusCode: number, reason: unknown, headers: unknown): void {
  response.statusCode = statusCode;
  if (typeof reason === 'string') response.statusMessage = reason;
  const given = (typeof reason === 'string' ? headers : (headers ?? reason)) as HeadersArgument;
  const pairs = pairsOf(given).filter(([, value]) => value !== undefined);
  // As in Node: what is given replaces what was set, and a name given twice is sent twice.
  for (const [name] of pairs) response.removeHeader(name);
  for (const [name, value] of pairs) {
    if (response.hasHeader(name)) response.appendHeader(name, String(value));
    else response.setHeader(name, Array.isArray(value) ? value : String(value));
  }
}

function pairsOf(headers: HeadersArgument): [name: string, value: unknown][] {
  if (headers === undefined || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (Array.isArray(headers[0])) return headers as [string, unknown][];
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []));
}

function isLength(name: unknown): boolean {
  return String(name).toLowerCase() === 'content-length';
}
