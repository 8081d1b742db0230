import { readSecretVariable } from '../../../base/secrets/index.ts';
import type { ReadSink } from '../../../modules/sinks/index.ts';
import type { SinksAnswer } from '../../api/sink-types.ts';
import type { ReadConfig } from '../../config.ts';
import type { ServerEnvironment } from '../../environment.ts';
import { sinkFindings } from '../../sinks/findings.ts';
import { askServer } from '../operator.ts';
import { type Examined, type Finding, warn } from './finding.ts';

/** Where events are sent to, and how it fares on the running server; nothing where there are no sinks. */
export async function examineSinks(
  { dataDir }: Pick<ServerEnvironment, 'dataDir'>,
  config: Pick<ReadConfig, 'sinks'> | undefined,
  isRunning: boolean,
  nowMs: number,
): Promise<readonly Examined[]> {
  if (config === undefined || config.sinks.length === 0) return [];
  const states = isRunning
    ? await askServer<SinksAnswer>(dataDir, 'GET', '/admin/sinks').catch(() => undefined)
    : undefined;
  const findings: Finding[] = [
    ...config.sinks.flatMap((sink) => configFindings(sink, (name) => readSecretVariable(process.env, name))),
    ...sinkFindings(states?.sinks ?? [], nowMs),
  ];
  const fine = states === undefined ? 'not asked: no server runs here' : 'all of them take events';
  return [{ check: 'sinks', fine: `${config.sinks.length}, ${fine}`, findings }];
}

/** What can be said of a sink without asking it. Pure but for what `secret` reads. */
export function configFindings(
  sink: ReadSink,
  secret: (name: string) => string | undefined,
): readonly Finding[] {
  const unset = variablesOf(sink).filter((name) => (secret(name) ?? '') === '');
  const findings = unset.map((name) =>
    warn(
      `The sink ${sink.name} needs the variable ${name}, which is not set.`,
      `Set ${name}, or ${name}_FILE.`,
    ),
  );
  if (sink.kind === 'syslog' && sink.transport !== 'tls' && !isLoopback(sink.host))
    findings.push(
      warn(
        `The sink ${sink.name} sends events in the clear (${sink.target}).`,
        "Use transport: 'tls', or keep it within a network that you trust.",
      ),
    );
  if ('url' in sink && sink.url.startsWith('http:') && !isLoopback(new URL(sink.url).hostname))
    findings.push(
      warn(
        `The sink ${sink.name} sends events and its key in the clear (${sink.target}).`,
        'Use https, or keep it within a network that you trust.',
      ),
    );
  return findings;
}

function variablesOf(sink: ReadSink): readonly string[] {
  if (sink.kind === 'webhook') return [sink.secret];
  if (sink.kind === 'elasticsearch') return [sink.apiKey, sink.password].filter((name) => name !== null);
  return sink.kind === 'otlp' ? Object.values(sink.headers) : [];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');
}
