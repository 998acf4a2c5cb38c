import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { linkExchange } from './exchange';
import { hangOn } from './hang-members';
import { kRequestBody, requestMembers } from './request-members';
import { kResponseBody } from './response-bodies';
import { responseMembers } from './response-members';

/** An Express or connect application, or any `(req, res)` listener. */
export type Application = (request: never, response: never) => unknown;

/** What `http.createServer` and `https.createServer` take to make their requests and responses with. */
export interface MessageClasses {
  /** Makes the requests. */
  IncomingMessage: typeof IncomingMessage;
  /** Makes the responses. */
  ServerResponse: typeof ServerResponse;
}

/**
 * The classes for a server's requests and responses, with the bodies in them.
 *
 * Their prototypes are the application's own `app.request` and `app.response` where it has them. So Express, which
 * gives every request and response that prototype, changes nothing, and V8 keeps them on its fast path.
 *
 * Use: `https.createServer({ key, cert, ...messageClasses(app) }, app)`.
 */
export function messageClasses(app: Application): MessageClasses {
  const { request, response } = app as { request?: object; response?: object };
  const requestPrototype = request ?? Object.create(IncomingMessage.prototype);
  const responsePrototype = response ?? Object.create(ServerResponse.prototype);
  hangOn(requestPrototype, requestMembers);
  hangOn(responsePrototype, responseMembers);
  return {
    IncomingMessage: requestClass(requestPrototype),
    ServerResponse: responseClass(responsePrototype),
  };
}

// Functions and not classes: the prototype of a class cannot be chosen, and Reflect.construct with another newTarget
// costs 15 µs a request. The slots for the bodies are made here, while the objects are still young and cheap to shape.

function requestClass(prototype: object): typeof IncomingMessage {
  function PipeRequest(this: IncomingMessage & { [kRequestBody]: unknown }, socket: Socket): void {
    (IncomingMessage as unknown as (this: unknown, socket: Socket) => void).call(this, socket);
    this[kRequestBody] = undefined;
  }
  return derive(PipeRequest, IncomingMessage, prototype);
}

function responseClass(prototype: object): typeof ServerResponse {
  function PipeResponse(
    this: ServerResponse & { [kResponseBody]: unknown },
    request: IncomingMessage,
    options: unknown,
  ): void {
    (ServerResponse as unknown as (this: unknown, request: IncomingMessage, options: unknown) => void).call(
      this,
      request,
      options,
    );
    this[kResponseBody] = undefined;
    linkExchange(request, this);
  }
  return derive(PipeResponse, ServerResponse, prototype);
}

function derive<Class extends object>(message: unknown, base: Class, prototype: object): Class {
  Object.setPrototypeOf(message, base);
  (message as { prototype: object }).prototype = prototype;
  return message as Class;
}
