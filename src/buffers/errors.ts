import { InvalidOperationError } from './invalid-operation-error';

/** The sentences of this layer. */

export const bufferReleased = () =>
  new InvalidOperationError(
    'ERR_PIPE_BUFFER_RELEASED',
    'This buffer was given back by advanceTo() or complete() and its memory may hold other bytes by now; ' +
      'copy what you keep with toBuffer() or toString() before you advance.',
  );

export const positionForeign = () =>
  new InvalidOperationError(
    'ERR_PIPE_POSITION_FOREIGN',
    'This position belongs to another sequence; take positions from the sequence that you use them on.',
  );

export const positionReversed = (start: number, end: number) =>
  new InvalidOperationError(
    'ERR_PIPE_POSITION_REVERSED',
    `The end (offset ${end}) lies before the start (offset ${start}); pass the smaller position first.`,
  );

export const notAPosition = (name: string) =>
  new TypeError(
    `"${name}" must be a SequencePosition, such as buffer.start, buffer.end, positionOf() or getPosition() give.`,
  );

export const outOfRange = (name: string, value: unknown, minimum: number, maximum: number) =>
  new RangeError(`"${name}" must be a whole number from ${minimum} to ${maximum}; it is ${String(value)}.`);

export const notBytes = (name: string) => new TypeError(`"${name}" must be a Buffer or Uint8Array.`);

export const notASet = (name: string) => new TypeError(`"${name}" must be a Uint8Array or a string.`);

export const notANeedle = (name: string) =>
  new TypeError(`"${name}" must be a byte (0 to 255), a Uint8Array or a string.`);

export const notASequence = () => new TypeError('"sequence" must be a ReadOnlySequence.');
