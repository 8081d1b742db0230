/** To come. */
export function HealthPage(): null {
  return null;
}
