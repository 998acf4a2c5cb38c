import type { IncomingMessage, ServerResponse } from 'node:http';
import { explain, quote } from '../../http/debug-log';
import type { CompressSettings } from './compress-options';
import { knownLength } from './encoded-headers';

/** What is known when a response starts. */
export interface Start {
  readonly settings: CompressSettings;
  readonly wholeLength: number | undefined;
}

interface Messages {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Why a response goes out as it is. */
export type PlainReason = keyof typeof sentences;

const sentences = {
  gone: () => 'the client is gone',
  excluded: () => '"exclude" names the request',
  filtered: ({ response }: Messages) => `"filter" refuses it, whose type is ${header(response, 'Content-Type')}`,
  noTransform: () => 'Cache-Control says no-transform',
  untouchable: ({ response }: Messages) => {
    if (response.hasHeader('Content-Range')) return 'it is a part, with a Content-Range';
    if (response.hasHeader('Content-Encoding')) return `it is encoded already: ${header(response, 'Content-Encoding')}`;
    return `the status is ${response.statusCode}`;
  },
  small: ({ response }: Messages, { settings, wholeLength }: Start) => {
    const length = knownLength(response, wholeLength);
    return length === 0 ? 'the body is empty' : `${length} bytes are below the threshold of ${settings.thresholdBytes}`;
  },
  noCoding: ({ request: { headers } }: Messages, { settings }: Start) =>
    `Accept-Encoding is ${quote(headers['accept-encoding'] || 'none')}, there are ${[...settings.codings.keys()].join(', ')}`,
};

/** Says why a response goes out as it is. */
export function explainPlain(messages: Messages, reason: PlainReason, start: Start): void {
  explain(messages.request, `not compressed: ${sentences[reason](messages, start)}`);
}

function header(response: ServerResponse, name: string): string {
  return quote(String(response.getHeader(name) ?? 'none'));
}
