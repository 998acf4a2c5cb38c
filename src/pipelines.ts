import './streams/provide';

export { InvalidOperationError } from './buffers/invalid-operation-error';
export type { MemoryPool } from './buffers/memory-pool';
export { ReadOnlySequence } from './buffers/read-only-sequence';
export type { ReadToAnyOptions, ReadToOptions } from './buffers/read-to-options';
export type { SequenceCursor } from './buffers/sequence-cursor';
export type { SequencePosition } from './buffers/sequence-position';
export { SequenceReader } from './buffers/sequence-reader';
export { AbortError } from './pipelines/abort-error';
export { type DuplexPipe, Pipe } from './pipelines/pipe';
export type { PipeOptions } from './pipelines/pipe-options';
export { PipeReader } from './pipelines/pipe-reader';
export { PipeWriter } from './pipelines/pipe-writer';
export type { FlushResult, ReadResult, WaitOptions, WriteOptions } from './pipelines/results';
export type { ReaderOptions, ReaderSource, ViewOptions, WriterOptions } from './pipelines/stream-options';
