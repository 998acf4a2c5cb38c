import type { MemoryPool } from '../buffers/memory-pool';
import { notAPool } from './errors';

/** Refuses what lends no memory, or takes none back: `TypeError`. */
export function checkPool(pool: MemoryPool | undefined): void {
  if (pool === undefined) return;
  const { rent, return: takeBack } = (pool ?? {}) as Partial<MemoryPool>;
  if (typeof rent !== 'function' || typeof takeBack !== 'function') throw notAPool();
}
