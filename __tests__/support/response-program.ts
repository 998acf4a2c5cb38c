import { once } from 'node:events';
import { PassThrough, Readable, Transform, type Writable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import fc from 'fast-check';
import { Pipe, type PipeResponse, PipeWriter } from 'pipebody';

// Random programs of calls on a response, and the bytes that a client is to get for them.

const bytes = ['res.write', 'res.body.write', 'bodyWriter.write', 'bodyWriter memory', 'writeAsync'] as const;
const calls = [
  'bodyWriter.flush',
  'res.flush',
  'tick',
  'cork',
  'uncork',
  'writeHead',
  'flushHeaders',
  'start',
] as const;
const ways = [
  'pipeBodyThrough',
  'pipe(res.body)',
  'pipe(res) before',
  'pipe(res) after',
  'writer',
  'pipe writer',
] as const;
const transforms = ['at once', 'later', 'at its end', 'web', 'gzip'] as const;
const ends = ['res.end', 'res.body.end', 'bodyWriter.complete', 'completeAsync'] as const;

interface Swap {
  readonly way: (typeof ways)[number];
  readonly transform: (typeof transforms)[number];
  /** Every byte is xored with it. */
  readonly key: number;
}

type Step =
  | {
      readonly write: (typeof bytes)[number];
      readonly size: number;
      readonly isText: boolean;
      readonly isAwaited: boolean;
    }
  | { readonly call: (typeof calls)[number]; readonly isAwaited: boolean }
  | { readonly swap: Swap }
  | { readonly starting: { readonly swap: Swap | null; readonly isLate: boolean } };

export interface ResponseProgram {
  readonly steps: readonly Step[];
  readonly end: (typeof ends)[number];
  readonly last: number;
}

const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(1_500, 5_000, 20_000, 70_000) },
);
const swap = fc
  .record({
    way: fc.constantFrom(...ways),
    transform: fc.constantFrom(...transforms),
    key: fc.integer({ min: 0, max: 31 }),
  })
  // Nobody can tell that what comes out of one web stream went into another.
  .filter(({ way, transform }) => way !== 'pipe(res) after' || transform !== 'web');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ write: fc.constantFrom(...bytes), size, isText: fc.boolean(), isAwaited: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom(...calls), isAwaited: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ swap }) },
  {
    weight: 1,
    arbitrary: fc.record({ starting: fc.record({ swap: fc.option(swap), isLate: fc.boolean() }) }),
  },
);

export const responseProgram: fc.Arbitrary<ResponseProgram> = fc.record({
  steps: fc.array(step, { maxLength: 14 }),
  end: fc.constantFrom(...ends),
  last: fc.oneof(fc.constant(0), size),
});

const xored = (chunk: Uint8Array, key: number) => Buffer.from(chunk.map((byte) => byte ^ key));

/** Node 22 never says 'drain' where what was corked is too much, and is with the system at once when it is uncorked. */
const largestCorked = process.version.startsWith('v22.') ? 1_500 : Number.POSITIVE_INFINITY;

/** What who does not wait for a flush has to expect of the next one, which leaves the bytes unwritten. */
const inProgress = 'ERR_PIPE_FLUSH_IN_PROGRESS';
/** What becomes of a flush that waits when the writer is completed. */
const completed = 'ERR_PIPE_WRITER_COMPLETED';

/** Runs a program on a response. */
export class ProgramRun {
  readonly #res: PipeResponse;
  #pieces: Buffer[] = [];
  /** What the streams swapped in do to a byte that is written now. */
  #key = 0;
  /** What the streams beneath do to every byte. */
  #keyBeneath = 0;
  #corks = 0;
  #pending = 0;
  #isEnded = false;
  readonly #watched: Promise<unknown>[] = [];
  #asked = 0;
  #told = 0;
  #count = 0;
  /** Errors that streams and callbacks told of. */
  readonly errors: unknown[] = [];
  /** What calls rejected with, or threw. */
  readonly refusals: unknown[] = [];

  constructor(res: PipeResponse) {
    this.#res = res;
  }

  /** What the client is to get. */
  get expected(): Buffer {
    return xored(Buffer.concat(this.#pieces), this.#keyBeneath);
  }

  /** Whether every callback of a write is called: the last ones are when the system has taken the bytes. */
  async tellsAll(): Promise<boolean> {
    await this.closed();
    return this.#told === this.#asked;
  }

  async closed(): Promise<void> {
    if (!this.#res.closed) await once(this.#res, 'close');
  }

  async run({ steps, end, last }: ResponseProgram): Promise<void> {
    for (const step of steps) {
      const done = this.#step(step);
      const isAwaited = 'isAwaited' in step && step.isAwaited && this.#corks === 0;
      if (isAwaited) await done;
    }
    this.#end(end, last);
    this.#isEnded = true;
  }

  /** Settles when every call did. */
  async settled(): Promise<void> {
    await Promise.all(this.#watched);
  }

  #step(step: Step): Promise<unknown> | undefined {
    if ('write' in step) return this.#write(step.write, step.size, step.isText);
    if ('call' in step) return this.#call(step.call);
    if ('swap' in step) {
      this.#swap(step.swap);
      this.#key ^= keyOf(step.swap);
    } else this.#onStarting(step.starting.swap, step.starting.isLate);
    return undefined;
  }

  #write(way: (typeof bytes)[number], size: number, isText: boolean): Promise<unknown> | undefined {
    const res = this.#res;
    const index = this.#pieces.length;
    const data = this.#next(size, isText);
    if (way === 'res.write' || way === 'res.body.write')
      return this.#toStream(way === 'res.write' ? res : res.body, data);
    if (way === 'bodyWriter.write') return this.#watch(res.bodyWriter.write(data), index);
    if (way === 'writeAsync') return this.#watch(res.writeAsync(data), index);
    try {
      const piece = Buffer.from(data);
      res.bodyWriter.getMemory(piece.length).set(piece);
      res.bodyWriter.advance(piece.length);
    } catch (error) {
      this.#failed(error, index);
    }
    return undefined;
  }

  #toStream(stream: Writable | PipeResponse, data: string | Buffer): Promise<unknown> | undefined {
    this.#asked += 1;
    const isTaken = (stream as Writable).write(data, (error) => {
      this.#told += 1;
      if (error) this.errors.push(error);
    });
    return isTaken || this.#corks > 0 || this.#res.destroyed ? undefined : this.#drain(stream);
  }

  async #drain(stream: Writable | PipeResponse): Promise<void> {
    const listening = new AbortController();
    const { signal } = listening;
    // An error is told of by the stream, and closes it.
    await Promise.race([once(stream, 'drain', { signal }), once(this.#res, 'close', { signal })]).catch(() => {});
    listening.abort();
  }

  #call(call: (typeof calls)[number]): Promise<unknown> | undefined {
    const res = this.#res;
    if (call === 'bodyWriter.flush') return this.#watch(res.bodyWriter.flush());
    if (call === 'start') return this.#watch(res.startAsync());
    if (call === 'tick') return new Promise(setImmediate);
    if (call === 'res.flush') res.flush();
    if (call === 'flushHeaders') res.flushHeaders();
    if (call === 'writeHead' && !res.headersSent) res.writeHead(200, { 'X-Head': 'written' });
    if (call === 'cork') {
      this.#corks += 1;
      res.cork();
    }
    if (call === 'uncork' && this.#corks > 0) {
      this.#corks -= 1;
      res.uncork();
    }
    return undefined;
  }

  #uncorkAll(): void {
    for (; this.#corks > 0; this.#corks -= 1) this.#res.uncork();
  }

  #end(end: (typeof ends)[number], last: number): void {
    const res = this.#res;
    const data = end === 'bodyWriter.complete' || end === 'completeAsync' ? '' : this.#next(last, false);
    // Only these know of the response's cork where the body is a stream of somebody else's.
    if (end !== 'res.end' && end !== 'completeAsync') this.#uncorkAll();
    if (end === 'res.end') res.end(data);
    else if (end === 'res.body.end') res.body.end(data);
    else if (end === 'completeAsync') void this.#watch(res.completeAsync());
    else void this.#watch(res.bodyWriter.complete());
  }

  #onStarting(swap: Swap | null, isLate: boolean): void {
    if (this.#res.headersSent) return;
    this.#res.onStarting(
      isLate
        ? async () => {
            await new Promise(setImmediate);
            this.#start(swap);
          }
        : () => this.#start(swap),
    );
  }

  #start(swap: Swap | null): void {
    this.#res.setHeader('X-Started', 'yes');
    if (swap === null) return;
    this.#swap(swap);
    this.#keyBeneath ^= keyOf(swap);
  }

  #swap({ way, transform, key }: Swap): void {
    const res = this.#res;
    const { readable, writable } = transformOf(transform, key);
    for (const stream of [readable, writable]) stream.on('error', (error) => this.errors.push(error));
    if (way === 'pipeBodyThrough') res.pipeBodyThrough({ readable, writable });
    else if (way === 'pipe writer') {
      const { bodyWriter } = res;
      const pipe = new Pipe({ pauseWriterThreshold: 64 });
      copyAndEnd(pipe, writable);
      // A writer that waits takes nothing else.
      readable.pipe(this.#pending > 0 ? res.body : bodyWriter.asStream());
      res.bodyWriter = pipe.writer;
    } else {
      if (way !== 'pipe(res) after') readable.pipe(way === 'pipe(res) before' ? res : res.body);
      if (way === 'writer') res.bodyWriter = PipeWriter.from(writable);
      else res.body = writable;
      if (way === 'pipe(res) after') readable.pipe(res);
    }
  }

  #next(size: number, isText: boolean): string | Buffer {
    this.#count += 1;
    const data = Buffer.alloc(this.#corks > 0 ? Math.min(size, largestCorked) : size, `${this.#count};`);
    this.#pieces.push(xored(data, this.#key));
    return isText ? data.toString() : data;
  }

  #watch(promise: Promise<unknown>, index?: number): Promise<unknown> {
    this.#pending += 1;
    const watched = promise
      .catch((error) => this.#failed(error, index))
      .finally(() => {
        this.#pending -= 1;
      });
    this.#watched.push(watched);
    return watched;
  }

  #failed(error: unknown, index: number | undefined): void {
    const { code } = error as { code: string };
    const isExpected = code === inProgress || (code === completed && this.#isEnded);
    if (!isExpected) this.refusals.push(error);
    if (code === inProgress && index !== undefined) this.#pieces[index] = Buffer.alloc(0);
  }
}

const keyOf = ({ transform, key }: Swap) => (transform === 'gzip' ? 0 : key);

function copyAndEnd({ reader }: Pipe, writable: Writable): void {
  void reader.copyTo(writable).then(
    () => writable.end(),
    () => {},
  );
}

/** Streams that are written to and read from, and what they do to the bytes in between. */
function transformOf(transform: Swap['transform'], key: number): { readable: Readable; writable: Writable } {
  if (transform === 'gzip') {
    const writable = createGzip();
    return { writable, readable: writable.pipe(createGunzip()) };
  }
  if (transform === 'web') {
    const web = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => controller.enqueue(xored(chunk, key)),
    });
    return {
      writable: PipeWriter.from(web.writable as never).asStream(),
      readable: Readable.fromWeb(web.readable as never),
    };
  }
  const held: Buffer[] = [];
  const stream = new Transform({
    transform(chunk, _encoding, callback) {
      if (transform === 'at once') callback(null, xored(chunk, key));
      else if (transform === 'later') setImmediate(callback, null, xored(chunk, key));
      else {
        held.push(xored(chunk, key));
        callback();
      }
    },
    flush: (callback) => callback(null, Buffer.concat(held)),
  });
  return { writable: stream, readable: stream.pipe(new PassThrough()) };
}
