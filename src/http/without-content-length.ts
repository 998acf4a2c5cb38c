/** The headers as `writeHead` takes them (an object, pairs, or a flat list), without Content-Length. */
export function withoutContentLength(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return headers;
  if (!Array.isArray(headers)) return Object.fromEntries(Object.entries(headers).filter(([name]) => !isLength(name)));
  if (Array.isArray(headers[0])) return headers.filter(([name]) => !isLength(name));
  return headers.filter((_, index) => !isLength(headers[index - (index % 2)]));
}

function isLength(name: unknown): boolean {
  return String(name).toLowerCase() === 'content-length';
}
