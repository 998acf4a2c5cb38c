import { setTimeout } from 'node:timers/promises';
import { answerParent } from '../runner/child';
import { findScenario, findVariant, type Sample } from '../runner/scenario';
import type { CodeScenario } from './pipelines-scenario';

// The process in which code is measured; started with --expose-gc, so that nobody pays for another's garbage.

/** The collector goes on in threads of its own for some time. */
const sweepingMs = 10;

const [file = '', scenarioName = ''] = process.argv.slice(2);
const { variants } = findScenario<CodeScenario>(file, scenarioName);

answerParent({
  async run({ variant, operations }: { variant: string; operations: number }): Promise<Sample> {
    globalThis.gc?.();
    await setTimeout(sweepingMs);
    return findVariant(variants, variant).run(operations);
  },
});
