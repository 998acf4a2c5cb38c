import querystring from 'node:querystring';
import qs from 'qs';
import type * as parsing from '../../../src/formats/parse-urlencoded';
import { pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';
import { loadJoined } from '../runner/load-joined';

const { parseUrlencoded } = loadJoined<typeof parsing>('src/formats/parse-urlencoded.ts');

const small = Buffer.from(
  'name=Ada+Lovelace&email=ada%40example.org&amount=12.50&paid=on&tags=new&tags=gift&street=12+St+James+Square&city=London&note=xxxxxxxxxxxxxxxxxxxxxxxxx',
);
const large = Buffer.from(
  Array.from({ length: 200 }, (_, index) => `field${index}=some+value%20${index}+with%2Ftext+and+more`).join('&'),
);
const nested = Buffer.from(Array.from({ length: 20 }, (_, index) => `a[${index}][name]=x&a[${index}][b]=y`).join('&'));

const flat = {
  extended: false,
  parameterLimit: 1_000,
  depth: 32,
  charsetSentinel: false,
  interpretNumericEntities: false,
};
const extended = { ...flat, extended: true };
const ofBodyParser = { allowPrototypes: true, arrayLimit: 100, depth: 32, parameterLimit: 1_000, strictDepth: true };

const repeat = (read: () => unknown) => async (count: number) => {
  for (let left = count; left > 0; left -= 1) read();
};

function scenarioOf(name: string, bytes: Buffer, operations: number, atLeast: { querystring?: number; qs: number }) {
  const variants = [
    timed(
      'urlencoded',
      'form',
      repeat(() => parseUrlencoded(bytes, flat, 'utf-8')),
    ),
    timed(
      'urlencoded, extended',
      'form',
      repeat(() => parseUrlencoded(bytes, extended, 'utf-8')),
    ),
    timed(
      'node:querystring',
      'form',
      repeat(() => querystring.parse(bytes.toString(), '&', '=', { maxKeys: 0 })),
    ),
    timed(
      'qs',
      'form',
      repeat(() => qs.parse(bytes.toString(), ofBodyParser)),
    ),
  ];
  const toQs = { ours: 'urlencoded, extended', rival: 'qs', atLeast: atLeast.qs };
  const toQuerystring = { ours: 'urlencoded', rival: 'node:querystring', atLeast: atLeast.querystring ?? 0 };
  return pipelinesScenario({
    suite: 'parsers',
    name,
    file: __filename,
    metrics: [...timeMetrics('form')].reverse(),
    operations,
    variants,
    compare: atLeast.querystring === undefined ? [toQs] : [toQuerystring, toQs],
  });
}

export const small150 = scenarioOf('form alone, 150 B', small, 40_000, { querystring: 2, qs: 2.5 });
export const large10k = scenarioOf('form alone, 10 KB', large, 2_000, { querystring: 1, qs: 2.5 });
export const brackets = scenarioOf('form alone, nested', nested, 2_000, { qs: 1 });

export const scenarios = [small150, large10k, brackets];
