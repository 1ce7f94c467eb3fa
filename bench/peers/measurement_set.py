"""A MeasurementSet of one pointing as MeerKAT would track it, made with python-casacore: uvw from the dishes' places, data to be filled in."""
import os
import shutil

import numpy as np
from casacore import tables

REFERENCE_TIME = 4.9e9  # MJD seconds; any will do, as uvw are given


def equatorial_places(dishes, latitude):
    """Dishes [N, 3] from east, north, up to axes fixed to the Earth: x to the equator on the meridian, y east, z to the pole."""
    east, north, up = np.asarray(dishes).T
    return np.stack([np.cos(latitude) * up - np.sin(latitude) * north, east, np.sin(latitude) * up + np.cos(latitude) * north], axis=1)


def uvw_of(observation):
    """uvw [integrations, pairs, 3] in metres, and the two dishes of every pair [pairs, 2] (Thompson, Moran & Swenson 2017, eq. 4.1)."""
    places = equatorial_places(observation["dishes"], np.radians(observation["latitudeDeg"]))
    pairs = np.stack(np.triu_indices(len(places), 1), axis=1)
    x, y, z = (places[pairs[:, 1]] - places[pairs[:, 0]]).T
    declination = np.radians(observation["declinationDeg"])
    sin_dec, cos_dec = np.sin(declination), np.cos(declination)
    uvw = []
    for hour in np.radians(15 * np.asarray(observation["hourAngles"])):
        sin, cos = np.sin(hour), np.cos(hour)
        uvw.append(np.stack([
            x * sin + y * cos,
            -x * sin_dec * cos + y * sin_dec * sin + z * cos_dec,
            x * cos_dec * cos - y * cos_dec * sin + z * sin_dec,
        ], axis=1))
    return np.stack(uvw), pairs


def make_measurement_set(path, observation, centre_deg):
    """Writes the set and returns its uvw [rows, 3] and pairs; rows go through the integrations, pairs within. One correlation, Stokes I."""
    shutil.rmtree(path, ignore_errors=True)
    frequencies = np.asarray(observation["frequenciesHz"])
    uvw, pairs = uvw_of(observation)
    num_integrations, num_pairs, _ = uvw.shape
    num_rows = num_integrations * num_pairs
    data = tables.makearrcoldesc("DATA", 0j, shape=[len(frequencies), 1], options=4, valuetype="complex")
    table = tables.default_ms(path, tables.maketabdesc(data))
    table.addrows(num_rows)
    seconds = 3600 * observation["integrationHours"]
    times = REFERENCE_TIME + 3600 * np.repeat(observation["hourAngles"], num_pairs)
    table.putcol("UVW", uvw.reshape(num_rows, 3))
    table.putcol("ANTENNA1", np.tile(pairs[:, 0], num_integrations).astype(np.int32))
    table.putcol("ANTENNA2", np.tile(pairs[:, 1], num_integrations).astype(np.int32))
    for name in ("TIME", "TIME_CENTROID"):
        table.putcol(name, times)
    for name in ("INTERVAL", "EXPOSURE"):
        table.putcol(name, np.full(num_rows, seconds))
    for name in ("WEIGHT", "SIGMA"):
        table.putcol(name, np.ones((num_rows, 1), np.float32))
    table.putcol("FLAG", np.zeros((num_rows, len(frequencies), 1), bool))
    table.putcol("DATA", np.zeros((num_rows, len(frequencies), 1), np.complex64))
    table.close()
    fill_subtables(path, observation, np.radians(centre_deg), frequencies)
    return uvw.reshape(num_rows, 3), pairs


def fill_subtables(path, observation, centre, frequencies):
    channel_width = frequencies[1] - frequencies[0]

    def fill(name, rows, columns):
        with tables.table(os.path.join(path, name), readonly=False, ack=False) as table:
            table.addrows(rows)
            for column, values in columns.items():
                table.putcol(column, values)

    num_dishes = len(observation["dishes"])
    fill("ANTENNA", num_dishes, {
        "NAME": [f"m{dish:03d}" for dish in range(num_dishes)],
        "STATION": [f"m{dish:03d}" for dish in range(num_dishes)],
        "TYPE": ["GROUND-BASED"] * num_dishes,
        "MOUNT": ["ALT-AZ"] * num_dishes,
        "POSITION": np.asarray(observation["dishes"]) + [5109360.0, 2006852.0, -3238948.0],
        "DISH_DIAMETER": np.full(num_dishes, 13.5),
    })
    fill("SPECTRAL_WINDOW", 1, {
        "NUM_CHAN": np.array([len(frequencies)], np.int32),
        "NAME": ["L"],
        "REF_FREQUENCY": np.array([frequencies.mean()]),
        "CHAN_FREQ": frequencies[None],
        "CHAN_WIDTH": np.full((1, len(frequencies)), channel_width),
        "EFFECTIVE_BW": np.full((1, len(frequencies)), channel_width),
        "RESOLUTION": np.full((1, len(frequencies)), channel_width),
        "TOTAL_BANDWIDTH": np.array([channel_width * len(frequencies)]),
    })
    fill("DATA_DESCRIPTION", 1, {"SPECTRAL_WINDOW_ID": np.zeros(1, np.int32), "POLARIZATION_ID": np.zeros(1, np.int32)})
    fill("POLARIZATION", 1, {
        "NUM_CORR": np.ones(1, np.int32),
        "CORR_TYPE": np.ones((1, 1), np.int32),  # Stokes I
        "CORR_PRODUCT": np.zeros((1, 1, 2), np.int32),
    })
    direction = centre.reshape(1, 1, 2)
    fill("FIELD", 1, {"NAME": ["sky"], "PHASE_DIR": direction, "DELAY_DIR": direction, "REFERENCE_DIR": direction})
    fill("OBSERVATION", 1, {
        "TELESCOPE_NAME": ["MeerKAT"],
        "OBSERVER": ["simulator"],
        "TIME_RANGE": np.array([[REFERENCE_TIME - 2e4, REFERENCE_TIME + 2e4]]),
    })
