"""One result computed a second time: what it moves, its bounds, weights, outputs and errors."""
import bounds
import rules
import workload as wl
from moves import Point


def state_after(point, modules, before):
    """Weights that passes compute with once `modules` are active; `before`: the state that was left."""
    w = point.w
    if not modules:
        return wl.base_state(w)
    if point.strategy == "lora-unfused":
        return wl.unfused_state(w, modules)
    if point.strategy not in ("reload", "lora-fused"):
        return wl.shira_state(w, modules)
    weights = wl.base_state(w).weights
    if point.undo == "in-place":
        weights = wl.taken_away(w, before, point.src)
    return wl.fused_state(w, modules, weights)


def switch_state(point):
    """Weights after a switch; `from` was reached from base."""
    first = wl.base_state(point.w)
    if point.src and point.undo == "in-place":
        first = wl.fused_state(point.w, point.src, first.weights)
    return state_after(point, point.to, first)


def drift(point, state):
    """Relative L2 of what taking the last adapter away leaves."""
    if point.undo != "in-place":
        return 0.0
    left = wl.taken_away(point.w, state, point.to)
    base = [l.wq for l in point.w.linears]
    difference = sum(float(((a - b)**2).sum()) for a, b in zip(left, base))
    return (difference / sum(float((b**2).sum()) for b in base))**0.5


def check_traffic(check, result, moves):
    for way in ("read", "written"):
        want = {k: v for k, v in getattr(moves, way).items() if v}
        check.equal("traffic." + way, result["traffic"][way], want)
        check.equal("traffic.%s_bytes" % way, result["traffic"]["%s_bytes" % way],
                    sum(want.values()))


def check_bounds(check, result, machine, demand):
    cycles, limit = demand.bound(machine["memory_peak_mb_s"])
    check.close("bound_cycles", result["bound_cycles"], cycles)
    need = demand.cycles_of(machine["memory_peak_mb_s"])
    if sum(n > cycles * (1 - 1e-9) for n in need.values()) == 1 or not cycles:
        check.equal("limit", result["limit"], limit)
    sustained, _ = demand.bound(machine["memory_sequential_mb_s"])
    check.close("sustained_bound_cycles", result["sustained_bound_cycles"], sustained)


def check_switch(check, w, result):
    point = Point(w, result)
    moves = point.switch()
    check_traffic(check, result, moves)
    for key in ("updates", "streams", "stream_bytes"):
        check.equal(key, result[key], getattr(moves, key))
    check.equal("kept_bytes", result["kept_bytes"], point.kept_bytes())
    check.equal("pair_bytes", result["pair_bytes"], point.pair_bytes())
    check_bounds(check, result, w.machine, bounds.switch_demand(point))
    state = switch_state(point)
    check.equal("weights", result["weights"], state.stats)
    check.equal("weights_hash", result["weights_hash"], rules.sha256(state.weights))
    unfused = point.strategy == "lora-unfused"
    for e in result["error_l2"]:
        check.close("error_l2 of M = %d" % e["tokens"], e["value"],
                    wl.error_l2(state, e["tokens"], unfused))
    check_restore(check, result["exact"], drift(point, state))


def check_restore(check, exact, want):
    if exact["restore"] is None:
        return
    check.equal("exact.restore", exact["restore"], want == 0)
    if want:
        check.close("exact.restore_drift", exact["restore_drift"], want)


def check_pass(check, w, result):
    point = Point(w, result)
    tokens = result["tokens"]
    check_traffic(check, result, point.pass_(tokens))
    check_bounds(check, result, w.machine, bounds.pass_demand(point, tokens))
    state = state_after(point, point.to, None)
    made = wl.outputs(state, tokens, point.strategy == "lora-unfused")
    check.equal("outputs_hash", result["outputs_hash"], rules.sha256(made))


def check_workload(check, w):
    facts = w.facts
    check.equal("linears", facts["linears"], len(w.linears))
    check.equal("weights", facts["weights"], sum(l.w.size for l in w.linears))
    check.equal("weights_hash", facts["weights_hash"], rules.sha256(l.wq for l in w.linears))
    for i in facts["inputs"]:
        for what, x in (("seeded", w.seeded_inputs), ("kept", w.x)):
            made = [x for n, (l, x) in enumerate(zip(w.linears, x(i["tokens"]))) if l.run == n]
            check.equal("%s inputs of M = %d" % (what, i["tokens"]), i["hash"],
                        rules.sha256(made))
