import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { ShieldAnswer } from '../../api/shield.ts';
import { ChartLegend, ChartPanel } from '../../chart/panel.tsx';
import { SeriesTable } from '../../chart/series-table.tsx';
import { useSettings } from '../../state/settings.ts';
import type { View } from '../../state/view.ts';
import { When } from '../../ui/when.tsx';
import { countOf, kindName, kindsSentence, sumOf } from './classes.ts';
import type { Band } from './classes.ts';
import { GROUNDS } from './colours.ts';
import { KindChart } from './kind-chart.tsx';

const HEIGHT = 232;

/** What inspection found over time: the chart, the table behind it, and its legend. */
export function Kinds({
  answer,
  bands,
  view,
  onHold,
}: {
  readonly answer: ShieldAnswer;
  readonly bands: readonly Band[];
  readonly view: View;
  readonly onHold: (held: boolean) => void;
}): ReactNode {
  const { zone } = useSettings();
  const { threshold, sinceMs, series, bucketMs } = answer;
  const hidden = useMemo(() => new Set(view.search.hide ?? []), [view.search.hide]);
  const sentence = kindsSentence(answer, zone);
  const nothing =
    threshold === null
      ? {
          title: 'Inspection is switched off',
          text: 'Switch it on under shield.inspection in your configuration.',
        }
      : {
          title: 'No attack in this span',
          text: 'Every request that was inspected stayed below the threshold.',
        };
  return (
    <ChartPanel
      title="What inspection found"
      note={threshold === null ? 'switched off' : `refuses from a score of ${threshold} on`}
      sentence={sentence}
      view={view}
      heightPx={HEIGHT}
      empty={bands.length === 0 ? nothing : null}
      onHold={onHold}
      table={
        <SeriesTable
          label="Attacks as a table"
          caption={sentence}
          total="All"
          heads={bands.map(({ kind }) => kindName(kind))}
          rows={series.map(({ atMs, counts }) => ({
            atMs,
            total: sumOf(counts),
            values: bands.map(({ kind }) => countOf(counts, kind, bands)),
          }))}
          bucketMs={bucketMs}
          heightPx={HEIGHT}
        />
      }
      chart={<KindChart answer={answer} bands={bands} hidden={hidden} onZoom={view.zoom} />}
      legend={
        bands.length > 0 && (
          <ChartLegend
            label="Kinds shown"
            items={bands.map(({ kind, colour }) => ({
              key: kind,
              name: kindName(kind),
              sign: (isHidden) => (
                <span
                  aria-hidden="true"
                  data-bar
                  className={`size-2.5 rounded-xs ${GROUNDS[colour]} ${isHidden ? 'opacity-30' : ''}`}
                />
              ),
            }))}
            hidden={hidden}
            onToggle={view.toggleClass}
          />
        )
      }
    >
      {sinceMs !== undefined && (
        <p className="mb-2 text-xs text-faint">
          The figures are made of the newest records only, since <When atMs={sinceMs} look="full" />.
        </p>
      )}
    </ChartPanel>
  );
}
