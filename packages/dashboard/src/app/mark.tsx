/** The mark of the product: a loop around a node. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b5cad" />
      <path d="M9 19a7.5 7.5 0 1 1 4.2 4.3" fill="none" stroke="#fff" strokeWidth="2.8" strokeLinecap="round" />
      <path
        d="m9.2 13.6-.6 5.8 5.4-1.5"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="16" r="2.6" fill="#7fd1ff" />
    </svg>
  );
}
