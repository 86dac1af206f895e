package reckon

// Register is the number of a configuration register.
type Register int

// The registers that inference uses. Numbers are those of the chip.
const (
	EnConf          Register = 0 // 1: memories can be programmed, the network stands still
	GetTarReqOut    Register = 3
	RstMode         Register = 8 // 1 resets membranes to 0, 0 takes the threshold off
	DoEprop         Register = 9
	LocalTick       Register = 10
	ErrorHalt       Register = 11
	ShiftInput      Register = 12 // FP_LOC_WINP: left shift of the input weights
	ShiftRecurrent  Register = 13 // FP_LOC_WREC
	ShiftOutput     Register = 14 // FP_LOC_WOUT
	ShiftTraceInp   Register = 15
	ShiftTraceRec   Register = 16
	ShiftTraceOut   Register = 17
	LearnSigScale   Register = 18
	RegulMode       Register = 19
	RegulW          Register = 20
	EnStochRound    Register = 21
	SRAMSpeedMode   Register = 22
	TimingMode      Register = 23
	Regression      Register = 25 // 1: winners are not counted
	SingleLabel     Register = 26
	NoOutAct        Register = 27
	SendPerTimestep Register = 30
	SendLabelOnly   Register = 31 // 1: the label is sent at the end of a sample, 0: all outputs are
	NoiseEn         Register = 32
	ForceTraces     Register = 33
	CyclesPerTick   Register = 64
	AlphaConf0      Register = 65 // and three more: a bit a pair
	Kappa           Register = 69 // leak factor of the outputs in units of 2^−7
	NumInp          Register = 94 // last index of the inputs
	NumRec          Register = 95 // last index of the neurons
	NumOut          Register = 96 // last index of the outputs
)

// registers are the registers in the order in which they are programmed, with their widths, their values after a reset, and
// whether inference as it is emulated needs the value 0.
var registers = [...]struct {
	number Register
	name   string
	bits   int
	reset  uint32
	zero   bool
}{
	{EnConf, "EN_CONF", 1, 1, true},
	{GetTarReqOut, "GET_TAR_REQ_OUT", 1, 1, true},
	{RstMode, "RST_MODE", 1, 0, false},
	{DoEprop, "DO_EPROP", 3, 7, true},
	{LocalTick, "LOCAL_TICK", 1, 0, true},
	{ErrorHalt, "ERROR_HALT", 1, 1, false},
	{ShiftInput, "FP_LOC_WINP", 3, 0, false},
	{ShiftRecurrent, "FP_LOC_WREC", 3, 0, false},
	{ShiftOutput, "FP_LOC_WOUT", 3, 0, false},
	{ShiftTraceInp, "FP_LOC_TINP", 3, 0, false},
	{ShiftTraceRec, "FP_LOC_TREC", 3, 0, false},
	{ShiftTraceOut, "FP_LOC_TOUT", 3, 0, false},
	{LearnSigScale, "LEARN_SIG_SCALE", 4, 0, false},
	{RegulMode, "REGUL_MODE", 3, 0, false},
	{RegulW, "REGUL_W", 2, 0, false},
	{EnStochRound, "EN_STOCH_ROUND", 1, 0, true},
	{SRAMSpeedMode, "SRAM_SPEEDMODE", 8, 0, false},
	{TimingMode, "TIMING_MODE", 1, 0, true},
	{Regression, "REGRESSION", 1, 0, false},
	{SingleLabel, "SINGLE_LABEL", 1, 1, false},
	{NoOutAct, "NO_OUT_ACT", 1, 0, false},
	{SendPerTimestep, "SEND_PER_TIMESTEP", 1, 0, true},
	{SendLabelOnly, "SEND_LABEL_ONLY", 1, 1, false},
	{NoiseEn, "NOISE_EN", 1, 0, true},
	{ForceTraces, "FORCE_TRACES", 1, 0, true},
	{CyclesPerTick, "CYCLES_PER_TICK", 32, 0, false},
	{AlphaConf0, "ALPHA_CONF_0", 32, 0, false},
	{AlphaConf0 + 1, "ALPHA_CONF_1", 32, 0, false},
	{AlphaConf0 + 2, "ALPHA_CONF_2", 32, 0, false},
	{AlphaConf0 + 3, "ALPHA_CONF_3", 32, 0, false},
	{Kappa, "KAPPA", 8, 0x7a, false},
	{NumInp, "NUM_INP", 8, 0xff, false},
	{NumRec, "NUM_REC", 8, 0xff, false},
	{NumOut, "NUM_OUT", 4, 0xf, false},
}

// indexOf returns the place of a register in the table, or −1.
func indexOf(r Register) int {
	for i := range registers {
		if registers[i].number == r {
			return i
		}
	}
	return -1
}

// Get returns the value of a register of the list above.
func (c *Chip) Get(r Register) uint32 { return c.values[indexOf(r)] }

// Set writes a register of the list above; value must fit its width.
func (c *Chip) Set(r Register, value uint32) { c.values[indexOf(r)] = value }

// Inference gives every register that inference needs at 0 this value: learning, noise and stochastic rounding off, ticks from
// the pin, output once a sample; and lets the network run.
func (c *Chip) Inference() {
	for i := range registers {
		if registers[i].zero {
			c.values[i] = 0
		}
	}
}

// settings are the registers that say what the network is.
type settings struct {
	inp, rec, out int // last indices
	shifts        [3]int32
	toZero        bool
	kappa         int32
}

// settings reads the registers, and reports those that say what is not emulated.
func (c *Chip) settings(k *checker) settings {
	for i, r := range registers {
		if v := c.values[i]; r.zero && v != 0 {
			k.Errorf(idSetting, "register "+r.name, "is %d; inference that is emulated has 0", v)
		}
	}
	return settings{inp: int(c.Get(NumInp)), rec: int(c.Get(NumRec)), out: int(c.Get(NumOut)), kappa: int32(c.Get(Kappa)), toZero: c.Get(RstMode) == 1,
		shifts: [3]int32{int32(c.Get(ShiftInput)), int32(c.Get(ShiftRecurrent)), int32(c.Get(ShiftOutput))}}
}

// stepped is the last index that STEP looks at: pairs that end beyond it are left as they are.
func (s settings) stepped() int { return max(s.rec, s.inp, s.out) }

// propagated is the last index that PROP takes inputs and spikes of.
func (s settings) propagated() int { return max(s.rec, s.inp) }
