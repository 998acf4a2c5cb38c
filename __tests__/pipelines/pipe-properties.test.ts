import fc from 'fast-check';
import { Pipe } from 'pipebody/pipelines';
import { PoisoningPool } from '../support/poisoning-pool';

const runs = { numRuns: 1_000 };

/** Bytes that differ from their neighbours, so that a slip of one place shows. */
const pattern = (from: number, length: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (from + index) % 251));

const options = fc
  .record({
    pause: fc.integer({ min: 1, max: 100 }),
    resume: fc.integer({ min: 0, max: 100 }),
    segment: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ pause, resume, segment }) => ({
    pauseWriterThreshold: pause,
    resumeWriterThreshold: Math.min(pause, resume),
    minimumSegmentSize: segment,
  }));

/** One piece of writing: bytes by memory or by write(), then a flush or not. */
const writeStep = fc.record({ length: fc.nat(60), byWrite: fc.boolean(), isFlushed: fc.boolean() });
/** One answer to a read: how much of the buffer is consumed, and how much of the rest is examined, in per cent. */
const readStep = fc.record({ consumed: fc.nat(100), examined: fc.nat(100), atLeast: fc.nat(80) });

describe('a Pipe, under random writes, flushes, reads, positions and thresholds', () => {
  test('gives out the bytes that were put in, and nothing stays pending for ever', async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.array(writeStep),
        fc.array(readStep, { minLength: 1 }),
        async (settings, writes, reads) => {
          const pool = new PoisoningPool();
          const { reader, writer } = new Pipe({ ...settings, pool });
          let written = 0;

          const write = async () => {
            for (const { length, byWrite, isFlushed } of writes) {
              const bytes = pattern(written, length);
              written += length;
              if (byWrite) await writer.write(bytes);
              else if (length > 0) {
                bytes.copy(writer.getMemory(length));
                writer.advance(length);
              }
              if (isFlushed) await writer.flush();
            }
            await writer.complete();
          };

          const read = async () => {
            const pieces: Buffer[] = [];
            for (let index = 0; ; index += 1) {
              const step = reads[index % reads.length] as (typeof reads)[0];
              const { buffer, isCompleted } = await reader.readAtLeast(step.atLeast);
              // The end comes only when all is consumed; without progress the answer is to look at everything.
              const consumed = isCompleted ? buffer.length : Math.floor((buffer.length * step.consumed) / 100);
              const examined = consumed + Math.ceil(((buffer.length - consumed) * step.examined) / 100);
              const isStuck = consumed === 0 && examined < buffer.length;
              pieces.push(Buffer.from(buffer.slice(0, consumed).toBuffer()));
              reader.advanceTo(buffer.getPosition(consumed), isStuck ? buffer.end : buffer.getPosition(examined));
              if (isCompleted) break;
            }
            await reader.complete();
            return Buffer.concat(pieces);
          };

          const [, received] = await Promise.all([write(), read()]);

          expect(received.equals(pattern(0, written))).toBe(true);
          expect(pool.lent.size).toBe(0);
        },
      ),
      runs,
    );
  });

  test('the writer never runs ahead of the pause threshold by more than one flush', async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        async (settings, lengths) => {
          const { reader, writer } = new Pipe(settings);
          let flushed = 0;
          let examined = 0;
          let isWaiting = false;

          const write = async () => {
            for (const length of lengths) {
              expect(flushed - examined).toBeLessThan(settings.pauseWriterThreshold);
              flushed += length;
              isWaiting = true;
              await writer.write(pattern(0, length));
              isWaiting = false;
            }
            await writer.complete();
          };

          const read = async () => {
            for (;;) {
              const { buffer, isCompleted } = await reader.read();
              const step = Math.max(1, Math.floor(buffer.length / 2));
              examined += isCompleted ? buffer.length : step;
              reader.advanceTo(isCompleted ? buffer.end : buffer.getPosition(step));
              if (isCompleted) return;
            }
          };

          await Promise.all([write(), read()]);
          expect(isWaiting).toBe(false);
        },
      ),
      runs,
    );
  });

  test('text comes out whole wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (text, size) => {
          const { reader, writer } = new Pipe({ minimumSegmentSize: size });
          const bytes = Buffer.from(text);
          for (let offset = 0; offset < bytes.length; offset += 3) {
            const part = bytes.subarray(offset, offset + 3);
            for (const byte of part) {
              writer.getMemory(1)[0] = byte;
              writer.advance(1);
            }
            await writer.flush();
          }
          await writer.complete();

          const { buffer } = await reader.readAtLeast(bytes.length);

          expect(buffer.toString()).toBe(bytes.toString());
        },
      ),
      runs,
    );
  });

  test('an abort between any two steps settles everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom('write', 'read', 'readAtLeast', 'cancelRead', 'cancelFlush', 'flush', 'end', 'fail', 'stop'),
          { maxLength: 30 },
        ),
        async (steps) => {
          const { reader, writer } = new Pipe({ pauseWriterThreshold: 32, minimumSegmentSize: 8 });
          const pending: Promise<unknown>[] = [];
          const keep = (promise: Promise<unknown>) => pending.push(promise.catch((error) => error));
          for (const step of steps) {
            if (step === 'write') keep(writer.write(pattern(0, 20)));
            if (step === 'flush') keep(writer.flush());
            if (step === 'read') keep(reader.read().then(({ buffer }) => reader.advanceTo(buffer.end)));
            if (step === 'readAtLeast') keep(reader.readAtLeast(50).then(({ buffer }) => reader.advanceTo(buffer.end)));
            if (step === 'cancelRead') reader.cancelPendingRead();
            if (step === 'cancelFlush') writer.cancelPendingFlush();
            if (step === 'end') keep(writer.complete());
            if (step === 'fail') keep(writer.complete(new Error('broken')));
            if (step === 'stop') keep(reader.complete());
            await null;
          }
          keep(writer.complete());
          keep(reader.complete());

          await Promise.all(pending);
        },
      ),
      runs,
    );
  });
});
