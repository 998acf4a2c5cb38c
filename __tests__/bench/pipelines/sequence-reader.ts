import * as pipebody from 'pipebody';
import { pipelinesScenario, timed, timeMetrics } from './pipelines-scenario';

interface Cursor {
  tryReadTo(delimiter: string): pipebody.ReadOnlySequence | undefined;
}

const { ReadOnlySequence } = pipebody;
const SequenceReader = (pipebody as Record<string, unknown>)['SequenceReader'] as
  | (new (
      sequence: pipebody.ReadOnlySequence,
    ) => Cursor)
  | undefined;

const segmentLength = 64;
const lineLength = 100;

/** Lines of 100 bytes in segments of 64, so that most lines lie in two or three. */
function sequenceOf(segmentCount: number): pipebody.ReadOnlySequence {
  const text = `${'x'.repeat(lineLength - 1)}\n`.repeat(Math.ceil((segmentCount * segmentLength) / lineLength));
  const bytes = Buffer.from(text);
  const segments = Array.from({ length: segmentCount }, (_, index) =>
    Buffer.from(bytes.subarray(index * segmentLength, (index + 1) * segmentLength)),
  );
  return ReadOnlySequence.from(...segments);
}

/** Reads all lines, again and again; `operations` are segments. */
function readLines(segmentCount: number): (operations: number) => Promise<void> {
  const sequence = sequenceOf(segmentCount);
  const lineCount = Math.floor((segmentCount * segmentLength) / lineLength);
  return async (operations) => {
    for (let left = operations; left > 0; left -= segmentCount) {
      const reader = new (SequenceReader as NonNullable<typeof SequenceReader>)(sequence);
      let found = 0;
      while (reader.tryReadTo('\n') !== undefined) found++;
      if (found !== lineCount) throw new Error(`${found} lines instead of ${lineCount}.`);
    }
  };
}

const few = '1,000 segments';
const many = '2,000 segments';

/** Twice the segments may take 2.2 times as long, 1.1 times a segment: no step may walk from the start again. */
export const sequenceReader = pipelinesScenario({
  name: 'SequenceReader.tryReadTo',
  file: __filename,
  metrics: timeMetrics('segment'),
  operations: 100_000,
  skip: SequenceReader === undefined ? 'pipebody does not export SequenceReader.' : undefined,
  variants: [timed(few, 'segment', readLines(1_000)), timed(many, 'segment', readLines(2_000))],
  compare: [{ ours: many, rival: few, atLeast: Math.round((2 / 2.2) * 100) / 100 }],
});
