"""The peer of bench prepare-gzip and prepare-rice: cfitsio (the C library itself) unpacking one plane of a cube into float32."""
import ctypes
import ctypes.util
import json
import sys

import numpy as np

from turns import serve_turns

TASK = json.loads(sys.argv[1])
NAME = ctypes.util.find_library("cfitsio")
if NAME is None:
    sys.exit("libcfitsio was not found. On Debian: apt install libcfitsio10.")
CFITSIO = ctypes.CDLL(NAME)
TFLOAT = 42
# Memory that is used again: new memory costs the kernel's time, which is not unpacking.
PLANE = np.zeros(TASK["fieldSize"] ** 2, np.float32)


def checked(status):
    if status != 0:
        raise RuntimeError(f"cfitsio: status {status}")


def read():
    file, status = ctypes.c_void_p(), ctypes.c_int(0)
    # ffdopn moves to the first HDU that holds an image.
    checked(CFITSIO.ffdopn(ctypes.byref(file), TASK["field"].encode(), 0, ctypes.byref(status)))
    first = (ctypes.c_long * 4)(1, 1, 1, 1)
    any_null = ctypes.c_int(0)
    pointer = PLANE.ctypes.data_as(ctypes.c_void_p)
    checked(CFITSIO.ffgpxv(file, TFLOAT, first, ctypes.c_longlong(PLANE.size), None, pointer, ctypes.byref(any_null), ctypes.byref(status)))
    checked(CFITSIO.ffclos(file, ctypes.byref(status)))
    return {"first": float(PLANE[0]), "middle": float(PLANE[PLANE.size // 2]), "last": float(PLANE[-1])}


def warm():
    for _ in range(2):
        read()


serve_turns(warm, read)
