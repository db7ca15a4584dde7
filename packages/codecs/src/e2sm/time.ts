/** Seconds from 1900-01-01 to 1970-01-01. */
const NTP_EPOCH = 2_208_988_800;
const FRACTION = 4_294_967_296;

/** Seconds since 1970 as 8 octets of an NTP timestamp, in hex. Era 0 ends in 2036 (RFC 5905): later times wrap. */
export function ntpFromSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  const fraction = Math.min(FRACTION - 1, Math.round((seconds - whole) * FRACTION));
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  return hex((((whole + NTP_EPOCH) % FRACTION) + FRACTION) % FRACTION) + hex(fraction);
}

export function secondsFromNtp(hex: string): number {
  return Number.parseInt(hex.slice(0, 8), 16) - NTP_EPOCH + Number.parseInt(hex.slice(8, 16), 16) / FRACTION;
}
