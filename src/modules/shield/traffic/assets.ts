const ASSETS: ReadonlySet<string> = new Set(
  'avif bmp css eot gif ico jpeg jpg js map mjs mp3 mp4 ogg otf png svg ttf wasm wav webm webmanifest webp woff woff2'.split(
    ' ',
  ),
);
const LONGEST = 11;

/** Whether a canonical path names a file of a page, by its ending. */
export function isAssetPath(path: string): boolean {
  const dot = path.lastIndexOf('.');
  if (dot < 0 || path.length - dot - 1 > LONGEST) return false;
  return ASSETS.has(path.slice(dot + 1));
}
