/** What a handler sees of a client's file name: no path unless it was asked for, and never a control character. */
export function exposedName(filename: string, preservePath: boolean): string {
  const name = preservePath ? filename : baseName(filename);
  // As browsers write them in a form.
  return name.replace(/\p{Cc}/gu, (character) => encodeURIComponent(character));
}

/** Paths of Windows count, too; `.` and `..` are none. */
function baseName(filename: string): string {
  const name = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
  return name === '.' || name === '..' ? '' : name;
}
