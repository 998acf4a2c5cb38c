import { parseArgs } from 'node:util';

/** Every suite, in the order of the command line's help. */
const suites = ['http', 'pipelines', 'compress'] as const;
export type Suite = (typeof suites)[number];

/** How long and how often everything is measured. */
export interface Settings {
  readonly suite: Suite | undefined;
  /** Only scenarios with this in their name. */
  readonly only: string;
  readonly rounds: Readonly<Record<Suite, number>>;
  /** Of load, in each round; wrk takes whole seconds. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Bodies in each round of a scenario that uploads large ones. */
  readonly uploads: number;
  /** Part of a pipelines scenario's operations. */
  readonly scale: number;
}

const full = { httpRounds: 5, pipelinesRounds: 25, seconds: 3, warmUpSeconds: 1, uploads: 8, scale: 1 };
const quick = { httpRounds: 1, pipelinesRounds: 3, seconds: 1, warmUpSeconds: 0, uploads: 1, scale: 0.05 };

/** The settings that the command line asks for. */
export function readSettings(args: string[]): Settings {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', default: '' },
    },
  });
  const defaults = values.quick ? quick : full;
  const rounds = values.rounds === undefined ? undefined : wholeNumber('rounds', values.rounds);
  return {
    suite: readSuite(positionals),
    only: values.only,
    rounds: {
      http: rounds ?? defaults.httpRounds,
      pipelines: rounds ?? defaults.pipelinesRounds,
      compress: rounds ?? defaults.httpRounds,
    },
    seconds: values.seconds === undefined ? defaults.seconds : wholeNumber('seconds', values.seconds),
    warmUpSeconds: defaults.warmUpSeconds,
    uploads: defaults.uploads,
    scale: defaults.scale,
  };
}

function readSuite([suite, ...more]: string[]): Suite | undefined {
  const found = suites.find((name) => name === suite);
  if (more.length === 0 && (suite === undefined || found !== undefined)) return found;
  throw new Error(`There is no suite "${[suite, ...more].join(' ')}"; say ${suites.join(', ')}, or nothing for all.`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name} takes a whole number above 0, not "${text}".`);
}
