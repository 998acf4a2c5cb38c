import { isDeepStrictEqual } from 'node:util';
import { cutAt, inChunks, inPoisonedChunks } from '../support/in-chunks';
import type { Random } from './random';
import { type FuzzTarget, outcomeOf } from './targets/fuzz-target';

/** What a parser made of an input: everything that it gave, and how it failed. */
interface Outcome {
  readonly found: unknown[];
  readonly failure: string | undefined;
}

const longestApart = 300;

/** Has a parser read an input whole and cut; an error says how the two differ, or what nobody expected. */
export async function tryInput(target: FuzzTarget, input: Buffer, random: Random): Promise<void> {
  const whole = await run(target, [input], inChunks);
  const places = Array.from({ length: 1 + random.below(4) }, () => random.below(input.length + 1));
  const cuts = [cutAt(input, places)];
  if (input.length <= longestApart) cuts.push(Array.from(input, (_, at) => input.subarray(at, at + 1)));
  for (const chunks of cuts) {
    // From memory that is used again as soon as it is given back, too.
    for (const source of [inChunks, inPoisonedChunks]) {
      const cut = await run(target, chunks, source);
      if (!isDeepStrictEqual(cut, whole)) {
        throw new Error(`Cut at ${places}: ${JSON.stringify(cut)} instead of ${JSON.stringify(whole)}.`);
      }
    }
  }
  checkPrototypes();
}

async function run(target: FuzzTarget, chunks: readonly Buffer[], source: typeof inChunks): Promise<Outcome> {
  const found: unknown[] = [];
  const reader = source(chunks);
  try {
    await target.parse(reader, found);
    return { found, failure: undefined };
  } catch (error) {
    return { found, failure: outcomeOf(error) };
  } finally {
    await reader.complete();
  }
}

function checkPrototypes(): void {
  const added = [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) => Object.keys(prototype));
  if (added.length > 0) throw new Error(`A prototype got ${added}.`);
}
