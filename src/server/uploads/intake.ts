import type { RequestContext } from '../../core/context.ts';
import { Principal } from '../../core/fact.ts';
import { newId } from '../../core/id.ts';
import type { BodySource, Intake } from '../../core/intake.ts';
import { type Deny, deny } from '../../core/verdict.ts';
import { type Uploader, UploadRefused } from '../../modules/upload/index.ts';

/** Name under which uploads stand in decision records. */
export const UPLOAD_GUARD = 'upload';

/**
 * Receives what a request brings, as a part of its decision: a refusal is on record before it is answered, and whoever
 * holds its id can look it up.
 */
export function uploadIntake(
  uploader: Uploader,
  onRefused: (context: RequestContext, verdict: Deny, guard: string) => void,
): Intake {
  return async function receive(context: RequestContext, body: BodySource) {
    context.decisionId ??= newId('dec', context.nowMs);
    try {
      return await uploader.receive(
        { body, header: (name) => context.request.header(name) },
        {
          owner: context.get(Principal)?.id ?? null,
          address: context.client.address,
          route: context.routeLabel ?? context.plan.route.name,
          decision: context.decisionId,
        },
      );
    } catch (error) {
      if (error instanceof UploadRefused) onRefused(context, verdictOf(error, uploader.name), UPLOAD_GUARD);
      throw error;
    }
  };
}

function verdictOf({ status, code, message, reason, text, values }: UploadRefused, upload: string): Deny {
  const remedy =
    status === 503 || status === 408
      ? ({ do: 'wait', seconds: 10 } as const)
      : ({ do: 'change', what: 'the file' } as const);
  return deny({ status, code, message }, { code: reason, text, values: { upload, ...values }, remedy });
}
