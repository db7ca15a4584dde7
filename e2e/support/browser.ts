import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Installation } from './installation.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** Debian's Chromium, or undefined where there is none; tests then say that they were left out. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.flatMap((folder) => PROGRAMS.map((name) => path.join(folder, name))).find((file) => existsSync(file));
}

/** Nothing of the browser's own goes out to the network: background services are switched off. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('there is no Chromium');
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

export interface Visit {
  readonly page: Page;
  /** Errors of scripts and of the console, and answers of 4xx and 5xx, since the visit began. */
  readonly complaints: string[];
}

/** A page that is signed in. */
export async function visit(browser: Browser, installation: Installation, scheme: 'dark' | 'light'): Promise<Visit> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  const { urls } = installation.run;
  await page.goto(`${urls.dashboard}/login`);
  await page.getByLabel('User name').fill(installation.credentials.username);
  await page.locator('input[type=password]').fill(installation.credentials.password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((url) => url.pathname === '/');
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return { page, complaints };
}
