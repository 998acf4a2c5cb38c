import './instrument';
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage';
import { CurrentInput } from './current-input';
import { mutate } from './mutate';
import { Random } from './random';
import { targets } from './targets';
import type { FuzzTarget } from './targets/fuzz-target';
import { tryInput } from './try-input';

/** What {@link fuzz} is started with. */
export interface FuzzJob {
  readonly name: string;
  readonly seconds: number;
  readonly seed: number;
  readonly memory: SharedArrayBuffer;
}

/** What the fuzzer says: of an input that is wrong, and at its end. */
export type FuzzNews =
  | { readonly kind: 'finding'; readonly input: Uint8Array; readonly message: string }
  | { readonly kind: 'end'; readonly executions: number; readonly kept: number; readonly branches: number };

const findingsAtMost = 5;

async function fuzz({ name, seconds, seed, memory }: FuzzJob): Promise<void> {
  const target = targets[name] as FuzzTarget;
  const current = new CurrentInput(memory);
  const random = new Random(seed);
  const coverage = new Coverage();
  const inputs = [...target.seeds];
  const deadline = Date.now() + seconds * 1_000;
  let findings = 0;
  for (let index = 0; Date.now() < deadline && findings < findingsAtMost; index++) {
    const input = target.seeds[index] ?? mutate(random.oneOf(inputs), random, { inputs, words: target.words });
    current.set(input);
    try {
      await tryInput(target, input, random);
    } catch (error) {
      findings += 1;
      tell({ kind: 'finding', input, message: String((error as Error).stack) });
    }
    if (coverage.takeNews()) inputs.push(input);
  }
  tell({ kind: 'end', executions: current.count, kept: inputs.length, branches: coverage.countBranches() });
}

function tell(news: FuzzNews): void {
  parentPort?.postMessage(news);
}

// What it rejects with would be a defect of the fuzzer: it ends the worker, as what gets out of a promise does.
void fuzz(workerData as FuzzJob);
