import sharp from 'sharp';
import type { TestFile } from './test-upload.ts';

const XMP =
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Summer</dc:title></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>';

/** A box of ISO/IEC 14496-12. */
export const box = (name: string, ...inside: readonly (Uint8Array | string)[]): Buffer => {
  const data = Buffer.concat(inside.map((one) => Buffer.from(one as string, 'latin1')));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + data.length);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, data]);
};

/** The head of a file of boxes: its brand, and the brands that it is compatible with. */
export const brands = (first: string, ...others: readonly string[]): Buffer =>
  box('ftyp', first, Buffer.alloc(4), ...others);

function heic(first: string, ...others: readonly string[]): Buffer {
  const size = Buffer.alloc(12);
  size.writeUInt32BE(4_032, 4);
  size.writeUInt32BE(3_024, 8);
  const meta = box(
    'meta',
    Buffer.alloc(4),
    box('hdlr', Buffer.alloc(25)),
    box('iprp', box('ipco', box('ispe', size))),
  );
  return Buffer.concat([brands(first, ...others), meta, box('mdat', Buffer.alloc(400, 7))]);
}

/** Pictures as programs and cameras write them. */
export async function honestPictures(): Promise<readonly TestFile[]> {
  const noise = Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 7_919) % 251));
  const drawn = sharp(noise, { raw: { width: 64, height: 48, channels: 3 } });
  const film = sharp(Buffer.from(Array.from({ length: 16 * 48 * 3 }, (_, i) => (i * 31) % 256)), {
    raw: { width: 16, height: 48, channels: 3, pageHeight: 16 },
  });
  const gps = {
    IFD0: { Make: 'Pixel', Model: '9', Artist: 'Ada' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '24/1 42/1 0/1' },
  };
  const jpg = await drawn.clone().jpeg().toBuffer();
  const png = (name: string, bytes: Buffer): TestFile => ({ name, type: 'image/png', bytes });
  const photo = (name: string, bytes: Buffer): TestFile => ({ name, type: 'image/jpeg', bytes });
  return [
    png('screen.png', await drawn.clone().png().toBuffer()),
    png('interlaced.png', await drawn.clone().png({ progressive: true }).toBuffer()),
    png('palette.png', await drawn.clone().png({ palette: true, colours: 16 }).toBuffer()),
    png('sixteen bits.png', await drawn.clone().toColourspace('rgb16').png().toBuffer()),
    png('grey.png', await drawn.clone().greyscale().png().toBuffer()),
    png('see-through.png', await drawn.clone().ensureAlpha(0.5).png().toBuffer()),
    png('described.png', await drawn.clone().png().withXmp(XMP).toBuffer()),
    png('with profile.png', await drawn.clone().png().withIccProfile('p3').toBuffer()),
    png(
      'two by two.png',
      await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
        .png()
        .toBuffer(),
    ),
    photo('baseline.jpg', jpg),
    photo('progressive.JPG', await drawn.clone().jpeg({ progressive: true }).toBuffer()),
    photo('IMG_2041.jpeg', await drawn.clone().jpeg().withExif(gps).toBuffer()),
    photo('print.jpg', await drawn.clone().toColourspace('cmyk').jpeg().toBuffer()),
    photo('full colour.jpg', await drawn.clone().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()),
    photo('small.jfif', await drawn.clone().jpeg({ mozjpeg: true }).toBuffer()),
    photo('edited.jpg', await drawn.clone().jpeg().withXmp(XMP).toBuffer()),
    photo(
      'PXL_20260101_101010.MP.jpg',
      Buffer.concat([jpg, brands('mp42', 'isom'), box('mdat', Buffer.alloc(300, 9))]),
    ),
    // Four letters of a tag turn up among compressed bytes by chance.
    photo(
      'noise.jpg',
      Buffer.concat([
        jpg.subarray(0, -20),
        Buffer.from('<sVg>\u0081\u0003\u0019\u00f1<?PhP\u0001\u0090', 'latin1'),
        jpg.subarray(-20),
      ]),
    ),
    { name: 'called.png', type: 'image/png', bytes: jpg },
    { name: 'still.webp', type: 'image/webp', bytes: await drawn.clone().webp().toBuffer() },
    {
      name: 'exact.webp',
      type: 'image/webp',
      bytes: await drawn.clone().webp({ lossless: true }).toBuffer(),
    },
    { name: 'exif.webp', type: 'image/webp', bytes: await drawn.clone().webp().withExif(gps).toBuffer() },
    { name: 'moving.webp', type: 'image/webp', bytes: await film.clone().webp().toBuffer() },
    { name: 'still.gif', type: 'image/gif', bytes: await drawn.clone().gif().toBuffer() },
    {
      name: 'moving.gif',
      type: 'image/gif',
      bytes: await film
        .clone()
        .gif({ delay: [80, 80, 80] })
        .toBuffer(),
    },
    { name: 'new.avif', type: 'image/avif', bytes: await drawn.clone().avif({ effort: 0 }).toBuffer() },
    { name: 'IMG_0001.HEIC', type: 'image/heic', bytes: heic('heic', 'mif1', 'heic') },
    { name: 'general.heic', type: 'image/heif', bytes: heic('mif1', 'mif1', 'heic') },
    {
      name: 'logo.svg',
      type: 'image/svg+xml',
      bytes:
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- Generator: Adobe Illustrator 28.0 -->\r\n<svg version="1.1" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style type="text/css">.st0{fill:#FF0;}</style><path class="st0" d="M1 1h7v7z"/></svg>\r\n',
    },
    {
      name: 'drawing.svg',
      type: 'image/svg+xml',
      bytes:
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><metadata><rdf:RDF><cc:Work rdf:about=""><dc:format>image/svg+xml</dc:format><dc:source>own work</dc:source></cc:Work></rdf:RDF></metadata><circle r="4"/></svg>',
    },
  ];
}
