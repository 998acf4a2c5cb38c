import { parseArgs } from 'node:util';

const suites = ['http', 'pipelines', 'parsers', 'formats', 'forms', 'compress'] as const;

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
  /** Part of the operations of a scenario that needs no server. */
  readonly scale: number;
  /** Whether docs/benchmarks.md is written. */
  readonly write: boolean;
}

const full = {
  rounds: { http: 5, pipelines: 25, parsers: 9, formats: 15, forms: 9, compress: 5 },
  seconds: 3,
  warmUpSeconds: 1,
  uploads: 8,
  scale: 1,
};
const quick = {
  rounds: { http: 1, pipelines: 3, parsers: 3, formats: 3, forms: 3, compress: 1 },
  seconds: 1,
  warmUpSeconds: 0,
  uploads: 1,
  scale: 0.05,
};

/** Only that everything still runs, as CI asks. Its numbers say nothing. */
const shortest = {
  rounds: everywhere(1),
  seconds: 1,
  warmUpSeconds: 0,
  uploads: 1,
  scale: 0.01,
};

/** The settings that the command line asks for. */
export function readSettings(args: string[]): Settings {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      shortest: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  let defaults = values.quick ? quick : full;
  if (values.shortest) defaults = shortest;
  const rounds = values.rounds === undefined ? undefined : wholeNumber('rounds', values.rounds);
  return {
    suite: readSuite(positionals),
    only: values.only,
    rounds: rounds === undefined ? defaults.rounds : everywhere(rounds),
    seconds: values.seconds === undefined ? defaults.seconds : wholeNumber('seconds', values.seconds),
    warmUpSeconds: defaults.warmUpSeconds,
    uploads: defaults.uploads,
    scale: defaults.scale,
    write: values.write,
  };
}

function readSuite([suite, ...more]: string[]): Suite | undefined {
  const known = suites.find((name) => name === suite);
  if (more.length === 0 && suite === known) return known;
  throw new Error(`There is no suite "${[suite, ...more].join(' ')}"; say ${suites.join(', ')}, or nothing for all.`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name} takes a whole number above 0, not "${text}".`);
}

function everywhere(rounds: number): Record<Suite, number> {
  return Object.fromEntries(suites.map((suite) => [suite, rounds])) as Record<Suite, number>;
}
