import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { asJson, spawnSample } from '../support/sample';

interface Span {
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
  readonly name: string;
  readonly attributes: Record<string, unknown>;
}

test('opentelemetry prints the spans of a body under those of its request', async () => {
  const child = spawnSample('opentelemetry', { PORT: '0' });
  const spans: Span[] = [];
  for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
    const url = /^Listening at (\S+)\. Try:/.exec(line)?.[1];
    if (url !== undefined) void ask(url);
    if (line.startsWith('{')) spans.push(JSON.parse(line));
    if (spans.some(({ name }) => name === 'pipebody.write') && orphans(spans).length === 0) break;
  }
  child.kill();
  await once(child, 'exit');

  const root = spans.find(({ parent }) => parent === undefined);
  expect(root?.name).toBe('POST /orders');
  expect(new Set(spans.map(({ trace }) => trace)).size).toBe(1);
  expect(Object.fromEntries(spans.map(({ name, attributes }) => [name, attributes]))).toMatchObject({
    'middleware - jsonParser': {},
    'pipebody.decode': { codings: 'gzip', encodedBytes: 34, decodedBytes: 14 },
    'pipebody.read': { middleware: 'json', bytes: 34 },
    'pipebody.write': { bytes: expect.any(Number) },
  });
});

function ask(url: string): Promise<Response> {
  const headers = { ...asJson, 'Content-Encoding': 'gzip' };
  return fetch(`${url}/orders`, { method: 'POST', body: gzipSync('{"name":"Ada"}'), headers });
}

/** Spans whose parent was not printed, and so is open still. */
function orphans(spans: readonly Span[]): Span[] {
  const ids = new Set(spans.map(({ span }) => span));
  return spans.filter(({ parent }) => parent !== undefined && !ids.has(parent));
}
