import type { Band } from './classes.ts';

/** Colours of the bands, as fill of the chart and as ground of their signs. */
export const FILLS: Readonly<Record<Band['colour'], string>> = {
  1: 'fill-kind-1',
  2: 'fill-kind-2',
  3: 'fill-kind-3',
  4: 'fill-kind-4',
  5: 'fill-kind-5',
  other: 'fill-kind-other',
};
export const GROUNDS: Readonly<Record<Band['colour'], string>> = {
  1: 'bg-kind-1',
  2: 'bg-kind-2',
  3: 'bg-kind-3',
  4: 'bg-kind-4',
  5: 'bg-kind-5',
  other: 'bg-kind-other',
};
