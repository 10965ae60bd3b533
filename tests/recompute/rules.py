"""The numeric rules of host/pack/numeric.md: quantisers, scales, requantisation, seeds.

Arrays are int64 or float64, row-major: W [out][in], A [rank][in], B [out][rank], x [tokens][in]. Sums of
products of whole numbers are made in float64, which is exact below 2^53.
"""
import hashlib
import math

import numpy as np

INPUT_SCALE = 1.0 / 32.0
CALIBRATION_TOKENS = 16
CALIBRATION, INPUTS = 2, 3  # parts of a seed
MASK64 = (1 << 64) - 1


def workload_seed(seed, name):
    """FNV-1a of the name, begun with the experiment's seed."""
    h = 0xCBF29CE484222325 ^ seed * 0x9E3779B97F4A7C15 & MASK64
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 & MASK64
    return h


def part_seed(seed, part, index):
    return (seed * 0x9E3779B97F4A7C15 + (part << 32) + index) & MASK64


def inputs(seed, tokens, features):
    """SplitMix64; the upper half of each number, scaled to 255 values."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * np.arange(
            1, tokens * features + 1, dtype=np.uint64)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    x = ((z >> np.uint64(32)) * np.uint64(255) >> np.uint64(32)).astype(np.int64) - 127
    return x.reshape(tokens, features)


def step_of(most):
    """What one of 127 steps is worth that reach `most`."""
    return most / 127 if most / 127 > 0 else 1.0


def to_step(v):
    return np.clip(np.rint(v), -127, 127)


def quantise_rows(w):
    """Rows in whole steps, and what a step of each row is worth."""
    scale = np.array([step_of(most) for most in np.abs(w).max(axis=1)])
    return to_step(w / scale[:, None]).astype(np.int64), scale


def scale_word(s):
    """The fraction mult / 2^shift that a device holds for s."""
    if not s > 0:
        return 0, 0
    if s >= 2.0**23:
        return 0xFFFFFF, 1
    _, exponent = math.frexp(s)
    shift = min(24 - exponent, 62)
    mult = int(np.rint(math.ldexp(s, shift)))
    if mult > 0xFFFFFF:
        if shift == 1:
            return 0xFFFFFF, 1
        shift -= 1
        mult = int(np.rint(math.ldexp(s, shift)))
    return mult, shift


def requantise(acc, word):
    """acc (int64) times the word, rounded half up, not clamped."""
    mult, shift = word
    half = 1 << (shift - 1) if shift else 0
    return (acc * mult + half) >> shift


def sat8(v):
    return np.clip(v, -128, 127)


def sat32(v):
    return np.clip(v, -2**31, 2**31 - 1)


def product(a, b):
    """a @ b of whole numbers."""
    return np.rint(a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)


class LoraSteps:
    """A LoRA module in the steps of the weights that it changes."""

    def __init__(self, module, scale):
        self.a, a_scale = quantise_rows(module.a)
        b = module.scale * module.b * a_scale[None, :] / scale[:, None]
        self.step = step_of(np.abs(b).max())
        self.b = to_step(b / self.step).astype(np.int64)
        self.rank = module.rank

    def delta(self, sign):
        """What the device adds to the weights."""
        return sat32(requantise(sign * product(self.b, self.a), scale_word(self.step)))

    def hidden_scale(self, x):
        return step_of(float(np.abs(product(x, self.a.T)).max()))


def shira_delta(module, scale):
    """Steps that each update adds, clamped to -256..256."""
    return np.clip(np.rint(module.value / scale[module.row]), -256, 256).astype(np.int64)


def output_scale(wq, scale, x):
    y = np.abs(product(x, wq.T) * scale[None, :] * INPUT_SCALE)
    return step_of(float(y.max()))


def outputs(wq, scale, y_scale, x, seed=None):
    """Outputs in steps of y_scale; `seed` is added to the accumulators."""
    acc = product(x, wq.T)
    if seed is not None:
        acc = acc + seed
    y = np.empty_like(acc)
    for r in range(len(scale)):
        y[:, r] = sat8(requantise(acc[:, r], scale_word(scale[r] * INPUT_SCALE / y_scale)))
    return y


def unfused_seed(lora, hidden_scale, x):
    h = sat8(requantise(product(x, lora.a.T), scale_word(1 / hidden_scale)))
    return sat32(requantise(product(h, lora.b.T), scale_word(lora.step * hidden_scale)))


def sha256(arrays):
    """The hash of INT8 arrays, one after another."""
    h = hashlib.sha256()
    for a in arrays:
        h.update(np.ascontiguousarray(a, dtype=np.int8).tobytes())
    return h.hexdigest()
