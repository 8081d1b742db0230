import { useNavigate, useRouter } from '@tanstack/react-router';
import { Command, defaultFilter } from 'cmdk';
import {
  Ban,
  BookOpen,
  CircleUser,
  Copy,
  Filter,
  FilterX,
  Flag,
  Keyboard,
  ListTree,
  Moon,
  Rss,
  Sun,
  SunMoon,
  UserCheck,
  UserPlus,
  UserSearch,
  Zap,
} from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { runCommand } from '../keys/commands.ts';
import { keysOf } from '../keys/keymap.ts';
import { fieldLabel, MAX_QUERY, RANGE_LABEL, RANGES, readFilter, withFilter } from '../state/search.ts';
import { askToRespond } from '../state/response-ask.ts';
import { changeSettings } from '../state/settings.ts';
import { copy } from '../state/view.ts';
import { Modal } from '../ui/overlay.tsx';
import { Key } from '../ui/parts.tsx';
import { carry } from './pages.ts';
import type { ConsolePage } from './pages.ts';

const ITEM =
  'flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm text-mute data-[selected=true]:bg-sunken data-[selected=true]:text-ink';

/** What is made of the typed text itself always fits: a decision id before everything, a filter after everything. */
const OPEN = 'open decision by id';
const FIND = 'find decisions by value';
const FIND_USER = 'find users by name or address';
function score(value: string, typed: string): number {
  if (value === OPEN) return 1;
  return value === FIND || value === FIND_USER ? 0.001 : defaultFilter(value, typed);
}

/** ⌘K: go anywhere, filter by anything, open a decision by its id. */
export default function Palette({
  pages,
  onClose,
}: {
  readonly pages: readonly ConsolePage[];
  readonly onClose: () => void;
}): ReactNode {
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const search = useRouter().state.location.search;
  const act = (run: () => unknown) => () => {
    onClose();
    run();
  };
  const filter = readFilter(typed);
  const person = typed.trim().slice(0, MAX_QUERY);
  const decision = /^dec_[\w-]{4,}$/.test(typed.trim()) ? typed.trim() : null;
  return (
    <Modal bare title="Command palette" onClose={onClose}>
      <Command label="Commands" loop filter={score}>
        <Command.Input
          data-first=""
          value={typed}
          onValueChange={setTyped}
          placeholder="Go to, filter by, find a user, or paste a decision id…"
          className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-faint max-sm:text-[1rem]"
        />
        <Command.List className="max-h-[50vh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint">
          <Command.Empty className="py-8 text-center text-sm text-mute">Nothing has that name.</Command.Empty>
          {decision !== null && (
            <Item
              icon={<ListTree className="size-4" />}
              value={OPEN}
              label={`Open decision ${decision}`}
              onSelect={act(() => navigate({ to: '/decisions/$id', params: { id: decision } }))}
            />
          )}
          <Command.Group heading="Go to">
            {pages.map(({ to, label, icon: Icon, command }) => (
              <Item
                key={to}
                icon={<Icon className="size-4" />}
                label={label}
                keys={keysOf(command)}
                onSelect={act(() => navigate({ to, search: carry(search) }))}
              />
            ))}
            <Item
              icon={<CircleUser className="size-4" />}
              label="Your account"
              onSelect={act(() => location.assign('/account'))}
            />
            <Item
              icon={<BookOpen className="size-4" />}
              label="API reference"
              onSelect={act(() => location.assign('/docs'))}
            />
          </Command.Group>
          <Command.Group heading="Act">
            <Item
              icon={<Ban className="size-4" />}
              label="Block an address…"
              onSelect={act(() => navigate({ to: '/blocks', search: { tab: 'add' } }))}
            />
            <Item
              icon={<Zap className="size-4" />}
              label="Start a response…"
              onSelect={act(() => askToRespond({}))}
            />
            <Item
              icon={<Flag className="size-4" />}
              label="Go through false alarms"
              onSelect={act(() => navigate({ to: '/shield', search: { tab: 'alarms' } }))}
            />
            <Item
              icon={<FilterX className="size-4" />}
              label="Exclusions from inspection"
              onSelect={act(() => navigate({ to: '/shield', search: { tab: 'exclusions' } }))}
            />
            <Item
              icon={<Rss className="size-4" />}
              label="Feeds of the shield"
              onSelect={act(() => navigate({ to: '/shield', search: { tab: 'feeds' } }))}
            />
            <Item
              icon={<UserPlus className="size-4" />}
              label="Invite a user…"
              onSelect={act(() => navigate({ to: '/users', search: { tab: 'invite' } }))}
            />
            {pages.some(({ to }) => to === '/access') && (
              <>
                <Item
                  icon={<UserSearch className="size-4" />}
                  label="Ask who can…"
                  onSelect={act(() => navigate({ to: '/access/who-can' }))}
                />
                <Item
                  icon={<UserCheck className="size-4" />}
                  label="Assign a role…"
                  onSelect={act(() => navigate({ to: '/access/assignments', search: { tab: 'assign' } }))}
                />
              </>
            )}
            <Item
              icon={<Copy className="size-4" />}
              label="Copy link to this view"
              keys={keysOf('copy-link')}
              onSelect={act(() => copy(location.href, 'Link'))}
            />
            <Item
              icon={<Keyboard className="size-4" />}
              label="List of keys"
              keys={keysOf('help')}
              onSelect={act(() => runCommand('help'))}
            />
          </Command.Group>
          <Command.Group heading="Time range">
            {RANGES.map((range) => (
              <Item
                key={range}
                label={RANGE_LABEL[range]}
                onSelect={act(() =>
                  navigate({
                    to: '.',
                    search: { ...carry(search), range, from: undefined, to: undefined } as never,
                  }),
                )}
              />
            ))}
          </Command.Group>
          <Command.Group heading="Theme">
            <Item
              icon={<SunMoon className="size-4" />}
              label="Theme: follow the system"
              onSelect={act(() => changeSettings({ theme: 'system' }))}
            />
            <Item
              icon={<Sun className="size-4" />}
              label="Theme: light"
              onSelect={act(() => changeSettings({ theme: 'light' }))}
            />
            <Item
              icon={<Moon className="size-4" />}
              label="Theme: dark"
              onSelect={act(() => changeSettings({ theme: 'dark' }))}
            />
          </Command.Group>
          {person !== '' && decision === null && (
            <Item
              icon={<UserSearch className="size-4" />}
              value={FIND_USER}
              label={`Users with ${person} in name or address`}
              onSelect={act(() => navigate({ to: '/users', search: { q: person } }))}
            />
          )}
          {filter !== null && decision === null && (
            <Item
              icon={<Filter className="size-4" />}
              value={FIND}
              label={`Decisions ${filter.exclude ? 'without' : 'with'} ${fieldLabel(filter.field).toLowerCase()} ${filter.value}`}
              onSelect={act(() => navigate({ to: '/decisions', search: withFilter(carry(search), filter) }))}
            />
          )}
        </Command.List>
      </Command>
    </Modal>
  );
}

function Item({
  icon,
  label,
  value = label,
  keys = [],
  onSelect,
}: {
  readonly icon?: ReactNode;
  readonly label: string;
  /** What the typed text is matched with. */
  readonly value?: string;
  readonly keys?: readonly string[];
  readonly onSelect: () => void;
}): ReactNode {
  return (
    <Command.Item value={value} onSelect={onSelect} className={ITEM}>
      {icon ?? <span className="size-4" />}
      <span className="truncate">{label}</span>
      <span className="ml-auto flex gap-0.5">
        {keys.map((key) => (
          <Key key={key}>{key}</Key>
        ))}
      </span>
    </Command.Item>
  );
}
