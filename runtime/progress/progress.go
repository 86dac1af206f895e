// Package progress shows how far a long computation is: bars on a terminal, a line now and then elsewhere, nothing
// where nobody asked. It writes to the stream it is given and nowhere else.
package progress

// Reporter shows tasks, one after the other. It is safe for concurrent use.
type Reporter interface {
	// Start begins a task of total items.
	Start(name string, total int) Task
	// Close ends the display; tasks that are not done are left as they stand.
	Close()
}

// Task is one computation on its way. It is safe for concurrent use.
type Task interface {
	// Add says that n more items are done.
	Add(n int)
	// Done ends the task, whether all items were reached or not.
	Done()
	// Enough ends the task as one that is complete: there is no more to do than was done.
	Enough()
}

// None shows nothing.
var None Reporter = none{}

type none struct{}

func (none) Start(string, int) Task { return none{} }
func (none) Close()                 {}
func (none) Add(int)                {}
func (none) Done()                  {}
func (none) Enough()                {}
