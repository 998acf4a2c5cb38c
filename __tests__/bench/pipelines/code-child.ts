import { answerParent } from '../runner/child';
import { findScenario, findVariant, type Sample } from '../runner/scenario';
import type { CodeScenario } from './pipelines-scenario';

// The process in which code is measured. The collector is not forced between the runs: it throws away optimised code
// with the objects that it was made for, and what is measured then is the compiler.

const [file = '', scenarioName = ''] = process.argv.slice(2);
const { variants } = findScenario<CodeScenario>(file, scenarioName);

answerParent({
  run({ variant, operations }: { variant: string; operations: number }): Promise<Sample> {
    return findVariant(variants, variant).run(operations);
  },
});
