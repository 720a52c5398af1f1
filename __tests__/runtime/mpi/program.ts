/** What each rank of the tests does: the calls of a communicator, then what the first word says. */
import { gatherJson } from '../../../src/core/io/process/communicator';
import { MpiCommunicator } from '../../../src/runtime/mpi/mpi-communicator';

async function main(end: string | undefined): Promise<void> {
  const ranks = await MpiCommunicator.open({ seconds: 2, answerSeconds: 2 }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const { rank, size, local } = ranks;
  const sums = Float32Array.of(rank, 0.1, 1e8);
  await ranks.sum(sums);
  const copied = Uint8Array.of(rank + 5, rank);
  await ranks.broadcast(copied);
  const gathered = await gatherJson(ranks, 'x'.repeat(rank));
  await ranks.barrier();
  const said = { rank, size, local, sums: [...sums], copied: [...copied], gathered };
  process.stdout.write(`${JSON.stringify(said)}\n`);
  if (rank === 1 && end === 'killed') process.kill(process.pid, 'SIGKILL');
  if (rank === 1 && end === 'stopped') process.kill(process.pid, 'SIGSTOP');
  // Longer than the others wait before they ask.
  if (rank === 1 && end === 'slow') await new Promise((resolve) => setTimeout(resolve, 5000));
  await ranks.sum(sums);
  await ranks.close();
}

void main(process.argv[2]);
