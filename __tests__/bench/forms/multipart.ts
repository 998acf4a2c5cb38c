import { randomBytes } from 'node:crypto';
import fastifyBusboy from '@fastify/busboy';
import busboy from 'busboy';
import { MultipartReader, PipeReader } from 'pipebody';
import { type CodeScenario, pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';

const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW';
const fileLength = 20_000_000;
const chunkLength = 65_536;

const ours = 'MultipartReader';
const rivals = ['busboy', '@fastify/busboy'] as const;

const filledWith = (text: string) => Buffer.alloc(fileLength, text, 'latin1');

/** A form with one file, in chunks of 64 KiB. */
function fileForm(content: Buffer): Buffer[] {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\nContent-Type: text/plain\r\n\r\n`;
  return inChunks(Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]));
}

function fieldsForm(count: number): Buffer[] {
  const field = (index: number) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="field${index}"\r\n\r\nvalue ${index}\r\n`;
  return inChunks(
    Buffer.from(`${Array.from({ length: count }, (_, index) => field(index)).join('')}--${boundary}--\r\n`),
  );
}

function inChunks(bytes: Buffer): Buffer[] {
  const count = Math.ceil(bytes.length / chunkLength);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * chunkLength, (index + 1) * chunkLength));
}

async function readByUs(chunks: readonly Buffer[]): Promise<number> {
  async function* give() {
    yield* chunks;
  }
  let total = 0;
  for await (const { bodyReader } of new MultipartReader(PipeReader.from(give()), boundary)) {
    for (;;) {
      const { buffer, isCompleted } = bodyReader.tryRead() ?? (await bodyReader.read());
      total += buffer.length;
      bodyReader.advanceTo(buffer.end);
      if (isCompleted) break;
    }
  }
  return total;
}

/** What both busboys have in common. */
interface Parser extends NodeJS.WritableStream {
  on(event: 'file', listener: (name: string, file: NodeJS.ReadableStream) => void): this;
  on(event: 'field', listener: (name: string, value: string) => void): this;
  on(event: string, listener: (...args: never[]) => void): this;
}

function readBy(make: (config: { headers: { 'content-type': string } }) => unknown, chunks: readonly Buffer[]) {
  return new Promise<number>((resolve, reject) => {
    let total = 0;
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const parser = make({ headers }) as Parser;
    parser.on('file', (_name, file) => {
      file.on('data', (chunk) => {
        total += chunk.length;
      });
    });
    parser.on('field', (_name, value) => {
      total += value.length;
    });
    parser.on('finish', () => resolve(total)).on('error', reject);
    let index = 0;
    const write = () => {
      while (index < chunks.length) if (!parser.write(chunks[index++] as Buffer)) return parser.once('drain', write);
      return parser.end();
    };
    write();
  });
}

const readers: Record<string, (chunks: readonly Buffer[]) => Promise<number>> = {
  [ours]: readByUs,
  busboy: (chunks) => readBy(busboy, chunks),
  '@fastify/busboy': (chunks) => readBy((config) => new fastifyBusboy(config), chunks),
};

/** Each reads the same form again and again; `atLeast` is what is wanted against busboy and @fastify/busboy. */
function formScenario(
  name: string,
  make: () => Buffer[],
  operations: number,
  atLeast: (number | undefined)[],
): CodeScenario {
  let chunks: Buffer[] | undefined;
  const run = (read: (chunks: readonly Buffer[]) => Promise<number>) => async (count: number) => {
    chunks ??= make();
    for (let left = count; left > 0; left -= 1) await read(chunks);
  };
  return pipelinesScenario({
    suite: 'forms',
    name,
    file: __filename,
    metrics: [...timeMetrics('form')].reverse(),
    operations,
    variants: Object.entries(readers).map(([variant, read]) => timed(variant, 'form', run(read))),
    compare: rivals.map((rival, index) => {
      const wanted = atLeast[index];
      return wanted === undefined ? { ours, rival } : { ours, rival, atLeast: wanted };
    }),
  });
}

export const random = formScenario('20 MB of random bytes', () => fileForm(randomBytes(fileLength)), 20, [2]);
export const csv = formScenario(
  '20 MB of CSV',
  () => fileForm(filledWith('1234,some text,99.95,foo\r\n')),
  20,
  [1.6, 1],
);
export const text = formScenario('20 MB of text', () => fileForm(filledWith('hello world ')), 20, []);
export const near = formScenario('20 MB of near-boundaries', () => fileForm(filledWith('\r\n--bounda')), 20, [1]);
export const fields = formScenario('1,000 small fields', () => fieldsForm(1_000), 400, [5]);

export const scenarios = [random, csv, text, near, fields];
