/** Starts the page, or the worker that trains for it: both run this one program. */
import { render } from 'preact';
import { useBackend } from '../browser';
import { App } from './app';
import backwardsStyle from './backwards/backwards.css';
import glanceStyle from './glance/glance.css';
import kernelsStyle from './kernels/kernels.css';
import lineageStyle from './lineage/lineage.css';
import { startBackend } from './model/opened';
import partsStyle from './parts/parts.css';
import photoStyle from './photo/photo.css';
import style from './style.css';
import { languages } from './texts/language';
import { shell } from './texts/shell';
import trainingStyle from './training/training.css';
import { serveTraining } from './training/worker';

const styles = [
  style,
  partsStyle,
  glanceStyle,
  backwardsStyle,
  kernelsStyle,
  lineageStyle,
  photoStyle,
  trainingStyle,
];

async function start(): Promise<void> {
  const sheet = document.createElement('style');
  sheet.textContent = styles.join('\n');
  document.head.append(sheet);
  const root = document.getElementById('page')!;
  try {
    const asked = new URLSearchParams(location.search).get('backend') as
      Parameters<typeof useBackend>[0] | null;
    const runtime = await (asked === null ? startBackend() : useBackend(asked));
    root.replaceChildren();
    render(<App runtime={runtime} />, root);
  } catch (error) {
    root.textContent = `${shell.failed[languages[0]]}${(error as Error).message}`;
    root.setAttribute('role', 'alert');
    throw error;
  }
}

if (typeof document === 'undefined') serveTraining();
else void start();
