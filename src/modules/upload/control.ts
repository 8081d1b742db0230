/** Whether a text holds a control character (C0, DEL). @param tabs whether tabs are fine */
export function hasControl(text: string, tabs = false): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 32 && !(tabs && code === 9)) || code === 127) return true;
  }
  return false;
}

/** Whether a character code may stand in plain text: no control character but tab, line ends, form feed and escape. */
export function isTextCode(code: number): boolean {
  if (code >= 32) return code !== 127;
  return code === 9 || code === 10 || code === 12 || code === 13 || code === 27;
}
