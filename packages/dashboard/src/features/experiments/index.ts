export function ExperimentsPage() {
  return null;
}
export function ExperimentPage() {
  return null;
}
