import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { reaches } from './reaches';
import { whenClosed } from './when-closed';

/** A body that was swapped in, and the one that it replaced: what it is piped into, made when something is. */
interface SwappedBody {
  readonly stream: Writable;
  readonly beneath: () => Writable;
}

/** The streams that were swapped in for a response's body, and what is piped into the response. */
export class SwappedBodies {
  readonly #response: ServerResponse;
  /** What lies above the first body, the first swap first. */
  readonly #above: SwappedBody[] = [];
  /** What starting callbacks put beneath it, the nearest to the client last. */
  readonly #beneath: SwappedBody[] = [];
  readonly #sources = new Set<Readable>();

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** What `res.write` writes to, where a body was swapped in. */
  top: Writable | undefined;

  /** All of them, in the order in which bytes go through them. */
  get inOrder(): Writable[] {
    return [...this.#above.toReversed(), ...this.#beneath].map(({ stream }) => stream);
  }

  get hasSources(): boolean {
    return this.#sources.size > 0;
  }

  /** What was piped into the response so far goes on into the body that was current then. */
  pushAbove(stream: Writable, beneath: () => Writable): void {
    this.#watch(stream);
    this.#above.push({ stream, beneath });
    this.top = stream;
    for (const source of [...this.#sources]) this.#redirect(source, beneath());
  }

  /** What was piped into the response stays above, unless it is the output of the stream itself. */
  pushBeneath(stream: Writable, beneath: () => Writable): void {
    this.#watch(stream);
    this.#beneath.push({ stream, beneath });
    for (const source of [...this.#sources]) if (reaches(stream, source)) this.#redirect(source, beneath());
  }

  /** Something was piped into the response: from a body's own output it means the body that it replaced. */
  addSource(source: Readable): void {
    this.#sources.add(source);
    const body = [...this.#above, ...this.#beneath].find(({ stream }) => reaches(stream, source));
    if (body !== undefined) this.#redirect(source, body.beneath());
  }

  removeSource(source: Readable): void {
    this.#sources.delete(source);
  }

  /** The client is gone, or the response is out: nobody needs the streams any more. */
  destroy(): void {
    for (const stream of this.inOrder) stream.destroy();
  }

  #watch(stream: Writable): void {
    if (this.inOrder.length === 0) whenClosed(this.#response, () => this.destroy());
    stream.on('error', (error) => this.#response.destroy(error));
  }

  #redirect(source: Readable, destination: Writable): void {
    source.unpipe(this.#response);
    source.pipe(destination);
  }
}
