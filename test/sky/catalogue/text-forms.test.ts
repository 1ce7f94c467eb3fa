// Forms of text beyond plain CSV: MIGHTEE's fixed width, lines of units, the user's own columns.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CatalogueError, type ColumnChoice, parseCatalogue, parseColumnChoice } from "#sky/catalogue";

const parse = (text: string, columns: ColumnChoice = {}) => parseCatalogue(text, { name: "x.txt", columns });

/** As MIGHTEE's level-1 catalogues: eight lines of preamble, names, units, columns of fixed width. `sign` begins the preamble. */
function mightee(sign: string): string {
  const preamble = Array.from({ length: 8 }, (_, line) => `${sign}Line ${line + 1} of words on RA and Dec, and, more`);
  return [
    ...preamble,
    "NAME                 RA         DEC      S_INT     S_PEAK       IM_MAJ  IM_MIN  IM_PA  RESOLVED  ISL_ID",
    "                     deg        deg      Jy        Jy/beam      arcsec  arcsec  deg                   ",
    "MGTC J0959+0200   149.75      2.0000   2.5e-04   2.0e-04       9.00    7.20    45.0      1          0",
    "MGTC J1000-0115   150.25     -1.2500   1.0e-04   1.0e-04       5.40    5.40     0.0      0         12",
    "",
  ].join("\n");
}

test("MIGHTEE's level-1 text is read with its line of units, whether its preamble has signs or not", () => {
  for (const sign of ["# ", ""]) {
    const { sources, warnings } = parse(mightee(sign));
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      sources.map(({ raDeg, decDeg, fluxJy, peakFluxJyPerBeam, majorDeg, minorDeg, positionAngleDeg }) => [
        raDeg,
        decDeg,
        fluxJy,
        peakFluxJyPerBeam,
        majorDeg,
        minorDeg,
        positionAngleDeg,
      ]),
      [
        [149.75, 2, 2.5e-4, 2e-4, 0.0025, 0.002, 45],
        [150.25, -1.25, 1e-4, 1e-4, 0.0015, 0.0015, 0],
      ],
    );
  }
});

test("names of one word and an empty cell in a table of fixed width stay in their columns", () => {
  const text = [
    "NAME      RA       DEC    S_INT   IM_MAJ",
    "          deg      deg    mJy     arcsec",
    "A1      10.50    -3.00    2.000     9.00",
    "        11.50    -4.00              7.20",
  ].join("\n");
  const { sources } = parse(text);
  assert.deepEqual(
    sources.map(({ id, raDeg, fluxJy, majorDeg }) => [id, raDeg, fluxJy, majorDeg]),
    [
      ["A1", 10.5, 0.002, 0.0025],
      [null, 11.5, null, 0.002],
    ],
  );
});

test("a line of units below the names of a CSV tells the units, and a unit in a name goes before it", () => {
  const { sources } = parse("ra,dec,flux,peak_flux_mJy\ndeg,deg,uJy,Jy\n1,2,5,7\n");
  assert.deepEqual([sources[0]!.fluxJy, sources[0]!.peakFluxJyPerBeam], [5e-6, 0.007]);
  assert.equal(sources.length, 1);
});

test("VizieR's tab-separated tables are read past their line of dashes", () => {
  const text = [
    "#RESOURCE=yCat_8065",
    "#Name: VIII/65/nvss",
    "_RAJ2000\t_DEJ2000\tNVSS\tFlux",
    "deg\tdeg\t \tmJy",
    "----------\t----------\t--------------\t--------",
    "150.043300\t+02.164600\t100010+020952\t     2.5",
    "",
  ].join("\n");
  const [source, ...more] = parse(text).sources;
  assert.deepEqual([source!.raDeg, source!.decDeg, source!.fluxJy, more.length], [150.0433, 2.1646, 0.0025, 0]);
  // Dashes may say "no value" in a row further down.
  assert.equal(parse("ra,dec,Total_flux\n1,2,3\n4,5,--\n").sources[1]!.fluxJy, null);
});

test("an ECSV table's units are those of its heading", () => {
  const text = [
    "# %ECSV 1.0",
    "# ---",
    "# datatype:",
    "# - {name: RAJ2000, unit: deg, datatype: float64}",
    "# - {name: DEJ2000, unit: deg, datatype: float64}",
    '# - {name: "S_int", unit: mJy, datatype: float64, description: integrated flux}',
    "# - {name: S_peak, unit: mJy / beam, datatype: float64}",
    "# schema: astropy-2.0",
    "RAJ2000 DEJ2000 S_int S_peak",
    "10.5 -3.0 4.0 2.0",
  ].join("\n");
  const { sources, warnings } = parse(text);
  assert.deepEqual([sources[0]!.fluxJy, sources[0]!.peakFluxJyPerBeam, warnings], [0.004, 0.002, []]);
});

test("a unit per beam is read with the beam before or behind, and an equinox in brackets is no unit", () => {
  for (const unit of ["mJy/beam", "mJy / beam", "mJy beam-1", "beam-1 mJy", "mJy.beam-1", "mJy beam**-1"]) {
    const { sources, warnings } = parse(`RA (J2000);Dec (J2000);Peak_flux (${unit})\n1;2;3\n`);
    assert.deepEqual([sources[0]!.peakFluxJyPerBeam, warnings], [0.003, []], unit);
  }
  assert.throws(() => parse("RA (B1950),Dec (B1950)\n1,2\n"), /no RA and no Dec column/);
});

test("--columns names the columns of anyone's catalogue, with their units", () => {
  const text = "N,Alpha,Delta,S20,W\na,10.5,-3,4,36\n";
  const columns = parseColumnChoice("id=N, ra=Alpha,dec=Delta, flux=S20:mJy,Major=W : arcsec");
  const [source] = parse(text, columns).sources;
  assert.deepEqual([source!.id, source!.raDeg, source!.decDeg, source!.fluxJy, source!.majorDeg], ["a", 10.5, -3, 0.004, 0.01]);
  // Where several columns would do, the user's goes before.
  const two = parse("ra,dec,Total_flux,Isl_Total_flux\n1,2,3,4\n", parseColumnChoice("flux=Isl_Total_flux:Jy")).sources;
  assert.equal(two[0]!.fluxJy, 4);
});

test("--columns that does not fit is refused with what would", () => {
  const refusedText = (text: string, message: string) => assert.throws(() => parseColumnChoice(text), { message });
  refusedText("ra", '--columns: expected quantity=column, as in ra=RA_deg,dec=Dec_deg,flux=Stot:mJy, got "ra".');
  refusedText("flx=a", '--columns: "flx" is not a quantity. Did you mean "flux"?');
  refusedText("ra=a,RA=b", "--columns: expected every quantity once, got ra twice.");
  const refused = (choice: string, message: string) =>
    assert.throws(
      () => parse("ra,dec,Sint\n1,2,3\n", parseColumnChoice(choice)),
      (error) => error instanceof CatalogueError && error.message === message,
    );
  refused("flux=Sin:Jy", 'x.txt: --columns: no column is called "Sin". Did you mean "Sint"?');
  refused("flux=Sint", 'x.txt: --columns: "Sint": expected one of the units Jy, mJy, uJy, nJy, got none. Write flux=Sint:mJy.');
  refused(
    "major=Sint:ly",
    'x.txt: --columns: "Sint": expected one of the units deg, arcmin, arcsec, got "ly". Write major=Sint:arcmin.',
  );
});
