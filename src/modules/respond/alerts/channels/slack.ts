import { ChannelError, postTo, secretOf, type Send } from './channel.ts';

/** An incoming webhook. Blocks hold plain text, so that nothing of a request mentions people or hides a link. */
export const sendSlack: Send = async (message, channel, ports) => {
  const url = secretOf(channel, ports);
  if (!URL.canParse(url))
    throw new ChannelError(`The variable ${channel.secret ?? ''} holds no address.`, { isPermanent: true });
  const plain = (type: string, text: string, most: number): object => ({
    type,
    text: { type: 'plain_text', text: text.slice(0, most), emoji: false },
  });
  const { subject, severity, lines, link } = message;
  const body = {
    // Shown by notifications, and by servers that know no blocks.
    text: escaped(`${severity}: ${subject}`),
    blocks: [
      plain('header', `${severity}: ${subject}`, 150),
      plain('section', lines.join('\n'), 2_900),
      ...(link === null
        ? []
        : [{ type: 'section', text: { type: 'mrkdwn', text: `<${link}|Open it on the console>` } }]),
    ],
  };
  await postTo(ports, url, { 'content-type': 'application/json' }, JSON.stringify(body));
};

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
