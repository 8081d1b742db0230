/** To come. */
export function BlocksPage(): null {
  return null;
}
