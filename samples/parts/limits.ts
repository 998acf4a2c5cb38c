import { Router } from 'express';
import { decompress, json, lines } from 'pipebody';

/** Limits that are easy to break. The errors are those of any application; `answerError` makes JSON of them. */
export const limits = Router();

limits.post('/limits/json', json({ limit: 1024 }), (req, res) => {
  res.json(req.body);
});

limits.post('/limits/lines', lines({ maxLineLength: 80 }), (req, res) => {
  res.json(req.body);
});

limits.post('/limits/gzip', decompress({ limit: 1_048_576 }), json({ limit: '2mb' }), (req, res) => {
  res.json(req.body);
});
