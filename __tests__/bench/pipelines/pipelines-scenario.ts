import path from 'node:path';
import { type Child, startChild } from '../runner/child';
import type { Bound, Comparison, Metric, Sample, Scenario, Session } from '../runner/scenario';
import type { Settings, Suite } from '../runner/settings';

/** Some code that is measured without a server. */
export interface CodeVariant {
  readonly name: string;
  /** Does it `operations` times and says what that took. */
  run(operations: number): Promise<Sample>;
}

export interface CodeScenario extends Scenario {
  readonly variants: readonly CodeVariant[];
}

interface PipelinesScenarioOptions {
  readonly suite?: Suite;
  readonly name: string;
  /** The module that exports the scenario. */
  readonly file: string;
  readonly metrics: readonly Metric[];
  readonly operations: number;
  /** One process for each measurement; otherwise all variants take turns in one. */
  readonly ownProcesses?: boolean;
  readonly variants: readonly CodeVariant[];
  readonly compare: readonly Comparison[];
  readonly bounds?: readonly Bound[];
  readonly skip?: string | undefined;
}

const warmUpRounds = 3;

/** The metrics of what {@link timed} measures. */
export function timeMetrics(operation: string): readonly Metric[] {
  return [
    { name: `ns/${operation}`, better: 'less', digits: 0 },
    { name: `CPU ns/${operation}`, better: 'less', digits: 0 },
  ];
}

/** A variant of which the time is taken. */
export function timed(name: string, operation: string, run: (operations: number) => Promise<void>): CodeVariant {
  return {
    name,
    run: async (operations) => {
      const cpuAtBegin = process.cpuUsage();
      const begin = process.hrtime.bigint();
      await run(operations);
      const elapsedNs = Number(process.hrtime.bigint() - begin);
      const { user, system } = process.cpuUsage(cpuAtBegin);
      return {
        [`ns/${operation}`]: elapsedNs / operations,
        [`CPU ns/${operation}`]: ((user + system) * 1_000) / operations,
      };
    },
  };
}

/** A scenario that needs no server, in a process of its own. */
export function pipelinesScenario(options: PipelinesScenarioOptions): CodeScenario {
  const { file, operations, ownProcesses = false, ...scenario } = options;
  const start = () =>
    startChild(path.join(__dirname, 'code-child.ts'), [file, options.name], { execArgv: ['--expose-gc'] });
  return {
    suite: 'pipelines',
    ...scenario,
    open: async (settings) => {
      const count = Math.max(1, Math.round(operations * settings.scale));
      return ownProcesses ? sessionOfMany(start, count) : await sessionOfOne(start(), options, count, settings);
    },
  };
}

function sessionOfMany(start: () => Child, operations: number): Session {
  return {
    measure: async (variant) => {
      const child = start();
      try {
        return await child.ask<Sample>('run', { variant, operations });
      } finally {
        child.kill();
      }
    },
    close: () => {},
  };
}

/** Warms all variants up in turns, so that none is measured while V8 still believes it to be the only one. */
async function sessionOfOne(
  child: Child,
  { variants }: PipelinesScenarioOptions,
  operations: number,
  { scale }: Settings,
): Promise<Session> {
  for (let round = 0; round < warmUpRounds * Math.ceil(scale); round++) {
    for (const { name } of variants) await child.ask('run', { variant: name, operations });
  }
  return {
    measure: (variant) => child.ask<Sample>('run', { variant, operations }),
    close: () => child.kill(),
  };
}
