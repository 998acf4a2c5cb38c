import express from 'express';
import type { PoolClient } from 'pg';
import { compress, decompress, pipeBody } from 'pipebody';
import { listen } from './listen';
import { answerError } from './parts/answer-error';
import { csv, exportRows, importRows, ndjson } from './parts/copy-rows';
import { connectPool } from './parts/postgres';

// Rows into PostgreSQL and out of it, as NDJSON or CSV, compressed or not. parts/copy-rows.ts is what to copy.

const table = 'pipebody_readings (id bigint PRIMARY KEY, place text NOT NULL, celsius double precision)';

async function start(): Promise<void> {
  const pool = await connectPool();
  await pool.query(`CREATE TABLE IF NOT EXISTS ${table}`);

  /** A connection on which something failed is closed; PostgreSQL rolls back what it was at. */
  async function withClient<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let isSound = false;
    try {
      const result = await use(client);
      isSound = true;
      return result;
    } finally {
      client.release(!isSound);
    }
  }

  const app = express();
  app.use(pipeBody());
  app.post('/readings', decompress({ limit: '10gb' }), async (req, res) => {
    const rows = await withClient((client) => importRows(req, client));
    res.status(201).json({ rows });
  });
  app.get('/readings', compress(), (req, res) => withClient((client) => exportRows(req, res, client)));
  app.delete('/readings', async (_req, res) => {
    await pool.query('TRUNCATE pipebody_readings');
    res.sendStatus(204);
  });
  app.use(answerError);

  const rows = `seq 1000000 | sed 's/.*/{"id":&,"place":"here","celsius":21.5}/'`;
  listen(app, (url) => [
    `${rows} | gzip | curl -X POST -T - -H 'Content-Type: ${ndjson}' -H 'Content-Encoding: gzip' ${url}/readings`,
    `curl --compressed -H 'Accept: ${csv}' -o /tmp/readings.csv ${url}/readings`,
    `curl -X DELETE ${url}/readings`,
    `curl -X POST -T /tmp/readings.csv -H 'Content-Type: ${csv}' ${url}/readings`,
    `printf 'id,place,celsius\\n0,there,warm\\n' | curl -X POST -T - -H 'Content-Type: ${csv}' ${url}/readings`,
  ]);
}

start().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
