// Memory for one field's pixels after another: a plane of MGCLS takes 48 MB, which would else wait for the garbage collector.

/** Memory that other threads can look at. Of two calls at once one gets new memory. */
export interface FieldMemory {
  take(numBytes: number): SharedArrayBuffer;
  /** To be taken again: nobody may look at it any more. */
  giveBack(memory: ArrayBufferLike): void;
}

/** One for the whole process. It is held weakly: whoever needs the room gets it. */
export function fieldMemory(): FieldMemory {
  let spare: WeakRef<SharedArrayBuffer> | undefined;
  return {
    take: (numBytes) => {
      const held = spare?.deref();
      spare = undefined;
      // A field of another size may use it too, unless most of it would lie idle.
      return held && held.byteLength >= numBytes && held.byteLength <= 2 * numBytes ? held : new SharedArrayBuffer(numBytes);
    },
    giveBack: (memory) => {
      if (memory instanceof SharedArrayBuffer) spare = new WeakRef(memory);
    },
  };
}
