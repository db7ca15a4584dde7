import { SegmentedControl } from '@mantine/core';

/** How far back the charts of a page look. */
export function HoursControl({ hours, onChange }: { hours: number; onChange: (hours: number) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Time range"
      value={`${hours}`}
      onChange={(value) => onChange(Number(value))}
      data={[
        { value: '1', label: '1 h' },
        { value: '6', label: '6 h' },
        { value: '24', label: '24 h' },
        { value: '168', label: '7 d' },
      ]}
    />
  );
}

/** Charts of times beyond the last change go on by themselves. */
export const chartRefreshMs = (hours: number) => (hours <= 1 ? 15_000 : 60_000);
