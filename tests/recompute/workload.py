"""One workload of one machine: its files, quantised weights, adapters and what they compute."""
import os

import numpy as np

import files
import rules
from layout import Machine


class Linear:
    def __init__(self, name, w, group):
        self.name, self.w, self.group = name, w.astype(np.float64), group
        self.out, self.columns = w.shape
        self.wq, self.scale = rules.quantise_rows(self.w)


class Workload:
    def __init__(self, report, machine, workload, folder):
        self.report, self.machine, self.facts = report, Machine(machine), workload
        self.folder = os.path.join(folder, machine["name"], workload["name"])
        self.seed = rules.workload_seed(int(report["experiment"]["seed"]), workload["name"])
        self.form = report["experiment"]["shira_format"]
        self.load_linears()
        self.pairs = {p["name"]: p for p in report["pairs"] if p["workload"] == workload["name"]}
        self.adapters, self.inputs, self.known = {}, {}, {}

    def load_linears(self):
        tensors, metadata = files.read_safetensors(self.path("weights.safetensors"))
        names = metadata["linears"].split("\n")
        heads = metadata["inputs"].split("\n")
        self.home = int(metadata.get("home", "0"), 0)
        groups = list(dict.fromkeys(heads))  # in the order of their first linears
        self.heads = groups
        self.linears = [Linear(n, tensors[n], groups.index(h)) for n, h in zip(names, heads)]
        for i, l in enumerate(self.linears):  # a run: neighbours that share an input
            before = self.linears[i - 1]
            l.run = before.run if i and before.group == l.group else i
        blocks = self.facts["blocks"] or {"first": 0, "count": 1}
        first = blocks["first"] * (len(groups) // blocks["count"])
        for l in self.linears:
            x = rules.inputs(rules.part_seed(self.seed, rules.CALIBRATION, first + l.group),
                             rules.CALIBRATION_TOKENS, l.columns)
            l.calibration = x
            l.y_scale = rules.output_scale(l.wq, l.scale, x)
        self.first_group = first

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def adapter(self, pair, which):
        """Modules by linear; none for the base."""
        if which == "base" or pair is None:
            return {}
        key = "%s-%s" % (pair, which)
        if key not in self.adapters:
            names = [l.name for l in self.linears]
            self.adapters[key] = files.read_adapter(self.path(key), names)
        return self.adapters[key]

    def x(self, tokens):
        """Inputs of each linear, [tokens][columns]."""
        if tokens not in self.inputs:
            tensors, _ = files.read_safetensors(self.path("inputs-M%d.safetensors" % tokens))
            self.inputs[tokens] = [tensors[name].astype(np.int64) for name in self.heads]
        return [self.inputs[tokens][l.group] for l in self.linears]

    def seeded_inputs(self, tokens):
        """The same, made from the seed."""
        return [rules.inputs(rules.part_seed(self.seed, rules.INPUTS + tokens,
                                             self.first_group + l.group), tokens, l.columns)
                for l in self.linears]

    def once(self, key, make):
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def lora_steps(self, module, linear):
        return self.once((id(module), "steps"), lambda: rules.LoraSteps(module, linear.scale))

    def hidden_scale(self, modules, run):
        """The scale of h that the modules of one run share: the largest."""
        return max(self.lora_steps(m, self.linears[i]).hidden_scale(self.linears[i].calibration)
                   for i, m in modules.items() if self.linears[i].run == run)


class State:
    """Weights after a switch, and what the adapter did to those of its own linears."""

    def __init__(self, workload, weights, modules=()):
        self.workload, self.weights, self.modules = workload, weights, modules
        self.stats = dict.fromkeys(("targeted", "touched", "changed", "zeroed", "clipped"), 0)

    def count(self, **numbers):
        for key, n in numbers.items():
            self.stats[key] += int(n)


def base_state(workload):
    return State(workload, [l.wq for l in workload.linears])


def shira_state(workload, modules):
    s = State(workload, [l.wq.copy() for l in workload.linears], modules)
    for i, m in modules.items():
        l = workload.linears[i]
        old, delta = l.wq[m.row, m.col], rules.shira_delta(m, l.scale)
        new = rules.sat8(old + delta)
        s.weights[i][m.row, m.col] = new
        s.count(targeted=l.w.size, touched=m.count, changed=(new != old).sum(),
                zeroed=(delta == 0).sum(), clipped=(new != old + delta).sum())
    return s


def fused_state(workload, modules, before):
    """The product of each module added to `before`: weights by linear."""
    s = State(workload, list(before), modules)
    for i, m in modules.items():
        l = workload.linears[i]
        delta = workload.lora_steps(m, l).delta(1)
        new = rules.sat8(before[i] + delta)
        exact = m.b @ m.a != 0
        s.weights[i] = new
        s.count(targeted=l.w.size, touched=exact.sum(), changed=(new != l.wq).sum(),
                zeroed=(exact & (delta == 0)).sum(), clipped=(new != before[i] + delta).sum())
    return s


def taken_away(workload, state, modules):
    """Weights of a state without the products of `modules`, in place."""
    weights = list(state.weights)
    for i, m in modules.items():
        delta = workload.lora_steps(m, workload.linears[i]).delta(-1)
        weights[i] = rules.sat8(weights[i] + delta)
    return weights


def unfused_state(workload, modules):
    s = State(workload, [l.wq for l in workload.linears], modules)
    s.count(targeted=sum(workload.linears[i].w.size for i in modules))
    return s


def outputs(state, tokens, unfused):
    """Outputs of each linear in steps; `unfused`: the modules are products of their own."""
    w, made = state.workload, []
    for i, (l, x) in enumerate(zip(w.linears, w.x(tokens))):
        seed = None
        if unfused and i in state.modules:
            lora = w.lora_steps(state.modules[i], l)
            seed = rules.unfused_seed(lora, w.hidden_scale(state.modules, l.run), x)
        made.append(rules.outputs(state.weights[i], l.scale, l.y_scale, x, seed))
    return made


def error_l2(state, tokens, unfused):
    """How far outputs are from those of the weights before quantisation, with the adapter."""
    w, difference, norm = state.workload, 0.0, 0.0
    made = outputs(state, tokens, unfused)
    for i, (l, x, y) in enumerate(zip(w.linears, w.x(tokens), made)):
        exact = l.w.copy()
        m = state.modules[i] if i in state.modules else None
        if isinstance(m, files.Shira):
            np.add.at(exact, (m.row, m.col), m.value)
        elif m:
            exact += m.scale * (m.b @ m.a)
        want = x @ exact.T * rules.INPUT_SCALE
        difference += ((y * l.y_scale - want)**2).sum()
        norm += (want**2).sum()
    return (difference / norm)**0.5 if difference > 0 else 0.0
