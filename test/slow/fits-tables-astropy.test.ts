// Every table at hand, and tables of every kind of column made by astropy, cell by cell as astropy reads them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CellValue, cellAt, type FitsColumn } from "#sky/fits";
import { readFitsTable, readFitsUnits } from "#sky/fits/disk";
import { pythonCommand } from "../../bench/peer-python.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot, realData } from "../real-data.ts";
import { temporaryFolder } from "../sky/fits/fits-file.ts";

interface AstropyColumn {
  readonly name: string;
  readonly unit: string;
  readonly cells: readonly (readonly (number | string | boolean | null)[])[];
}

interface AstropyFile {
  readonly path: string;
  readonly tables: Readonly<Record<string, readonly AstropyColumn[]>>;
}

const root = realData(".");
const skip = root.skip || pythonSkip(["astropy"]);

function python(args: readonly string[], input: string): string {
  const run = spawnSync(pythonCommand(), args, { input, encoding: "utf8", maxBuffer: 2 ** 29 });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

function astropyTables(paths: readonly string[]): readonly AstropyFile[] {
  const lines = python([join(projectRoot, "test/reference/tables_astropy.py")], JSON.stringify(paths));
  // Shape as tables_astropy.py writes it.
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AstropyFile);
}

/** A cell of ours as tables_astropy.py writes one; `nothing` is what astropy makes of a number that is not there. */
function plainCell(column: FitsColumn, row: number, nothing: number | null): (number | string | boolean | null)[] {
  const cell = cellAt(column, row);
  const values: readonly CellValue[] = Array.isArray(cell) ? cell : [cell as CellValue]; // what an array is not
  return values.map((value) => {
    if (typeof value === "bigint") return String(value);
    if (typeof value === "number" && Number.isNaN(value)) return nothing;
    if (column.data.kind === "boolean") return value === true; // astropy has no third state
    if (column.data.kind === "bit") return value === 1;
    return value;
  });
}

/** Checks a file's tables; the number of columns compared. */
function checkFile({ path, tables }: AstropyFile): number {
  const units = readFitsUnits(path).filter(({ kind }) => kind.endsWith("table"));
  assert.deepEqual(
    units.map(({ hdu }) => String(hdu)),
    Object.keys(tables),
    path,
  );
  let numColumns = 0;
  for (const [hdu, columns] of Object.entries(tables)) {
    // In ASCII tables astropy puts 0 where TNULL says that there is no value.
    const nothing = units.find((unit) => unit.hdu === Number(hdu))?.kind === "ascii table" ? 0 : null;
    const table = readFitsTable(path, { hdu: Number(hdu) });
    assert.deepEqual(
      table.columns.map(({ name }) => name),
      columns.map(({ name }) => name),
      path,
    );
    for (const [index, { name, unit, cells }] of columns.entries()) {
      const column = table.columns[index]!;
      const where = `${path}: HDU ${hdu}: ${name}`;
      assert.equal(column.unit ?? "", unit, where);
      // Of columns of no width astropy has no rows.
      assert.equal(column.numPerRow === 0 ? 0 : table.numRows, cells.length, where);
      const got = cells.map((_, row) => plainCell(column, row, nothing));
      assert.deepEqual(got, cells, where);
      numColumns += 1;
    }
  }
  return numColumns;
}

test("every cell of every table at hand is what astropy reads", { skip }, () => {
  const files = ["fits_cases", "widefield", "mgcls_abell85_pybdsf"].flatMap((folder) =>
    readdirSync(join(root.path, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root.path, folder, name)),
  );
  const paths = files.filter((path) => /\.fits?(\.gz)?$/i.test(path) && statSync(path).isFile());
  const withTables = paths.filter((path) => !/random_groups/.test(path));
  const numColumns = astropyTables(withTables).reduce((sum, file) => sum + checkFile(file), 0);
  assert.ok(numColumns >= 332, `columns compared: ${numColumns}`);
});

const MADE_BY_ASTROPY = `
import sys
import numpy as np
from astropy.io import fits
random = np.random.default_rng(1)
n = 50
def numbers(type, *shape):
    info = np.iinfo(type)
    return random.integers(info.min, info.max, size=(n, *shape), dtype=type, endpoint=True)
def arrays(type):
    return np.array([random.normal(size=row % 7).astype(type) for row in range(n)], dtype=object)
columns = [
    fits.Column("logical", "L", array=random.random(n) < 0.5),
    fits.Column("logicals", "3L", array=random.random((n, 3)) < 0.5),
    fits.Column("bits", "11X", array=random.random((n, 11)) < 0.5),
    fits.Column("byte", "B", array=numbers(np.uint8)),
    fits.Column("short", "I", array=numbers(np.int16)),
    fits.Column("ushort", "I", bzero=32768, array=numbers(np.uint16)),
    fits.Column("int", "J", unit="mJy", array=numbers(np.int32)),
    fits.Column("uint", "J", bzero=2**31, array=numbers(np.uint32)),
    fits.Column("long", "K", array=numbers(np.int64)),
    fits.Column("ulong", "K", bzero=2**63, array=numbers(np.uint64)),
    fits.Column("scaled", "I", array=numbers(np.int16)),
    fits.Column("float", "E", array=random.normal(size=n).astype(np.float32)),
    fits.Column("double", "D", array=random.normal(size=n)),
    fits.Column("matrix", "6D", dim="(3,2)", array=random.normal(size=(n, 2, 3))),
    fits.Column("complex", "C", array=(random.normal(size=n) + 1j * random.normal(size=n)).astype(np.complex64)),
    fits.Column("dcomplex", "2M", array=random.normal(size=(n, 2)) + 1j * random.normal(size=(n, 2))),
    fits.Column("text", "9A", array=[("word%d " % row) * (row % 2) for row in range(n)]),
    fits.Column("texts", "12A", dim="(4,3)", array=np.array([["a", "bcd", "ef%d" % (row % 10)] for row in range(n)])),
    fits.Column("shorts", "PI()", array=np.array([numbers(np.int16)[: row % 5] for row in range(n)], dtype=object)),
    fits.Column("floats", "PE()", array=arrays(np.float32)),
    fits.Column("doubles", "QD()", array=arrays(np.float64)),
    fits.Column("longs", "PK()", array=np.array([numbers(np.int64)[: row % 3] for row in range(n)], dtype=object)),
]
fits.BinTableHDU.from_columns(columns, name="BINARY").writeto(sys.argv[1], overwrite=True)
place = [column.name for column in columns].index("scaled") + 1
fits.setval(sys.argv[1], f"TSCAL{place}", value=0.25, ext=1)
fits.setval(sys.argv[1], f"TZERO{place}", value=3.0, ext=1)
ascii = [
    fits.Column("text", "A10", array=["row %d" % row for row in range(n)]),
    fits.Column("int", "I11", array=numbers(np.int32)),
    fits.Column("fixed", "F12.4", array=np.round(random.normal(size=n), 4)),
    fits.Column("float", "E15.7", array=random.normal(size=n).astype(np.float32)),
    fits.Column("double", "D25.17", array=random.normal(size=n), unit="deg"),
]
fits.TableHDU.from_columns(ascii, name="TEXT").writeto(sys.argv[2], overwrite=True)
`;

test("tables of every kind of column that astropy writes read as astropy reads them", { skip: pythonSkip(["astropy"]) }, () => {
  const folder = temporaryFolder();
  const paths = [join(folder, "binary.fits"), join(folder, "ascii.fits")];
  python(["-c", MADE_BY_ASTROPY, ...paths], "");
  const numColumns = astropyTables(paths).map(checkFile);
  assert.deepEqual(numColumns, [22, 5]);
});
