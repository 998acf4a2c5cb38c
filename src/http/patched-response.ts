import type { ServerResponse } from 'node:http';
import { NativeResponse } from './native-response';
import type { NativeResponseMethods } from './native-response-methods';
import { isOurs, markAsOurs } from './our-methods';
import { ResponseBody } from './response-body';
import type { WriteCallback } from './write-callback';

/** The methods that other middleware puts on a response of its own. */
type Patches = Pick<NativeResponseMethods, 'write' | 'end'> & { flush?: () => void };

/** Whether middleware that never heard of us put its own `write` or `end` on a response: compression, sessions. */
export function isPatched(response: ServerResponse): boolean {
  return isForeign(response, 'write') || isForeign(response, 'end');
}

/** The body above what other middleware put on a response by now. */
export function bodyAboveOthers(beneath: ResponseBody): ResponseBody {
  const patched = new PatchedResponse(beneath.native);
  const above = new ResponseBody(patched, beneath);
  patched.enterBy(above);
  beneath.above = patched;
  return above;
}

/** A response beneath a body that lies above what others put on it. They change the bytes, so nothing is counted here. */
class PatchedResponse extends NativeResponse {
  readonly #patches: Patches;
  #body: ResponseBody | undefined;
  #waiting: WriteCallback[] = [];
  #isListening = false;

  constructor({ response, methods }: NativeResponse) {
    const { write, end, flush } = response as unknown as Patches;
    super(response, { ...methods, write, end });
    this.#patches = { write, end, ...(Object.hasOwn(response, 'flush') && { flush }) } as Patches;
  }

  override accept(): void {}

  /** Others lose callbacks, and hear of 'drain' in their own way: these are called when they want more. */
  override write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    const wantsMore = this.#patches.write.call(this.response, chunk, encoding);
    if (!wantsMore) this.#listen();
    if (callback !== undefined && wantsMore) process.nextTick(callback);
    else if (callback !== undefined) this.#waiting.push(callback);
    return wantsMore;
  }

  override end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    if (callback !== undefined) this.response.once('finish', callback);
    this.#patches.end.call(this.response, chunk, encoding);
  }

  /** What lies beneath has told it to everybody. */
  override drained(): void {}

  /** Only once they began to write: compression hands listeners for 'drain' on to the stream that it has by then. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.response.on('drain', () => this.nativeDrained());
  }

  /** What lies beneath wants more. */
  nativeDrained(): void {
    for (const callback of this.#waiting.splice(0)) callback();
    this.#body?.nativeDrained();
  }

  /** From here on `res.write` and `res.end` mean the body above the patches, which go on with what they replaced. */
  enterBy(body: ResponseBody): void {
    const { flush } = this.#patches;
    this.#body = body;
    const entry = {
      write: (chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback) =>
        typeof encoding === 'function' ? body.write(chunk, undefined, encoding) : body.write(chunk, encoding, callback),
      end: (chunk?: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback) => {
        body.endBy(chunk, encoding, callback);
        return this.response;
      },
      ...(flush && {
        flush: () => {
          body.flush();
          flush.call(this.response);
        },
      }),
    };
    for (const method of Object.values(entry)) markAsOurs(method);
    Object.assign(this.response, entry);
  }
}

function isForeign(response: ServerResponse, name: 'write' | 'end'): boolean {
  return Object.hasOwn(response, name) && !isOurs(response[name]);
}
