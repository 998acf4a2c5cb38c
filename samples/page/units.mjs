const units = ['bytes', 'KiB', 'MiB', 'GiB'];

export function formatBytes(count) {
  const power = count < 1024 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), units.length - 1);
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

export const formatCount = (count) => count.toLocaleString('en');
