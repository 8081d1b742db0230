import type { ReactNode } from 'react';

/** A figure: its name, its value, and what puts it in proportion. */
export type Figure = readonly [name: string, value: string, note: string];

/** A strip of figures; an odd last one takes the whole row on a phone. */
export function Figures({
  label,
  figures,
  columns = 'sm:grid-cols-3 lg:grid-cols-5',
}: {
  readonly label: string;
  readonly figures: readonly Figure[];
  /** How many stand beside each other where there is room. */
  readonly columns?: string;
}): ReactNode {
  return (
    <section
      aria-label={label}
      className={`grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line ${columns}`}
    >
      {figures.map(([name, value, note], at) => (
        <dl
          key={name}
          className={`bg-panel px-4 py-3 ${at === figures.length - 1 && figures.length % 2 === 1 ? 'max-sm:col-span-2 sm:max-lg:col-span-2' : ''}`}
        >
          <dt className="text-xs text-mute">{name}</dt>
          <dd className="mt-0.5 text-xl font-semibold tracking-tight numeric">{value}</dd>
          <dd className="text-xs text-faint numeric">{note}</dd>
        </dl>
      ))}
    </section>
  );
}
