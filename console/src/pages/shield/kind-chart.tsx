import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { ShieldAnswer } from '../../api/shield.ts';
import { ColumnChart } from '../../chart/column-chart.tsx';
import { useSettings } from '../../state/settings.ts';
import { columnSentence, countOf, kindName, stackKinds, sumOf } from './classes.ts';
import type { Band } from './classes.ts';
import { FILLS, GROUNDS } from './colours.ts';

/** What inspection found over time, stacked by kind. */
export function KindChart({
  answer: { series, bucketMs },
  bands,
  hidden,
  onZoom,
}: {
  readonly answer: Pick<ShieldAnswer, 'series' | 'bucketMs'>;
  readonly bands: readonly Band[];
  readonly hidden: ReadonlySet<string>;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}): ReactNode {
  const { zone } = useSettings();
  const columns = useMemo(
    () =>
      stackKinds(series, bands, hidden).map(({ parts, ...column }) => ({
        ...column,
        parts: parts.map(({ kind, colour, from, to }) => ({ key: kind, fill: FILLS[colour], from, to })),
      })),
    [series, bands, hidden],
  );
  const counts = (index: number): ShieldAnswer['series'][number]['counts'] => series[index]?.counts ?? {};
  return (
    <ColumnChart
      columns={columns}
      bucketMs={bucketMs}
      label="Attacks over time"
      say={(index) => {
        const column = series[index];
        return column === undefined ? '' : columnSentence(column, bands, bucketMs * series.length, zone);
      }}
      tip={(index) => ({
        total: sumOf(counts(index)),
        lines: bands.toReversed().map(({ kind, colour }) => ({
          name: kindName(kind),
          value: countOf(counts(index), kind, bands),
          sign: <span className={`size-2 shrink-0 rounded-xs ${GROUNDS[colour]}`} />,
        })),
      })}
      onZoom={onZoom}
      gapPx={1}
    />
  );
}
