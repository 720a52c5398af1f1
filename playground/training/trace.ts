/** The losses of a training as a curve of bounded length, however long it goes on. */

/** The mean loss of the updates up to one. */
interface TracePoint {
  /** The last of the updates. */
  readonly update: number;
  readonly mean: number;
  /** How many updates it is the mean of. */
  readonly count: number;
}

export interface Trace {
  /** Updates a point; doubled when there are too many points. */
  readonly perPoint: number;
  /** The last one may have fewer updates. */
  readonly points: readonly TracePoint[];
  /** The last losses, of which a mean is shown as a number. */
  readonly recent: readonly number[];
}

/** How many losses the mean is of that is shown as a number, and the bold curve. */
export const recentUpdates = 20;

const mostPoints = 600;

export const emptyTrace: Trace = { perPoint: 1, points: [], recent: [] };

/**
 * Adds the losses of further updates.
 * @param before updates done before these
 */
export function traced(trace: Trace, losses: readonly number[], before: number): Trace {
  const points = [...trace.points];
  losses.forEach((loss, at) => {
    const last = points.at(-1);
    const update = before + at + 1;
    if (!last || last.count >= trace.perPoint) points.push({ update, mean: loss, count: 1 });
    else points[points.length - 1] = joined(last, { update, mean: loss, count: 1 });
  });
  return thinned({
    perPoint: trace.perPoint,
    points,
    recent: [...trace.recent, ...losses].slice(-recentUpdates),
  });
}

function thinned(trace: Trace): Trace {
  if (trace.points.length <= mostPoints) return trace;
  const points: TracePoint[] = [];
  for (let at = 0; at < trace.points.length; at += 2) {
    const [first, second] = [trace.points[at]!, trace.points[at + 1]];
    points.push(second ? joined(first, second) : first);
  }
  return thinned({ ...trace, perPoint: 2 * trace.perPoint, points });
}

function joined(first: TracePoint, second: TracePoint): TracePoint {
  const count = first.count + second.count;
  return {
    update: second.update,
    mean: (first.mean * first.count + second.mean * second.count) / count,
    count,
  };
}

/** The mean of the last losses; undefined before there are any. */
export function recentMean({ recent }: Trace): number | undefined {
  return recent.length === 0 ? undefined : recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
}

/** The means of so many updates up to each point, of fewer at the start. */
export function smoothed({ points }: Trace, updates = recentUpdates): readonly TracePoint[] {
  return points.map((point, at) => {
    let mean = point;
    for (let from = at - 1; from >= 0 && mean.count + points[from]!.count <= updates; from--)
      mean = joined(points[from]!, mean);
    return { ...mean, update: point.update };
  });
}
