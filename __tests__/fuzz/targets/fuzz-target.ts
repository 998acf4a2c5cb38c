import type { PipeReader } from 'pipebody';

/** A parser that is fed with mutated bytes. */
export interface FuzzTarget {
  readonly seeds: readonly Buffer[];
  /** Words that mean something to it. */
  readonly words: readonly string[];
  /** Gives what was read before a failure to `found`. Everything else that it does must not depend on the cuts. */
  parse(reader: PipeReader, found: unknown[]): Promise<void>;
}

/** Where a setting is chosen by the first byte of the input, so that the fuzzer finds all of them. */
export async function choose<Choice>(reader: PipeReader, choices: readonly Choice[]): Promise<Choice> {
  const { buffer } = await reader.readAtLeast(1);
  const choice = choices[(buffer.at(0) ?? 0) % choices.length] as Choice;
  reader.advanceTo(buffer.getPosition(Math.min(1, buffer.length)));
  return choice;
}

export async function collect(items: AsyncIterable<unknown>, found: unknown[]): Promise<void> {
  for await (const item of items) found.push(item);
}

/** What a failure says to a client. */
export function outcomeOf(error: unknown): string {
  const { status, type, code, message, name } = error as Record<string, unknown>;
  // A failure without a status is a 500: nothing that a client sends may be one.
  if (typeof status !== 'number') throw new Error(`A ${name} without a status: ${message}`, { cause: error });
  // Where two codings or members are wrong, it depends on the cuts which one fails first, and so zlib's code.
  return [status, type, type === 'entity.decode.failed' ? '' : code].join(' ');
}
