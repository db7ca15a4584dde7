import { useDocumentVisibility } from '@mantine/hooks';
import type { StreamEvent } from '@ranloop/sdk/r1';
import { useEffect, useEffectEvent, useState } from 'react';
import { followStream, type StreamStatus } from './stream.ts';

/**
 * Follows a stream while the page is visible: browsers allow six connections to an origin, so hidden tabs give theirs back.
 * `url` undefined follows nothing.
 */
export function useStream(url: string | undefined, onEvent: (event: StreamEvent) => void): StreamStatus {
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const visible = useDocumentVisibility() !== 'hidden';
  const receive = useEffectEvent(onEvent);
  useEffect(() => {
    if (!url || !visible) return;
    const end = new AbortController();
    void followStream({ url, signal: end.signal, onEvent: (event) => receive(event), onStatus: setStatus });
    return () => end.abort();
  }, [url, visible]);
  return status;
}
