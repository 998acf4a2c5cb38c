import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import createError from 'http-errors';
import type { PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { PipeWriter, readJsonLines, TextWriter } from 'pipebody';
import { z } from 'zod';

// Rows into PostgreSQL and out of it by COPY, as NDJSON or CSV: a statement for all of them, and flat memory, however many
// they are.

const reading = z.object({ id: z.int(), place: z.string(), celsius: z.number().nullable() });

export const ndjson = 'application/x-ndjson';
export const csv = 'text/csv';

const importAs = new Map([
  [ndjson, 'COPY pipebody_readings FROM STDIN'],
  [csv, 'COPY pipebody_readings FROM STDIN (FORMAT csv, HEADER)'],
]);

const exportAs = new Map([
  // As CSV whose quote and delimiter are in no JSON: the text format would double every backslash.
  [
    ndjson,
    `COPY (SELECT row_to_json(r) FROM pipebody_readings r ORDER BY id)
      TO STDOUT (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02')`,
  ],
  [csv, 'COPY (SELECT * FROM pipebody_readings ORDER BY id) TO STDOUT (FORMAT csv, HEADER)'],
]);

/** All rows of the body, or, where one is wrong or the client goes, none. */
export async function importRows(req: Request, client: PoolClient): Promise<number> {
  const type = req.is([...importAs.keys()]) || '';
  const statement = importAs.get(type);
  if (statement === undefined) throw createError(415, `Rows are ${ndjson} or ${csv}.`);
  const copy = client.query(copyFrom(statement));
  const writer = PipeWriter.from(copy);
  try {
    if (type === csv) await req.bodyReader.copyTo(writer);
    else await writeRows(req, new TextWriter(writer));
    await writer.complete();
  } catch (error) {
    // The first failure is the one to tell.
    await writer.complete(error).catch(() => {});
    throw withLine(error as DatabaseError);
  }
  return copy.rowCount;
}

/** At the pace of the client. What fails half way cuts the answer, which otherwise would look whole. */
export async function exportRows(req: Request, res: Response, client: PoolClient): Promise<void> {
  const type = req.accepts([...exportAs.keys()]) || '';
  const statement = exportAs.get(type);
  if (statement === undefined) throw createError(406, `Rows are ${ndjson} or ${csv}.`);
  res.type(type).vary('Accept');
  await pipeline(client.query(copyTo(statement)), res);
}

/** A line for a row, in PostgreSQL's text format: what either side says of line 7 is said of the client's line 7. */
async function writeRows(req: Request, writer: TextWriter): Promise<void> {
  for await (const { id, place, celsius } of readJsonLines(req.bodyReader, { schema: reading })) {
    await writer.writeLine(`${id}\t${place.replace(/[\\\n\r\t]/g, escaped)}\t${celsius ?? '\\N'}`);
  }
  await writer.flush();
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escaped = (character: string) => escapes[character] as string;

interface DatabaseError extends Error {
  /** `COPY pipebody_readings, line 7, column id: "x"`. */
  readonly where?: string;
}

/** Of the database's error the row that it is about. */
function withLine(error: DatabaseError): Error {
  const line = /, line (\d+)/.exec(error.where ?? '')?.[1];
  if (line === undefined) return error;
  return createError(422, `Line ${line}: ${error.message}.`, { type: 'row.invalid', line: Number(line), cause: error });
}
