package progress

import (
	"log/slog"
	"sync"
	"time"
)

// lines logs how far the running task is, every now and then.
type lines struct {
	log   *slog.Logger
	every time.Duration
}

// Lines logs how far a task is, every so often, and when it is done.
func Lines(log *slog.Logger, every time.Duration) Reporter { return &lines{log, every} }

// Start begins a task; short ones are logged at their end only.
func (l *lines) Start(name string, total int) Task {
	now := time.Now()
	return &lineTask{l: l, name: name, total: total, begun: now, last: now}
}

// Close does nothing: every task says itself when it is done.
func (l *lines) Close() {}

type lineTask struct {
	l     *lines
	name  string
	total int
	begun time.Time

	mu   sync.Mutex
	done int
	last time.Time
	over bool
}

// Add counts, and logs if the last line is old enough.
func (t *lineTask) Add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += n
	if now := time.Now(); now.Sub(t.last) >= t.l.every {
		t.last = now
		t.say("working")
	}
}

// Done logs the end.
func (t *lineTask) Done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	message := "done"
	if t.done < t.total {
		message = "stopped"
	}
	t.say(message)
}

// Enough logs the end; the total is what was reached.
func (t *lineTask) Enough() {
	t.mu.Lock()
	t.total = t.done
	t.mu.Unlock()
	t.Done()
}

func (t *lineTask) say(message string) {
	t.l.log.Info(message, "stage", t.name, "done", t.done, "of", t.total, "seconds", time.Since(t.begun).Round(100*time.Millisecond).Seconds())
}
