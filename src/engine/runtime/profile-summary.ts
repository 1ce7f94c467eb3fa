// ONNX Runtime's profile, summed by operator: where a graph's time goes.

/** Time spent in one kind of operator over all runs of a session. */
export interface OpTime {
  readonly op: string;
  readonly seconds: number;
  readonly count: number;
}

/** The fields read from an event of the trace (Chrome's trace format; durations in microseconds). */
interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string };
}

/** The operators of a profile, most time first. `text` is the JSON that ONNX Runtime writes. */
export function profileSummary(text: string): readonly OpTime[] {
  const events = JSON.parse(text) as readonly TraceEvent[]; // ONNX Runtime's own file; unknown fields are passed over
  const totals = new Map<string, { microseconds: number; count: number }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== "Node" || !name?.endsWith("_kernel_time") || args?.op_name === undefined) continue;
    const total = totals.get(args.op_name) ?? { microseconds: 0, count: 0 };
    totals.set(args.op_name, { microseconds: total.microseconds + (dur ?? 0), count: total.count + 1 });
  }
  const times = [...totals].map(([op, { microseconds, count }]) => ({ op, seconds: microseconds / 1e6, count }));
  return times.toSorted((a, b) => b.seconds - a.seconds);
}
