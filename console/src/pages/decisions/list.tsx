/** To come. */
export function DecisionsPage(): null {
  return null;
}
