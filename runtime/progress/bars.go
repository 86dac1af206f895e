package progress

import (
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars shows one bar a task on a terminal.
type bars struct{ container *mpb.Progress }

// barWidth is the width of a whole line. [columns]
const barWidth = 76

// Bars shows tasks as bars on w, which is a terminal.
func Bars(w io.Writer) Reporter {
	return &bars{mpb.New(mpb.WithOutput(w), mpb.WithWidth(barWidth), mpb.WithRefreshRate(150*time.Millisecond))}
}

// Start adds a bar.
func (b *bars) Start(name string, total int) Task {
	bar := b.container.AddBar(int64(total),
		mpb.PrependDecorators(decor.Name(name, decor.WC{W: 22, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.CountersNoUnit("%d/%d", decor.WCSyncSpace), decor.Elapsed(decor.ET_STYLE_GO, decor.WCSyncSpace)))
	return &barTask{bar}
}

// Close draws the bars a last time.
func (b *bars) Close() { b.container.Shutdown() }

type barTask struct{ bar *mpb.Bar }

// Add moves the bar.
func (t *barTask) Add(n int) { t.bar.IncrBy(n) }

// Done freezes the bar; one that is not full stays as it is.
func (t *barTask) Done() { t.bar.Abort(false) }

// Enough fills the bar: its total becomes what was reached.
func (t *barTask) Enough() { t.bar.SetTotal(-1, true) }
