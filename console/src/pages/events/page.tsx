/** To come. */
export function EventsPage(): null {
  return null;
}
