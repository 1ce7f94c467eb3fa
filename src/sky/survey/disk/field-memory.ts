// Memory for one field's pixels after another: a plane of MGCLS takes 48 MB, which would else wait for the garbage collector.

/** Memory that other threads can look at, lent to one field at a time. */
export interface FieldMemory {
  /** What an earlier field has left, if any. */
  lend(): SharedArrayBuffer | undefined;
  /** To be lent again: nobody may look at it any more. */
  giveBack(memory: ArrayBufferLike): void;
}

/** One for the whole process, which keeps one field's memory: to take it anew costs a tenth of the time that a field takes. */
export function fieldMemory(): FieldMemory {
  let spare: SharedArrayBuffer | undefined;
  return {
    lend: () => {
      const held = spare;
      spare = undefined;
      return held;
    },
    giveBack: (memory) => {
      if (memory instanceof SharedArrayBuffer) spare = memory;
    },
  };
}

/** `lent` where so many bytes fit: a field of another size may use it too, unless most of it would lie idle. Else new memory. */
export function fittingMemory(numBytes: number, lent: SharedArrayBuffer | undefined): SharedArrayBuffer {
  return lent && lent.byteLength >= numBytes && lent.byteLength <= 2 * numBytes ? lent : new SharedArrayBuffer(numBytes);
}
