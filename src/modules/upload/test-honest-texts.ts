import { box, brands } from './test-honest-pictures.ts';
import type { TestFile } from './test-upload.ts';

const wide = (text: string, big = false): Buffer => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return big ? bytes.swap16() : bytes;
};
const tail = Buffer.alloc(600, 0x81);
const with_ = (...parts: readonly (Uint8Array | string | readonly number[])[]): Buffer =>
  Buffer.concat([...parts.map((one) => Buffer.from(one as string, 'latin1')), tail]);
const film = (first: string, ...others: readonly string[]): Buffer =>
  Buffer.concat([brands(first, ...others), box('moov', box('mvhd', Buffer.alloc(100))), tail]);

/** Texts, and names in any script. */
export function honestTexts(): readonly TestFile[] {
  return [
    { name: 'list.csv', type: 'text/csv', bytes: 'name,age\nAda,36\n' },
    { name: 'of Excel.csv', type: 'application/vnd.ms-excel', bytes: Buffer.from('Müller;36\r\n', 'latin1') },
    { name: 'of a phone.csv', type: 'text/comma-separated-values', bytes: '\uFEFFname;age\r\nAda;36\r\n' },
    { name: 'unicode.txt', type: 'text/plain', bytes: wide('Grüße\r\n世界') },
    { name: 'big end.txt', type: 'text/plain', bytes: wide('hello', true) },
    { name: 'one sign.txt', type: 'text/plain', bytes: 'x' },
    {
      name: 'how to.md',
      type: 'text/markdown',
      bytes: '# Pages\n\nWrite `<script src="a.js"></script>` before `</body>`.\n',
    },
    {
      name: 'lesson.txt',
      type: 'text/plain',
      bytes: 'A page begins with <!DOCTYPE html>, PHP with <?php and a shell with #!\n',
    },
    { name: 'chat.txt', type: 'text/plain', bytes: '<ada> hello there\n<bob> hi\n' },
    { name: 'app.log', type: 'text/x-log', bytes: '\u001B[31mERROR\u001B[0m it broke\n' },
    {
      name: 'film.srt',
      type: 'application/x-subrip',
      bytes: '1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Hello</i>\r\n',
    },
    { name: 'film.vtt', type: 'text/vtt', bytes: 'WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n' },
    {
      name: 'meeting.ics',
      type: 'text/calendar; charset=utf-8',
      bytes: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n',
    },
    { name: 'ada.vcf', type: 'text/x-vcard', bytes: 'BEGIN:VCARD\r\nFN:Ada\r\nEND:VCARD\r\n' },
    { name: 'settings.yaml', type: 'application/yaml', bytes: 'a: 1\nb: [x]\n' },
    { name: 'data.json', type: 'application/json', bytes: '{"html":"<script>1</script>"}' },
    { name: 'marked.json', type: '', bytes: '\uFEFF[1,2,3]\r\n' },
    {
      name: 'ride.gpx',
      type: 'application/gpx+xml',
      bytes: '<?xml version="1.0"?><gpx><link href="https://example.org"/></gpx>',
    },
    {
      name: 'places.kml',
      type: 'application/vnd.google-earth.kml+xml',
      bytes: '<?xml version="1.0"?><kml><description><![CDATA[<b>Home</b>]]></description></kml>',
    },
    { name: 'plain.xml', type: 'text/xml', bytes: '<orders count="1"><order/></orders>' },
    { name: `${'長'.repeat(120)}.txt`, type: 'text/plain', bytes: 'long' },
    { name: 'Лётный план №5 (копия).txt', type: 'text/plain', bytes: 'х' },
    { name: 'تقرير نهائي.txt', type: 'text/plain', bytes: 'x' },
    { name: 'รายงาน.txt', type: 'text/plain', bytes: 'x' },
    { name: '👩‍👩‍👧 party.txt', type: 'text/plain', bytes: 'x' },
    { name: 'Widgets & Co. Inc. offer v1.2.txt', type: 'text/plain', bytes: 'x' },
    { name: 'Offer of Smith & Co. Inc.txt', type: 'text/plain', bytes: 'x' },
    { name: 'README', type: '', bytes: 'read me\n' },
  ];
}

/** Heads of sound and film: they are told by their beginning alone. */
export function honestMedia(): readonly TestFile[] {
  const webm = with_([0x1a, 0x45, 0xdf, 0xa3, 0x93, 0x42, 0x82, 0x84], 'webm', [0x42, 0x87, 0x81, 2]);
  return [
    { name: 'film.mp4', type: 'video/mp4', bytes: film('isom', 'isom', 'iso2', 'avc1', 'mp41') },
    { name: 'phone.mp4', type: 'video/mp4', bytes: film('mp42', 'isom', 'mp42') },
    { name: 'camera.MP4', type: 'video/mp4', bytes: film('XAVC', 'XAVC', 'mp42', 'iso2') },
    { name: 'pieces.mp4', type: 'video/mp4', bytes: film('iso5', 'iso6', 'mp41') },
    { name: 'clip.m4v', type: 'video/x-m4v', bytes: film('M4V ', 'mp42') },
    { name: 'IMG_0002.MOV', type: 'video/quicktime', bytes: film('qt  ', 'qt  ') },
    { name: 'memo.m4a', type: 'audio/x-m4a', bytes: film('M4A ', 'M4A ', 'mp42', 'isom') },
    { name: 'book.m4b', type: 'audio/mp4', bytes: film('M4B ', 'M4A ', 'mp42') },
    { name: 'screen.webm', type: 'video/webm', bytes: webm },
    { name: 'voice.webm', type: 'audio/webm', bytes: webm },
    {
      name: 'song.mp3',
      type: 'audio/mpeg',
      bytes: with_('ID3', [4, 0, 0, 0, 0, 0, 0], [0xff, 0xfb, 0x90, 0x64]),
    },
    {
      name: 'bare.mp3',
      type: 'audio/mp3',
      bytes: with_([0xff, 0xfb, 0x90, 0x64], Buffer.alloc(420), [0xff, 0xfb, 0x90, 0x64]),
    },
    { name: 'song.ogg', type: 'audio/ogg', bytes: with_('OggS', [0, 2], Buffer.alloc(20), '\u0001vorbis') },
    { name: 'voice.opus', type: 'audio/opus', bytes: with_('OggS', [0, 2], Buffer.alloc(20), 'OpusHead') },
    { name: 'tone.wav', type: 'audio/wav', bytes: with_('RIFF', [0x80, 2, 0, 0], 'WAVEfmt ', [16, 0, 0, 0]) },
  ];
}
