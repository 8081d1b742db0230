import { ShieldOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { Code, Empty } from '../../ui/parts.tsx';

/** The server has no shield. */
export function Off(): ReactNode {
  return (
    <Empty icon={<ShieldOff className="size-4" />} title="The shield is switched off">
      Your configuration says <Code>shield: false</Code>. Without that line it stands before every route.
    </Empty>
  );
}
