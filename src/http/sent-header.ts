import type { IncomingMessage } from 'node:http';

/** A header as the client sent it: middleware that swaps the body may have changed `headers`. `name` in lower case. */
export function sentHeader({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) return rawHeaders[index + 1];
  }
  return undefined;
}
