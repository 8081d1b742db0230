import { ChannelError, type Send } from './channel.ts';

/** Mails every address of the channel. Where some took it, the telling is done: it is not to arrive twice elsewhere. */
export const sendMail: Send = async (message, { to }, { mail }) => {
  const subject = `[${message.severity}] ${message.subject}`.slice(0, 200);
  const lines = [...message.lines, ...(message.link === null ? [] : [message.link])];
  const text = `${message.subject}\n\n${lines.join('\n')}\n`;
  const html = [
    `<p><strong>${escaped(message.severity)}</strong> ${escaped(message.subject)}</p>`,
    `<p>${message.lines.map(escaped).join('<br>')}</p>`,
    ...(message.link === null
      ? []
      : [`<p><a href="${escaped(message.link)}">Open it on the console</a></p>`]),
  ].join('\n');
  let failures = 0;
  for (const address of to) {
    try {
      await mail({ to: address, subject, text, html });
    } catch {
      failures += 1;
    }
  }
  if (failures === to.length) throw new ChannelError('No mail was taken.');
};

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
