import type { Request, Response } from 'express';
import { compress } from 'pipebody';

/** A filter for compress(): what it is by default asks mime-db, which does not know NDJSON. */
export function isCompressible(req: Request, res: Response): boolean {
  return String(res.getHeader('Content-Type')).startsWith('application/x-ndjson') || compress.filter(req, res);
}
