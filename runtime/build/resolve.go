package build

import (
	"fmt"
	"slices"
	"strings"

	"spikec/convert"
	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/ladder"
	"spikec/target/chip"
)

// Diagnostics of requests and results. The numbers are stable.
const (
	idWord     = "SPK-BUILD-001" // a choice that does not exist
	idNumber   = "SPK-BUILD-002" // a number outside its range
	idTarget   = "SPK-BUILD-003" // a choice that the target does not have
	idChip     = "SPK-BUILD-004" // a target that cannot be built for
	idOutput   = "SPK-BUILD-005" // a network that does not end in one value a class
	idSilent   = "SPK-BUILD-006" // a layer without a spike on all images
	idEngine   = "SPK-BUILD-007" // an engine that cannot run the image
	idCollapse = "SPK-BUILD-008" // a stage that loses much accuracy
	idChance   = "SPK-BUILD-009" // a trained network hardly better than chance
	idRules    = "SPK-BUILD-012" // a choice that the rules do not have
	idExit     = "SPK-BUILD-010" // an early exit where there can be none
	idTimes    = "SPK-BUILD-011" // an input code that networks of rates cannot read
	idFew      = "SPK-BUILD-015" // too few calibration images to choose by
	idOverfit  = "SPK-BUILD-018" // a network that knows its calibration images better than others
)

// byPercentile is the normalisation that has a percentile, and usualPercentile the one where the user names none.
const (
	byPercentile    = "data"
	usualPercentile = 99.9
)

// maxSteps is the largest T: that of an image. No lead in spikes is larger.
const maxSteps, maxMargin = 1 << 16, 1 << 16

// choices are those that can be made by trying (axes).
type choices struct {
	pooling, biases, normalization, readout string
	percentile                              float64
	delay                                   int
}

// What becomes of biases where rules and target allow them.
const (
	keptBiases = "kept"
	zeroBiases = "zero"
)

// resolved are the choices of a build, defaults filled in.
type resolved struct {
	choices
	auto                       bool // choices that the user left open are made by trying
	rules                      convert.Rules
	perChannel, poolNeurons    bool
	steps                      int
	encoding, reset, potential string
	coding                     *encoder.Coding // nil for constant and regular
	exit                       *float64
	bits                       int
	engine                     string
	calibrated                 int // Options.CalibrationLimit
	disable                    map[string]bool
	capabilities               chip.Capabilities
}

// resolver collects what is wrong with the options.
type resolver struct {
	profile *chip.Profile
	list    diag.List
}

// anything is what a conversion may use where no target limits it.
var anything = chip.Capabilities{ConstantInput: true, ResetModes: []string{string(snn.Subtract), string(snn.Zero)}, Bias: true, Driven: true, InitialV: true,
	ReadPotential: true, SignedMembranes: true, PerNeuronThreshold: true, SignedWeights: true, SpikeInput: true}

// resolve fills in defaults and refuses, all at once, what does not exist or what the target does not have. Without a
// profile everything is there but integers.
func resolve(o Options, p *chip.Profile) (resolved, diag.List) {
	r := &resolver{profile: p}
	v := r.begin(o)
	v.rules = convert.Rules(r.word("--rules", o.Rules, string(convert.Strict), string(convert.Best)))
	v.choices = choices{normalization: r.word("--normalization", o.Normalization, Normalisations()...), percentile: o.Percentile}
	v.engine = r.word("--engine", o.Engine, emulator.Names()...)
	v.perChannel, v.poolNeurons = true, o.PoolNeurons
	if o.PerChannel != nil {
		v.perChannel = *o.PerChannel
	}
	r.percentile(&v, o)
	r.scope(&v, o)
	r.pooling(&v, o)
	r.biases(&v, o)
	r.auto(&v, o)
	r.always(&v, o)
	for _, name := range o.Disable {
		i := slices.IndexFunc(convert.Passes, func(p convert.Pass) bool { return p.Name == name && p.Optional })
		if i < 0 {
			r.list.Add(diag.Diagnostic{ID: idWord, Severity: diag.Error, Subject: "--disable", Message: fmt.Sprintf("%q is no pass that can be left out", name),
				Remedy: "want one of " + strings.Join(optionalPasses(), ", ")})
		}
		v.disable[name] = true
	}
	return v, r.list
}

// resolveSpiking is resolve for a spiking network, of which nothing is converted.
func resolveSpiking(o Options, p *chip.Profile) (resolved, diag.List) {
	r := &resolver{profile: p}
	v := r.begin(o)
	v.rules = convert.None
	v.engine = r.word("--engine", o.Engine, emulator.Names()...)
	r.always(&v, o)
	return v, r.list
}

// begin returns the choices that depend on no others.
func (r *resolver) begin(o Options) resolved {
	caps := anything
	if r.profile != nil {
		caps = r.profile.Capabilities()
	}
	return resolved{steps: o.Steps, bits: o.Bits, disable: map[string]bool{}, capabilities: caps, calibrated: o.CalibrationLimit}
}

// always settles what every build has.
func (r *resolver) always(v *resolved, o Options) {
	if o.CalibrationLimit < 0 || o.CalibrationLimit > MaxCalibration {
		r.number("--calibration-limit", o.CalibrationLimit, fmt.Sprintf("1..%d", MaxCalibration))
	}
	if v.steps == 0 {
		v.steps = 32
	}
	if v.steps < 1 || v.steps > maxSteps {
		r.number("--steps", v.steps, fmt.Sprintf("1..%d", maxSteps))
	}
	if r.profile != nil {
		r.bits(v)
	}
	r.offered(v, o)
}

func optionalPasses() []string {
	var names []string
	for _, p := range convert.Passes {
		if p.Optional {
			names = append(names, p.Name)
		}
	}
	return names
}

// Normalisations lists the ways to find scale factors, the default first.
func Normalisations() []string {
	var names []string
	for _, n := range convert.Normalisations {
		names = append(names, n.Name)
	}
	return names
}

// percentile settles the percentile, which one normalisation alone has; 0 with the others.
func (r *resolver) percentile(v *resolved, o Options) {
	if o.Percentile != 0 && o.Normalization == "" {
		v.normalization = byPercentile
	}
	switch {
	case v.normalization == byPercentile && o.Percentile == 0:
		v.percentile = usualPercentile
	case !(o.Percentile >= 0 && o.Percentile <= 100):
		r.number("--percentile", o.Percentile, "above 0 and up to 100")
	case v.normalization != byPercentile && o.Percentile != 0:
		r.list.Add(diag.Diagnostic{ID: idWord, Severity: diag.Error, Subject: "--percentile",
			Message: "normalization " + v.normalization + " has no percentile", Remedy: "leave it out, or --normalization " + byPercentile})
	}
}

// scope settles whether scale factors are a channel's or a layer's: some normalisations know those of layers alone.
func (r *resolver) scope(v *resolved, o Options) {
	i := slices.IndexFunc(convert.Normalisations, func(n convert.Normalisation) bool { return n.Name == v.normalization && n.LayersOnly() })
	if i < 0 {
		return
	}
	v.perChannel = false
	if o.PerChannel != nil && *o.PerChannel {
		r.list.Add(diag.Diagnostic{ID: idWord, Severity: diag.Error, Subject: "--per-channel",
			Message: "normalization " + v.normalization + " has one factor a layer", Remedy: "leave it out, or --normalization with another name"})
	}
}

// pooling settles what becomes of max pooling.
func (r *resolver) pooling(v *resolved, o Options) {
	loose := v.rules != convert.Strict
	if v.pooling = o.Pooling; v.pooling == "" {
		v.pooling = preferred(convert.MaxPooling, loose, convert.AveragePooling)[0]
	}
	r.word("--pooling", v.pooling, convert.MaxPooling, convert.AveragePooling)
	if !loose && v.pooling == convert.MaxPooling {
		r.strict("--pooling max", "strict rules want average pooling")
	}
}

// strict refuses a choice that strict rules do not have.
func (r *resolver) strict(choice, why string) {
	r.list.Add(diag.Diagnostic{ID: idRules, Severity: diag.Error, Subject: choice, Message: why, Remedy: "--rules best"})
}

// biases settles what becomes of biases.
func (r *resolver) biases(v *resolved, o Options) {
	offered := preferred(keptBiases, v.rules != convert.Strict && v.capabilities.Bias, zeroBiases)
	if v.biases = o.Biases; v.biases == "" {
		v.biases = offered[0]
	}
	if v.rules == convert.Strict && v.biases == keptBiases {
		r.strict("--biases kept", "strict rules want biases of zero")
		return
	}
	r.choice("--biases", v.biases, []string{keptBiases, zeroBiases}, offered)
}

// auto settles whether what the user left open is chosen by trying.
func (r *resolver) auto(v *resolved, o Options) {
	if v.auto = v.rules == convert.Best; o.Auto == nil {
		return
	}
	if *o.Auto && v.rules == convert.Strict {
		r.strict("--auto", "candidates are tried under best rules, not under strict ones")
	}
	v.auto = *o.Auto
}

// word returns the choice, or the first of the allowed ones where there is none.
func (r *resolver) word(flag, choice string, allowed ...string) string {
	if choice == "" {
		return allowed[0]
	}
	if !slices.Contains(allowed, choice) {
		r.list.Add(diag.Diagnostic{ID: idWord, Severity: diag.Error, Subject: flag, Message: fmt.Sprintf("%q does not exist", choice),
			Remedy: "want one of " + strings.Join(allowed, ", ")})
	}
	return choice
}

func (r *resolver) number(flag string, value any, want string) {
	r.list.Add(diag.Diagnostic{ID: idNumber, Severity: diag.Error, Subject: flag, Message: fmt.Sprintf("got %v, want %s", value, want)})
}

// bits settles the weight bits, and whether the chip's arithmetic can be built for at all.
func (r *resolver) bits(v *resolved) {
	p := r.profile
	if v.bits == 0 {
		v.bits = p.WeightBits()
	}
	if _, _, _, err := p.WeightLevels(v.bits); err != nil {
		r.list.Add(diag.Diagnostic{ID: idTarget, Severity: diag.Error, Subject: "--bits", Message: strings.TrimPrefix(err.Error(), "chip: "), Value: v.bits, Limit: p.WeightBits(),
			Remedy: "fewer bits, or a target with wider weights"})
		v.bits = p.WeightBits()
	}
	if _, err := quantize.FormatOf(p, v.bits); err != nil {
		r.list.Add(diag.Diagnostic{ID: idChip, Severity: diag.Error, Subject: p.ID, Message: strings.TrimPrefix(err.Error(), "quantize: "), Remedy: "choose another target: spikec targets"})
	}
}

// offered settles what depends on the target.
func (r *resolver) offered(v *resolved, o Options) {
	c := v.capabilities
	modes := slices.DeleteFunc(slices.Clone(c.ResetModes), func(m string) bool { return m != string(snn.Subtract) && m != string(snn.Zero) })
	if len(modes) == 0 {
		r.list.Errorf(idChip, r.profile.ID, "resets by %s, neither by subtraction nor to zero", strings.Join(c.ResetModes, ", "))
		modes = []string{string(snn.Zero)}
	}
	v.reset = r.choice("--reset", o.Reset, []string{string(snn.Subtract), string(snn.Zero)}, modes)
	r.encoding(v, o)
	v.readout = r.choice("--readout", o.Readout, []string{snn.Membrane, snn.Count, snn.FirstSpike}, readouts(c))
	r.reading(v, o)
	v.potential = r.choice("--initial-potential", o.InitialPotential, []string{"half", "zero"}, preferred("half", c.InitialV, "zero"))
}

// onHost is the encoder that plays encoding regular where neurons of the chip take no current.
const onHost = "sigma-delta"

// encoding settles how pictures reach the chip.
func (r *resolver) encoding(v *resolved, o Options) {
	offered := preferred("constant", v.capabilities.ConstantInput, "regular")
	if v.capabilities.SpikeInput {
		offered = append(offered, encoder.Names()...)
	}
	v.encoding = r.choice("--encoding", o.Encoding, append([]string{"constant", "regular"}, encoder.Names()...), offered)
	if v.encoding == "regular" && !v.capabilities.Driven && v.capabilities.SpikeInput {
		v.encoding = onHost
	}
	c, err := encoder.Default(v.encoding, o.Seed)
	if err == nil {
		v.coding = &c
	}
	if err == nil && !c.Rates() {
		r.list.Add(diag.Diagnostic{ID: idTimes, Severity: diag.Warning, Subject: "--encoding " + c.Name,
			Message: "tells codes by the times of spikes; this network reads rates", Remedy: "--encoding bernoulli or regular"})
	}
	if o.EncodingParameter == 0 {
		return
	}
	c.Parameter = o.EncodingParameter
	if err != nil {
		r.number("--encoding-parameter", o.EncodingParameter, "none for encoding "+v.encoding)
	} else if err := c.Validate(); err != nil {
		r.list.Errorf(idNumber, "--encoding-parameter", "%v", err)
	}
}

// readouts lists the read-outs of a target, the default first.
func readouts(c chip.Capabilities) []string {
	switch {
	case c.Accumulators:
		return []string{snn.Membrane}
	case !c.SignedMembranes && c.ReadPotential:
		return []string{snn.Count, snn.Membrane, snn.FirstSpike} // a membrane with a floor of zero forgets
	}
	return append(preferred(snn.Membrane, c.ReadPotential, snn.Count), snn.FirstSpike)
}

// reading settles from which step on the answer is read, and whether it may be there before the last one.
func (r *resolver) reading(v *resolved, o Options) {
	switch v.delay = o.ReadoutDelay; v.delay {
	case AutoDelay:
		v.delay = v.steps / 4
	case NoDelay:
		v.delay = 0
	}
	if v.delay < 0 || v.delay >= max(1, v.steps) {
		r.number("--readout-delay", v.delay, fmt.Sprintf("0..%d, below --steps %d", v.steps-1, v.steps))
	}
	if why := atEnd(v.capabilities); why != "" {
		r.complete(v.delay > 0, "--readout-delay", why)
		r.complete(o.EarlyExit != nil, "--early-exit", why)
	}
	v.exit = o.EarlyExit
	if v.exit == nil {
		return
	}
	if !(*v.exit >= 0 && *v.exit <= maxMargin) {
		r.number("--early-exit", *v.exit, fmt.Sprintf("exact, or a lead of up to %d spikes", maxMargin))
	}
	if v.readout == snn.FirstSpike {
		r.list.Add(diag.Diagnostic{ID: idExit, Severity: diag.Error, Subject: "--early-exit", Message: "the first spike decides already",
			Remedy: "leave it out: the result holds the steps to the first spike"})
	}
}

// atEnd says why there is an answer at the end of a picture alone; "" where there is one before.
func atEnd(c chip.Capabilities) string {
	switch {
	case c.Accumulators:
		return "outputs of %s are read at the end of a picture: no answer is there before"
	case c.Firing == chip.FiringStaged:
		return "neurons of %s fire when all has arrived: no answer is there before"
	}
	return ""
}

// complete refuses a choice that looks at the answer before it is complete; why says that of a target.
func (r *resolver) complete(chosen bool, flag, why string) {
	if chosen {
		r.list.Add(diag.Diagnostic{ID: idTarget, Severity: diag.Error, Subject: flag, Message: fmt.Sprintf(why, r.profile.ID), Remedy: "leave it out"})
	}
}

// preferred lists the choices of a target: the better one first, where there is that.
func preferred(better string, has bool, always string) []string {
	if has {
		return []string{better, always}
	}
	return []string{always}
}

// choice returns the user's word, or the target's first where there is none. all are the words that exist.
func (r *resolver) choice(flag, word string, all, offered []string) string {
	if word == "" {
		return offered[0]
	}
	if !slices.Contains(all, word) {
		return r.word(flag, word, all...)
	}
	if !slices.Contains(offered, word) {
		r.list.Add(diag.Diagnostic{ID: idTarget, Severity: diag.Error, Subject: flag,
			Message: fmt.Sprintf("target %s does not offer %s", r.profile.ID, word), Remedy: flag + " " + strings.Join(offered, " or ")})
	}
	return word
}

// allowed is what the target allows a conversion to use.
func (v *resolved) allowed() convert.Capabilities {
	c := v.capabilities
	return convert.Capabilities{Bias: c.Bias, PerNeuronThreshold: c.PerNeuronThreshold, Firing: snn.Firing(c.Firing), Staggered: c.Staggered()}
}

// conversion returns the options as package convert takes them.
func (v *resolved) conversion() convert.Options {
	o := convert.Options{Rules: v.rules, Normalization: v.normalization, Percentile: v.percentile, PerChannel: v.perChannel, Pooling: v.pooling, PoolNeurons: v.poolNeurons, ZeroBias: v.biases == zeroBiases,
		Encoding: v.encoding, Coding: v.coding, Readout: snn.Readout{Kind: v.readout, Delay: v.delay, SpikesOnly: !v.capabilities.ReadPotential}, Reset: snn.Reset(v.reset), Steps: v.steps, Disable: v.disable}
	if v.potential == "half" {
		o.Initial = 0.5
	}
	return o
}

// document returns the options as the result shows them.
func (v *resolved) document(disabled []string) ladder.Options {
	o := ladder.Options{Pooling: v.pooling, PoolNeurons: v.poolNeurons, Biases: v.biases, Normalization: v.normalization, Percentile: v.percentile, PerChannel: v.perChannel, Encoding: v.encoding,
		Readout: v.readout, ReadoutDelay: v.delay, SpikesOnly: !v.capabilities.ReadPotential, EarlyExit: v.exit, Reset: v.reset, Initial: v.potential, Bits: v.bits, CalibrationLimit: v.calibrated, Disabled: disabled}
	if c := v.coding; c != nil {
		o.EncodingParameter = c.Parameter
		if c.Draws() {
			o.EncodingSeed = &c.Seed
		}
	}
	return o
}
