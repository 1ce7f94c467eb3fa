"""Image operations and views by PIL and scipy: the outside truth of src/base/image and src/sky/views.

image_operations.py INPUT.safetensors OUTPUT.safetensors   runs the cases that INPUT's metadata lists on INPUT's images
image_operations.py --make-fixtures FOLDER                 writes FOLDER/{image,views}/*.safetensors, images and results
"""
import json
import os
import sys

import numpy as np
import PIL
import scipy
import torch
from PIL import Image
from scipy import ndimage

import safetensors_file

TOOLS = f"PIL {PIL.__version__}, scipy {scipy.__version__}, numpy {np.__version__}"
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def resample(image, box, height, width, name):
    corners = (box["x0"], box["y0"], box["x1"], box["y1"])
    return np.asarray(Image.fromarray(image).resize((width, height), FILTERS[name], corners))


def blur(image, sigma):
    return ndimage.gaussian_filter(image, sigma, mode="reflect", truncate=4) if sigma > 0 else image


def rotate(image, angle):
    return ndimage.rotate(image, angle, reshape=False, order=1, mode="reflect", prefilter=False)


def view(image, case):
    """The whole crop is turned and cut to its middle, before anything is resized."""
    p = case["parameters"]
    low, high, size = case["lowFlux"], case["highFlux"], case["cropSize"]
    stretched = np.clip((image.astype("f8") - low) / (high - low), 0, 1).astype("f4")
    turned = rotate(stretched, p["rotationDeg"]) if p["rotationDeg"] else stretched
    margin = (image.shape[0] - size) // 2
    inner = np.ascontiguousarray(turned[margin : margin + size, margin : margin + size])
    resized = resample(inner, p["box"], p["viewSize"], p["viewSize"], "bicubic")
    flipped = resized[:, ::-1] if p["isFlipped"] else resized
    return np.clip(blur(flipped, p["blurSigma"]), 0, 1).astype("f8") ** p["powerLawExponent"]


def result_of(case, images):
    image = images[case["image"]].numpy()
    operation = case["operation"]
    if operation == "resample":
        return resample(image, case["box"], case["height"], case["width"], case["filter"])
    if operation == "blur":
        return blur(image, case["sigmaPixels"])
    if operation == "rotate":
        return rotate(image, case["angleDeg"])
    return view(image, case)


def results_of(cases, images):
    results = ((case["name"], result_of(case, images)) for case in cases)
    return {name: torch.from_numpy(np.array(result, dtype="f4")) for name, result in results}


def box(y0, x0, y1, x1):
    return {"y0": y0, "x0": x0, "y1": y1, "x1": x1}


def image_cases():
    whole, inside = box(0, 0, 17, 23), box(2.7, 3.3, 14.9, 20.2)
    for name in FILTERS:
        for part, height, width in ((whole, 30, 41), (whole, 7, 9), (inside, 12, 16), (inside, 5, 21), (box(4, 9, 17, 23), 17, 3)):
            operation = {"operation": "resample", "image": "noise", "filter": name, "box": part, "height": height, "width": width}
            yield {"name": f"{name} {list(part.values())} to {height} x {width}", **operation}
    for sigma in (0.1, 0.7, 2, 9):
        yield {"name": f"blur {sigma}", "operation": "blur", "image": "noise", "sigmaPixels": sigma}
    for angle in (10, 90, 123.4, 180, -200.5):
        yield {"name": f"rotate {angle}", "operation": "rotate", "image": "noise", "angleDeg": angle}


def view_cases():
    limits = {"operation": "view", "cropSize": 32, "lowFlux": -4e-5, "highFlux": 2e-4}
    for image in ("stored", "bare"):
        for rotation in (0, 37.5):
            for part, size in ((box(3, 1, 30, 28), 24), (box(8, 12, 17, 23), 16)):
                parameters = {"viewSize": size, "rotationDeg": rotation, "box": part, "isFlipped": size == 24, "blurSigma": 0.8}
                parameters["powerLawExponent"] = 0.6 if rotation else 1
                name = f"{image} turned by {rotation} at {size}"
                yield {"name": name, "image": image, **limits, "parameters": parameters}


def sky(size, random):
    """Noise and a few sources, some far above the noise, in Jy/beam."""
    y, x = np.mgrid[:size, :size]
    flux = 2e-5 * random.normal(size=(size, size))
    for peak in (1e-4, 3e-4, 5e-3):
        y0, x0 = random.uniform(0.25 * size, 0.75 * size, 2)
        flux += peak * np.exp(-((y - y0) ** 2 + (x - x0) ** 2) / 4)
    return torch.from_numpy(flux.astype("f4"))


def write(folder, name, images, cases):
    os.makedirs(folder, exist_ok=True)
    metadata = {"made by": f"image_operations.py with {TOOLS}", "cases": json.dumps(cases)}
    safetensors_file.write(os.path.join(folder, name), {**images, **results_of(cases, images)}, metadata)


def make_fixtures(folder):
    random = np.random.default_rng(2024)
    noise = {"noise": torch.from_numpy(random.normal(size=(17, 23)).astype("f4"))}
    write(os.path.join(folder, "image"), "image-operations.safetensors", noise, list(image_cases()))
    skies = {"stored": sky(46, random), "bare": sky(32, random)}
    write(os.path.join(folder, "views"), "views.safetensors", skies, list(view_cases()))


if __name__ == "__main__":
    if sys.argv[1] == "--make-fixtures":
        make_fixtures(sys.argv[2])
    else:
        given, metadata = safetensors_file.read(sys.argv[1])
        safetensors_file.write(sys.argv[2], results_of(json.loads(metadata["cases"]), given), {"made by": TOOLS})
