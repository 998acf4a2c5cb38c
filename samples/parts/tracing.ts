import { tracingChannel } from 'node:diagnostics_channel';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { DecodeMessage, ReadMessage, WriteMessage } from 'pipebody';

// Import it before express and node:http: instrumentations change modules while they are loaded.

/** A line a span, as soon as it has ended. In its place: a processor with an exporter to a collector. */
const printer: SpanProcessor = {
  onStart: () => {},
  onEnd(span) {
    const { traceId, spanId } = span.spanContext();
    const { name, attributes, parentSpanContext } = span;
    console.log(JSON.stringify({ trace: traceId, span: spanId, parent: parentSpanContext?.spanId, name, attributes }));
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

const provider = new NodeTracerProvider({ spanProcessors: [printer] });
provider.register();
// From here on they look after what is loaded.
new HttpInstrumentation().setTracerProvider(provider);
new ExpressInstrumentation().setTracerProvider(provider);
const tracer = trace.getTracer('pipebody');

type Message = ReadMessage | DecodeMessage | WriteMessage;

/** Makes a span of every message of a channel, under the span of the request. */
function makeSpans<Kind extends Message>(
  channel: string,
  attributesOf: (message: Kind) => Record<string, string | number>,
): void {
  const spans = new WeakMap<Kind, ReturnType<typeof tracer.startSpan>>();
  tracingChannel<unknown, Kind>(channel).subscribe({
    start: (message) => void spans.set(message, tracer.startSpan(channel)),
    end: () => {},
    error: () => {},
    asyncStart: () => {},
    // The last event of every message, also of one that failed.
    asyncEnd: (message) => {
      const { type, code = 'failed' } = message.error ?? {};
      const span = spans.get(message)?.setAttributes(attributesOf(message));
      if (message.error) span?.setStatus({ code: SpanStatusCode.ERROR, message: type ?? code });
      span?.end();
    },
  });
}

makeSpans<ReadMessage>('pipebody.read', ({ middleware, bytes }) => ({ middleware, bytes }));
makeSpans<WriteMessage>('pipebody.write', ({ bytes }) => ({ bytes }));
makeSpans<DecodeMessage>('pipebody.decode', ({ codings, encodedBytes, decodedBytes }) => ({
  codings: codings.join(', '),
  encodedBytes,
  decodedBytes,
}));
