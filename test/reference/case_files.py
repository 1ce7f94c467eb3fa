"""What the scripts that judge probes share: cases from a file or made here, and where the results go."""
import json
import os
import sys


def serve_cases(fixture, tools, made_cases, run_case):
    """`--make-fixtures FOLDER` runs the cases that `made_cases` makes into FOLDER/probe/`fixture`; INPUT OUTPUT those of a file."""
    if sys.argv[1] == "--make-fixtures":
        cases = made_cases()
        folder = os.path.join(sys.argv[2], "probe")
        os.makedirs(folder, exist_ok=True)
        made = {"tools": tools, "cases": cases, "results": [run_case(case) for case in cases]}
        with open(os.path.join(folder, fixture), "w") as file:
            json.dump(made, file)
        return
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    with open(sys.argv[2], "w") as file:
        json.dump([run_case(case) for case in cases], file)
