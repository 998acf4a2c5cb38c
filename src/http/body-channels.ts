import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcedLength } from './announced-body';

/**
 * What subscribers are told of an error: not its message, its stack or its `body`, which quote what the client sent.
 * Those that the error has.
 */
export interface ErrorFacts {
  /** Of its class, such as `PayloadTooLargeError`. */
  readonly name?: string;
  /** Of the answer. */
  readonly status?: number;
  /** As docs/errors.md lists them, such as `entity.too.large`. */
  readonly type?: string;
  /** Node's, or of docs/errors.md, such as `ERR_PIPE_PREMATURE_CLOSE`. */
  readonly code?: string;
  /** Bytes that had come. */
  readonly received?: number;
  /** Bytes that were announced. */
  readonly expected?: number;
  /** Of what there was too much, at most. */
  readonly limit?: number;
}

/** What all messages have. Subscribers log what they get: the request is there to be asked for, and is not printed. */
export abstract class BodyMessage {
  /** What went wrong, from the `error` event on. */
  error: ErrorFacts | undefined;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  /** Whose body it is. */
  get request(): IncomingMessage {
    return this.#request;
  }
}

/** The message of `tracing:pipebody.read:…`: a middleware reads and parses the body of a request. */
export class ReadMessage extends BodyMessage {
  /** As it is exported: `json`, `form` … */
  readonly middleware: string;
  /** Bytes of the Content-Length, where there is one. */
  readonly expected: number | undefined;
  /** Bytes of the body that have come over the wire, encoded if it was; from `asyncStart` on. */
  bytes = 0;

  constructor(request: IncomingMessage, middleware: string) {
    super(request);
    this.middleware = middleware;
    this.expected = announcedLength(request);
  }
}

/** The message of `tracing:pipebody.decode:…`: the content codings of a request's body are decoded. */
export class DecodeMessage extends BodyMessage {
  /** In the order in which they were applied. */
  readonly codings: readonly string[];
  /** Bytes that went into the decoders; from `asyncStart` on, as the next. */
  encodedBytes = 0;
  /** Bytes that came out of them. */
  decodedBytes = 0;

  constructor(request: IncomingMessage, codings: readonly string[]) {
    super(request);
    this.codings = codings;
  }
}

/** The message of `tracing:pipebody.write:…`: a response leaves, from its headers to its end. */
export class WriteMessage extends BodyMessage {
  /** Bytes of the body as they leave, encoded if they are; from `asyncStart` on. */
  bytes = 0;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    super(response.req);
    this.#response = response;
  }

  /** Which response it is. */
  get response(): ServerResponse {
    return this.#response;
  }
}

export const readChannel = tracingChannel<unknown, ReadMessage>('pipebody.read');
export const decodeChannel = tracingChannel<unknown, DecodeMessage>('pipebody.decode');
export const writeChannel = tracingChannel<unknown, WriteMessage>('pipebody.write');

/** Tells that a body is begun: the call that does so has nothing in it that would take time. */
export function publishStart<Message extends BodyMessage>(
  channel: TracingChannel<unknown, Message>,
  message: Message,
): void {
  channel.start.publish(message);
  channel.end.publish(message);
}

/**
 * Tells that a body is done, with an error or without: the last events of its message, in the order of `tracePromise()`.
 * That one would add the result, which here is the body.
 */
export function publishEnd<Message extends BodyMessage>(
  channel: TracingChannel<unknown, Message>,
  message: Message,
  error?: unknown,
): void {
  if (error !== undefined) {
    message.error = factsOf(error);
    channel.error.publish(message);
  }
  channel.asyncStart.publish(message);
  channel.asyncEnd.publish(message);
}

const factNames = ['name', 'status', 'type', 'code', 'received', 'expected', 'limit'] as const;

function factsOf(error: unknown): ErrorFacts {
  const facts: Record<string, string | number> = {};
  for (const name of factNames) {
    const fact = (error as Record<string, unknown> | null)?.[name];
    if (typeof fact === 'string' || typeof fact === 'number') facts[name] = fact;
  }
  return facts;
}
