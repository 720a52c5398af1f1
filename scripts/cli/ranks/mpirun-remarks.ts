/** What mpirun writes beside what its ranks write: reports of its own on a rank that ended with an error. */
import { Transform } from 'node:stream';

/** A line that begins and ends each of them. */
const rule = /^-{60,}$/;

/** Passes on whole lines, without mpirun's remarks on ranks that have said themselves why they ended. */
export function withoutRemarks(): Transform {
  let rest = '';
  let remark: string[] | undefined;
  const kept = (line: string): string => {
    if (rule.test(line)) {
      const [ended, lines] = [remark, remark];
      remark = ended ? undefined : [];
      return lines && !isExpected(lines.join('\n')) ? `${lines.join('\n')}\n` : '';
    }
    if (!remark) return `${line}\n`;
    remark.push(line);
    return '';
  };
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      done(null, lines.map(kept).join(''));
    },
    flush(done) {
      done(null, [...(remark ?? []), rest].filter(Boolean).join('\n'));
    },
  });
}

/** A rank that ended by itself, or that ended all: it has said why. */
function isExpected(text: string): boolean {
  return /MPI_ABORT was invoked|returned\s+a non-zero exit code|exited with non-zero status/.test(text);
}
