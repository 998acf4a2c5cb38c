import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutate } from './mutate';
import { Random } from './random';
import { targets } from './targets';
import type { FuzzTarget } from './targets/fuzz-target';
import { tryInput } from './try-input';

const findings = join(__dirname, 'found');
const iterations = 150;

describe.each(Object.entries(targets))('%s', (name, target: FuzzTarget) => {
  test('reads seeds and what becomes of them alike wherever they are cut', async () => {
    const random = new Random(1);
    const material = { inputs: target.seeds, words: target.words };

    for (const seed of target.seeds) await tryInput(target, seed, random);
    for (let left = iterations; left > 0; left--) {
      await tryInput(target, mutate(random.oneOf(target.seeds), random, material), random);
    }
  });

  test('reads what the fuzzer has found before', async () => {
    const inputs = existsSync(findings) ? readdirSync(findings).filter((file) => file.startsWith(`${name}.`)) : [];

    for (const file of inputs) await tryInput(target, readFileSync(join(findings, file)), new Random(1));
  });
});
