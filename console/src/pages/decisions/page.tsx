/** To come. */
export function DecisionPage(): null {
  return null;
}
