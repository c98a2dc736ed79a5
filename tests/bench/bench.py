#!/usr/bin/env python3
"""bench.py - guest speed of Klochs beside other emulators on the same work.

usage: tests/bench/bench.py [options]      (or: make bench BENCH_FLAGS='...')

The payload (guest/, built by mkpayload) says over port E9h when a kernel
starts and ends; the CPU time of the emulator's process between these lines is
what a kernel costs. Guest instructions come from Klochs, whose time stamp
counter counts them exactly. Every emulator must print the same checksums.
docs/performance.md explains the method; --help lists the options.
"""

import argparse
import json
import math
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CONFIG_OFFSET = 520  # guest/entry.S
FULL, QUICK = 1000, 20  # thousandths of the full repeat counts
IPS = 100000000
MARKER = re.compile(rb"@@ (\w+) (start|skip|done|end)"
                    rb"(?: ([0-9a-f]{8}) ([0-9a-f]{16}))?\s*$")
NO_LONG_MODE = "no-long-mode"
GUESTS = ["cd-amd64-work.iso", "cd-686-work.iso"]
MILESTONES = [("kernel", b"Linux version"), ("init", b"KLOCHS-GUEST: init"),
              ("done", b"KLOCHS-GUEST: DONE")]


class Unable(Exception):
    """Something is not installed, or an emulator did not do its work."""


# --- emulators -----------------------------------------------------------------

class Klochs:
    name = "klochs"
    title = "klochs"

    def __init__(self, options):
        self.program = os.path.abspath(options.klochs)
        self.extra = options.klochs_option

    def available(self):
        return os.access(self.program, os.X_OK)

    def version(self):
        return "this build"

    def common(self, megabytes):
        return [self.program, "--headless", f"memory: guest={megabytes}",
                f"cpu: ips={IPS}"] + self.extra

    def payload(self, image, directory):
        return self.common(64) + ["com1: enabled=0",
                                  "port_e9_hack: enabled=1", image]

    def boot(self, iso, directory):
        return self.common(256) + [iso]


class Bochs:
    name = "bochs"
    title = "bochs"

    def __init__(self, options):
        self.program = options.bochs

    def available(self):
        return shutil.which(self.program) is not None

    def version(self):
        text = subprocess.run([self.program, "--help"], capture_output=True,
                              text=True, check=False)
        found = re.search(r"Emulator [\d.]+\S*", text.stdout + text.stderr)
        return found.group(0).replace("Emulator", "Bochs") if found else "?"

    def common(self, megabytes, directory, lines):
        lines = ["config_interface: textconfig",
                 'display_library: rfb, options="timeout=0"',
                 f"memory: guest={megabytes}, host={megabytes}",
                 "romimage: file=/usr/share/bochs/BIOS-bochs-latest",
                 "vgaromimage: file=/usr/share/vgabios/vgabios.bin",
                 f"cpu: model=core2_penryn_t9600, ips={IPS}",
                 "clock: sync=none, time0=946684800",
                 "sound: waveoutdrv=dummy",
                 f"log: {directory}/log", "panic: action=fatal",
                 "error: action=ignore", "info: action=ignore"] + lines
        with open(f"{directory}/rc", "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        # Debian's has the debugger built in; it waits for a command.
        with open(f"{directory}/debugger", "w", encoding="utf-8") as f:
            f.write("continue\n" * 4)
        return [self.program, "-q", "-f", f"{directory}/rc", "-rc",
                f"{directory}/debugger"]

    def payload(self, image, directory):
        return self.common(64, directory, [
            f"ata0-master: type=disk, path={image}, mode=flat, cylinders=10, "
            "heads=16, spt=63", "boot: disk", "port_e9_hack: enabled=1",
            "com1: enabled=1, mode=null"])

    def boot(self, iso, directory):
        return self.common(256, directory, [
            f"ata0-master: type=cdrom, path={iso}, status=inserted",
            "boot: cdrom", "com1: enabled=1, mode=file, dev=/dev/stdout"])


class Qemu:
    program = "qemu-system-x86_64"

    def __init__(self, options, icount):
        self.name = "icount" if icount else "tcg"
        self.title = "qemu icount" if icount else "qemu tcg"
        self.icount = ["-icount", "shift=0,sleep=off"] if icount else []

    def available(self):
        return shutil.which(self.program) is not None

    def version(self):
        text = subprocess.run([self.program, "--version"], capture_output=True,
                              text=True, check=False).stdout
        return text.splitlines()[0].replace("emulator version ", "")

    def common(self, megabytes):
        return [self.program, "-accel", "tcg,thread=single", "-cpu", "max",
                "-m", str(megabytes), "-display", "none", "-nic", "none",
                "-monitor", "none", "-no-reboot"] + self.icount

    def payload(self, image, directory):
        return self.common(64) + [
            "-debugcon", "stdio", "-serial", "null", "-drive",
            f"file={image},format=raw", "-device",
            "isa-debug-exit,iobase=0xf4,iosize=4"]

    def boot(self, iso, directory):
        return self.common(256) + [
            "-serial", "stdio", "-drive",
            f"file={iso},format=raw,media=cdrom,readonly=on"]


def make_emulators(options):
    every = [Klochs(options), Bochs(options), Qemu(options, False),
             Qemu(options, True)]
    wanted = options.emulators.split(",")
    for name in wanted:
        if name not in [e.name for e in every]:
            sys.exit(f"bench: no emulator '{name}'")
    chosen = [e for e in every if e.name in wanted]
    for e in chosen:
        if not e.available():
            print(f"bench: {e.name} is not there, left out", file=sys.stderr)
    return [e for e in chosen if e.available()]


# --- a process and its CPU time --------------------------------------------------

def cpu_seconds(pid, exact=False):
    """CPU time of a process. A running thread is charged by timer ticks only,
    so for the exact value the process is stopped for a moment."""
    if exact:
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    try:
        used = time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3)
    except OSError:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        used = ((int(fields[11]) + int(fields[12])) /
                os.sysconf("SC_CLK_TCK"))
    if exact:
        os.kill(pid, signal.SIGCONT)
    return used


def run_first():
    """Lets this program be there at once when a marker comes; only root may,
    and the emulator keeps the priority that it was started with."""
    try:
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, nice - 10)
    except OSError:
        return None
    return nice


def run_as_before(nice):
    if nice is not None:
        os.setpriority(os.PRIO_PROCESS, 0, nice)


def watch(command, directory, limit, on_line, exact=False):
    """Runs command; on_line(line, cpu seconds) for each line of its output,
    until that returns True; `exact` as above. Returns (CPU seconds, wall seconds, status)."""
    started = time.monotonic()
    with subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=dict(os.environ, TERM="xterm")) as process:
        watchdog = threading.Timer(limit, process.kill)
        watchdog.start()
        nice = run_first() if exact else None
        text = b""
        used = 0.0
        try:
            while True:
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                used = cpu_seconds(process.pid, exact and b"\n" in chunk)
                *lines, text = (text + chunk).split(b"\n")
                if any([on_line(line.rstrip(b"\r"), used) for line in lines]):
                    break
            finish(process)
        finally:
            run_as_before(nice)
            watchdog.cancel()
            if process.poll() is None:
                process.kill()
    return used, time.monotonic() - started, process.returncode


def finish(process):
    """Gives an emulator a moment to end by itself."""
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- the payload -----------------------------------------------------------------

def kernel_names():
    with open(f"{HERE}/guest/main.c", encoding="utf-8") as f:
        return re.findall(r'^    \{"(\w+)", k_', f.read(), re.MULTILINE)


def newest_source():
    names = [f"{HERE}/guest/{n}" for n in os.listdir(f"{HERE}/guest")]
    return max(map(os.path.getmtime, names + [f"{HERE}/mkpayload"]))


def build_images(options, directory):
    """Images by bits; kept in the build folder when there is one."""
    build = os.environ.get("BUILDDIR")
    if build and os.path.isdir(build):
        directory = f"{build}/bench"
        os.makedirs(directory, exist_ok=True)
    images = {}
    for bits in options.bits.split(","):
        image = f"{directory}/bench{bits}.img"
        built = 0
        if (not os.path.exists(image) or
                os.path.getmtime(image) < newest_source()):
            built = subprocess.run([f"{HERE}/mkpayload", bits, image],
                                   check=False).returncode
        if built == 0:
            images[bits] = image
        elif built != 77:
            sys.exit("bench: the payload was not built")
    return images


def patched(image, to, scale, kernels):
    mask = 0
    for n, name in enumerate(kernel_names()):
        if name in kernels:
            mask |= 1 << n
    shutil.copyfile(image, to)
    with open(to, "r+b") as f:
        f.seek(CONFIG_OFFSET)
        if f.read(4) != b"KBCH":
            sys.exit(f"bench: {image} is no benchmark image")
        f.seek(CONFIG_OFFSET + 4)
        f.write(scale.to_bytes(4, "little") + mask.to_bytes(8, "little"))
    return to


class PayloadRun:
    """What one run of the payload said."""

    def __init__(self):
        self.seconds, self.sums, self.ticks = {}, {}, {}
        self.skipped, self.problems = set(), []
        self.done = False
        self.running, self.since = None, 0.0
        self.last = []

    def line(self, line, used):
        self.last = (self.last + [line])[-8:]
        found = MARKER.search(line)
        if not found:
            if b"unexpected" in line:
                self.problems.append(line.decode("latin-1"))
            return False
        name, what = found.group(1).decode(), found.group(2)
        if what == b"start":
            self.running, self.since = name, used
        elif what == b"skip":
            self.skipped.add(name)
        elif what == b"end" and found.group(4) and name == self.running:
            self.seconds[name] = used - self.since
            self.sums[name] = found.group(3).decode()
            self.ticks[name] = int(found.group(4), 16)
        elif what == b"done":
            self.done = True
        return self.done


def run_payload(emulator, image, scale, kernels, limit):
    result = PayloadRun()
    with tempfile.TemporaryDirectory(prefix="klochs-bench.") as directory:
        copy = patched(image, f"{directory}/disk.img", scale, kernels)
        watch(emulator.payload(copy, directory), directory, limit, result.line,
              exact=True)
    if not result.done or result.problems:
        raise Unable(f"{emulator.name} did not finish the payload: " +
                     b" | ".join(result.last).decode("latin-1")[-600:])
    return result


# --- checksums -------------------------------------------------------------------

def read_checksums(scale):
    sums = {}
    with open(f"{HERE}/checksums", encoding="ascii") as f:
        for line in f:
            words = line.split()
            if len(words) == 3 and words[0] == str(scale):
                sums[words[1]] = words[2]
    return sums


def record_checksums(scale, sums):
    path = f"{HERE}/checksums"
    old = []
    if os.path.exists(path):
        with open(path, encoding="ascii") as f:
            old = [s for s in f if s.split()[:1] != [str(scale)]]
    if not old:
        old = ["# scale kernel checksum; the same for every emulator, "
               "32 and 64 bits\n"]
    with open(path, "w", encoding="ascii") as f:
        f.writelines(old + [f"{scale} {k} {v}\n" for k, v in sums.items()])


def wrong_checksums(run, expected):
    return [f"{name}: {sum_}, expected {expected[name]}"
            for name, sum_ in run.sums.items()
            if name in expected and expected[name] != sum_]


# --- measuring -------------------------------------------------------------------

def measure(options, emulators, images):
    """All runs, emulators in turn: {bits: {kernel: entry}}."""
    kernels = options.kernels.split(",") if options.kernels else kernel_names()
    for name in kernels:
        if name not in kernel_names():
            sys.exit(f"bench: no kernel '{name}'")
    expected = read_checksums(options.scale)
    table = {bits: {} for bits in images}
    failed = set()
    for n in range(options.runs):
        for bits, image in images.items():
            for e in emulators:
                if (e.name, bits) in failed:
                    continue
                say(f"run {n + 1} of {options.runs}: {bits} bits on {e.name}")
                try:
                    run = run_payload(e, image, options.scale, kernels,
                                      options.limit)
                except Unable as problem:
                    say(str(problem))
                    failed.add((e.name, bits))
                    continue
                for text in wrong_checksums(run, expected):
                    options.wrong.append(f"{e.name}, {bits} bits: {text}")
                enter(table[bits], e, run)
    options.wrong += [f"{name}, {bits} bits: did not finish"
                      for name, bits in sorted(failed)]
    return table


def enter(table, emulator, run):
    for name in kernel_names():
        if name not in run.seconds:
            continue
        entry = table.setdefault(name, {"seconds": {}, "checksums": {}})
        entry["seconds"].setdefault(emulator.name, []).append(
            round(run.seconds[name], 6))
        entry["checksums"].setdefault(emulator.name, run.sums[name])
        # Bochs's counter would do as well, but for a few instructions.
        if emulator.name == "klochs":
            entry["instructions"] = run.ticks[name]
        elif emulator.name == "bochs":
            entry.setdefault("instructions", run.ticks[name])
        entry.setdefault("tsc", {})[emulator.name] = run.ticks[name]


def compare_checksums(options, table):
    for bits, kernels in table.items():
        for name, entry in kernels.items():
            if len(set(entry["checksums"].values())) > 1:
                options.wrong.append(f"{name}, {bits} bits: emulators differ: "
                                     f"{entry['checksums']}")


def mips(entry, name):
    seconds = entry["seconds"].get(name)
    if not seconds or "instructions" not in entry:
        return None
    median = statistics.median(seconds)
    return entry["instructions"] / median / 1e6 if median > 0 else None


def geomean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


# --- host instructions -------------------------------------------------------------

def callgrind_total(options, klochs, image, scale, kernel):
    """(host instructions, guest instructions in the kernel) of one run."""
    with tempfile.TemporaryDirectory(prefix="klochs-bench.") as directory:
        copy = patched(image, f"{directory}/disk.img", scale, [kernel])
        command = ["valgrind", "--tool=callgrind",
                   f"--callgrind-out-file={directory}/out",
                   f"--log-file={directory}/log"]
        command += klochs.payload(copy, directory)
        run = PayloadRun()
        done = subprocess.run(command, cwd=directory, capture_output=True,
                              check=False, timeout=options.limit)
        for line in done.stdout.split(b"\n"):
            run.line(line, 0.0)
        with open(f"{directory}/log", encoding="latin-1") as f:
            collected = re.search(r"Collected *: *(\d+)", f.read())
    if kernel not in run.ticks or not collected:
        raise Unable(f"{kernel} did not run under callgrind")
    return int(collected.group(1)), run.ticks[kernel]


def add_callgrind(options, klochs, images, table):
    if not shutil.which("valgrind"):
        say("valgrind is not installed: no host instructions")
        return
    for bits, image in images.items():
        for name, entry in table[bits].items():
            if "klochs" not in entry["seconds"]:
                continue
            say(f"callgrind: {name}, {bits} bits")
            # Small repeat counts; setting up is in both, so it drops out.
            low = max(1, 20 * 10 ** 6 * options.scale //
                      max(entry["instructions"], 1))
            low = min(max(low, 20), options.scale)
            try:
                a, b = [callgrind_total(options, klochs, image, scale, name)
                        for scale in (low, 3 * low)]
            except (Unable, subprocess.TimeoutExpired) as problem:
                say(str(problem))
                continue
            if b[1] > a[1]:
                entry["host_per_guest"] = round((b[0] - a[0]) / (b[1] - a[1]),
                                                2)


# --- whole systems -----------------------------------------------------------------

class BootRun:
    def __init__(self):
        self.milestones = {}
        self.last = []

    def line(self, line, used):
        self.last = (self.last + [line])[-5:]
        for name, text in MILESTONES:
            if text in line and name not in self.milestones:
                self.milestones[name] = round(used, 3)
        return False


def boot_guests(options, emulators):
    folder = os.environ.get("KLOCHS_GUESTS", f"{TOP}/build/guests")
    result = {}
    for guest in options.guests.split(","):
        iso = os.path.join(folder, guest)
        if not os.path.exists(iso):
            say(f"{iso} is not there (make guests)")
            continue
        result[guest] = {}
        for _ in range(options.boot_runs):
            for e in emulators:
                boot_once(options, e, iso, result[guest])
    return result


def boot_once(options, emulator, iso, entry):
    say(f"{os.path.basename(iso)} on {emulator.name}")
    run = BootRun()
    with tempfile.TemporaryDirectory(prefix="klochs-bench.") as directory:
        used, wall, _ = watch(emulator.boot(iso, directory), directory,
                              options.limit, run.line)
    if "done" not in run.milestones:
        options.wrong.append(f"{os.path.basename(iso)} on {emulator.name} was "
                             "not done: " +
                             b" | ".join(run.last).decode("latin-1")[-300:])
        return
    entry.setdefault(emulator.name, []).append(
        dict(run.milestones, seconds=round(used, 3), wall=round(wall, 3)))


# --- report ------------------------------------------------------------------------

def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def host_facts(emulators):
    model = platform.processor()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            model = re.search(r"model name\s*: (.*)", f.read()).group(1)
    except (OSError, AttributeError):
        pass
    return {"cpu": model, "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()}",
            "load": [round(x, 2) for x in os.getloadavg()],
            "emulators": {e.name: e.version() for e in emulators}}


def number(value, digits=0):
    return "-" if value is None else f"{value:.{digits}f}"


def ratio(a, b):
    return a / b if a and b else None


def print_payload(bits, kernels, emulators):
    others = [e for e in emulators if e.name != "klochs"]
    have_klochs = len(others) < len(emulators)
    heads = ["kernel", "Minsn"] + [e.title for e in emulators]
    if have_klochs:
        heads += [f"klochs / {e.title}" for e in others] + ["host insns"]
    print(f"\n### {bits} bits: guest MIPS\n")
    print("| " + " | ".join(heads) + " |")
    print("|---" + "|--:" * (len(heads) - 1) + "|")
    ratios = {e.name: [] for e in others}
    for name, entry in kernels.items():
        own = mips(entry, "klochs")
        count = entry.get("instructions")
        row = [name, number(count and count / 1e6, 1)]
        row += [number(mips(entry, e.name),
                       1 if (mips(entry, e.name) or 99) < 20 else 0)
                for e in emulators]
        for e in others if have_klochs else []:
            r = ratio(own, mips(entry, e.name))
            if r:
                ratios[e.name].append(r)
            row.append(number(r, 2))
        if have_klochs:
            row.append(number(entry.get("host_per_guest"), 1))
        print("| " + " | ".join(row) + " |")
    if have_klochs and others:
        row = ["**geometric mean**", ""] + [""] * len(emulators)
        row += [number(geomean(ratios[e.name]), 2) for e in others] + [""]
        print("| " + " | ".join(row) + " |")
    return {name: round(geomean(r), 4) for name, r in ratios.items() if r}


def print_boots(guests, emulators):
    print("\n### Whole systems: CPU seconds from power-on\n")
    print("| guest | emulator | to kernel | to init | to end of work | "
          "to power-off | bochs / it |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for guest, runs in guests.items():
        middle = {name: {key: statistics.median(r[key] for r in each)
                         for key in ("kernel", "init", "done", "seconds")}
                  for name, each in runs.items()}
        for e in emulators:
            if e.name not in middle:
                continue
            m = middle[e.name]
            other = middle.get("bochs", {}).get("seconds")
            row = [guest, e.title] + [number(m[key], 1) for key in (
                "kernel", "init", "done", "seconds")]
            print("| " + " | ".join(row + [number(
                ratio(other, m["seconds"]), 2)]) + " |")


def report(options, emulators, table, guests):
    facts = host_facts(emulators)
    print(f"Host: {facts['cpu']}, {facts['cores']} cores, {facts['system']}, "
          f"load {facts['load'][0]}; " + ", ".join(
              f"{k}: {v}" for k, v in facts["emulators"].items()))
    print(f"Scale {options.scale}, medians of {options.runs}.")
    means = {}
    for bits, kernels in table.items():
        if kernels:
            means[bits] = print_payload(bits, kernels, emulators)
    if guests:
        print_boots(guests, emulators)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump({"host": facts, "scale": options.scale,
                       "runs": options.runs, "ips": IPS, "payload": table,
                       "geomean_ratio": means, "guests": guests,
                       "wrong": options.wrong}, f, indent=1)
            f.write("\n")
    for text in options.wrong:
        print(f"bench: WRONG: {text}", file=sys.stderr)


def test(options, klochs, images):
    """The quick payload as a TAP test: checksums are the expected ones."""
    expected = read_checksums(QUICK)
    print(f"1..{len(images) * len(expected)}")
    number_, bad = 0, 0
    for bits, image in images.items():
        try:
            run = run_payload(klochs, image, QUICK, kernel_names(),
                              options.limit)
        except Unable as problem:
            print(f"# {problem}")
            run = PayloadRun()
        for name, sum_ in expected.items():
            number_ += 1
            got = run.sums.get(name)
            good = got == sum_
            skip = " # SKIP not on this model" if name in run.skipped else ""
            bad += not good and not skip
            print(f"{'ok' if good or skip else 'not ok'} {number_} - {name}, "
                  f"{bits} bits{skip}")
            if not good and not skip:
                print(f"# got {got}, expected {sum_}")
    return bad


# --- main --------------------------------------------------------------------------

def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Guest speed of Klochs beside other emulators.")
    add = parser.add_argument
    add("--quick", action="store_true", help="a fiftieth of the work, one run")
    add("--runs", type=int, help="runs to take the median of (3; quick 1)")
    add("--scale", type=int, help="repeat counts, thousandths (1000; quick 20)")
    add("--bits", default="32,64", help="payloads (32,64)")
    add("--kernels", help="only these, comma between")
    add("--emulators", default="klochs,bochs,tcg,icount",
        help="of klochs, bochs, tcg, icount (all that are installed)")
    add("--callgrind", action="store_true",
        help="count host instructions per guest instruction (minutes)")
    add("--linux", action="store_true", help="also boot whole systems (long)")
    add("--no-payload", action="store_true", help="only whole systems")
    add("--guests", default=",".join(GUESTS),
        help="which, from $KLOCHS_GUESTS (%(default)s)")
    add("--boot-runs", type=int, default=1, help="boots of each guest (1)")
    add("--limit", type=float,
        help="seconds for one run (1200; quick 120)")
    add("--json", metavar="FILE", help="write all results to FILE")
    add("--klochs", default=os.environ.get("KLOCHS", f"{TOP}/klochs"),
        help="the program (%(default)s)")
    add("--klochs-option", action="append", default=[], metavar="ARG",
        help="a further argument for it, repeatable")
    add("--bochs", default="bochs", help="the Bochs to compare with (bochs)")
    add("--test", action="store_true", help="only checksums of klochs, as TAP")
    add("--record", action="store_true",
        help="write the checksums, if all emulators agree, to the list")
    add("--image", metavar="FILE",
        help="only write the disk with --kernels and --scale (first of --bits)")
    options = parser.parse_args()
    options.scale = options.scale or (QUICK if options.quick else FULL)
    options.runs = options.runs or (1 if options.quick else 3)
    options.limit = options.limit or (120 if options.quick else 1200)
    options.wrong = []
    return options


def write_image(options, images):
    kernels = options.kernels.split(",") if options.kernels else kernel_names()
    first = next(iter(images.values()))
    patched(first, options.image, options.scale, kernels)


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="klochs-bench.") as directory:
        images = build_images(options, directory)
        if options.image:
            write_image(options, images)
            return 0
        if options.test:
            if not images:
                print("1..0 # SKIP no compiler for x86 (BENCH_CC)")
                return 0
            return 1 if test(options, Klochs(options), images) else 0
        emulators = make_emulators(options)
        table = {}
        if not options.no_payload:
            table = measure(options, emulators, images)
            compare_checksums(options, table)
            if options.callgrind and emulators[0].name == "klochs":
                add_callgrind(options, emulators[0], images, table)
        guests = boot_guests(options, emulators) if options.linux else {}
        report(options, emulators, table, guests)
    if options.record and not options.wrong and len(emulators) > 1:
        record_checksums(options.scale, {
            name: next(iter(entry["checksums"].values()))
            for name, entry in next(iter(table.values())).items()})
    return 1 if options.wrong else 0


sys.exit(main())
