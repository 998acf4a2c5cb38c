import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where a request knows its response. */
const kResponse = Symbol('pipebody.response');

type RequestOfExchange = IncomingMessage & { [kResponse]?: ServerResponse };

/** A request and its response belong together: the one's fate is the other's. */
export function linkExchange(request: IncomingMessage, response: ServerResponse): void {
  (request as RequestOfExchange)[kResponse] = response;
}

export function responseOf(request: IncomingMessage): ServerResponse | undefined {
  return (request as RequestOfExchange)[kResponse];
}
