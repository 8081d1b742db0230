/** To come. */
export function LimitsPage(): null {
  return null;
}
