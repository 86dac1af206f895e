package sweep

import (
	"sync"

	"spikec/runtime/progress"
)

// buildStages is how many tasks package build shows where nothing is out of the ordinary: the total of what is shown, and
// nothing else.
const buildStages = 9

// stages shows the tasks of a build as the items of one task.
type stages struct{ of progress.Task }

// Start begins an item.
func (s stages) Start(string, int) progress.Task { return &stage{of: s.of} }

// Close does nothing: the task is its owner's.
func (stages) Close() {}

// stage is one item; its own items are not shown.
type stage struct {
	of   progress.Task
	once sync.Once
}

// Add shows nothing.
func (*stage) Add(int) {}

// Done counts the item.
func (s *stage) Done() { s.once.Do(func() { s.of.Add(1) }) }

// Enough counts the item.
func (s *stage) Enough() { s.Done() }
