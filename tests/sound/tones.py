"""tones.py - which tones a WAVE file holds; prints LEFT/RIGHT in Hz, a line each

Tones are separated by at least 0.1 s of silence. Steps of the mean at either
end of a tone do not count.
"""

import array
import sys
import wave

HEARD = 300  # levels below this are silence


def frequency(samples, rate):
    """Of the rising flanks between a third of either peak."""
    if not samples:
        return 0
    high, low = max(samples) * 0.3, min(samples) * 0.3
    below, flanks = False, []
    for n, level in enumerate(samples):
        if level < low:
            below = True
        elif below and level > high:
            below = False
            flanks.append(n)
    if len(flanks) < 3:
        return 0
    return (len(flanks) - 1) * rate / (flanks[-1] - flanks[0])


def tones(path):
    """Frequencies (left, right) of what is heard, silence between."""
    with wave.open(path) as f:
        rate = f.getframerate()
        samples = array.array("h", f.readframes(f.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    sides = samples[::2], samples[1::2]
    loud = [n for n, pair in enumerate(zip(*sides))
            if max(pair) > HEARD or min(pair) < -HEARD]
    found, begin = [], 0
    for n, frame in enumerate(loud):
        if n + 1 < len(loud) and loud[n + 1] - frame < rate // 10:
            continue
        first, last = loud[begin], frame
        begin = n + 1
        first, last = first + (last - first) // 6, last - (last - first) // 3
        found.append([frequency(side[first:last], rate) for side in sides])
    return found


if __name__ == "__main__":
    for tone in tones(sys.argv[1]):
        print("/".join(f"{hz:.0f}" for hz in tone))
