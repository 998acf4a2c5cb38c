import { Router } from 'express';
import { decompress, readLineBatches } from 'pipebody';
import { reportProgress } from './progress';

/** Counts the lines of a text, gzip'd or not, while it arrives; nothing of it is kept. */
export const lineCounts = Router();

lineCounts.post('/line-counts/:id', decompress({ limit: '1gb' }), async (req, res) => {
  let lines = 0;
  let longest = 0;
  for await (const batch of readLineBatches(req.bodyReader)) {
    lines += batch.length;
    for (const line of batch) longest = Math.max(longest, line.length);
    reportProgress(req, { lines });
  }
  res.json({ lines, longest });
});
