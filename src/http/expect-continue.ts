import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { responseOf } from './exchange';

/** Marks a request whose client asked whether to send its body (RFC 9110 §10.1.1). */
const kAwaitsContinue = Symbol('pipebody.awaitsContinue');

type Expecting = IncomingMessage & { [kAwaitsContinue]?: boolean };

/**
 * Sends `100 Continue` at the first read of a body that has to wait, as Kestrel does, so that a request can be refused
 * before its body is sent. node:http says it at once; a listener for 'checkContinue' that users add wins.
 */
export function continueWhenRead(server: Server): Server {
  return server.on('checkContinue', (request: Expecting, response: ServerResponse) => {
    if (server.listenerCount('checkContinue') > 1) return;
    request[kAwaitsContinue] = true;
    server.emit('request', request, response);
  });
}

/** Tells a client that waits to be asked for its body to send it. */
export function continueIfAwaited(request: Expecting): void {
  if (request[kAwaitsContinue] !== true) return;
  request[kAwaitsContinue] = false;
  const response = responseOf(request);
  if (response?.headersSent === false) response.writeContinue();
}

/** The answer comes without the body having been asked for: what follows on the connection may be it, or may not. */
export function closeIfNotContinued(request: Expecting | undefined, response: ServerResponse): void {
  if (request?.[kAwaitsContinue] === true) response.shouldKeepAlive = false;
}
