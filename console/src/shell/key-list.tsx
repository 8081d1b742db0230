import type { ReactNode } from 'react';
import { ALERT_KEYS, BINDINGS, keysOf } from '../keys/keymap.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { Modal } from '../ui/overlay.tsx';
import { Key } from '../ui/parts.tsx';

const GROUPS = [...new Set(BINDINGS.map(({ group }) => group))];

/** The list of keys, opened by `?`. */
export default function KeyList({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { keys } = useSettings();
  return (
    <Modal title="Keys" onClose={onClose}>
      <div className="mb-4 gap-8 sm:columns-2">
        {GROUPS.map((group) => (
          <section key={group} aria-label={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1.5 text-xs text-faint">{group}</h3>
            <dl className="space-y-1">
              {[
                ...BINDINGS.filter((one) => one.group === group),
                ...(group === 'Alerts' ? ALERT_KEYS : []),
              ].map(({ command, label }) => (
                <div key={command} className="flex items-center justify-between gap-3 text-sm">
                  <dt className="text-mute">{label}</dt>
                  <dd className="flex gap-0.5">
                    {keysOf(command).map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="flex items-center gap-2 border-t border-line pt-4 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-solid"
          checked={keys}
          onChange={(event) => changeSettings({ keys: event.target.checked })}
        />
        Single-key shortcuts are on
      </label>
    </Modal>
  );
}
