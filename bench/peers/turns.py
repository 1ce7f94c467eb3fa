"""A peer's side of a benchmark: does one turn when asked, one line of JSON each way over stdin and stdout."""
import json
import resource
import sys
import time


def forget_peak_memory():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # proc(5): resets VmHWM
    except OSError:
        pass  # an older, greater peak is then reported, never a smaller one


def peak_memory_bytes():
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def serve_turns(warm, turn):
    """Answers the harness until it hangs up. `turn` returns a dict of numbers, sent along with the time and the memory."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "warm":
                warm()
                answer = {}
            else:
                forget_peak_memory()
                start, cpu_start = time.perf_counter(), time.process_time()
                values = turn()
                seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
                answer = {"seconds": seconds, "cpuSeconds": cpu_seconds, "peakBytes": peak_memory_bytes(), "values": values}
        except Exception as error:  # the harness prints it in one line
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
