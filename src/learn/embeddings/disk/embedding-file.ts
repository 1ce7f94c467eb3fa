// A Parquet file of embeddings that is read a group of rows at a time.
import { FileFormatError, type ParquetColumn } from "#base/files";
import { openParquet } from "#base/files/disk";
import { type CropRecord, cropRecords } from "#sky/survey";
import { type EmbeddingSource, nearestPosition } from "../embedding-source.ts";
import { checkedVectors, EMBEDDING_COLUMN, parseEmbeddingHead } from "../embedding-table.ts";
import type { RowBlocks } from "../row-blocks.ts";

/** Opens a file that `embed` wrote. Throws FileError and FileFormatError. */
export async function openEmbeddings(path: string): Promise<EmbeddingSource> {
  const file = await openParquet(path);
  try {
    const head = { ...parseEmbeddingHead(file.metadata, path), dim: await firstLength() };
    const cropNames = file.columns.map(({ name }) => name).filter((name) => name !== EMBEDDING_COLUMN);
    return {
      head,
      rows: groupedRows(head.dim),
      async rowOf(id) {
        for (const [group, { start }] of file.groups.entries()) {
          const [ids] = (await file.read(group, ["id"])) as [ParquetColumn<"string">]; // every crop table has it
          const place = ids?.values.indexOf(id) ?? -1;
          if (place >= 0) return start + place;
        }
        return -1;
      },
      async nearestTo(raDeg, decDeg) {
        let found: Awaited<ReturnType<EmbeddingSource["nearestTo"]>> = null;
        for (const [group, { start }] of file.groups.entries()) {
          const [ra, dec] = (await file.read(group, ["raDeg", "decDeg"])) as ParquetColumn<"double">[]; // crop tables have both
          const centres = ra!.values.map((value, place) => ({ raDeg: value, decDeg: dec!.values[place]! }));
          const near = nearestPosition(centres, start, { raDeg, decDeg });
          if (near !== null && !(found !== null && found.separationDeg <= near.separationDeg)) found = near;
        }
        return found;
      },
      async recordsAt(rows) {
        const found = new Map<number, CropRecord>();
        for (const [group, { start, count }] of file.groups.entries()) {
          const wanted = rows.filter((row) => row >= start && row < start + count);
          if (wanted.length === 0) continue;
          const records = cropRecords({ columns: await file.read(group, cropNames), metadata: {} }, path);
          for (const row of wanted) found.set(row, records[row - start]!);
        }
        return rows.map((row) => found.get(row)!); // rows of the file
      },
      close: file.close,
    };
  } catch (error) {
    file.close();
    throw error;
  }

  async function firstLength(): Promise<number> {
    if (file.numRows === 0) throw new FileFormatError(`${path}: expected embeddings, got no rows.`);
    const vectors = await vectorsOf(0);
    return vectors[0]?.length ?? 0;
  }

  async function vectorsOf(group: number): Promise<ParquetColumn<"list<float>">["values"]> {
    const [column] = await file.read(group, [EMBEDDING_COLUMN]);
    if (column?.type !== "list<float>")
      throw new FileFormatError(
        `${path}: expected a column "${EMBEDDING_COLUMN}" of lists of float, got ${column?.type ?? "none"}.`,
      );
    return column.values as ParquetColumn<"list<float>">["values"]; // as its type says
  }

  /** Keeps the group that was read last: rows are asked for in order. */
  function groupedRows(dim: number): RowBlocks {
    let held: { readonly group: number; readonly data: Float32Array } | undefined;
    const dataOf = async (group: number) => {
      if (held?.group !== group) {
        held = undefined; // let go of it before the next is read
        held = { group, data: checkedVectors(await vectorsOf(group), { dim, where: path, start: file.groups[group]!.start }) };
      }
      return held.data;
    };
    return {
      numRows: file.numRows,
      numColumns: dim,
      async read(start, count) {
        const out = new Float32Array(count * dim);
        for (const [index, group] of file.groups.entries()) {
          const [from, to] = [Math.max(start, group.start), Math.min(start + count, group.start + group.count)];
          if (from >= to) continue;
          const data = await dataOf(index);
          out.set(data.subarray((from - group.start) * dim, (to - group.start) * dim), (from - start) * dim);
        }
        return out;
      },
    };
  }
}
