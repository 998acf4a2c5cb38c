import path from 'node:path';
import { scenarios } from '../scenarios';
import type { Measured } from './bar-chart';
import { writeBenchmarksPage } from './benchmarks-page';
import { endWithSignals } from './child';
import { describeMachine } from './machine';
import { printScenario } from './report';
import type { Sample, Samples, Scenario } from './scenario';
import { readSettings, type Settings } from './settings';

endWithSignals();
const settings = readSettings(process.argv.slice(2));
runSuites(settings).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);

async function runSuites({ suite, only, write }: Settings): Promise<void> {
  const machine = describeMachine();
  const measured: Measured[] = [];
  console.log(machine);
  for (const scenario of scenarios) {
    if (suite !== undefined && scenario.suite !== suite) continue;
    if (!scenario.name.includes(only)) continue;
    if (scenario.skip !== undefined) console.log(`\n${scenario.suite}: ${scenario.name}\n  skipped: ${scenario.skip}`);
    else {
      const samples = await measureInTurns(scenario);
      printScenario(scenario, samples);
      measured.push({ scenario, samples });
    }
  }
  if (write) writeBenchmarksPage(path.resolve(__dirname, '../../../docs'), machine, measured);
}

/** A B C, A B C, ...: what the machine does meanwhile meets all variants alike. */
async function measureInTurns(scenario: Scenario): Promise<Samples> {
  const samples = new Map<string, Sample[]>(scenario.variants.map(({ name }) => [name, []]));
  const session = await scenario.open(settings);
  try {
    for (let round = 0; round < settings.rounds[scenario.suite]; round++) {
      for (const { name } of scenario.variants) samples.get(name)?.push(await session.measure(name));
    }
  } finally {
    session.close();
  }
  return samples;
}
