import { Pipe } from 'pipebody/pipelines';
import { readAll } from '../support/read-all';

describe('reader.asWebStream()', () => {
  test('cancel(reason) completes the reader with the reason', async () => {
    const failure = new Error('enough');
    const { reader, writer } = new Pipe();

    await reader.asWebStream().cancel(failure);

    await expect(writer.write('abc')).rejects.toBe(failure);
  });

  test('cancel() with leaveOpen ends the wait, and leaves the bytes to the next who reads', async () => {
    const { reader, writer } = new Pipe();
    const view = reader.asWebStream({ leaveOpen: true }).getReader();
    const waiting = view.read();
    await new Promise(setImmediate);

    await view.cancel();
    await writer.write('abc');

    expect(await waiting).toMatchObject({ done: true });
    expect((await reader.read()).buffer.toString()).toBe('abc');
  });

  test('fails with an AbortError when the read is cancelled', async () => {
    const { reader } = new Pipe();
    const waiting = reader.asWebStream().getReader().read();

    reader.cancelPendingRead();

    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('with leaveOpen its end leaves the reader open', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('abc');
    await writer.complete();

    for await (const _ of reader.asWebStream({ leaveOpen: true }));

    expect(await reader.read()).toMatchObject({ isCompleted: true });
  });
});

describe('writer.asWebStream()', () => {
  test('fails with an AbortError when the flush is cancelled', async () => {
    const { writer } = new Pipe({ pauseWriterThreshold: 1 });
    const waiting = writer.asWebStream().getWriter().write(Buffer.from('abc'));
    waiting.catch(() => {});
    await new Promise(setImmediate);

    writer.cancelPendingFlush();

    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  describe('when nobody reads any more', () => {
    test('the write that learns it is for nobody, and later ones fail with an AbortError', async () => {
      const { reader, writer } = new Pipe();
      await reader.complete();
      const sink = writer.asWebStream().getWriter();
      const closed = expect(sink.closed).rejects.toMatchObject({ name: 'AbortError' });

      await sink.write(Buffer.from('abc'));

      await expect(sink.write(Buffer.from('def'))).rejects.toMatchObject({ name: 'AbortError' });
      await closed;
    });

    test('a producer that is piped into it stops', async () => {
      const { reader, writer } = new Pipe();
      const cancelled = new Promise((resolve) => {
        const endless = new ReadableStream({
          pull: (controller) => controller.enqueue(Buffer.from('abc')),
          cancel: resolve,
        });
        endless.pipeTo(writer.asWebStream() as WritableStream).catch(() => {});
      });

      await reader.read();
      await reader.complete();

      await expect(cancelled).resolves.toMatchObject({ name: 'AbortError' });
    });

    test.each([
      [false, 'ERR_PIPE_WRITER_COMPLETED'],
      [true, undefined],
    ])('with leaveOpen %p, the writer behind it is left with %p', async (leaveOpen, code) => {
      const { reader, writer } = new Pipe();
      await reader.complete();
      const sink = writer.asWebStream({ leaveOpen }).getWriter();
      sink.closed.catch(() => {});

      await sink.write(Buffer.from('abc'));

      const outcome = await writer.write('def').catch((error: { code: string }) => error.code);
      expect(outcome).toEqual(code ?? { isCanceled: false, isCompleted: true });
    });
  });

  test('abort() without a reason fails the reader with an AbortError', async () => {
    const { reader, writer } = new Pipe();

    await writer.asWebStream().abort();

    await expect(reader.read()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each([
    ['close', (view: WritableStream) => view.close()],
    ['abort', (view: WritableStream) => view.abort()],
  ])('with leaveOpen %s() leaves the writer open', async (_name, end) => {
    const { reader, writer } = new Pipe();

    await end(writer.asWebStream({ leaveOpen: true }) as WritableStream);
    await writer.write('abc');
    await writer.complete();

    expect(String(await readAll(reader))).toBe('abc');
  });

  test('refuses what is no bytes with ERR_PIPE_NOT_BYTES', async () => {
    const sink = new Pipe().writer.asWebStream().getWriter();
    sink.closed.catch(() => {});

    await expect(sink.write(1 as never)).rejects.toMatchObject({ code: 'ERR_PIPE_NOT_BYTES' });
  });
});
