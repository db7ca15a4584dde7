export function RanPage() {
  return null;
}
