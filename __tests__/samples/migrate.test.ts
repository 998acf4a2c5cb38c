import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { asJson, formOf, post, type RunningSample, startSample } from '../support/sample';

const root = resolve(__dirname, '../..');
const steps = readdirSync(join(root, 'samples/migrate'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();
let samples: RunningSample[];

beforeAll(async () => {
  samples = await Promise.all(steps.map((step) => startSample('migrate', { STEP: step })));
});

afterAll(() => Promise.all(samples.map((sample) => sample.stop())));

/** What a client sees of an answer; of an error what programs look at, for the sentences are our own. */
async function answerOf(response: Response) {
  const { status, headers, ok } = response;
  const body = await response.text();
  const isJson = headers.get('content-type')?.startsWith('application/json');
  if (!ok) return { status, ...(isJson && { type: JSON.parse(body).type, limit: JSON.parse(body).limit }) };
  const names = ['content-type', 'content-encoding', 'vary', 'etag'];
  return { status, headers: names.map((name) => headers.get(name)), body };
}

const text = { 'Content-Type': 'text/plain' };
const urlencoded = { 'Content-Type': 'application/x-www-form-urlencoded' };
const long = JSON.stringify(Array(2000).fill('text'));

describe('every step of the migration gives the answer of the application as it was', () => {
  test.each<[string, (sample: RunningSample) => Promise<Response>]>([
    ['JSON', (sample) => post(sample, '/json', '{"a":1}', asJson)],
    ['JSON that is compressed', (sample) => post(sample, '/json', long, asJson)],
    [
      'JSON that came compressed',
      (sample) => post(sample, '/json', gzipSync('[1]'), { ...asJson, 'Content-Encoding': 'gzip' }),
    ],
    ['JSON that is too long', (sample) => post(sample, '/json', JSON.stringify('x'.repeat(102_400)), asJson)],
    [
      'a charset that is none',
      (sample) => post(sample, '/json', '{}', { 'Content-Type': 'application/json; charset=x' }),
    ],
    ['a form', (sample) => post(sample, '/form', 'a[b]=1&a[c]=2&d=%C3%A9', urlencoded)],
    ['a file', (sample) => fetch(`${sample.url}/upload`, { method: 'POST', body: formOf('hello') })],
    [
      'JSON that a client takes as br alone',
      (sample) => post(sample, '/json', long, { ...asJson, 'Accept-Encoding': 'br' }),
    ],
    [
      'JSON that a client takes as it is',
      (sample) => post(sample, '/json', long, { ...asJson, 'Accept-Encoding': 'identity' }),
    ],
    ['lines', (sample) => post(sample, '/lines', 'one\ntwo\r\n\nthree', text)],
    ['lines with an end', (sample) => post(sample, '/lines', 'one\n', text)],
    ['a path that is none', (sample) => fetch(`${sample.url}/none`)],
  ])('to %s', async (_name, ask) => {
    const [before, ...after] = await Promise.all(samples.map(async (sample) => answerOf(await ask(sample))));

    expect(after).toEqual(steps.slice(1).map(() => before));
  });
});

test('docs/step-by-step.md shows each step as it is', () => {
  const page = readFileSync(join(root, 'docs/step-by-step.md'), 'utf8');
  const blocks = [...page.matchAll(/```diff\n(.*?)```/gs)].map(([, block]) => (block as string).split('\n'));
  const linesOf = (step: string) => readFileSync(join(root, `samples/migrate/${step}.ts`), 'utf8').split('\n');

  expect(blocks).toHaveLength(steps.length - 1);
  for (const [index, shown] of blocks.entries()) {
    const [before, after] = [linesOf(steps[index] as string), linesOf(steps[index + 1] as string)];
    const shownOf = (mark: string) => shown.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));

    expect(shownOf('-')).toEqual(expect.arrayContaining(before.filter((line) => !after.includes(line))));
    expect(shownOf('+')).toEqual(expect.arrayContaining(after.filter((line) => !before.includes(line))));
    expect(before).toEqual(expect.arrayContaining(shownOf('-')));
    expect(after).toEqual(expect.arrayContaining(shownOf('+')));
  }
});
