/** A length of time for people: `less than 1 min`, `5 min`, `26 h`, `3 d`. @param ms milliseconds */
export function ageWords(ms: number): string {
  if (ms < 60_000) return 'less than 1 min';
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** Bytes for people: `812 B`, `4.2 kB`, `61 MB`. */
export function byteWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [1_000, 'kB'] : [1_000_000, 'MB'];
  const amount = bytes / size;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}
