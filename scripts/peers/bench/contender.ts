/** A program that is timed against ours, and the JSON protocol by which it is driven. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { UserError, codeOf } from '../../../src/core/errors';
import type { Precision } from '../../../src/graph/precision';

/** A program that computes the task's network and reports how long each pass took. */
export interface Contender {
  readonly name: string;
  readonly side: 'ours' | 'peer' | 'stock';
  /** Prepares the network; returns the class scores of the batch's first image. */
  prepare(precision: Precision): Promise<readonly number[]>;
  /** The time of each of `passes` passes, in milliseconds. */
  time(work: 'training' | 'inference', passes: number): Promise<readonly number[]>;
  /** Frees the network's memory. */
  release(): Promise<void>;
}

/** A program that answers commands, one JSON object per line, until its standard input ends. */
export interface Program {
  ask<T>(command: object): Promise<T>;
  end(): void;
}

/**
 * @throws UserError when the program cannot be run, or ends before it has answered; its standard error output gives the
 *   reason
 */
export function startProgram(name: string, command: string, words: readonly string[]): Program {
  const child = spawned(name, command, words);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  child.stdin.on('error', () => {}); // the program has ended; the missing answer reports it
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // Standard output may end before standard error has been read, and before Node reports that the program did not
  // start.
  const ended = new Promise<UserError>((resolve) => {
    child.on('error', (error) => resolve(cannotRun(name, command, error)));
    child.on('close', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      const why = lastLine(said);
      resolve(
        new UserError(`expected an answer from ${name}, found that it ${how}${why === '' ? '' : `: ${why}`}`),
      );
    });
  });
  return {
    ask: async <T>(question: object) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const answer = await lines.next();
      if (answer.done) throw await ended;
      return JSON.parse(answer.value) as T;
    },
    end: () => child.stdin.end(),
  };
}

/** For some commands Node throws at once; for others it reports later that they cannot be run. */
function spawned(name: string, command: string, words: readonly string[]) {
  try {
    return spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    throw cannotRun(name, command, error);
  }
}

function cannotRun(name: string, command: string, error: unknown): UserError {
  const code = codeOf(error);
  const found = code === 'ENOENT' ? 'none of that name' : `one that cannot be run (${code})`;
  return new UserError(`${command}: expected a program that computes ${name}, found ${found}`);
}

/** A contender that runs in a separate program. */
export function programContender(
  name: string,
  side: 'peer' | 'stock',
  program: Program,
  layout?: string,
): Contender {
  return {
    name,
    side,
    prepare: async (precision) =>
      (await program.ask<{ scores: number[] }>({ do: 'prepare', precision, layout })).scores,
    time: async (work, steps) => {
      const answer = await program.ask<{ milliseconds: number[] }>({
        do: work === 'training' ? 'train' : 'infer',
        steps,
      });
      return answer.milliseconds;
    },
    release: async () => void (await program.ask({ do: 'release' })),
  };
}

/** The time of each of `passes` passes of some work, in milliseconds. */
export async function timed(passes: number, work: () => Promise<unknown>): Promise<number[]> {
  const milliseconds = [];
  for (let pass = 0; pass < passes; pass++) {
    const started = performance.now();
    await work();
    milliseconds.push(performance.now() - started);
  }
  return milliseconds;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
