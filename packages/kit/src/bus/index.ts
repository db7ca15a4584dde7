/** A typed in-process message bus: the seam where rooms of one host meet without importing each other. */
export interface Bus<Messages extends object> {
  /** Delivers to every handler in the order they were added; a handler that throws does not keep the others from it. */
  send<K extends keyof Messages & string>(type: K, message: Messages[K]): void;
  /** Returns the function that takes the handler off again. */
  on<K extends keyof Messages & string>(type: K, handler: (message: Messages[K]) => void): () => void;
}

export function createBus<Messages extends object>(onError: (type: string, error: unknown) => void): Bus<Messages> {
  const handlers = new Map<string, Set<(message: never) => void>>();
  return {
    send(type, message) {
      for (const handler of handlers.get(type) ?? []) {
        try {
          handler(message as never);
        } catch (error) {
          onError(type, error);
        }
      }
    },
    on(type, handler) {
      const set = handlers.get(type) ?? new Set();
      handlers.set(type, set.add(handler));
      return () => void set.delete(handler);
    },
  };
}
