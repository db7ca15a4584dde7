import { requestJson } from './http.ts';
import { track } from './tracking.ts';

export interface User {
  id: string;
  name: string;
  role: string;
}

/** Signs in with a user name and password; the answer sets the cookie that every host behind this origin accepts. */
export async function signIn(username: string, password: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  const basic = btoa(String.fromCharCode(...bytes));
  await requestJson('/api/auth.login', { method: 'POST', body: {}, headers: { authorization: `Basic ${basic}` } });
}

export async function signOut(): Promise<void> {
  await track('auth.logout', {}).catch(() => undefined);
}

export async function currentUser(signal?: AbortSignal): Promise<User> {
  const { user } = await track<{ user: User }>('users.get_current_user', {}, signal);
  return user;
}
