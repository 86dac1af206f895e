package chip

import "math"

// schema is chip-profile/v1. profiles/README.md describes every key; a test compares the two.
var schema = mapping(
	key("schema", word("chip-profile/v1")),
	key("id", rule{kind: kindID}),
	key("name", text()),
	key("inherits", text().orNull().orAbsent()),
	key("lineage", list(rule{kind: kindID}).orAbsent()),
	key("revision", text()),
	key("proof", mapping(
		key("class", word("A", "B", "C", "D")),
		key("reference", mapping(
			key("kind", word("rtl", "emulator", "rules", "none")),
			key("repository", text().orNull()),
			key("commit", text().orNull()),
			key("licence", text().orNull()))),
		key("golden", text().orNull()))),
	key("execution", execution),
	key("capacity", capacity),
	key("weight", weight),
	key("state", mapping(
		key("v", variable.orNull()),
		key("u", variable.orNull()),
		key("o", variable.orNull()),
		key("ring", variable.orNull()),
		key("a", variable.orNull().orAbsent()),
		key("n", variable.orNull().orAbsent()))),
	key("threshold", mapping(
		key("bits", integer(1, 32)),
		key("signed", boolean()),
		key("min", integer(math.MinInt32, math.MaxInt32)),
		key("max", integer(math.MinInt32, math.MaxInt32)),
		key("shift", integer(0, 31)),
		key("scope", word("neuron", "pair", "layer", "core")),
		key("compare", word("ge", "gt")),
		key("when", word("tick", "event")),
		key("tests", word("v", "v_before_leak")))),
	key("lower", mapping(
		key("kind", word("none", "clamp", "reset", "spike")),
		key("bits", integer(1, 62).orNull()))),
	key("reset", mapping(
		key("modes", list(word("subtract", "zero", "value"))),
		key("scope", word("chip", "core", "layer", "neuron", "pair")))),
	key("leak", mapping(
		key("kind", word("none", "factor", "const_to_zero", "const_to_floor", "signed_const")),
		key("bits", integer(1, 32).orNull()),
		key("when", word("tick", "event")))),
	key("bias", mapping(
		key("kind", word("none", "add", "leak", "current")),
		key("bits", integer(1, 32).orNull()),
		key("exponent", mapping(
			key("min", integer(0, 31)),
			key("max", integer(0, 31))).orNull()),
		key("when", word("tick", "slow_clock")),
		key("emulate", word("always_on_input").orNull()))),
	key("refractory", mapping(
		key("min", count()),
		key("max", count()))),
	key("delay", mapping(
		key("min", count()),
		key("max", count()),
		key("scope", word("none", "neuron", "synapse")))),
	key("initial", mapping(
		key("v", boolean()),
		key("persists", boolean()))),
	key("readout", mapping(key("potential", boolean()))),
	key("registers", mapping(
		key("threshold", name()),
		key("bias", name().orNull()),
		key("lower", name().orAbsent()),
		key("constants", open(integer(math.MinInt32, math.MaxInt32).orNull())))),
	key("layers", layers),
	key("program", program()),
	key("cost", open(mapping(append(figure(),
		key("others", list(mapping(figure()...)).orAbsent()))...).orNull()).orNull()),
	key("sops", text()),
	key("config", mapping(
		key("formats", list(text())),
		key("order", list(text()).orNull()))),
	key("constraints", list(text())),
)

// figure returns the fields of one figure of a chip's costs.
func figure() []field {
	return []field{
		key("value", rule{kind: kindFigure}),
		key("unit", word("pJ", "nJ", "ns", "mW", "cycles")),
		key("source", text()),
		key("status", word("published", "secondary", "memory", "derived")),
	}
}

var execution = mapping(
	key("kind", word("tick", "event", "async")),
	key("latency", integer(0, 1000)),
	key("stages", integer(1, 2).orAbsent()),
	key("spikes", mapping(
		key("max", integer(1, math.MaxInt32).orNull()),
		key("per", word("tick", "event")))),
	key("input", mapping(
		key("kind", word("bit", "count", "graded", "current")),
		key("bits", integer(0, 32).orNull()))),
	key("order", word("none", "ascending_source", "arrival")),
	key("layers", word(LayersOnCores, LayersInPasses, LayersRecurrent).orAbsent()),
	key("merge", boolean().orAbsent()),
	key("queue", mapping(
		key("depth", count().orNull()),
		key("full", word("drop", "stall", "none")))),
)

var capacity = mapping(
	key("cores", integer(1, math.MaxInt32).orNull()),
	key("neurons", integer(1, math.MaxInt32).orNull()),
	key("inputs", count().orNull()),
	key("outputs", count().orNull()),
	key("axons_in", count().orNull()),
	key("axons_out", count().orNull()),
	key("fan_in", count().orNull()),
	key("fan_out", count().orNull()),
	key("targets", count().orNull()),
	key("synapse_bits", integer(0, math.MaxInt64).orNull()),
	key("neuron_memory", list(count()).orNull().orAbsent()),
	key("kernel_memory", list(count()).orNull().orAbsent()),
	key("bias_memory", list(count()).orNull().orAbsent()),
	key("compartment_configs", count().orNull().orAbsent()),
	key("threshold_configs", count().orNull().orAbsent()),
	key("synapse_formats", count().orNull().orAbsent()),
)

var weight = mapping(
	key("bits", integer(1, 32)),
	key("sign", word("twos", "unsigned_per_receptor", "sign_per_source", "mixed_even", "none")),
	key("min", integer(math.MinInt32, math.MaxInt32)),
	key("max", integer(math.MinInt32, math.MaxInt32)),
	key("step", integer(1, math.MaxInt32)),
	key("exponent", mapping(
		key("min", integer(-31, 31)),
		key("max", integer(-31, 31)),
		key("scope", word("none", "matrix", "layer", "core", "synapse_format", "receptor")))),
	key("distinct", integer(1, math.MaxInt32).orNull()),
	key("select", word("axon_type").orNull()),
	key("round", word("rne", "floor", "toward_zero")),
)

// variable is a variable of state.
var variable = mapping(
	key("bits", integer(1, 62)),
	key("signed", boolean()),
	key("min", integer(math.MinInt64, math.MaxInt64)),
	key("max", integer(math.MinInt64, math.MaxInt64)),
	key("overflow", word("saturate", "wrap", "wrap_once", "clamp", "forbid", "float32")),
)

var layers = mapping(
	key("dense", boolean()),
	key("conv", mapping(
		key("kernel_max", integer(1, math.MaxInt32).orNull()),
		key("square", boolean()),
		key("stride", list(integer(1, math.MaxInt32)).orNull()),
		key("pad_max", count().orNull()),
		key("groups", boolean()),
		key("input_max", list(integer(1, math.MaxInt32)).orNull().orAbsent()),
		key("output_max", list(integer(1, math.MaxInt32)).orNull().orAbsent()),
		key("channels_max", integer(1, math.MaxInt32).orNull().orAbsent())).orNull()),
	key("pool", mapping(
		key("kind", word("sum", "average")),
		key("sizes", list(integer(1, math.MaxInt32)).orNull()),
		key("at", word("input", "output"))).orNull()),
)
