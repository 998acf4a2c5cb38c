import { parse } from 'node:querystring';
import { FormReader, PipeReader } from 'pipebody';
import { pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';

const small = Buffer.from(
  'name=Ada+Lovelace&email=ada%40example.org&amount=12.50&paid=on&tags=new&tags=gift&street=12+St+James+Square&city=London&note=xxxxxxxxxxxxxxxxxxxxxxxxx',
);
const large = Buffer.from(
  Array.from({ length: 200 }, (_, index) => `field${index}=some+value%20${index}+with%2Ftext+and+more`).join('&'),
);

const ours = 'FormReader.readForm';
const rival = 'node:querystring';

const repeat = (read: () => unknown) => async (count: number) => {
  for (let left = count; left > 0; left -= 1) await read();
};

function scenarioOf(name: string, bytes: Buffer, operations: number) {
  return pipelinesScenario({
    suite: 'forms',
    name,
    file: __filename,
    metrics: [...timeMetrics('form')].reverse(),
    operations,
    variants: [
      timed(
        ours,
        'form',
        repeat(() => new FormReader(PipeReader.from(bytes)).readForm()),
      ),
      timed(
        rival,
        'form',
        repeat(() => parse(bytes.toString(), '&', '=', { maxKeys: 0 })),
      ),
    ],
    compare: [{ ours, rival }],
  });
}

export const smallForm = scenarioOf('urlencoded, 150 B', small, 40_000);
export const largeForm = scenarioOf('urlencoded, 10 KB', large, 2_000);

export const scenarios = [smallForm, largeForm];
