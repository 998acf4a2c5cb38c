import type { IncomingMessage } from 'node:http';
import { debuglog, inspect } from 'node:util';

const log = debuglog('pipebody');

/** Whether somebody wants to know why something was left alone: NODE_DEBUG=pipebody. Asked before a sentence is made. */
export const isExplained = log.enabled;

/** Of what a client sent, so much is told. */
const longestQuote = 100;

/** Says why something was left alone. */
export function explain(request: IncomingMessage, sentence: string): void {
  const { method, url = '', originalUrl = url } = request as IncomingMessage & { originalUrl?: string };
  // What follows the path may be secret.
  log('%s %s: %s', method, quote(originalUrl.split('?', 1)[0]), sentence);
}

/** What a client sent, without what a terminal would take for a command. */
export function quote(text = ''): string {
  return inspect(text.slice(0, longestQuote)).slice(1, -1);
}
