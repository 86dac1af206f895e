package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"runtime"
	"time"

	"spikec/emulator"
	"spikec/runtime/progress"
)

// runner measures one engine on one network.
type runner struct {
	net      *network
	engine   emulator.Engine
	sessions []emulator.Session // one a goroutine
	pictures [][]uint8          // of a repetition
	budget   time.Duration      // no more pictures than fit; 0 = all

	hash      string
	work      emulator.Counters // of all pictures; only the sums are used
	seconds   []float64         // of each repetition
	wall      []float64         // the same by the wall clock
	allocated uint64            // bytes, in all repetitions
}

// budget is about how long a repetition takes where no number of images was asked for.
const budget = time.Second

// newRunner returns a runner that has not run yet.
func newRunner(net *network, e emulator.Engine, r Request) *runner {
	m := &runner{net: net, engine: e, pictures: net.pictures}
	for range r.Jobs {
		m.sessions = append(m.sessions, e.NewSession())
	}
	if r.Limit == 0 {
		m.budget = budget
	}
	return m
}

// warm runs the pictures once, untimed: it counts their work, hashes their answers, and finds how many of them fit into
// the budget, and so how many sessions there is work for. Every session runs one picture at least, so that its memory is there.
func (m *runner) warm(ctx context.Context, show progress.Reporter) error {
	task := show.Start("warm-up of "+m.engine.Name(), len(m.pictures))
	defer task.Done()
	for _, s := range m.sessions {
		if _, err := s.Run(m.pictures[0], 0); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	h := fnv.New64a()
	var bytes []byte
	began := time.Now()
	for i, picture := range m.pictures {
		if m.budget > 0 && i > 0 && time.Since(began) > m.budget {
			m.pictures = m.pictures[:i]
			task.Enough()
			break
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r, err := m.sessions[0].Run(picture, i)
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		m.count(&r.Counters)
		last := len(r.Steps) - 1
		bytes = bytes[:0]
		for _, x := range m.net.hashed(r.Counts[last], r.Potentials[last]) {
			bytes = binary.LittleEndian.AppendUint32(bytes, uint32(x))
		}
		h.Write(bytes)
		task.Add(1)
	}
	m.hash = fmt.Sprintf("%016x", h.Sum64())
	m.sessions = m.sessions[:min(len(m.sessions), len(m.pictures))] // a goroutine without an image would not run
	return nil
}

// count adds the work of one picture.
func (m *runner) count(c *emulator.Counters) {
	m.work.SynapticOperations += c.SynapticOperations
	m.work.NeuronUpdates += c.NeuronUpdates
	if m.work.Spikes == nil {
		m.work.Spikes = make([]int64, len(c.Spikes))
	}
	for i, n := range c.Spikes {
		m.work.Spikes[i] += n
	}
}

// repeat times the pictures once: one goroutine by the CPU time of its thread, several by the wall clock.
func (m *runner) repeat(ctx context.Context) error {
	clock := wallTime
	if len(m.sessions) == 1 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		clock = threadTime
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	beganWall, began := wallTime(), clock()
	err := each(ctx, len(m.pictures), len(m.sessions), func(worker, i int) error {
		_, err := m.sessions[worker].Run(m.pictures[i], i)
		return err
	})
	took, tookWall := clock()-began, wallTime()-beganWall
	runtime.ReadMemStats(&after)
	m.seconds, m.wall = append(m.seconds, took.Seconds()), append(m.wall, tookWall.Seconds())
	m.allocated += after.TotalAlloc - before.TotalAlloc
	return err
}

// started is when wallTime is 0.
var started = time.Now()

// wallTime is the time by the wall clock.
func wallTime() time.Duration { return time.Since(started) }
