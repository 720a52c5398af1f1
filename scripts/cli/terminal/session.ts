/** How a command runs a workflow: progress on standard error, Ctrl-C as its signal, the command line as its origin. */
import type { Communicator, Interrupted, Provenance, WorkflowEvent } from '../../../index';
import { counted } from '../../../src/core/text/counted';
import { joinRanks, leaveRanks } from '../ranks/this-rank';
import { exitAfterOutput, interruption } from './interruption';
import { commandLine, commit, note } from './output';
import { showCount, showTraining } from './progress';

/** What a command hands to a workflow beside its options. */
export interface Session {
  readonly onProgress: (event: WorkflowEvent) => void;
  readonly signal: AbortSignal;
  readonly provenance: Provenance;
  /** The ranks of which this process is one, if it is. */
  readonly communicator?: Communicator;
}

/**
 * Runs a workflow in this terminal. While a run trains, Ctrl-C, a closed terminal and the end of npm make it save;
 * before and after, they end the process.
 * @param onEvent called with each event beside what is shown
 */
export async function inTerminal<Result>(
  workflow: (session: Session) => Promise<Result>,
  onEvent: (event: WorkflowEvent) => void = () => undefined,
): Promise<Result> {
  const asked = new AbortController();
  let release = () => {};
  const training = showTraining();
  const count = showCount();
  const onProgress = (event: WorkflowEvent) => {
    onEvent(event);
    switch (event.kind) {
      case 'remark':
        return note(event.line);
      case 'begun': {
        release();
        const interrupted = interruption();
        interrupted.signal.addEventListener('abort', () => asked.abort());
        return void (release = interrupted.release);
      }
      case 'update':
        return training.update(event.update, event.epochs);
      case 'epoch':
        return training.epoch(event.summary, event.epochs);
      case 'solved':
        return training.solved(event.solved);
      case 'count':
        return count(event.what, event.done, event.all);
      case 'trained':
        training.end();
        return release();
      default:
        return event satisfies never;
    }
  };
  const provenance = {
    command: commandLine(),
    // git is asked where a record keeps the commit, and not by commands that keep none.
    get commit() {
      return commit();
    },
  };
  const communicator = await joinRanks();
  try {
    const result = await workflow({
      ...{ onProgress, signal: asked.signal, provenance },
      ...(communicator && { communicator }),
    });
    await leaveRanks();
    return result;
  } finally {
    training.end();
    release();
  }
}

/** As `inTerminal`, for a download, which Ctrl-C ends wherever it is: it is continued later. */
export async function whileDownloading<Result>(
  workflow: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { signal, release } = interruption();
  try {
    return await inTerminal((session) => workflow({ ...session, signal }));
  } finally {
    release();
  }
}

/** Tells how an interrupted run is resumed, and ends the process with code 130. */
export function endInterrupted({ updates }: Interrupted, resume: string): void {
  note(
    updates === null
      ? `interrupted before the head was solved; resume with: ${resume}`
      : `interrupted and saved after ${counted(updates, 'update')}; resume with: ${resume}`,
  );
  exitAfterOutput(130);
}
