package progress

import (
	"log/slog"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8/cwriter"
)

// lineEvery is the time between two log lines of one task.
const lineEvery = 5 * time.Second

// For returns what suits the stream: nothing if quiet, bars on a terminal, else lines of log.
func For(stream *os.File, log *slog.Logger, quiet bool) Reporter {
	switch {
	case quiet:
		return None
	case cwriter.IsTerminal(int(stream.Fd())):
		return Bars(stream)
	}
	return Lines(log, lineEvery)
}
