import { gzipSync } from 'node:zlib';
import { postgresPrograms } from '../../samples/parts/postgres';
import { RawClient } from '../support/raw-client';
import { getRaw, post, type RunningSample, startSample } from '../support/sample';

const isThere = postgresPrograms() !== undefined || process.env['DATABASE_URL'] !== undefined;
const why = isThere ? '' : ' (skipped: there is no PostgreSQL in /usr/lib/postgresql and no DATABASE_URL)';
const describeWithPostgres = isThere ? describe : describe.skip;

describeWithPostgres(`import-export${why}`, () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('import-export');
  }, 60_000);

  afterAll(() => sample.stop());

  afterEach(() => fetch(`${sample.url}/readings`, { method: 'DELETE' }));

  const asNdjson = { 'Content-Type': 'application/x-ndjson' };
  const asCsv = { 'Content-Type': 'text/csv' };
  const rows = [
    { id: 1, place: 'tab\tline\nreturn\rback\\slash "quote", é \\N', celsius: -0.5 },
    { id: 2, place: '', celsius: null },
    { id: 3, place: '\\.', celsius: 21.25 },
  ];
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');

  async function read(accept: string): Promise<string> {
    return (await fetch(`${sample.url}/readings`, { headers: { Accept: accept } })).text();
  }

  test('gives back the rows that it was given, whatever is in them', async () => {
    const answer = await post(sample, '/readings', lines, asNdjson);
    const given = (await read('application/x-ndjson')).trimEnd().split('\n');

    expect([answer.status, await answer.json()]).toEqual([201, { rows: 3 }]);
    expect(given.map((line) => JSON.parse(line))).toEqual(rows);
  });

  test('takes gzip, and CSV that it has written itself', async () => {
    await post(sample, '/readings', gzipSync(lines), { ...asNdjson, 'Content-Encoding': 'gzip' });
    const csv = await read('text/csv');
    await fetch(`${sample.url}/readings`, { method: 'DELETE' });
    const answer = await post(sample, '/readings', csv, asCsv);

    expect(await answer.json()).toEqual({ rows: 3 });
    expect(await read('text/csv')).toBe(csv);
  });

  test('compresses what it gives to who asks for it', async () => {
    await post(sample, '/readings', `id,place,celsius\n1,${'here'.repeat(1000)},2\n`, asCsv);

    expect((await getRaw(sample, '/readings', { 'Accept-Encoding': 'br' })).coding).toBe('br');
  });

  test.each([
    ['a row that is none', asNdjson, '{"id":1,"place":"a","celsius":1}\n{"id":2}\n', 2, 'entity.schema.failed'],
    ['a line that is no JSON', asNdjson, '{"id":1,"place":"a","celsius":1}\n{\n', 2, 'entity.parse.failed'],
    ['an id that is there', asNdjson, lines + lines, 4, 'row.invalid'],
    ['a character that PostgreSQL refuses', asNdjson, '{"id":1,"place":"\\u0000","celsius":1}', 1, 'row.invalid'],
    ['a number that is none', asCsv, 'id,place,celsius\n1,a,2\n2,b,warm\n', 3, 'row.invalid'],
  ])('answers %s with the number of its line, and keeps no row', async (_name, headers, body, line, type) => {
    const answer = await post(sample, '/readings', body, headers);

    expect(await answer.json()).toMatchObject({ line, type, message: expect.stringContaining(`Line ${line}`) });
    expect(await read('text/csv')).toBe('id,place,celsius\n');
  });

  test('keeps no row of a client that leaves', async () => {
    const client = await RawClient.connect(sample.port);
    const head =
      'POST /readings HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: 90000000\r\n\r\n';
    const place = 'here'.repeat(5000);
    const many = Array.from({ length: 1000 }, (_, id) => `${JSON.stringify({ id, place, celsius: 21.5 })}\n`);
    // More than sockets hold: when it is sent, PostgreSQL has the first rows.
    await client.send(head + many.join(''));
    // PostgreSQL lets the second of two rows with one id wait for what becomes of the first.
    const answer = post(sample, '/readings', 'id,place,celsius\n0,there,1\n', asCsv);
    client.reset();

    expect((await answer).status).toBe(201);
    expect(await read('text/csv')).toBe('id,place,celsius\n0,there,1\n');
  });

  test('goes on after clients that left while they were given rows', async () => {
    const many = Array.from({ length: 50_000 }, (_, id) => `${id},${'here'.repeat(20)},21.5\n`).join('');
    await post(sample, '/readings', `id,place,celsius\n${many}`, asCsv);
    for (let count = 0; count < 12; count += 1) {
      const client = await RawClient.connect(sample.port);
      await client.send('GET /readings HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n');
      await client.until((received) => received.includes('here'));
      client.reset();
    }

    expect((await read('text/csv')).length).toBe('id,place,celsius\n'.length + many.length);
  });

  test('refuses what is neither NDJSON nor CSV', async () => {
    expect((await post(sample, '/readings', '<a/>', { 'Content-Type': 'text/xml' })).status).toBe(415);
    expect((await getRaw(sample, '/readings', { Accept: 'text/xml' })).bytes.toString()).toContain('406');
  });
});
