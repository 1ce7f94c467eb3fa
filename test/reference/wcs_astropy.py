"""World coordinates as astropy (wcslib) computes them: the outside truth of test/sky/fits/wcs.test.ts and test/slow/wcs-astropy.test.ts.

  python3 wcs_astropy.py fixture FILE   writes the synthetic headers below with nine pixels each (made with astropy 5.2.1)
  python3 wcs_astropy.py positions      stdin: [{"cards": {...} | "file": PATH, "x": [...], "y": [...]}, ...], 0-based pixels
                                        stdout: [{"ra": [...], "dec": [...], "x": [...], "y": [...]}, ...]; null off the sky;
                                        x and y: the positions brought back to pixels
"""
import json
import sys
import warnings

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

warnings.simplefilter("ignore")


def zenithal(projection, ra, dec, scale=1e-3, **more):
    cards = {
        "NAXIS": 2, "NAXIS1": 1000, "NAXIS2": 900,
        "CTYPE1": f"RA---{projection}", "CTYPE2": f"DEC--{projection}",
        "CRPIX1": 500.5, "CRPIX2": 450.25, "CRVAL1": ra, "CRVAL2": dec,
        "CDELT1": -scale, "CDELT2": scale,
    }
    cards.update(more)
    return {keyword: value for keyword, value in cards.items() if value is not None}


ROTATED_CD = {"CD1_1": -8e-4, "CD1_2": 3e-4, "CD2_1": 2.5e-4, "CD2_2": 9e-4}
ROTATED_PC = {"PC1_1": 0.8, "PC1_2": -0.6, "PC2_1": 0.6, "PC2_2": 0.8}
CASES = {
    "SIN": zenithal("SIN", 10.0, -30.0),
    "TAN": zenithal("TAN", 200.25, 41.5),
    "SIN across RA 0": zenithal("SIN", 0.01, -30.0),
    "TAN across RA 0 from the other side": zenithal("TAN", 359.98, 60.0),
    "SIN with RA above 360": zenithal("SIN", 370.0, -30.0),
    "SIN with negative RA": zenithal("SIN", -15.0, 5.0),
    "SIN beside the north pole": zenithal("SIN", 123.0, 89.9),
    "SIN at the north pole": zenithal("SIN", 123.0, 90.0),
    "SIN at the south pole": zenithal("SIN", 123.0, -90.0),
    "TAN beside the south pole": zenithal("TAN", 301.0, -89.7),
    "TAN at the north pole with LONPOLE 180": zenithal("TAN", 45.0, 90.0, LONPOLE=180.0),
    "TAN with CD": zenithal("TAN", 83.6, 22.0, CDELT1=None, CDELT2=None, **ROTATED_CD),
    "SIN with CD": zenithal("SIN", 83.6, -72.0, CDELT1=None, CDELT2=None, **ROTATED_CD),
    "TAN with half a CD": zenithal("TAN", 83.6, 22.0, CDELT1=None, CDELT2=None, CD1_1=-8e-4, CD2_2=9e-4),
    "TAN with CD and CDELT": zenithal("TAN", 83.6, 22.0, **ROTATED_CD),
    "SIN with PC": zenithal("SIN", 150.1, 2.2, **ROTATED_PC),
    "SIN with half a PC": zenithal("SIN", 150.1, 2.2, PC1_2=0.25),
    "TAN with PC and unequal CDELT": zenithal("TAN", 150.1, 2.2, CDELT2=2.5e-3, **ROTATED_PC),
    "SIN with CROTA2": zenithal("SIN", 150.1, 2.2, CROTA2=23.0),
    "TAN with CROTA2 and unequal CDELT": zenithal("TAN", 277.7, -55.0, CDELT2=2.5e-3, CROTA2=-130.0),
    "SIN with PC and CROTA2": zenithal("SIN", 150.1, 2.2, CROTA2=23.0, **ROTATED_PC),
    "SIN with PC01_01": zenithal("SIN", 150.1, 2.2, PC01_01=0.8, PC01_02=-0.6, PC02_01=0.6, PC02_02=0.8),
    "SIN with PC001001": zenithal("SIN", 150.1, 2.2, PC001001=0.8, PC001002=-0.6, PC002001=0.6, PC002002=0.8),
    "SIN with PV2_1 and PV2_2": zenithal("SIN", 150.1, 32.2, PV2_1=0.03, PV2_2=-0.7),
    "wide SIN with PV2_1 and PV2_2": zenithal("SIN", 150.1, 32.2, scale=0.05, PV2_1=0.2, PV2_2=0.1),
    "NCP": zenithal("NCP", 150.1, 52.2),
    "TAN with LONPOLE": zenithal("TAN", 30.0, -41.0, LONPOLE=150.0, LATPOLE=10.0),
    "SIN with LONPOLE and PV1_3": zenithal("SIN", 30.0, -41.0, LONPOLE=150.0, PV1_3=200.0),
    "SIN with Dec first": zenithal("SIN", 0, 0, CTYPE1="DEC--SIN", CTYPE2="RA---SIN", CRVAL1=-33.0, CRVAL2=210.0, CROTA1=12.0),
    "SIN in arcseconds": zenithal("SIN", 36000.0, -108000.0, scale=3.6, CUNIT1="arcsec", CUNIT2="arcsec"),
    "TAN over half the sky": zenithal("TAN", 10.0, 20.0, scale=0.2),
    "SIN over a whole hemisphere": zenithal("SIN", 10.0, 20.0, scale=0.15),
    "SIN of four axes": zenithal("SIN", 10.0, -30.0, NAXIS=4, NAXIS3=1, NAXIS4=1, CTYPE3="FREQ", CRVAL3=1.28e9, CDELT3=1e6, CRPIX3=1.0, CTYPE4="STOKES", CRVAL4=1.0, CDELT4=1.0, CRPIX4=1.0),
}
for projection in ("ARC", "ZEA", "STG"):
    CASES[projection] = zenithal(projection, 10.0, -30.0)
    CASES[f"{projection} across RA 0 with a rotation"] = zenithal(projection, 0.01, 61.0, **ROTATED_PC)
    CASES[f"{projection} at the south pole"] = zenithal(projection, 77.0, -90.0)
    CASES[f"{projection} over the whole sky"] = zenithal(projection, 310.0, 20.0, scale=0.35, LONPOLE=170.0)
for projection in ("AIT", "CAR"):
    CASES[projection] = zenithal(projection, 150.0, 0.0)
    CASES[f"{projection} away from the equator"] = zenithal(projection, 201.5, -43.0)
    CASES[f"{projection} north of the equator across RA 0"] = zenithal(projection, 359.9, 52.0, **ROTATED_PC)
    CASES[f"{projection} at the north pole"] = zenithal(projection, 12.0, 90.0)
    CASES[f"{projection} with LONPOLE"] = zenithal(projection, 30.0, 10.0, LONPOLE=25.0, LATPOLE=-80.0)
    CASES[f"{projection} with PV1_3 and PV1_4"] = zenithal(projection, 30.0, -10.0, PV1_3=200.0, PV1_4=80.0)
    CASES[f"{projection} over the whole sky"] = zenithal(projection, 100.0, 0.0, scale=0.4)
    CASES[f"{projection} over the whole sky, tilted"] = zenithal(projection, 100.0, 35.0, scale=0.37, LONPOLE=-20.0)
CASES["SIN with PV2_1, PV2_2 and LONPOLE"] = zenithal("SIN", 150.1, 32.2, PV2_1=0.03, PV2_2=-0.7, LONPOLE=140.0)
for projection in ("CAR", "TAN", "SIN", "AIT"):
    CASES[f"galactic {projection}"] = zenithal(projection, 338.5, 0.0, CTYPE1=f"GLON-{projection}", CTYPE2=f"GLAT-{projection}")
CASES["galactic TAN across longitude 0, with Dec first"] = zenithal("TAN", 12.0, 0.02, CTYPE1="GLAT-TAN", CTYPE2="GLON-TAN")


def header_of(request):
    if "cards" in request:
        header = fits.Header()
        for keyword, value in request["cards"].items():
            header[keyword] = value
        return header
    with fits.open(request["file"]) as units:
        return next(unit.header.copy() for unit in units if unit.header["NAXIS"] >= 2)


def positions(request):
    full = WCS(header_of(request))
    sky = sorted([full.wcs.lng + 1, full.wcs.lat + 1])
    wcs = full.sub(sky)
    x, y = np.array(request["x"], float), np.array(request["y"], float)
    # One by one: wcslib gives up on the whole call at the first position off the sky.
    world = np.array([each(wcs.wcs_pix2world, px, py) for px, py in zip(x, y)]).reshape(-1, 2)
    back = np.array([each(wcs.wcs_world2pix, a, b) for a, b in world]).reshape(-1, 2)
    ra, dec = world[:, wcs.wcs.lng], world[:, wcs.wcs.lat]
    if wcs.wcs.lngtyp == "GLON":
        icrs = SkyCoord(ra, dec, unit="deg", frame="galactic").icrs
        ra, dec = icrs.ra.deg, icrs.dec.deg
    return {"ra": listed(ra), "dec": listed(dec), "x": listed(back[:, 0]), "y": listed(back[:, 1])}


def each(convert, a, b):
    try:
        if np.isnan(a) or np.isnan(b):
            return np.nan, np.nan
        return tuple(float(value) for value in convert([a], [b], 0))
    except Exception:
        return np.nan, np.nan


def listed(values):
    return [None if np.isnan(value) else float(value) for value in values]


if __name__ == "__main__":
    if sys.argv[1] == "fixture":
        x, y = (grid.ravel().tolist() for grid in np.meshgrid([0.0, 499.5, 999.0], [0.0, 449.25, 899.0]))
        cases = [{"name": name, "cards": cards, "x": x, "y": y, **{k: v for k, v in positions({"cards": cards, "x": x, "y": y}).items() if k in ("ra", "dec")}} for name, cards in CASES.items()]
        with open(sys.argv[2], "w") as file:
            json.dump(cases, file, indent=1)
            file.write("\n")
    else:
        json.dump([positions(request) for request in json.load(sys.stdin)], sys.stdout)
