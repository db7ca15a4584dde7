export function LoopPage() {
  return null;
}
