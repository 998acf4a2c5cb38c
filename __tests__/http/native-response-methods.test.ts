import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type PipeResponse, pipeBody } from 'pipebody';

/** What a platform without streams of its own hands over for a response. */
class PlainResponse extends EventEmitter {
  readonly #headers = new Map<string, unknown>();
  statusCode = 200;
  headersSent = false;
  finished = false;
  text = '';

  write(chunk: unknown): boolean {
    this.headersSent = true;
    this.text += String(chunk);
    return true;
  }
  end(chunk?: unknown): this {
    if (chunk !== undefined) this.write(chunk);
    this.headersSent = true;
    this.finished = true;
    this.emit('finish');
    return this;
  }
  writeHead(): this {
    this.headersSent = true;
    return this;
  }
  flushHeaders(): void {}
  cork(): void {}
  uncork(): void {}
  destroy(): this {
    return this;
  }
  getHeader(name: string): unknown {
    return this.#headers.get(name.toLowerCase());
  }
  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }
  removeHeader(name: string): boolean {
    return this.#headers.delete(name.toLowerCase());
  }
  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }
  setHeader(name: string, value: unknown): this {
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }
}

const hang = (plain: PlainResponse): Promise<PipeResponse> => {
  const request = Object.assign(Readable.from([]), { method: 'GET', url: '/', headers: {} });
  return new Promise((resolve) =>
    pipeBody()(request as unknown as IncomingMessage, plain as never, () => resolve(plain as never)),
  );
};

describe("a response that is a platform's own object", () => {
  test('counts nothing under way, waits for nothing, and is ended when it was', async () => {
    const res = await hang(new PlainResponse());

    const before = [res.writableLength, res.writableNeedDrain, res.writableEnded];
    res.end('x');

    expect([before, res.writableEnded]).toEqual([[0, false, false], true]);
  });

  test('is written by bodyWriter', async () => {
    const plain = new PlainResponse();
    const res = await hang(plain);

    await res.bodyWriter.write('hel');
    await res.bodyWriter.write('lo');
    res.end();

    expect(plain.text).toBe('hello');
  });
});
