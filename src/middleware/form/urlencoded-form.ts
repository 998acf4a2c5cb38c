import { FormReader } from '../../formats/form-reader';
import { appendField, type FormFields } from '../../formats/nested-fields';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { limitExceeded } from './errors';
import type { EveryLimit } from './form-options';

/** What a limit of the pairs is in a form of multer's. */
const codes = new Map([
  ['parameters.too.many', 'LIMIT_FIELD_COUNT'],
  ['form.key.too.long', 'LIMIT_FIELD_KEY'],
  ['form.value.too.long', 'LIMIT_FIELD_VALUE'],
] as const);

/** Reads a urlencoded form into `fields`, by the limits of a multipart one. */
export async function readUrlencodedForm(
  reader: PipeReader,
  charset: string,
  limits: EveryLimit,
  fields: FormFields,
): Promise<void> {
  const pairs = new FormReader(reader, {
    charset,
    valueCountLimit: limits.fields,
    keyLengthLimit: limits.fieldNameSize,
    valueLengthLimit: limits.fieldSize,
    bufferBodyLengthLimit: limits.totalSize,
  });
  const nesting = { depth: limits.fieldNestingDepth, index: limits.fieldArrayIndexLimit };
  try {
    for await (const [name, value] of pairs) if (name !== '' || value !== '') appendField(fields, name, value, nesting);
  } catch (error) {
    const { type, limit } = error as { type?: never; limit: number };
    const code = codes.get(type as never);
    throw code === undefined ? error : limitExceeded(code, limit);
  }
}
